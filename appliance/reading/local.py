"""A reader in this very process: for the workbench, the tests, and the inside of a worker.

Promises the same sessions as the pool of workers; never a limit on time or
memory, so the service does not use it on what clerks drop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.closing import Closing
from appliance.reading.base import Picture, Trouble
from appliance.reading.cleaning import leaving
from appliance.reading.detect import kind_of
from appliance.reading.registry import ATTACHED, PARSERS, PICTURES
from appliance.reading.source import Source
from appliance.reading.troubles import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.reading.base import Page, Pages, Piece


class ParsedSession(Closing):
    """The pages of a parser in this process, cleaned.

    Args:
        kind: The format found in the content.
        parsed: What the parser gives.

    Raises:
        UnreadableError: It says nothing.
    """

    waited = 0.0
    by_line = False

    def __init__(self, kind: str, parsed: Pages) -> None:
        self.kind = kind
        self._parsed = parsed
        self._pages = leaving(parsed)
        self._first = next(self._pages, None)
        if self._first is None:
            raise unreadable(Trouble.NO_TEXT, kind)

    def next(self) -> Page | None:
        """Return the next page that says something, or None after the last."""
        if first := self._first:
            self._first = None
            return first
        return next(self._pages, None)

    def next_piece(self) -> Piece | None:
        """Return None: nothing is attached."""
        return None

    def close(self) -> None:
        """Let the parser go; safe to call twice."""
        self._first = None
        self._pages.close()
        self._parsed.close()


class LocalSession(ParsedSession):
    """One document, parsed here.

    Args:
        descriptor: Open and readable; it stays the caller's, and open until the session is closed.

    Raises:
        UnreadableError: The content cannot be read at all.
    """

    def __init__(self, descriptor: int) -> None:
        source = Source(descriptor)
        if not source.size:
            raise unreadable(Trouble.EMPTY)
        kind = kind_of(source)
        if kind in PICTURES:
            raise unreadable(Trouble.SCAN, kind)
        if kind not in PARSERS:
            raise unreadable(Trouble.UNSUPPORTED, kind)
        self._source = source
        self._pieces: Iterator[Piece] | None = None
        super().__init__(kind, PARSERS[kind](source))

    def next_piece(self) -> Piece | None:
        """Return the next piece of what is attached, or None after the last and where nothing can be."""
        if self._pieces is None:
            self._pieces = ATTACHED[self.kind](self._source) if self.kind in ATTACHED else iter(())
        return next(self._pieces, None)

    def close(self) -> None:
        """Let the parser go; safe to call twice."""
        self._pieces = None
        super().close()


class LocalReader:
    """Opens documents in this process."""

    def open(self, descriptor: int) -> LocalSession:
        """Begin to read the regular file behind an open, readable descriptor.

        Raises:
            UnreadableError: The content cannot be read at all.
        """
        return LocalSession(descriptor)

    def rest(self) -> None:
        """Do nothing: there is no worker to end."""

    def picture(self, descriptor: int, page: int, width: int) -> Picture:
        """Draw one page.

        Raises:
            UnreadableError: There is no such page, or it cannot be drawn.
        """
        from appliance.reading.drawing import DrawnSession

        session = DrawnSession(descriptor, page, width)
        pixels = b"".join(piece.data or b"" for piece in iter(session.next_piece, None))
        return Picture(session.drawn.width, session.drawn.height, pixels)

    def close(self) -> None:
        """Do nothing: there is no worker to end."""
