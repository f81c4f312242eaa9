"""Fine-tune the encoder with a linear head on windows drawn from the opening of each document.

What is drawn, dropped and shuffled follows from one seed. Most draws take the
first window, because the opening says most; later windows and random starts
teach what the box meets when it reads on, and dropped tokens keep the model from
being sure for a single word's sake (measured: much better ordered confidences).
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.classify.windows import cut_windows
from appliance.workbench.augment import variants
from appliance.workbench.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    Floats = NDArray[np.float32]

INFERENCE_BATCH = 32
POOL_BATCHES = 8
SHORTEST_DRAW = 24


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model is trained; every number that changes the result.

    Attributes:
        seed: Of every draw.
        epochs: Passes over the documents, one window a document each.
        batch: Windows a step.
        encoder_rate: Highest learning rate of the encoder (one cycle).
        head_rate: The same of the head.
        smoothing: Label smoothing.
        window_tokens: The most a window holds, special tokens included.
        window_shares: How often a draw takes the first, second, ... window.
        shifted: Share of draws from the first window that start at a random place in it.
        thinned: Share of draws of which tokens are dropped.
        dropped: Share of the tokens dropped from those.
        halved: Multiply in bfloat16; a third faster on a CPU that can (AVX-512 BF16 or AMX), slower on one that cannot.
    """

    seed: int = 1
    epochs: int = 6
    batch: int = 16
    encoder_rate: float = 1e-4
    head_rate: float = 3e-3
    smoothing: float = 0.05
    window_tokens: int = 128
    window_shares: tuple[float, ...] = (0.60, 0.20, 0.12, 0.08)
    shifted: float = 0.2
    thinned: float = 0.3
    dropped: float = 0.1
    halved: bool = False


@dataclass(frozen=True, slots=True)
class Taught:
    """One document to learn from: its forms as token ids without special tokens, and their weights."""

    forms: tuple[tuple[int, ...], ...]
    weights: tuple[float, ...]
    label: int


def prepare(texts: Sequence[str], labels: Sequence[int], tokenizer: Tokenizer, seed: int) -> list[Taught]:
    """Tokenise every form of every document that has any text."""
    random = Random(seed)  # noqa: S311 - a seeded draw, no secret
    taught = []
    for text, label in zip(texts, labels, strict=True):
        forms, weights = variants(text, random)
        encodings = tokenizer.encode_batch(forms, add_special_tokens=False)
        pairs = [(tuple(e.ids), w) for e, w in zip(encodings, weights, strict=True) if e.ids]
        if pairs:
            taught.append(Taught(tuple(p[0] for p in pairs), tuple(p[1] for p in pairs), label))
    return taught


