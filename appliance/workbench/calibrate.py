"""From answers on documents that were not taught to a calibration: weights, temperatures, floor, threshold.

Everything is fitted on the policy that runs (:func:`appliance.classify.policy.judge`),
stop rule, back-off to the parent and unknown included.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from appliance.classify.decision import Status
from appliance.classify.evaluation import Answer, Evaluation, evaluate, upper_bound
from appliance.classify.policy import Calibration, Glance, Verdict, WindowScore, judge, judge_glance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WEIGHTS = (
    (1.0, 1.0, 1.0, 1.0),
    (1.0, 0.7, 0.5, 0.4),
    (1.0, 0.5, 0.33, 0.25),
    (1.0, 0.35, 0.2, 0.1),
    (1.0, 0.2, 0.1, 0.05),
    (1.0, 0.1, 0.05, 0.03),
)
THRESHOLDS = tuple(1 - 10 ** (-exponent / 25) for exponent in range(100, 4, -1))
"""From 0.9999 down to about 0.34, evenly spaced in the logarithm of the doubt."""

BUDGETS = (0.01, 0.0125, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.1)
OFFERED = (0.005, 0.01, 0.02, 0.05)
"""Budgets that a site may choose from, besides the one that the model comes with."""

STRANGERS_FILED = 0.02
"""Of documents of no label at most so many may be filed unasked, whatever the error budget."""

KNOWN_KEPT = 0.97
KNOWN_AT_A_GLANCE = 0.9
"""Of known documents so many are near enough at a glance. The others cost a look more and no more, so it is strict."""

FEWEST_GLANCES = 100
"""From so many documents on a temperature and a floor of their own can be told."""

SHARPEST, DULLEST = 0.1, 5.0
STRANGER = "(stranger)"
NEVER = 2.0
"""A threshold that nothing reaches."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One document that was not taught.

    Attributes:
        truth: Its label.
        scores: What the windows said, the first ones in order; none for a document without text.
        glance: What a first, shorter look said; None where there was none.
    """

    truth: str
    scores: tuple[WindowScore, ...]
    glance: WindowScore | None = None


def calibrate(  # noqa: PLR0913, PLR0917 - the last two have names
    samples: Sequence[Sample],
    labels: Sequence[str],
    window_tokens: int,
    budget: float,
    strangers: Sequence[Sample] = (),
    glance_tokens: int | None = None,
) -> Calibration:
    """Fit a calibration.

    Args:
        samples: Documents that were not taught.
        labels: The leaves, in the order of the scores.
        window_tokens: The most a window holds.
        strangers: Documents of no label, truth ``STRANGER``: filing one is always an error, so they count when the
            threshold is set, and only then.
        budget: Wanted error budget; where no threshold reaches it, the smallest one that is reached is taken.
        glance_tokens: The most the samples' glances hold; None where they have none.

    Returns:
        The calibration; its ``error_budget`` is the one reached, and its ``thresholds`` keep that and the offered ones.
    """
    weights = _best_weights(samples, labels)
    truths = _truths(samples, labels)
    pooled = [_pool_all(samples, weights[:count]) for count in range(1, len(weights) + 1)]
    temperatures = tuple(_temperature(rows, truths) for rows in pooled)
    nearness = [max(score.similarity for score in sample.scores) for sample in samples if sample.scores]
    floor = _floor(nearness, KNOWN_KEPT)
    glance = _glance(samples, labels, glance_tokens) if glance_tokens else None
    start = Calibration(weights, temperatures, NEVER, floor, window_tokens, budget, glance)

    @cache
    def figures_at(threshold: float) -> Evaluation:
        return measure([*samples, *strangers], labels, dataclasses.replace(start, threshold=threshold))

    for reached in (budget, *(b for b in BUDGETS if b > budget)):
        if find_threshold(figures_at, reached) is not None:
            least = strangers_threshold(start, strangers, labels)
            table = _above(thresholds_for(figures_at, (reached, *OFFERED)), least, reached)
            own = dict(table)[reached]
            if own == NEVER or figures_at(own).error_bound > reached:
                continue  # above the strangers so little is filed that it no longer shows what the budget asks
            return dataclasses.replace(start, threshold=own, error_budget=reached, thresholds=table)
    return start


def _above(table: Iterable[tuple[float, float]], least: float, own: float) -> tuple[tuple[float, float], ...]:
    """Lift thresholds to the least there may be; a budget that would then change nothing is not offered."""
    lifted = [(budget, max(threshold, least)) for budget, threshold in table]
    others = {threshold for budget, threshold in lifted if budget == own}
    kept = []
    for budget, threshold in lifted:
        if budget == own or threshold not in others:
            kept.append((budget, threshold))
            others.add(threshold)
    return tuple(kept)


def strangers_threshold(calibration: Calibration, strangers: Sequence[Sample], labels: Sequence[str]) -> float:
    """The loosest threshold that, with 95 % confidence, files few documents of no label; 0 where too few can tell.

    The error budget alone would not see to that: strangers are a tenth of what it is counted on.
    """
    if upper_bound(0, len(strangers)) > STRANGERS_FILED:
        return 0.0
    loosest = NEVER
    for threshold in THRESHOLDS:
        at_it = dataclasses.replace(calibration, threshold=threshold)
        filed = sum(answer.status is Status.AUTO for answer in answers(strangers, labels, at_it))
        if upper_bound(filed, len(strangers)) > STRANGERS_FILED:
            break
        loosest = threshold
    return loosest


def thresholds_for(
    figures_at: Callable[[float], Evaluation], budgets: Iterable[float]
) -> tuple[tuple[float, float], ...]:
    """The threshold that keeps each budget, the strictest budget first; one that nothing keeps is left out.

    What keeps a budget keeps every larger one, so that a larger one never gets a stricter threshold.
    """
    table: list[tuple[float, float]] = []
    for budget in sorted(set(budgets)):
        threshold = find_threshold(figures_at, budget)
        if threshold is not None:
            table.append((budget, min(threshold, table[-1][1]) if table else threshold))
    return tuple(table)


def _floor(nearness: Sequence[float], kept: float) -> float:
    return sorted(nearness)[int(len(nearness) * (1 - kept))]


def _glance(samples: Sequence[Sample], labels: Sequence[str], tokens: int) -> Glance | None:
    """Fit the first, shorter look; None where too few documents are long enough for one."""
    seen = [Sample(sample.truth, (sample.glance,)) for sample in samples if sample.glance is not None]
    if len(seen) < FEWEST_GLANCES:
        return None
    temperature = _temperature(_pool_all(seen, (1.0,)), _truths(seen, labels))
    return Glance(tokens, temperature, _floor([sample.scores[0].similarity for sample in seen], KNOWN_AT_A_GLANCE))


def find_threshold(figures_at: Callable[[float], Evaluation], budget: float) -> float | None:
    """The loosest threshold whose filed documents are wrong at most as often as the budget, with 95 % confidence.

    Thresholds are tried from strict to loose in a fixed order, beginning where
    enough is filed for a verdict, and the first failure ends it, so that trying
    many does not wear the confidence thin (fixed-sequence testing; Angelopoulos
    and others, Learn then Test, 2021).

    Args:
        figures_at: The figures of the whole policy under a threshold.
        budget: Largest upper bound of the error.

    Returns:
        The threshold, or None when not even the first passes.
    """
    enough = math.log(0.05) / math.log1p(-budget)
    best = None
    for threshold in THRESHOLDS:
        figures = figures_at(threshold)
        if best is None and figures.coverage * figures.documents < enough * 1.6:
            continue  # one error among so few would fail whatever the model is
        if figures.error_bound > budget:
            break
        best = threshold
    return best


def measure(samples: Sequence[Sample], labels: Sequence[str], calibration: Calibration) -> Evaluation:
    """The figures of the whole policy on documents that were not taught."""
    return evaluate(answers(samples, labels, calibration))


def answers(samples: Sequence[Sample], labels: Sequence[str], calibration: Calibration) -> Iterator[Answer]:
    """What the box would say of each document."""
    for sample in samples:
        verdict = run_policy(sample, labels, calibration)
        if verdict is None:
            yield Answer(sample.truth, Status.UNKNOWN, None, None, 0.0)
            continue
        best = int(verdict.probabilities.argmax())
        yield Answer(sample.truth, verdict.status, verdict.label, labels[best], float(verdict.probabilities[best]))


def run_policy(sample: Sample, labels: Sequence[str], calibration: Calibration) -> Verdict | None:
    """Show the policy a glance and then one window after the other, as the box does; None for one without text."""
    if sample.glance is not None and (at_a_glance := judge_glance(sample.glance, labels, calibration)):
        return at_a_glance
    scores = sample.scores
    for count in range(1, len(scores) + 1):
        verdict = judge(scores[:count], labels, calibration, exhausted=count == len(scores))
        if verdict is not None:
            return verdict
    return None


def loss(samples: Sequence[Sample], labels: Sequence[str], calibration: Calibration) -> float:
    """Mean negative log-likelihood of the true labels when every window has been looked at."""
    pooled = _pool_all(samples, calibration.weights)
    return _loss(pooled, _truths(samples, labels), calibration.temperatures[-1])


def _best_weights(samples: Sequence[Sample], labels: Sequence[str]) -> tuple[float, ...]:
    """The weights under which all windows together say most, each at its own best temperature."""
    truths = _truths(samples, labels)

    def least_loss(weights: tuple[float, ...]) -> float:
        pooled = _pool_all(samples, weights)
        return _loss(pooled, truths, _temperature(pooled, truths))

    return min(WEIGHTS, key=least_loss)


def _pool_all(samples: Sequence[Sample], weights: tuple[float, ...]) -> Floats:
    """Pooled log-probabilities of every document with text (documents x labels), as the policy pools them."""
    rows = []
    for sample in samples:
        if sample.scores:
            scores = sample.scores[: len(weights)]
            shares = np.asarray(weights[: len(scores)])
            rows.append(shares @ np.asarray([score.log_probabilities for score in scores]) / shares.sum())
    return np.asarray(rows)


def _truths(samples: Sequence[Sample], labels: Sequence[str]) -> list[int]:
    """The place of the true label of every document with text."""
    places = {label: place for place, label in enumerate(labels)}
    return [places[sample.truth] for sample in samples if sample.scores]


def _temperature(pooled: Floats, truths: Sequence[int]) -> float:
    """The temperature that makes the true labels likeliest (Guo and others, 2017)."""
    return _minimise(lambda temperature: _loss(pooled, truths, temperature), SHARPEST, DULLEST)


def _loss(pooled: Floats, truths: Sequence[int], temperature: float) -> float:
    """Mean negative log-likelihood."""
    logits = pooled / temperature
    highest = logits.max(axis=1, keepdims=True)
    normaliser = np.log(np.exp(logits - highest).sum(axis=1)) + highest[:, 0]
    return float(np.mean(normaliser - logits[np.arange(len(truths)), truths]))


def _minimise(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function with one valley is lowest, by golden section on a logarithmic scale; three digits."""
    ratio = (math.sqrt(5) - 1) / 2
    a, b = math.log(low), math.log(high)
    for _ in range(16):
        left, right = b - ratio * (b - a), a + ratio * (b - a)
        if function(math.exp(left)) < function(math.exp(right)):
            b = right
        else:
            a = left
    return round(math.exp((a + b) / 2), 3)
