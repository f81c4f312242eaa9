"""The decision policy: a pure function of what the windows said and the calibration.

A glance comes first where the calibration has one: fewer tokens of the opening, a fraction of a window's
work. It may file; unsure, it is forgotten, and the windows are looked at as if it had not been.

The rules, in order, asked again after every window:

1. Nearness below the floor is never filed unasked; it is ``unknown`` once there is no more to read.
2. The best leaf at or above the threshold is filed, and reading stops.
3. With nothing more to read, a parent at or above the threshold is filed, its leaf left open.
4. Everything else goes to a person.

The workbench sets the threshold by running this very function on documents the
model was not taught, so several looks are counted as several chances to be wrong.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from appliance.classify.decision import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


WORTH_NAMING = 0.01
"""A second label less likely than this is not named in a reason."""


_ALMOST_NEVER = 1e-9
"""Odds are finite: nothing is surer than this."""

SPECIAL_TOKENS = 2
"""A window begins and ends with one."""


@dataclass(frozen=True, slots=True)
class Glance:
    """How a first look at fewer tokens is read.

    Attributes:
        tokens: The most it holds, special tokens included.
        temperature: What its log-probabilities are divided by.
        floor: Least nearness of a known document at a glance.
    """

    tokens: int
    temperature: float
    floor: float

    def __post_init__(self) -> None:
        _hold(
            {
                "a glance holds its two special tokens and more": self.tokens > SPECIAL_TOKENS,
                "a glance's temperature is above 0": self.temperature > 0,
                "a glance's floor is a nearness": 0 <= self.floor <= 1,
            }
        )


@dataclass(frozen=True, slots=True)
class Calibration:
    """What turns logits into an answer; it comes with the model, never from code.

    Attributes:
        weights: How much the first, second, ... window counts; not rising, each above 0.
        temperatures: What pooled log-probabilities are divided by after one, two, ... windows.
        threshold: Least confidence to file unasked, above 0 and at most 1 (more than 1: never).
        floor: Least nearness of a known document.
        window_tokens: The most a window holds, special tokens included.
        error_budget: Largest share of what is filed unasked that may be wrong, as the threshold was set.
        glance: How a first, shorter look is read; None for none.
        thresholds: Pairs of an error budget and the threshold that keeps it, the strictest first; may be empty.
    """

    weights: tuple[float, ...]
    temperatures: tuple[float, ...]
    threshold: float
    floor: float
    window_tokens: int
    error_budget: float
    glance: Glance | None = None
    thresholds: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        _hold(
            {
                "there is at least one window": len(self.weights) > 0,
                "weights and temperatures are equally many": len(self.weights) == len(self.temperatures),
                "weights are above 0 and do not rise": all(w > 0 for w in self.weights)
                and all(a >= b for a, b in zip(self.weights, self.weights[1:], strict=False)),
                "temperatures are above 0": all(t > 0 for t in self.temperatures),
                "the threshold is above 0": self.threshold > 0,
                "the floor is a nearness": 0 <= self.floor <= 1,
                "a window holds its two special tokens and more": self.window_tokens > SPECIAL_TOKENS,
                "the error budget is a share": 0 < self.error_budget < 1,
                "a glance is shorter than a window": self.glance is None or self.glance.tokens < self.window_tokens,
                "each budget of the table is a share, its threshold above 0": all(
                    0 < budget < 1 and threshold > 0 for budget, threshold in self.thresholds
                ),
                "a larger budget has no stricter threshold": all(
                    budget < larger and threshold >= looser
                    for (budget, threshold), (larger, looser) in pairwise(self.thresholds)
                ),
            }
        )

    @property
    def max_windows(self) -> int:
        """How many windows are looked at before deciding unsure."""
        return len(self.weights)


def _hold(rules: Mapping[str, bool]) -> None:
    """Raise ``ValueError`` naming every rule that is broken."""
    broken = [rule for rule, holds in rules.items() if not holds]
    if broken:
        raise ValueError("; ".join(broken))


@dataclass(frozen=True, slots=True)
class WindowScore:
    """What the model said of one window.

    Attributes:
        log_probabilities: One natural logarithm a leaf, uncalibrated.
        similarity: Nearness to what the model was taught, 0 (far) to 1.
    """

    log_probabilities: Sequence[float] | Floats
    similarity: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policy makes of the windows so far.

    Attributes:
        status: auto, review or unknown.
        label: A leaf, or a parent; None unless auto.
        confidence: Of the label when auto, else of the best leaf.
        probabilities: One a leaf, summing to 1.
        similarity: The nearest of the windows.
    """

    status: Status
    label: str | None
    confidence: float
    probabilities: Floats
    similarity: float


