"""What a report is made of, and the figures that only a picture needs: pure arithmetic."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from appliance.classify.decision import Status
from appliance.classify.evaluation import BINS, Answer, Evaluation, evaluate, quantile, upper_bound
from appliance.words import language_words, size_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.classify.manifest import Manifest

SIDE = 0.975
"""Each side of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Speed:
    """How long something takes.

    Attributes:
        what: In a few words.
        median: Milliseconds.
        p95: Milliseconds; None where it was not measured.
    """

    what: str
    median: float
    p95: float | None = None

    @classmethod
    def of(cls, what: str, milliseconds: Sequence[float]) -> Speed:
        """Sum up times, at least one."""
        return cls(what, quantile(milliseconds, 0.5), quantile(milliseconds, 0.95))


@dataclass(frozen=True)
class Sheet:
    """One evaluation.

    Attributes:
        title: Of the page.
        made: When, for a person.
        answers: On documents whose label is known; at least one.
        strangers: On documents of no label.
        threshold: Least confidence to file unasked.
        error_budget: Largest share of what is filed unasked that may be wrong.
        speeds: What was timed.
        facts: Pairs of name and value: the model and where it ran.
    """

    title: str
    made: str
    answers: tuple[Answer, ...]
    strangers: tuple[Answer, ...]
    threshold: float
    error_budget: float
    speeds: tuple[Speed, ...]
    facts: tuple[tuple[str, str], ...]

    @cached_property
    def figures(self) -> Evaluation:
        """Those that ``appliance evaluate`` prints."""
        return evaluate(self.answers)


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of about the same confidence.

    Attributes:
        low: Of the bin, 0 to 1.
        high: Of the bin.
        count: Answers in it.
        confidence: Their mean; 0 without any.
        right: Share whose best leaf is the true label.
        least: Lower end of the 95 % interval of that share (Clopper and Pearson 1934).
        most: Upper end.
    """

    low: float
    high: float
    count: int
    confidence: float
    right: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Point:
    """What would be filed above some confidence: shares of all and of the filed."""

    confidence: float
    coverage: float
    error: float


def reliability(answers: Sequence[Answer]) -> list[Bin]:
    """The bins of the calibration error, empty ones included."""
    members: dict[int, list[Answer]] = {}
    for answer in answers:
        members.setdefault(min(BINS - 1, int(answer.confidence * BINS)), []).append(answer)
    return [_bin(number, members.get(number, [])) for number in range(BINS)]


def _bin(number: int, members: Sequence[Answer]) -> Bin:
    count, right = len(members), sum(answer.best == answer.truth for answer in members)
    return Bin(
        low=number / BINS,
        high=(number + 1) / BINS,
        count=count,
        confidence=sum(answer.confidence for answer in members) / count if count else 0.0,
        right=right / count if count else 0.0,
        least=1 - upper_bound(count - right, count, SIDE) if right else 0.0,
        most=upper_bound(right, count, SIDE),
    )


def coverage_curve(answers: Sequence[Answer]) -> list[Point]:
    """What would be filed, and how much of it wrongly, under every threshold; the strictest first.

    By the best leaf and its confidence as they were answered; what is unknown or could not be read is never filed.
    """
    known = [answer for answer in answers if answer.status in (Status.AUTO, Status.REVIEW)]
    ranked = sorted(known, key=lambda answer: -answer.confidence)
    points, wrong = [], 0
    for filed, answer in enumerate(ranked, 1):
        wrong += answer.best != answer.truth
        if filed == len(ranked) or ranked[filed].confidence < answer.confidence:
            points.append(Point(answer.confidence, filed / len(answers), wrong / filed))
    return points


def fates(answers: Sequence[Answer]) -> dict[Status, int]:
    """How many documents would be filed, wait, are unknown or could not be read."""
    counts = Counter(answer.status for answer in answers)
    return {status: counts[status] for status in Status}


def mistakes(figures: Evaluation) -> list[tuple[str, str, int]]:
    """Each confusion as true label, best leaf and count, the most frequent first."""
    pairs = [
        (truth, said, count) for truth, row in figures.confusion.items() for said, count in row.items() if said != truth
    ]
    return sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1]))


def facts_of(manifest: Manifest, provider: str) -> tuple[tuple[str, str], ...]:
    """What a page says of a model.

    Args:
        manifest: Of the model.
        provider: The execution provider that runs it.
    """
    variant = next(each for each in manifest.variants if each.provider == provider)
    rows = [
        ("Model", manifest.model_id),
        ("Issued", str(manifest.document.get("issued", ""))[:10]),
        ("Labels", str(len(manifest.labels))),
        ("Reads", ", ".join(map(language_words, manifest.languages))),
        ("Size", f"{size_words(manifest.targets[variant.model].size)}, {variant.precision.upper()}"),
        ("Runs on", provider.upper()),
    ]
    return tuple((name, value) for name, value in rows if value)
