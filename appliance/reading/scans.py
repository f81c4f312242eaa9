"""Text first, and the pictures of a document only where its text does not decide: what the box uses.

Promises the session of any reader. The ordinary reader says with
:attr:`Trouble.SCAN` that there is more to see than its text; then it is given
back, and a reader of scans takes over with the pages that were passed over.
Where no such reader can be had, that trouble is the answer.
"""

from __future__ import annotations

import time
from importlib.util import find_spec
from typing import TYPE_CHECKING

from appliance.closing import Closing
from appliance.reading.base import Trouble, UnreadableError
from appliance.reading.child import ReaderBusyError, ReaderError

if TYPE_CHECKING:
    from appliance.reading.base import Page, Picture, Piece, Session
    from appliance.reading.pool import ReaderPool


SCAN_PROGRAM = "import sys; sys.path += sys.argv[2:]; from appliance.reading.ocr.worker import main; main(sys.argv[1])"
"""What a worker for scans runs, isolated like any other."""

SCAN_MEMORY_BYTES = 3 * 1024**3
"""Address space. What is used of it is about 400 MB; libraries and threads' stacks reserve the rest."""


def can_read_scans() -> bool:
    """Tell whether what reads scans is installed, without loading it."""
    return find_spec("rapidocr") is not None


class LayeredSession(Closing):
    """One document, read as text and then as pictures.

    Args:
        reader: Opens both.
        descriptor: The document.

    Raises:
        UnreadableError: Nothing in it can be read.
    """

    def __init__(self, reader: LayeredReader, descriptor: int) -> None:
        self._reader = reader
        self._descriptor = descriptor
        self._waited = 0.0
        self._ends = time.monotonic() + reader.texts.seconds
        try:
            self._session: Session = reader.texts.open(descriptor)
        except UnreadableError as error:
            self._session = self._looking(error)

    @property
    def kind(self) -> str:
        """The format found in the content."""
        return self._session.kind

    @property
    def waited(self) -> float:
        """Seconds until the readers were free and ready."""
        return self._waited + self._session.waited

    @property
    def by_line(self) -> bool:
        """Whether what comes next are the lines of a picture."""
        return self._session.by_line

    def next(self) -> Page | None:
        """Return the next page of text, then the lines of the pages that have none.

        Raises:
            UnreadableError: The document cannot be read any further.
        """
        try:
            return self._session.next()
        except UnreadableError as error:
            self._session.close()
            self._waited += self._session.waited
            self._session = self._looking(error)
        return self._session.next()

    def next_piece(self) -> Piece | None:
        """Return the next piece of what is attached, or None after the last and where nothing can be.

        Raises:
            UnreadableError: The document cannot be taken apart any further.
        """
        return self._session.next_piece()

    def _looking(self, error: UnreadableError) -> Session:
        """Begin to read as pictures what the ordinary reader could not, where that is why it ended."""
        scans = self._reader.scans
        if error.trouble is not Trouble.SCAN or scans is None:
            raise error
        try:
            left = max(self._ends - time.monotonic(), 0.0)
            return scans.open(self._descriptor, left, wait=self._reader.waits)
        except ReaderBusyError:
            raise
        except ReaderError:
            if scans.closed:
                raise
            raise error from None

    def close(self) -> None:
        """Give the reader at work back; safe to call twice."""
        self._session.close()


class LayeredReader(Closing):
    """Opens documents with one pool of workers and, where that is not enough, with another.

    Args:
        texts: Reads text.
        scans: Reads pictures; None where the box has nothing to read them with.
        waits: Whether a document waits until a reader of pictures is free.
    """

    def __init__(self, texts: ReaderPool, scans: ReaderPool | None, *, waits: bool = True) -> None:
        self.texts = texts
        self.scans = scans
        self.waits = waits

    def hasty(self) -> LayeredReader:
        """Return the same readers for a caller who has something better to do than to wait for one of pictures."""
        return LayeredReader(self.texts, self.scans, waits=False)

    def warm(self) -> None:
        """Wait until every ordinary worker is ready.

        Raises:
            ReaderError: One cannot be started.
        """
        self.texts.warm()

    def open(self, descriptor: int) -> LayeredSession:
        """Begin to read the regular file behind an open, readable descriptor.

        Raises:
            UnreadableError: The content cannot be read at all.
            ReaderBusyError: It is a picture, no reader of pictures is free, and this one does not wait.
            ReaderError: No worker can be started, or the reader was closed.
        """
        return LayeredSession(self, descriptor)

    def picture(self, descriptor: int, page: int, width: int) -> Picture:
        """Draw one page, as an ordinary worker does.

        Raises:
            UnreadableError: There is no such page, or it cannot be drawn.
        """
        return self.texts.picture(descriptor, page, width)

    def rest(self) -> None:
        """End the workers that nobody has needed for a while."""
        for pool in self._pools():
            pool.rest()

    def close(self) -> None:
        """End every worker; safe to call twice."""
        for pool in self._pools():
            pool.close()

    def _pools(self) -> list[ReaderPool]:
        return [self.texts] if self.scans is None else [self.texts, self.scans]
