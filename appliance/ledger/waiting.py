"""What lies in an inbox and is not the box's yet, and why: the receipt for a file before it has a row of its own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Self


class Why(StrEnum):
    """Why a file in an inbox has not been taken; stable codes, whose sentences are in :mod:`appliance.words`."""

    QUEUED = "queued"
    WRITTEN = "written"
    SETTLING = "settling"
    EMPTY = "empty"
    TEMPORARY = "temporary"
    LITTER = "litter"
    CLOSED = "closed"
    ODD = "odd"
    READ_ONLY = "read_only"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Found:
    """A file seen in an inbox and not taken.

    Attributes:
        path: Where it lies, as the file system spells it.
        name: Its name, made harmless.
        origin: The sub-folder of the inbox it lies in, ``""`` at the top.
        why: Why it was not taken.
        inode: Its inode, which tells it from a file claimed under the same path.
    """

    path: Path
    name: str
    origin: str
    why: Why
    inode: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row of ``waiting``: a file as it was found, and since when.

    Attributes:
        path: Where it lies, as the file system spells it.
        name: Its name, made harmless.
        origin: The sub-folder of the inbox it lies in, ``""`` at the top.
        why: Why it was not taken.
        since: When this was first so, ISO 8601 in UTC.
        gone: When it was found to be gone from there untaken, or None while it lies there.
    """

    path: Path
    name: str
    origin: str
    why: Why
    since: str
    gone: str | None

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Build from a row."""
        path = Path(os.fsdecode(row["path"]))
        return cls(path, row["name"], row["origin"], Why(row["why"]), row["since"], row["gone"])
