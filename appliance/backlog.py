"""The documents in work: each on a thread of its own, and each tried again until it is at rest.

A document whose pictures must be read leaves the walkers as soon as it would have
to wait for their reader, so that letters are not held up by a stack of scans.

Here stands the one broad ``except`` of the service: whatever goes wrong with a
document goes wrong with that one alone, and it stays claimed until it goes right.
"""

from __future__ import annotations

import errno
import logging
import sqlite3
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.errors import ApplianceError
from appliance.reading import ReaderBusyError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from appliance.intake import Candidate
    from appliance.ledger import Document
    from appliance.pipeline import Walk

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class _Again:
    document: int
    due: float
    pause: float


class Backlog:
    """Works off what intake hands over.

    Args:
        walk: Carries one document.
        workers: Documents in work at once.
        release: Told the inbox path of each file that intake may look at again.
        patient: Carries one document as well, and waits where the other walk does not.
        patient_workers: Documents it has in work at once.
    """

    def __init__(
        self,
        walk: Walk,
        workers: int,
        release: Callable[[Path], None],
        *,
        patient: Walk | None = None,
        patient_workers: int = 1,
    ) -> None:
        self._walk = walk
        self._patient = patient or walk
        self._release = release
        self._pool = ThreadPoolExecutor(workers, "walk")
        self._patient_pool = ThreadPoolExecutor(patient_workers, "wait")
        self._changed = threading.Condition()
        self._busy = 0
        self._again: list[_Again] = []
        self._parts: set[int] = set()
        self._explains = True

    def take(self, candidate: Candidate) -> None:
        """Walk a settled file."""
        self._submit(lambda: self._take(candidate))

    def resume(self, document: Document, *, after_crash: bool = True) -> None:
        """Go on with a document that an earlier start left in work.

        Args:
            document: A document in work.
            after_crash: Whether that start ended unasked, so that the document may have been the cause.
        """
        if document.parent is not None:
            with self._changed:
                self._parts.add(document.id)
        self._submit(lambda: self._carry(document.id, FIRST_PAUSE_SECONDS, blamed=after_crash))

    def tick(self) -> None:
        """Try again what is due; with nothing in work, look for the words behind one answer a person was left with."""
        now = time.monotonic()
        with self._changed:
            due = [again for again in self._again if again.due <= now]
            self._again = [again for again in self._again if again.due > now]
        for again in due:
            self._submit(lambda again=again: self._carry(again.document, again.pause))  # type: ignore[misc]
        if self._explains and self.wait_idle(0):
            self._submit(self.explain)

    def explain(self) -> bool:
        """Look for the words behind one answer; say whether there may be more of them."""
        try:
            return self._explains and self._walk.explain()
        except sqlite3.Error:  # it is busy or full; there is no hurry
            return False
        except Exception as error:  # noqa: BLE001 - nothing but the words is missing; the next start looks for them
            log.error("the words behind an answer could not be found", extra=_described(error))
            self._explains = False
            return False

    @property
    def stalled(self) -> int:
        """How many documents wait to be tried again."""
        with self._changed:
            return len(self._again)

    def wait_idle(self, seconds: float) -> bool:
        """Wait until nothing is in work; say whether that came about in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._busy == 0, seconds)

    def stop(self, seconds: float) -> bool:
        """Take nothing new and let what is in work finish; say whether it did in time."""
        deadline = time.monotonic() + seconds
        for pool in (self._pool, self._patient_pool):
            pool.shutdown(wait=False, cancel_futures=True)
        threads = [*self._pool._threads, *self._patient_pool._threads]  # noqa: SLF001 - cannot be waited for with a limit
        for thread in threads:
            thread.join(max(deadline - time.monotonic(), 0))
        return not any(thread.is_alive() for thread in threads)

    def _submit(self, work: Callable[[], object]) -> None:
        self._submit_to(self._pool, work)

    def _submit_to(self, pool: ThreadPoolExecutor, work: Callable[[], object]) -> None:
        with self._changed:
            self._busy += 1
        try:
            pool.submit(self._run, work)
        except RuntimeError:  # the box is being stopped; what is not taken stays claimed for the next start
            with self._changed:
                self._busy -= 1

    def _run(self, work: Callable[[], object]) -> None:
        try:
            work()
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()

    def _take(self, candidate: Candidate) -> None:
        try:
            document = self._walk.claim(candidate)
        except Exception as error:  # noqa: BLE001 - nothing was touched: the next sweep finds the file again
            log.error("a file could not be claimed", extra=_described(error))
            self._release(candidate.sighting.path)
            return
        self._carry(document.id, FIRST_PAUSE_SECONDS)

    def _carry(self, number: int, pause: float, *, blamed: bool = False, patient: bool = False) -> None:
        began = time.perf_counter()
        walk = self._patient if patient else self._walk
        try:
            document = walk.ledger.document(number)
            if blamed:
                document = walk.ledger.attempt(document)
            document = walk.carry(document)
            parts = walk.attached(document)
        except ReaderBusyError:
            self._submit_to(self._patient_pool, lambda: self._carry(number, pause, patient=True))
            return
        except Exception as error:  # noqa: BLE001 - one document's trouble is that document's alone; it is tried again
            log.error("a document could not be finished yet", extra={"document": number, **_described(error)})
            self._put_back(number, pause)
            return
        self._release(document.inbox_path)
        with self._changed:
            self._parts.discard(number)
        self._go_on_with(parts)
        self._draw(document)
        _log_rest(document, (time.perf_counter() - began) * 1e3)

    def _go_on_with(self, parts: list[Document]) -> None:
        """Walk what was attached to a mail, unless it is under way: a start takes up mails and attachments alike."""
        for part in parts:
            with self._changed:
                if part.id in self._parts:
                    continue
            self.resume(part, after_crash=False)

    def _draw(self, document: Document) -> None:
        """Have the first page at hand for the desk; where it cannot be drawn, nothing but the picture is missing."""
        try:
            self._walk.draw(document)
        except (ApplianceError, OSError) as error:
            log.info("a page could not be drawn", extra={"document": document.id, **_described(error)})

    def _put_back(self, number: int, pause: float) -> None:
        with self._changed:
            again = _Again(number, time.monotonic() + pause, min(pause * 2, LONGEST_PAUSE_SECONDS))
            self._again.append(again)


def _log_rest(document: Document, milliseconds: float) -> None:
    details: dict[str, object] = {"document": document.id, "ms": milliseconds}
    if document.label:
        details["label"] = document.label
    log.info(document.state.value, extra=details)


def _described(error: Exception) -> dict[str, object]:
    """Return what may be logged of an error: never its message, which may hold a name."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    described: dict[str, object] = {"error": type(error).__name__, "at": f"{where.name}:{where.lineno}"}
    if isinstance(error, OSError) and error.errno:
        described["errno"] = errno.errorcode.get(error.errno, error.errno)
    return described
