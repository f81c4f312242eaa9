"""Is a new model worse than the active one? A paired answer, each document weighted by how seldom its like is reviewed.

The queue holds what the active model found hard, so a plain count would judge
both by the hard ones alone. Each document therefore counts with the inverse of
its chance of being reviewed (Horvitz and Thompson 1952), and the weights cost
documents: the effective number is Kish's, (sum w)^2 / sum w^2. The interval is
Bonett and Price's for a difference of paired proportions (2012), which holds
for few documents and for none that differ. Nothing here opens a file.

The rules, in order:

1. Surely worse (the upper bound is below 0): refused, however few there are.
2. Surely not worse by more than the margin (the lower bound is above it): passes.
3. Fewer than would tell an equal model from one that much worse, four times in five: not enough, passes.
4. There were enough, and it was not shown: refused.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Z_SURE = 1.645
"""One-sided 95 %."""

Z_POWER = 0.842
"""Four times in five."""


class Standing(StrEnum):
    """How a new model stands to the active one."""

    NOT_WORSE = "not worse"
    WORSE = "worse"
    NOT_SHOWN = "not shown to be not worse"
    NOT_ENOUGH = "not enough reviewed documents"

    @property
    def passes(self) -> bool:
        """Whether the ladder goes on."""
        return self in (Standing.NOT_WORSE, Standing.NOT_ENOUGH)


@dataclass(frozen=True, slots=True)
class Pair:
    """One reviewed document, answered by both models.

    Attributes:
        active: Whether the active model's best label was the person's.
        candidate: Whether the new model's was.
        chance: Of a document like this to be reviewed, above 0 and at most 1.
    """

    active: bool
    candidate: bool
    chance: float

    def __post_init__(self) -> None:
        if not 0 < self.chance <= 1:
            message = "a chance of review is above 0 and at most 1"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the pairs say.

    Attributes:
        documents: How many there were.
        effective: How many equally likely ones they are worth.
        active: Share that the active model has right, 0 to 1, weighted.
        candidate: Share that the new model has right.
        lower: One-sided 95 % bound of the difference from below.
        upper: The same from above.
        needed: Effective documents that would be enough.
        margin: How much worse is still not worse, as a share.
        standing: What follows.
    """

    documents: int
    effective: float
    active: float
    candidate: float
    lower: float
    upper: float
    needed: int
    margin: float
    standing: Standing


def compare(pairs: Sequence[Pair], margin: float) -> Comparison:
    """Compare two models on the same documents.

    Args:
        pairs: One a document; may be none.
        margin: How much worse is still not worse, for example 0.01.
    """
    weights = [1 / pair.chance for pair in pairs]
    effective = sum(weights) ** 2 / sum(weight * weight for weight in weights) if weights else 0.0
    better = _share(weights, [pair.candidate and not pair.active for pair in pairs])
    worse = _share(weights, [pair.active and not pair.candidate for pair in pairs])
    lower, upper, spread = _interval(better, worse, effective)
    needed = math.ceil(((Z_SURE + Z_POWER) / margin) ** 2 * spread)
    return Comparison(
        documents=len(pairs),
        effective=effective,
        active=_share(weights, [pair.active for pair in pairs]),
        candidate=_share(weights, [pair.candidate for pair in pairs]),
        lower=lower,
        upper=upper,
        needed=needed,
        margin=margin,
        standing=_standing(lower, upper, margin, enough=effective >= needed),
    )


def _share(weights: Sequence[float], holds: Sequence[bool]) -> float:
    """The weighted share of documents of which something holds; 0 where there is none."""
    if not weights:
        return 0.0
    return sum(weight for weight, one in zip(weights, holds, strict=True) if one) / sum(weights)


def _interval(better: float, worse: float, effective: float) -> tuple[float, float, float]:
    """Bonett and Price's bounds, one added to each kind of difference, and the share that differs so counted."""
    counted = effective + 2
    more, less = (better * effective + 1) / counted, (worse * effective + 1) / counted
    difference, spread = more - less, more + less
    reach = Z_SURE * math.sqrt(max(spread - difference**2, 0.0) / counted)
    return max(difference - reach, -1.0), min(difference + reach, 1.0), spread


def _standing(lower: float, upper: float, margin: float, *, enough: bool) -> Standing:
    if upper < 0:
        return Standing.WORSE
    if lower > -margin:
        return Standing.NOT_WORSE
    return Standing.NOT_SHOWN if enough else Standing.NOT_ENOUGH
