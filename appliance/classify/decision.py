"""What the model said and what the box answers, kept apart."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """The box's answer for one document."""

    AUTO = "auto"
    REVIEW = "review"
    UNKNOWN = "unknown"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Alternative:
    """A leaf label with its calibrated probability, 0 to 1."""

    label: str
    confidence: float

    def __post_init__(self) -> None:
        _must(0 <= self.confidence <= 1, "a confidence is 0 to 1")


@dataclass(frozen=True, slots=True)
class Passage:
    """The stretch of text that weighed most.

    Attributes:
        text: The passage, whitespace collapsed.
        start: Its first character in the whitespace-collapsed text that was read.
        end: One past its last character there.
    """

    text: str
    start: int
    end: int

    def __post_init__(self) -> None:
        _must(self.start >= 0 and self.end - self.start == len(self.text), "a passage's offsets span its text")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a passage that spoke for the label.

    Attributes:
        text: As it stands there.
        start: Its first character in the whitespace-collapsed text that was read.
        end: One past its last character there.
        weight: By how much the logarithm of the label's odds falls without it, wherever it stands in the passage.
    """

    text: str
    start: int
    end: int
    weight: float

    def __post_init__(self) -> None:
        _must(self.start >= 0 and self.end - self.start == len(self.text), "a word's offsets span its text")


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for one document, with what the model said behind it.

    Attributes:
        status: auto, review or unknown (unreadable is said by the pipeline, not by the model).
        label: The label to file under (a leaf, or its parent when only the parent is sure); None unless auto.
        confidence: Calibrated probability, 0 to 1: of ``label`` when auto, else of the best leaf.
        alternatives: The best leaves, best first, the chosen one included; empty when there was no text.
        passage: What weighed most, or None when there was no text.
        reason: One sentence of why, for a person.
        windows: How many windows of text were looked at.
        similarity: Nearness to what the model was taught, 0 (far) to 1.
        model: The id of the model that answered.
    """

    status: Status
    label: str | None
    confidence: float
    alternatives: tuple[Alternative, ...]
    passage: Passage | None
    reason: str
    windows: int
    similarity: float
    model: str

    def __post_init__(self) -> None:
        _must((self.label is not None) == (self.status is Status.AUTO), "a label stands with auto and only there")
        _must(0 <= self.confidence <= 1, "a confidence is 0 to 1")
        _must(self.windows >= 0, "windows are counted from 0")
        falling = all(
            a.confidence >= b.confidence for a, b in zip(self.alternatives, self.alternatives[1:], strict=False)
        )
        _must(falling, "alternatives stand best first")


def _must(holds: bool, rule: str) -> None:  # noqa: FBT001 - the one argument is the claim
    """Refuse a value that breaks its own rule: a fault of the caller, never of a document.

    Raises:
        ValueError: It does not hold.
    """
    if not holds:
        raise ValueError(rule)