def draw(document: Taught, recipe: Recipe, random: Random) -> list[int]:
    """Draw one window of a document, without special tokens."""
    ids = random.choices(document.forms, document.weights)[0]
    size = recipe.window_tokens - 2
    number = random.choices(range(len(recipe.window_shares)), recipe.window_shares)[0]
    start = number * size
    if number or random.random() < recipe.shifted:
        start += random.randrange(-size // 2 if number else 0, size // 2)
    start = max(0, min(start, len(ids) - SHORTEST_DRAW))
    window = list(ids[start : start + size])
    if random.random() < recipe.thinned:
        window = [i for i in window if random.random() >= recipe.dropped] or window
    return window


def build_network(encoder: Path, labels: int, seed: int) -> Any:  # noqa: ANN401 - a torch module, loaded on demand
    """The encoder of a folder with mean pooling and a fresh linear head.

    Args:
        encoder: A folder that transformers reads (``config.json`` and weights).
        labels: How many leaves.
        seed: Of the head's first weights.

    Returns:
        A ``torch.nn.Module``; called with ids and mask (batch x tokens) it gives logits and pooled embeddings.
    """
    import torch

    from appliance.workbench.network import Network

    torch.manual_seed(seed)
    return Network.from_folder(encoder, labels)


def train(
    network: Any,  # noqa: ANN401
    documents: Sequence[Taught],
    recipe: Recipe,
    specials: tuple[int, int],
    *,
    name: str = "training",
) -> Any:  # noqa: ANN401
    """Train in place.

    Args:
        network: As :func:`build_network` makes it.
        documents: What to learn from.
        recipe: How.
        specials: The token ids a window begins and ends with.
        name: For the progress line.

    Returns:
        The same network, in evaluation mode.
    """
    import torch

    random = Random(recipe.seed)  # noqa: S311 - a seeded draw, no secret
    torch.manual_seed(recipe.seed)
    steps = recipe.epochs * -(-len(documents) // recipe.batch)
    optimiser = torch.optim.AdamW(
        [
            {"params": network.encoder.parameters(), "lr": recipe.encoder_rate},
            {"params": network.head.parameters(), "lr": recipe.head_rate},
        ],
        weight_decay=0.01,
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [recipe.encoder_rate, recipe.head_rate], total_steps=steps, pct_start=0.1
    )
    loss_of = torch.nn.CrossEntropyLoss(weight=_class_weights(documents, network), label_smoothing=recipe.smoothing)
    progress = Progress(name, steps)
    network.train()
    for ids, mask, labels in _batches(documents, recipe, specials, random):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=recipe.halved):
            logits, _ = network(ids, mask)
        loss = loss_of(logits.float(), labels)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        progress.step(f"loss {loss.item():.3f}")
    return network.eval()


def infer(network: Any, windows: Sequence[Sequence[int]], *, name: str = "looking") -> tuple[Floats, Floats]:  # noqa: ANN401
    """Run windows through the network.

    Args:
        network: In evaluation mode.
        windows: Token ids with special tokens.
        name: For the progress line.

    Returns:
        Logits (windows x labels) and unit-length embeddings (windows x width).
    """
    import torch

    order = sorted(range(len(windows)), key=lambda i: len(windows[i]))
    logits: list[Any] = [None] * len(windows)
    embeddings: list[Any] = [None] * len(windows)
    progress = Progress(name, -(-len(windows) // INFERENCE_BATCH))
    with torch.inference_mode():
        for first in range(0, len(order), INFERENCE_BATCH):
            places = order[first : first + INFERENCE_BATCH]
            ids, mask = pad([windows[i] for i in places])
            rows, vectors = network(ids, mask)
            vectors = torch.nn.functional.normalize(vectors, dim=-1)
            for place, row, vector in zip(places, rows.numpy(), vectors.numpy(), strict=True):
                logits[place], embeddings[place] = row, vector
            progress.step()
    return np.asarray(logits, dtype=np.float32), np.asarray(embeddings, dtype=np.float32)


def windows_of(texts: Sequence[str], tokenizer: Tokenizer, tokens: int, most: int) -> list[list[tuple[int, ...]]]:
    """The first windows of every text, cut exactly as the box cuts them."""
    found = []
    for text in texts:
        cut = cut_windows(iter([text]), tokenizer, tokens)
        found.append([window.ids for _, window in zip(range(most), cut, strict=False)])
    return found


def pad(windows: Sequence[Sequence[int]]) -> tuple[Any, Any]:
    """Pad windows to the longest: ids and mask, each batch x tokens."""
    import torch

    longest = max(len(window) for window in windows)
    ids = torch.zeros((len(windows), longest), dtype=torch.int64)
    mask = torch.zeros((len(windows), longest), dtype=torch.int64)
    for place, window in enumerate(windows):
        ids[place, : len(window)] = torch.tensor(window)
        mask[place, : len(window)] = 1
    return ids, mask


def _batches(
    documents: Sequence[Taught], recipe: Recipe, specials: tuple[int, int], random: Random
) -> Iterator[tuple[Any, Any, Any]]:
    """Shuffled batches for all epochs; windows of like length stand together, so little is padding."""
    import torch

    for _ in range(recipe.epochs):
        order = list(range(len(documents)))
        random.shuffle(order)
        first, last = specials
        drawn = [([first, *draw(documents[i], recipe, random), last], documents[i].label) for i in order]
        batches = []
        for begin in range(0, len(drawn), recipe.batch * POOL_BATCHES):
            pool = sorted(drawn[begin : begin + recipe.batch * POOL_BATCHES], key=lambda pair: len(pair[0]))
            batches += [pool[at : at + recipe.batch] for at in range(0, len(pool), recipe.batch)]
        random.shuffle(batches)
        for batch in batches:
            ids, mask = pad([window for window, _ in batch])
            yield ids, mask, torch.tensor([label for _, label in batch])


def _class_weights(documents: Sequence[Taught], network: Any) -> Any:  # noqa: ANN401
    """One over the square root of each label's count, averaging one over the documents."""
    import torch

    counts = np.bincount([d.label for d in documents], minlength=network.head.out_features)
    weights = 1 / np.sqrt(np.maximum(counts, 1))
    weights *= counts.sum() / (weights * counts).sum()
    return torch.tensor(weights, dtype=torch.float32)
