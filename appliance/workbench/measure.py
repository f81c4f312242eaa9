"""What a packed graph answers and how long it takes, measured with the box's own code."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.classify.network import Network
from appliance.classify.providers import PROVIDERS
from appliance.classify.windows import cut_windows
from appliance.workbench.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    from appliance.classify.policy import WindowScore

RUNS = 4
"""Timed runs a turn."""


def open_graph(graph: Path, labels: int, threads: int = 1) -> Network:
    """Load a packed graph on the CPU."""
    return Network(PROVIDERS[-1].open(graph.read_bytes(), threads), labels)


def scores_of(  # noqa: PLR0913 - the last three have names
    network: Network, texts: Sequence[str], tokenizer: Tokenizer, *, tokens: int, most: int, name: str
) -> list[tuple[WindowScore, ...]]:
    """Score the first windows of every text, one at a time, as the box does."""
    progress = Progress(name, len(texts))
    found = []
    for text in texts:
        windows = cut_windows(iter([text]), tokenizer, tokens)
        found.append(tuple(network.score(window) for _, window in zip(range(most), windows, strict=False)))
        progress.step()
    return found


def glances_of(
    network: Network, texts: Sequence[str], tokenizer: Tokenizer, *, tokens: int, name: str
) -> list[WindowScore | None]:
    """Score a first, shorter look at every text; None for one that ends within it, which the box gives none."""
    progress = Progress(name, len(texts))
    found = []
    for text in texts:
        first = next(cut_windows(iter([text]), tokenizer, tokens + 1, tokens), None)
        found.append(network.score(first) if first is not None and first.is_glance else None)
        progress.step()
    return found


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Log-probabilities, rows x labels."""
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    result: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result


def alternate(runs: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Time several things in turn, a few runs each, so that what disturbs one disturbs all.

    Returns:
        Seconds of each run, by name; the first run of each turn only brings the weights back into the cache.
    """
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            run()
            for _ in range(RUNS):
                began = time.perf_counter()
                run()
                times[name].append(time.perf_counter() - began)
    return times


def median_ms(seconds: Sequence[float]) -> float:
    """The median in milliseconds."""
    return statistics.median(seconds) * 1000


def torch_run(network: Any, window: Sequence[int]) -> Callable[[], object]:  # noqa: ANN401 - a torch module
    """A run of one window through a torch network."""
    import torch

    ids = torch.tensor([window])
    mask = torch.ones_like(ids)

    def run() -> object:
        with torch.inference_mode():
            return network(ids, mask)

    return run
