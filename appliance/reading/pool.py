"""Long-lived worker processes that read documents: what the box uses.

Promises that whatever a document does to its parser costs that document and no
other: a worker that dies, hangs or talks nonsense is killed and replaced, and
the caller gets an :class:`UnreadableError`. Never reads a byte of a document
itself, and never moves the offset of the caller's descriptor.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from appliance.closing import Closing
from appliance.reading.base import TALLEST, Picture, Trouble, UnreadableError
from appliance.reading.child import Child, ReaderBusyError, ReaderError, WorkerSlowError
from appliance.reading.launcher import Launcher, PlainLauncher
from appliance.reading.troubles import unreadable
from appliance.reading.wire import CLOSE, NEXT, OPEN, PICTURE, PICTURE_OF, PIECE, Answer, WorkerLostError

if TYPE_CHECKING:
    from appliance.reading.base import Page, Piece

SECONDS = 20.0
DOCUMENT_BYTES = 2 * 1024**3
DOCUMENTS = 1_000
"""Documents one worker reads before a fresh one takes over, so that no parser's leak adds up."""

FATES: dict[int, Trouble] = {
    signal.SIGKILL: Trouble.OUT_OF_MEMORY,
    signal.SIGALRM: Trouble.TOO_SLOW,
    signal.SIGXCPU: Trouble.TOO_SLOW,
}
"""What it means that a worker was ended by a signal the pool did not send; only a kernel out of memory kills."""


class PoolSession(Closing):
    """One document being read by a worker; owned by one caller at a time.

    Args:
        pool: Takes the worker back.
        child: The worker, leased until the session is closed.
        descriptor: The document.
        seconds: How long its reading may take.
        verb: How it is opened.

    Attributes:
        waited: Seconds until the worker was leased.
        by_line: Whether the workers of this pool read line by line.

    Raises:
        UnreadableError: The content cannot be read at all.
    """

    def __init__(self, pool: ReaderPool, child: Child, descriptor: int, seconds: float, verb: bytes = OPEN) -> None:
        self.kind = ""
        self.waited = 0.0
        self.by_line = pool.by_line
        self._pool = pool
        self._child: Child | None = child
        self._seconds = seconds
        child.documents += 1
        try:
            answer = self._ask(verb, descriptor)
        except (UnreadableError, ReaderError):
            self.close()
            raise
        self.kind = answer.kind
        self._first, self.drawn = answer.page, answer.drawn

    def next(self) -> Page | None:
        """Return the next page that says something, or None after the last.

        Raises:
            UnreadableError: The document cannot be read any further.
        """
        if first := self._first:
            self._first = None
            return first
        return self._ask(NEXT).page

    def next_piece(self) -> Piece | None:
        """Return the next piece of what is attached, or None after the last and where nothing can be.

        Raises:
            UnreadableError: The document cannot be taken apart any further.
        """
        return self._ask(PIECE).piece

    def close(self) -> None:
        """Give the worker back; safe to call twice."""
        self._first = None
        if child := self._child:
            self._child = None
            self._pool.take_back(child)

    def pixels(self, width: int) -> Picture:
        """Return the picture that was asked for, having counted every byte of it.

        Raises:
            UnreadableError: It is not the picture that was asked for, or the worker was lost.
        """
        drawn = self.drawn
        if drawn is None or drawn.width > width or drawn.height > TALLEST * width:
            raise self._lost(Trouble.CRASHED)
        missing, parts = 3 * drawn.width * drawn.height, list[bytes]()
        while missing > 0:
            piece = self.next_piece()
            if piece is None or not piece.data or len(piece.data) > missing:
                raise self._lost(Trouble.CRASHED)
            parts.append(piece.data)
            missing -= len(piece.data)
        return Picture(drawn.width, drawn.height, b"".join(parts))

    def _ask(self, verb: bytes, *descriptors: int) -> Answer:
        if not self._child:
            raise unreadable(Trouble.CRASHED, self.kind)
        began = time.monotonic()
        try:
            answer = self._child.ask(verb, self._seconds, *descriptors)
            self._expect_own(answer)
        except WorkerSlowError as error:
            raise self._lost(Trouble.TOO_SLOW) from error
        except WorkerLostError as error:
            raise self._lost(FATES.get(self._child.ended_by(), Trouble.CRASHED)) from error
        self._seconds -= time.monotonic() - began
        if answer.error:
            if answer.error.trouble is Trouble.OUT_OF_MEMORY:
                self._lost(Trouble.OUT_OF_MEMORY)  # what is left of it would be the next document's trouble
            raise answer.error
        return answer

    def _expect_own(self, answer: Answer) -> None:
        """Refuse what is no answer about this document: the first says a page or a trouble, the others its kind."""
        own = answer.kind == self.kind if self.kind else answer.page or answer.drawn
        if not answer.error and not own:
            message = "another document's answer"
            raise WorkerLostError(message)

    def _lost(self, trouble: Trouble) -> UnreadableError | ReaderError:
        child, self._child = self._child, None
        if child:
            self._pool.replace(child)
        return _stopped() if self._pool.closed else unreadable(trouble, self.kind)


