"""The rows of the ledger as frozen values."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from appliance.ledger.states import IN_FLIGHT, State

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Self

Told: TypeAlias = tuple[str, int, int, float]
"""A word of a passage: how it is written, where it begins and ends in the text that was read, and its weight."""

INODES = 1 << 64
"""Inodes are unsigned and SQLite's numbers are not, so the upper half (network file systems use it) is kept below 0."""


def signed(inode: int) -> int:
    """Return an inode as SQLite keeps it."""
    return inode if inode < INODES // 2 else inode - INODES


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known of a file in the inbox at the moment the box takes it.

    Attributes:
        name: Its name as shown and filed: valid Unicode without control characters.
        origin: The sub-folder of the inbox it lay in, ``""`` at the top.
        inbox_path: Where it lay, absolute, as the file system spells it.
        inode: Its inode there.
        links: How many names it had.
        size: Bytes.
    """

    name: str
    origin: str
    inbox_path: Path
    inode: int
    links: int
    size: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What goes into the ledger about one look at one document.

    Attributes:
        status: auto, review, unknown or unreadable.
        label: The label it is filed under; None unless auto.
        confidence: 0 to 1.
        similarity: Nearness to what the model was taught; None when nothing was read.
        alternatives: Pairs of leaf label and confidence, best first.
        passage: The passage that decided, or None where none is kept.
        reason: One sentence.
        kind: The format that was found, or None.
        pages_read: How many pages were read.
        read_ms: Milliseconds spent reading.
        classify_ms: Milliseconds spent classifying.
        model: The id of the model.
        notes: What a reviewer should know of the text: stable codes, in order.
        language: The language it is in (ISO 639-1), or None where it cannot be told.
        passage_start: Where the passage begins in the whitespace-collapsed text that was read, or None without one.
        words: The words of the passage that weighed most, the weightiest first; None where nobody looked for them yet.
    """

    status: str
    label: str | None
    confidence: float
    similarity: float | None
    alternatives: tuple[tuple[str, float], ...]
    passage: str | None
    reason: str
    kind: str | None
    pages_read: int
    read_ms: float
    classify_ms: float
    model: str
    notes: tuple[str, ...] = ()
    language: str | None = None
    passage_start: int | None = None
    words: tuple[Told, ...] | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What was attached to a mail and lies in holding, before it has a row.

    Attributes:
        number: Which attachment of its mail it is, counted from 1.
        name: Its name, made harmless.
        path: Where it lies, relative to the root.
        inode: Its inode there.
        size: Bytes.
    """

    number: int
    name: str
    path: str
    inode: int
    size: int


@dataclass(frozen=True, slots=True)
class Unexplained:
    """A decision whose weightiest words nobody looked for yet.

    Attributes:
        id: Of the decision.
        label: The best leaf.
        waits: Whether its document still waits for a person.
    """

    id: int
    model: str
    passage: str
    passage_start: int
    label: str
    waits: bool


@dataclass(frozen=True, slots=True)
class Document:
    """One row of ``documents``.

    Attributes:
        path: Where it lies, relative to the root; None once withdrawn.
        destination: Where it is about to be moved, relative to the root; None at rest.
        duplicate_of: The first document with the same bytes, or None.
        attempts: How many times the box was started while this document was in work.
        parent: The mail it was attached to, or None.
        part: Which attachment of that mail it is, counted from 1, or None.
    """

    id: int
    name: str
    origin: str
    inbox_path: Path
    inode: int
    links: int
    size: int
    sha256: str | None
    state: State
    status: str | None
    label: str | None
    confidence: float | None
    reason: str | None
    path: str | None
    destination: str | None
    model: str | None
    duplicate_of: int | None
    attempts: int
    arrived: str
    filed: str | None
    parent: int | None = None
    part: int | None = None

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Build from a row, whose columns are this class's fields."""
        values = {field.name: row[field.name] for field in fields(cls)}
        values["inbox_path"] = Path(os.fsdecode(values["inbox_path"]))
        values["inode"] %= INODES
        values["state"] = State(values["state"])
        return cls(**values)

    @property
    def is_at_rest(self) -> bool:
        """Whether the document lies in a place of its own and the box owes it nothing."""
        return self.state not in IN_FLIGHT and self.path is not None

    def as_json(self, home: Path) -> dict[str, Any]:
        """Return the fields that ``appliance documents --json`` promises, the path absolute."""
        return {
            "id": self.id,
            "name": self.name,
            "sha256": self.sha256,
            "state": str(self.state),
            "label": self.label,
            "confidence": self.confidence,
            "path": str(home / self.path) if self.path else None,
            "origin": self.origin,
            "model": self.model,
            "arrived": self.arrived,
            "filed": self.filed,
            "status": self.status,
            "reason": self.reason,
            "duplicate_of": self.duplicate_of,
            "parent": self.parent,
        }