def judge_glance(score: WindowScore, labels: Sequence[str], calibration: Calibration) -> Verdict | None:
    """Decide at a glance, or not at all.

    Args:
        score: What the model said of the glance.
        labels: The leaves, in the order of the log-probabilities.
        calibration: Of the model that scored; it has a glance.

    Returns:
        The verdict to file it, or None: then the windows are asked.
    """
    glance = calibration.glance
    if glance is None or score.similarity < glance.floor:
        return None
    probabilities = _softened(np.asarray(score.log_probabilities, dtype=np.float64), glance.temperature)
    best = int(probabilities.argmax())
    if probabilities[best] < calibration.threshold:
        return None
    return Verdict(Status.AUTO, labels[best], float(probabilities[best]), probabilities, score.similarity)


def judge(
    scores: Sequence[WindowScore], labels: Sequence[str], calibration: Calibration, *, exhausted: bool
) -> Verdict | None:
    """Decide, or ask for more.

    Args:
        scores: What the windows said, in order; one to ``max_windows``.
        labels: The leaves, in the order of the log-probabilities.
        calibration: Of the model that scored.
        exhausted: There is no more text; the most windows a calibration has are the end in any case.

    Returns:
        The verdict, or None while another window could make the box sure.
    """
    exhausted = exhausted or len(scores) >= calibration.max_windows
    probabilities = pool(scores, calibration)
    similarity = max(score.similarity for score in scores)
    best = int(probabilities.argmax())
    confidence = float(probabilities[best])
    near = similarity >= calibration.floor
    if near and confidence >= calibration.threshold:
        return Verdict(Status.AUTO, labels[best], confidence, probabilities, similarity)
    if not exhausted:
        return None
    if not near:
        return Verdict(Status.UNKNOWN, None, confidence, probabilities, similarity)
    parent, sum_of_leaves = best_parent(probabilities, labels)
    if parent is not None and sum_of_leaves >= calibration.threshold:
        return Verdict(Status.AUTO, parent, sum_of_leaves, probabilities, similarity)
    return Verdict(Status.REVIEW, None, confidence, probabilities, similarity)


def pool(scores: Sequence[WindowScore], calibration: Calibration) -> Floats:
    """Calibrated probabilities, one a leaf: the weighted mean of log-probabilities over the temperature, normalised."""
    count = len(scores)
    weights = np.asarray(calibration.weights[:count])
    rows = np.asarray([score.log_probabilities for score in scores], dtype=np.float64)
    return _softened(weights @ rows / weights.sum(), calibration.temperatures[count - 1])


def log_odds(score: WindowScore, places: Sequence[int], temperature: float) -> float:
    """The natural logarithm of the odds that one window gives to some leaves together."""
    share = float(_softened(np.asarray(score.log_probabilities, dtype=np.float64), temperature)[list(places)].sum())
    share = min(max(share, _ALMOST_NEVER), 1 - _ALMOST_NEVER)
    return math.log(share / (1 - share))


def _softened(log_probabilities: Floats, temperature: float) -> Floats:
    """Probabilities at a temperature, summing to 1."""
    shares = np.exp((log_probabilities - log_probabilities.max()) / temperature)
    result: Floats = shares / shares.sum()
    return result


def best_parent(probabilities: Floats, labels: Sequence[str]) -> tuple[str | None, float]:
    """The likeliest first part of the labels that two or more leaves share, and the sum of their probabilities."""
    sums: dict[str, float] = {}
    for parent, members in parents_of(tuple(labels)).items():
        sums[parent] = min(1.0, float(probabilities[list(members)].sum()))
    if not sums:
        return None, 0.0
    parent = max(sums, key=sums.__getitem__)
    return parent, sums[parent]


def parents_of(labels: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """From each parent of at least two leaves to the places of its leaves."""
    members: dict[str, list[int]] = {}
    for place, label in enumerate(labels):
        if "/" in label:
            members.setdefault(label.split("/", 1)[0], []).append(place)
    return {parent: tuple(places) for parent, places in members.items() if len(places) > 1}


def reason_of(verdict: Verdict, labels: Sequence[str]) -> str:
    """One sentence of why, in the words of the desk."""
    if verdict.status is Status.UNKNOWN:
        return "Unknown: unlike anything the model was taught."
    if verdict.status is Status.AUTO:
        leaf_open = verdict.label not in labels
        tail = ", its kind left to a person" if leaf_open else ""
        return f"Sure: {_percent(verdict.confidence)} {_spaced(verdict.label or '')}{tail}."
    first, second = (int(place) for place in np.argsort(-verdict.probabilities, kind="stable")[:2])
    parts = [f"{_percent(float(verdict.probabilities[place]))} {_spaced(labels[place])}" for place in (first, second)]
    if verdict.probabilities[second] < WORTH_NAMING:
        parts = parts[:1]
    return f"Unsure: {', '.join(parts)}."


def _percent(share: float) -> str:
    """Percent, never rounded up; from 99 on with a tenth, because there the threshold lies."""
    tenths = int(share * 1000 + 1e-9)
    return f"{tenths / 10:.1f} %" if 990 <= tenths < 1000 else f"{tenths // 10} %"  # noqa: PLR2004


def _spaced(label: str) -> str:
    return label.replace("/", " / ")
