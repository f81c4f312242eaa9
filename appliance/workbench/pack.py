"""From a trained network to the one graph a box runs: export, quantise, append head, lexical view and centres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.workbench import lexical, training
from appliance.workbench.assemble import Head, assemble
from appliance.workbench.export import export_encoder
from appliance.workbench.nearness import learn_centres
from appliance.workbench.quantise import quantise
from appliance.workbench.work import HEAD, TOKENIZER, Build, Seen, Work, load_tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from appliance.workbench.lexical import Lexicon

LEXICAL_SHARE = 0.5
FULL, REDUCED, FLOATS = "int8-full", "int8-reduced", "fp32"


@dataclass(frozen=True, slots=True)
class Packed:
    """The graphs of one network.

    Attributes:
        folder: Of the network in the work folder.
    """

    folder: Path

    def graph(self, form: str) -> Path:
        """The graph in one form: ``FULL``, ``REDUCED`` or ``FLOATS``."""
        return self.folder / f"{form}.onnx"


def pack(build: Build, name: str, taught: set[str]) -> Packed:
    """Make every form of a network's graph that is not there yet.

    Args:
        build: Its work folder holds the network under ``name``.
        name: ``fold-N`` or ``final``.
        taught: Hashes of the documents it was taught.
    """
    work = build.work
    folder = work.folder / name
    packed = Packed(folder)
    floats = export_encoder(folder, build.encoder, folder)
    if all(packed.graph(form).exists() for form in (FULL, REDUCED, FLOATS)):
        return packed
    head = head_of(work, name, taught, learn_lexicon(work, taught, build.recipe))
    for form in (FULL, REDUCED, FLOATS):
        if packed.graph(form).exists():
            continue
        source = floats
        if form != FLOATS:
            source = folder / f"{form}-encoder.onnx"
            quantise(floats, source, reduce_range=form == REDUCED)
        assemble(source, head, packed.graph(form))
    return packed


def learn_lexicon(work: Work, taught: set[str], recipe: training.Recipe) -> Lexicon:
    """Learn the lexical view from the first windows of the taught documents."""
    part, labels = work.dev(), work.labels()
    tokenizer = load_tokenizer(work.folder / TOKENIZER)
    most = len(recipe.window_shares)
    cut = training.windows_of(part.texts, tokenizer, recipe.window_tokens, most)
    rows = [
        (window, place, labels.index(document.label), recipe.window_shares[number] / recipe.window_shares[0])
        for place, (document, windows) in enumerate(zip(part.documents, cut, strict=True))
        if document.sha256 in taught
        for number, window in enumerate(windows)
    ]
    windows, owners, truths, weights = zip(*rows, strict=True)
    return lexical.learn(windows, owners, truths, weights, classes=len(labels), share=LEXICAL_SHARE)


def head_of(work: Work, name: str, taught: set[str], lexicon: Lexicon) -> Head:
    """What follows a network's encoder: its trained head, the lexical view, and centres of what it was taught."""
    import torch

    state = torch.load(work.folder / name / HEAD, weights_only=True)
    seen = Seen.load(work.folder / f"{name}-dev.npz")
    labels = work.labels()
    wanted = {place: labels.index(d.label) for place, d in enumerate(work.dev().documents) if d.sha256 in taught}
    rows = _first_windows(seen.owner.tolist(), set(wanted))
    truths = np.asarray([wanted[place] for place in rows])
    centres = learn_centres(seen.embeddings[list(rows.values())], truths)
    return Head(state["weight"].numpy(), state["bias"].numpy(), centres, lexicon)


def _first_windows(owners: Iterable[int], wanted: set[int]) -> dict[int, int]:
    """From each wanted document's place to the row of its first window."""
    rows: dict[int, int] = {}
    for row, owner in enumerate(owners):
        if owner in wanted:
            rows.setdefault(owner, row)
    return rows