class ReaderPool(Closing):
    """Reads as many documents at once as it has workers; safe to use from many threads.

    Its workers start when it is made and warm up side by side; :meth:`warm` waits for them. With ``idle_seconds``
    each starts when it is first needed instead, and ends in :meth:`rest` once nobody has needed it for so long.

    Args:
        workers: How many processes.
        seconds: How long the reading of one document may take, its worker's time alone counted.
        document_bytes: A larger document is refused unread.
        launcher: How a worker is started, and behind which walls; the pool's own, closed with it.
        idle_seconds: How long a worker that is not needed is kept; None keeps it for good.
        by_line: Whether its workers give a page a few lines at a time.

    Attributes:
        closed: Whether it has been closed.
    """

    def __init__(  # noqa: PLR0913 - all but the first have names
        self,
        workers: int,
        *,
        seconds: float = SECONDS,
        document_bytes: int = DOCUMENT_BYTES,
        launcher: Launcher | None = None,
        idle_seconds: float | None = None,
        by_line: bool = False,
    ) -> None:
        self.seconds = seconds
        self.by_line = by_line
        self.closed = False
        self._idle_seconds = idle_seconds
        self._document_bytes = document_bytes
        self._launcher = launcher or PlainLauncher()
        self._changed = threading.Condition()
        self._children: set[Child] = set()
        self._idle: deque[Child] = deque()
        self._unstarted = workers
        if idle_seconds is None:
            self._idle.extend(self._start_next() for _ in range(workers))

    def _start_next(self) -> Child:
        """Start one of the workers that are not running."""
        self._unstarted -= 1
        child = self._start()
        self._children.add(child)
        return child

    def _start(self) -> Child:
        return Child(self._launcher, self.seconds)

    @property
    def processes(self) -> list[int]:
        """The process ids of the workers there are."""
        with self._changed:
            return [child.process.pid for child in self._children]

    def warm(self) -> None:
        """Wait until every worker that is free is ready.

        Raises:
            ReaderError: One cannot be started.
        """
        with self._changed:
            for child in self._idle:
                child.warm()

    def open(self, descriptor: int, seconds: float | None = None, *, wait: bool = True) -> PoolSession:
        """Begin to read the regular file behind an open, readable descriptor.

        The descriptor stays the caller's.

        Args:
            descriptor: The document.
            seconds: How long its reading may take, where that is not what the pool allows.
            wait: Whether to wait until a worker is free.

        Raises:
            UnreadableError: The content cannot be read at all.
            ReaderBusyError: No worker is free, and there was to be no waiting.
            ReaderError: No worker can be started, or the pool was closed.
        """
        size = os.fstat(descriptor).st_size
        if not size:
            raise unreadable(Trouble.EMPTY)
        if size > self._document_bytes:
            raise unreadable(Trouble.TOO_LARGE)
        began = time.monotonic()
        child = self._lease(wait=wait)
        waited = time.monotonic() - began
        session = PoolSession(self, child, descriptor, self.seconds if seconds is None else seconds)
        session.waited = waited
        return session

    def picture(self, descriptor: int, page: int, width: int) -> Picture:
        """Draw one page, counted from 1, at most so many pixels wide and three times as tall.

        Raises:
            UnreadableError: There is no such page, or it cannot be drawn.
            ReaderError: No worker can be started, or the pool was closed.
        """
        verb = PICTURE + PICTURE_OF.pack(page, width)
        with PoolSession(self, self._lease(), descriptor, self.seconds, verb) as session:
            return session.pixels(width)

    def _lease(self, *, wait: bool = True) -> Child:
        with self._changed:
            if not (wait or self._idle or self._unstarted or self.closed):
                raise _busy()
            self._changed.wait_for(lambda: self._idle or self._unstarted or self.closed)
            if self.closed:
                raise _stopped()
            child = self._idle.popleft() if self._idle else self._start_next()
        if child.has_ended():
            self.replace(child)  # it died while nobody was being read to: no document's fault
            return self._lease(wait=wait)
        try:
            child.warm()
        except ReaderError:
            self.replace(child)
            raise
        return child

    def take_back(self, child: Child) -> None:
        """Let the next caller have a worker, or a fresh one in its place where it is worn out."""
        if child.documents >= DOCUMENTS:
            self.replace(child)
            return
        try:
            child.tell(CLOSE)
        except WorkerLostError:
            self.replace(child)
            return
        self._add(child)

    def replace(self, child: Child) -> None:
        """End a worker and start another, which warms up while the caller goes on."""
        child.kill()
        with self._changed:
            self._children.discard(child)
            self._unstarted += 1
            if not self.closed and self._idle_seconds is None:
                self._add(self._start_next())
            self._changed.notify()

    def rest(self) -> None:
        """End the workers that nobody has needed for a while."""
        if self._idle_seconds is None:
            return
        with self._changed:
            rested = [child for child in self._idle if child.idle_seconds >= self._idle_seconds]
            for child in rested:
                self._idle.remove(child)
                self._children.discard(child)
                self._unstarted += 1
        for child in rested:
            child.end()

    def _add(self, child: Child) -> None:
        with self._changed:
            if self.closed:
                child.kill()
                return
            child.rest()
            self._idle.append(child)
            self._changed.notify()

    def close(self) -> None:
        """End every worker, also those at work, whose callers get a :class:`ReaderError`; safe to call twice."""
        with self._changed:
            self.closed = True
            children, idle = self._children, self._idle
            self._children, self._idle = set(), deque()
            self._changed.notify_all()
        for child in children:
            if child in idle:
                child.end()
            else:
                self._launcher.kill(child.process)
        self._launcher.close()


def _busy() -> ReaderBusyError:
    return ReaderBusyError(
        "The document cannot be read yet.",
        "Every worker that could read it is at work.",
        "It is read as soon as one is free.",
    )


def _stopped() -> ReaderError:
    return ReaderError(
        "The readers were stopped.",
        "The box is shutting down.",
        "The document stays where it is and is read at the next start.",
    )
