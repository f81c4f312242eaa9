"""The child that parses: one document at a time, sent to it as a descriptor.

Promises to answer every question or to die; never outlives its parent by more
than the document in work, because it ends when its socket does and an alarm
ends it when a parser hangs. It ignores SIGTERM and SIGINT: its parent ends it.
"""

from __future__ import annotations

import os
import signal
import socket
from typing import TYPE_CHECKING

from appliance.reading.base import Trouble, UnreadableError
from appliance.reading.confine import Terms, confine, limit_processor
from appliance.reading.local import LocalSession
from appliance.reading.troubles import unreadable
from appliance.reading.wire import CLOSE, NEXT, OPEN, PICTURE, PICTURE_OF, PIECE, Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.reading.base import Session
    from appliance.reading.drawing import DrawnSession

GRACE_SECONDS = 5.0
"""How much longer than its parent a worker waits before it ends itself."""


class Worker:
    """One document at a time, over one socket.

    Args:
        channel: The worker's end of the pair.
        seconds: The parent's limit for one document.
        opened: Begins to read a document in this process.
    """

    def __init__(self, channel: socket.socket, seconds: float, opened: Callable[[int], Session] = LocalSession) -> None:
        self._channel = channel
        self._seconds = seconds + GRACE_SECONDS
        self._opened = opened
        self._descriptor: int | None = None
        self._session: Session | DrawnSession | None = None

    def serve(self) -> None:
        """Answer until the parent closes its end."""
        self._channel.sendall(Answer().encode())
        while True:
            verb, descriptors, _, _ = socket.recv_fds(self._channel, 1, 1)
            if not verb:
                return
            limit_processor(self._seconds)
            signal.setitimer(signal.ITIMER_REAL, self._seconds)
            answer = self._answer(verb, descriptors)
            signal.setitimer(signal.ITIMER_REAL, 0)
            if answer:
                self._channel.sendall(answer.encode())

    def _answer(self, verb: bytes, descriptors: list[int]) -> Answer | None:
        kind = self._session.kind if self._session else ""
        try:
            return self._do(verb, descriptors)
        except UnreadableError as error:
            return Answer(kind, error=error)
        except MemoryError:
            return Answer(kind, error=unreadable(Trouble.OUT_OF_MEMORY, kind))
        except Exception:  # noqa: BLE001  # whatever a parser did not foresee is that document's trouble, not the next one's
            return Answer(kind, error=unreadable(Trouble.DAMAGED, kind))

    def _do(self, verb: bytes, descriptors: list[int]) -> Answer | None:
        if verb in (OPEN, PICTURE, CLOSE):
            self._close()
        if verb == CLOSE:
            return None
        if verb == OPEN:
            (self._descriptor,) = descriptors
            self._session = self._opened(self._descriptor)
        if verb == PICTURE:
            return self._draw(descriptors)
        if verb == PIECE and self._session:
            return Answer(self._session.kind, piece=self._session.next_piece())
        if verb not in (OPEN, NEXT) or not self._session:
            raise SystemExit(2)
        return Answer(self._session.kind, page=self._session.next())

    def _draw(self, descriptors: list[int]) -> Answer:
        from appliance.reading.drawing import DrawnSession  # most workers never draw

        (self._descriptor,) = descriptors
        page, width = PICTURE_OF.unpack(self._channel.recv(PICTURE_OF.size, socket.MSG_WAITALL))
        self._session = session = DrawnSession(self._descriptor, page, width)
        return Answer(session.kind, drawn=session.drawn)

    def _close(self) -> None:
        if self._session:
            self._session.close()
            self._session = None
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def main(argument: str) -> None:
    """Run one worker.

    Args:
        argument: Its :class:`~appliance.reading.confine.Terms`.
    """
    terms = Terms.decode(argument)
    confine(terms)
    with socket.socket(fileno=terms.channel) as channel:
        Worker(channel, terms.seconds).serve()
