"""Out-of-fold answers for every document to tune on, and the final network taught by all of them.

Each fold's network is kept: the answers are taken once more from its INT8 form,
so that thresholds are set on what runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.workbench import training
from appliance.workbench.work import HEAD, TOKENIZER, Build, Seen, Work, load_tokenizer

if TYPE_CHECKING:
    from collections.abc import Sequence


def train_folds(build: Build) -> None:
    """Train a network a fold; a fold that is already there is left alone."""
    for fold in range(build.folds):
        _train(build, f"fold-{fold}", build.work.taught_of(fold, build.folds))


def train_final(build: Build) -> None:
    """Train the network that ships, on every document to tune on."""
    _train(build, "final", {document.sha256 for document in build.work.dev().documents})


def look(network: Any, texts: Sequence[str], work: Work, recipe: training.Recipe, name: str) -> Seen:  # noqa: ANN401
    """Run the first window of every text through a network."""
    tokenizer = load_tokenizer(work.folder / TOKENIZER)
    windows = training.windows_of(texts, tokenizer, recipe.window_tokens, 1)
    owner = np.asarray([place for place, cut in enumerate(windows) for _ in cut], dtype=np.int64)
    logits, embeddings = training.infer(network, [window for cut in windows for window in cut], name=name)
    return Seen(owner, logits, embeddings)


def _train(build: Build, name: str, taught: set[str]) -> None:
    """Train one network on the documents named by their hashes; keep it with what it says of every first window."""
    import torch

    work, recipe = build.work, build.recipe
    folder = work.folder / name
    if (folder / HEAD).exists():
        return
    torch.set_num_threads(build.threads)
    labels, part = work.labels(), work.dev()
    tokenizer = load_tokenizer(build.encoder / TOKENIZER)
    tokenizer.save(str(work.folder / TOKENIZER))
    chosen = [(t, labels.index(d.label)) for d, t in zip(part.documents, part.texts, strict=True) if d.sha256 in taught]
    documents = training.prepare([t for t, _ in chosen], [n for _, n in chosen], tokenizer, recipe.seed)
    network = training.build_network(build.encoder, len(labels), recipe.seed)
    ids = tokenizer.encode("").ids
    training.train(network, documents, recipe, (ids[0], ids[-1]), name=name)
    look(network, part.texts, work, recipe, f"{name} taught").save(work.folder / f"{name}-dev.npz")
    network.encoder.save_pretrained(folder)
    torch.save(network.head.state_dict(), folder / HEAD)
