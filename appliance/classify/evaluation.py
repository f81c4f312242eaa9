"""How good the answers are, against labels that people gave: pure arithmetic, no library.

Accuracy looks at the best leaf of every document, whatever was done with it;
coverage and error look at what would be filed unasked, where a parent counts as
right when it is the true label's parent. A document that could not be read
counts as a wrong best leaf and as not filed.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from appliance.classify.decision import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

BINS = 10
NO_ANSWER = "(none)"
"""Stands in the confusion where there was no best leaf."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One document's true label and what the box said.

    Attributes:
        truth: The label people gave.
        status: What the box would do.
        label: What it would file under; None unless auto.
        best: The best leaf; None when the document could not be read.
        confidence: Of the best leaf, 0 to 1.
    """

    truth: str
    status: Status
    label: str | None
    best: str | None
    confidence: float

    def __post_init__(self) -> None:
        if (self.label is not None) != (self.status is Status.AUTO):
            message = "a label stands with auto and only there"
            raise ValueError(message)

    @property
    def filed_right(self) -> bool:
        """Filed unasked under the true label or its parent."""
        return self.label is not None and (self.label == self.truth or self.truth.startswith(self.label + "/"))


@dataclass(frozen=True, slots=True)
class LabelRow:
    """How well one label is told from the others; undefined shares are 0.

    Attributes:
        precision: Share of documents called this that are.
        recall: Share of documents of this label that are called so.
        f1: Harmonic mean of the two.
        support: Documents of this label.
    """

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures over a labelled set.

    Attributes:
        documents: How many there are.
        accuracy: Share whose best leaf is the true label.
        macro_f1: Mean F1 over every label that stands as a truth or as an answer.
        labels: One row for each of those.
        coverage: Share that would be filed unasked.
        error: Share of those that would be filed wrongly; 0 when none would be filed.
        error_bound: Upper end of the error with 95 % confidence (Clopper and Pearson 1934, one-sided).
        calibration_error: Expected calibration error of the best leaf's confidence, ten bins of equal width.
        confusion: True label to best leaf to count.
    """

    documents: int
    accuracy: float
    macro_f1: float
    labels: Mapping[str, LabelRow]
    coverage: float
    error: float
    error_bound: float
    calibration_error: float
    confusion: Mapping[str, Mapping[str, int]]

    def as_dict(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return asdict(self)


def evaluate(answers: Iterable[Answer]) -> Evaluation:
    """Work out the figures.

    Raises:
        ValueError: There is no answer.
    """
    rows = list(answers)
    if not rows:
        message = "nothing to evaluate"
        raise ValueError(message)
    labels = _label_rows(rows)
    filed = [row for row in rows if row.status is Status.AUTO]
    wrong = sum(not row.filed_right for row in filed)
    return Evaluation(
        documents=len(rows),
        accuracy=sum(row.best == row.truth for row in rows) / len(rows),
        macro_f1=sum(row.f1 for row in labels.values()) / len(labels),
        labels=labels,
        coverage=len(filed) / len(rows),
        error=wrong / len(filed) if filed else 0.0,
        error_bound=upper_bound(wrong, len(filed)),
        calibration_error=calibration_error([(row.confidence, row.best == row.truth) for row in rows]),
        confusion=_confusion(rows),
    )


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the box said of a labelled folder.

    Attributes:
        answers: On the documents that have a label.
        strangers: On those of no label.
        read_ms: Milliseconds of reading, one a document that could be read.
        classify_ms: Milliseconds of classifying, likewise.
    """

    answers: tuple[Answer, ...]
    strangers: tuple[Answer, ...]
    read_ms: tuple[float, ...]
    classify_ms: tuple[float, ...]

    @property
    def figures(self) -> Evaluation:
        """The figures over the documents that have a label."""
        return evaluate(self.answers)

    def as_dict(self) -> dict[str, Any]:
        """All of it as plain JSON values."""
        strangers = {"documents": len(self.strangers), **Counter(str(answer.status) for answer in self.strangers)}
        return {**self.figures.as_dict(), "strangers": strangers, "ms": self._times()}

    def _times(self) -> dict[str, dict[str, float]]:
        times = {"read": self.read_ms, "classify": self.classify_ms}
        return {
            name: {"median": round(quantile(taken, 0.5), 3), "p95": round(quantile(taken, 0.95), 3)}
            for name, taken in times.items()
            if taken
        }


def upper_bound(wrong: int, total: int, confidence: float = 0.95) -> float:
    """Largest error rate that ``wrong`` of ``total`` leaves open (Clopper and Pearson 1934, one-sided).

    The rate at which so few would be wrong with probability ``1 - confidence``.

    Returns:
        A share; 1 when nothing was looked at.
    """
    if wrong >= total:
        return 1.0
    return _root(lambda rate: binomial_tail(wrong, total, rate) - (1 - confidence))


def binomial_tail(most: int, total: int, rate: float) -> float:
    """The probability of at most ``most`` hits in ``total`` trials of the given rate."""
    if rate <= 0:
        return 1.0
    if rate >= 1:
        return float(most >= total)
    logarithms = [
        math.lgamma(total + 1)
        - math.lgamma(hits + 1)
        - math.lgamma(total - hits + 1)
        + hits * math.log(rate)
        + (total - hits) * math.log1p(-rate)
        for hits in range(most + 1)
    ]
    return math.fsum(map(math.exp, logarithms))


def calibration_error(pairs: Sequence[tuple[float, bool]]) -> float:
    """Expected calibration error (Naeini, Cooper and Hauskrecht 2015): how far confidence is from being right.

    Args:
        pairs: Confidence, 0 to 1, and whether the answer was right.
    """
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in pairs:
        bins.setdefault(min(BINS - 1, int(confidence * BINS)), []).append((confidence, right))
    gaps = (abs(sum(c for c, _ in members) - sum(r for _, r in members)) for members in bins.values())
    return math.fsum(gaps) / len(pairs)


def quantile(values: Sequence[float], share: float) -> float:
    """The value that a share of at least one value does not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def _label_rows(rows: Sequence[Answer]) -> dict[str, LabelRow]:
    support = Counter(row.truth for row in rows)
    called = Counter(row.best for row in rows)
    right = Counter(row.truth for row in rows if row.best == row.truth)
    table = {}
    for label in sorted(set(support) | {row.best for row in rows if row.best is not None}):
        precision = right[label] / called[label] if called[label] else 0.0
        recall = right[label] / support[label] if support[label] else 0.0
        table[label] = LabelRow(precision, recall, 2 * right[label] / (called[label] + support[label]), support[label])
    return table


def _confusion(rows: Sequence[Answer]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        counts.setdefault(row.truth, Counter())[row.best or NO_ANSWER] += 1
    return {truth: dict(counts[truth].most_common()) for truth in sorted(counts)}


def _root(falling: Callable[[float], float]) -> float:
    """Where a falling function crosses zero between 0 and 1, by halving."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return high
