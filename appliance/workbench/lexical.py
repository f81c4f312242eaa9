"""The lexical view: which tokens and pairs of tokens stand in a window, weighed by a linear model.

It fails on other documents than the encoder does, so the two together are
better than either. It counts over the encoder's own token ids, so both live in
one graph. A pair or token is kept only when several documents share it: no
client's words leave in a model.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    Gram = tuple[int, ...]

GRAMS = 20_000
SHARED_BY = 5


@dataclass(frozen=True, slots=True)
class Lexicon:
    """A linear model over n-grams of token ids.

    Attributes:
        grams: Single tokens first, then pairs.
        rarity: Inverse document frequency (grams).
        weight: Grams x labels.
        bias: Labels.
        share: How much its log-probabilities count beside the encoder's, 0 to 1.
    """

    grams: tuple[Gram, ...]
    rarity: NDArray[np.float32]
    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    share: float

    def logits(self, windows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """What the graph computes, for windows with special tokens: windows x labels."""
        places = {gram: place for place, gram in enumerate(self.grams)}
        rows = _vectors(windows, places, self.rarity)
        result: NDArray[np.float32] = np.asarray(rows @ self.weight + self.bias, dtype=np.float32)
        return result


def learn(  # noqa: PLR0913 - the first four are columns of one table
    windows: Sequence[Sequence[int]],
    owners: Sequence[int],
    labels: Sequence[int],
    weights: Sequence[float],
    *,
    classes: int,
    share: float,
    strength: float = 20.0,
) -> Lexicon:
    """Learn a lexicon from windows.

    Args:
        windows: Token ids with special tokens.
        owners: Which document each window is of.
        labels: Of each window.
        weights: How much each window counts.
        classes: How many labels there are.
        share: How much it will count beside the encoder.
        strength: Inverse of the regularisation.

    Returns:
        The lexicon; the same input gives the same one.
    """
    from sklearn.linear_model import LogisticRegression

    grams, frequencies = _choose(windows, owners)
    documents = len(set(owners))
    rarity = (np.log((1 + documents) / (1 + np.asarray(frequencies))) + 1).astype(np.float32)
    rows = _vectors(windows, {gram: place for place, gram in enumerate(grams)}, rarity)
    counts = np.bincount(labels, minlength=classes)
    balance = 1 / np.sqrt(np.maximum(counts, 1))
    model = LogisticRegression(C=strength, max_iter=60, tol=1e-3)
    model.fit(rows, labels, sample_weight=np.asarray(weights) * balance[np.asarray(labels)] / balance.mean())
    weight = np.zeros((len(grams), classes), dtype=np.float32)
    bias = np.full(classes, -20.0, dtype=np.float32)
    weight[:, model.classes_] = model.coef_.T
    bias[model.classes_] = model.intercept_
    return Lexicon(tuple(grams), rarity, weight, bias, share)


def grams_of(window: Sequence[int]) -> list[Gram]:
    """All single tokens and pairs of neighbours of a window."""
    return [(token,) for token in window] + list(pairwise(window))


def _choose(windows: Sequence[Sequence[int]], owners: Sequence[int]) -> tuple[list[Gram], list[int]]:
    """The n-grams that most documents share, at least ``SHARED_BY``; single tokens first."""
    seen: dict[int, set[Gram]] = {}
    for window, owner in zip(windows, owners, strict=True):
        seen.setdefault(owner, set()).update(grams_of(window))
    frequency = Counter(gram for grams in seen.values() for gram in grams)
    common = [(gram, count) for gram, count in frequency.items() if count >= SHARED_BY]
    common.sort(key=lambda pair: (-pair[1], pair[0]))
    chosen = sorted(common[:GRAMS], key=lambda pair: (len(pair[0]), pair[0]))
    return [gram for gram, _ in chosen], [count for _, count in chosen]


def _vectors(windows: Sequence[Sequence[int]], places: dict[Gram, int], rarity: NDArray[np.float32]) -> csr_matrix:
    """Damped counts times rarity, of unit length: windows x grams."""
    from scipy.sparse import csr_matrix

    indices: list[int] = []
    values: list[float] = []
    starts = [0]
    for window in windows:
        counts = Counter(places[gram] for gram in grams_of(window) if gram in places)
        row = {place: np.log1p(count) * rarity[place] for place, count in counts.items()}
        length = max(float(np.sqrt(sum(value * value for value in row.values()))), 1e-6)
        indices += row.keys()
        values += [value / length for value in row.values()]
        starts.append(len(indices))
    shape = (len(windows), len(places))
    return csr_matrix((np.asarray(values, dtype=np.float32), indices, starts), shape=shape)
