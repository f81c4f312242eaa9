"""The words the reading room speaks: a session, its pages, and why a file could not be read.

A reader is a session: ``open`` a descriptor, ``next`` page of text until the
classifier has heard enough, ``close``. The same three verbs are served in this
process and by a worker at the other end of a socket pair, so where a parser
runs is not its own business.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

from appliance.errors import ApplianceError

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import TracebackType
    from typing import Self


TALLEST = 3
"""A picture of a page is at most so many times as tall as it may be wide; a longer page is made narrower."""


class Trouble(StrEnum):
    """Why a document could not be read; stable codes, each with a sentence for a clerk."""

    EMPTY = "empty"
    NO_TEXT = "no_text"
    HIDDEN = "hidden"
    SCAN = "scan"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    UNSUPPORTED = "unsupported"
    TOO_SLOW = "too_slow"
    TOO_LARGE = "too_large"
    OUT_OF_MEMORY = "out_of_memory"
    TOO_MANY_PIXELS = "too_many_pixels"
    CRASHED = "crashed"
    NO_PAGE = "no_page"


class Note(StrEnum):
    """What a reviewer should know of a text; stable codes, each with a sentence in :mod:`appliance.words`."""

    HIDDEN_TEXT = "hidden_text"
    TEXT_BEHIND_PICTURE = "text_behind_picture"
    TURNED_TEXT = "turned_text"
    ATTACHMENTS_LEFT = "attachments_left"


class UnreadableError(ApplianceError):
    """A document that cannot be read; it goes to ``unreadable/`` and nothing is lost.

    Args:
        trouble: The stable code.
        what: One sentence a clerk understands, for example "The file is protected by a password."
        remedy: One sentence of what the clerk can do.
        found: The kind of content that was found, where it is known; "" otherwise.
    """

    def __init__(self, trouble: Trouble, what: str, remedy: str, found: str = "") -> None:
        super().__init__(what, "", remedy)
        self.trouble = trouble
        self.found = found

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}"


@dataclass(frozen=True, slots=True)
class Page:
    """One page (or sheet, slide, part) of text.

    Attributes:
        number: Counted from 1, as a reader of the document would count.
        text: Its text as a reader of it sees it; may be empty.
        notes: What was noticed on it.
    """

    number: int
    text: str
    notes: frozenset[Note] = frozenset()


@dataclass(frozen=True, slots=True)
class Piece:
    """So much of one thing that is attached to a mail.

    Attributes:
        number: Counted from 1, in the order of the mail.
        name: What the mail calls it: untrusted, and "" where it has no name.
        data: The next of its bytes; None where it cannot be taken out.
        is_last: Whether these are the last of them.
    """

    number: int
    name: str
    data: bytes | None
    is_last: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """How large a picture of a page is.

    Attributes:
        width: In pixels.
        height: In pixels.
    """

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as pixels.

    Attributes:
        width: In pixels.
        height: In pixels.
        pixels: Red, green and blue, a byte each, row by row from the top.
    """

    width: int
    height: int
    pixels: bytes


Pages: TypeAlias = "Generator[Page, None, None]"
"""What a parser gives: pages as they are asked for; closing it lets go of the document."""


class Session(Protocol):
    """One document being read; owned by one caller at a time."""

    @property
    def kind(self) -> str:
        """The format found in the content, for example ``"pdf"`` or ``"docx"``."""
        ...

    @property
    def waited(self) -> float:
        """Seconds that went by until a reader was free and ready: no part of the reading time."""
        ...

    @property
    def by_line(self) -> bool:
        """Whether what comes next comes so slowly that each piece is worth a look of the classifier."""
        ...

    def next(self) -> Page | None:
        """Return the next page, or None after the last.

        Raises:
            UnreadableError: The document cannot be read (any further).
        """
        ...

    def next_piece(self) -> Piece | None:
        """Return the next piece of what is attached, or None after the last and where nothing can be.

        Raises:
            UnreadableError: The document cannot be taken apart (any further).
        """
        ...

    def close(self) -> None:
        """Give the reader back; safe to call twice."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Reader(Protocol):
    """Opens documents; :class:`~appliance.reading.pool.ReaderPool` is the one the box uses."""

    def open(self, descriptor: int) -> Session:
        """Begin to read the regular file behind an open, readable descriptor.

        The descriptor stays the caller's. Blocks until a reader is free.

        Raises:
            UnreadableError: The content cannot be read at all.
        """
        ...

    def rest(self) -> None:
        """End readers that nobody has needed for a while; asked every now and then."""
        ...

    def picture(self, descriptor: int, page: int, width: int) -> Picture:
        """Draw one page, counted from 1, at most so many pixels wide and three times as tall.

        Raises:
            UnreadableError: There is no such page, or it cannot be drawn.
        """
        ...

    def close(self) -> None:
        """End every reader."""
        ...
