"""Where a hostile file is let loose: the box's own readers, its own answer, and what must hold afterwards.

A document is read, taken apart and drawn, each by the very calls the service
makes. Then the same readers must still say of a healthy document what they
said before, and no process, zombie or descriptor may be left.
"""

from __future__ import annotations

import os
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from appliance.answer import Reading
from appliance.attachments import MOST
from appliance.classify import Status
from appliance.reading import MAILS, Trouble, UnreadableError, unreadable
from appliance.reading.troubles import NAMES
from appliance.service import open_reader
from appliance.settings import Settings
from appliance.updates.bundled import load_factory
from tests.builders import make_pdf
from tests.fakes import FakeModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import Self

    from appliance.answer import Model
    from appliance.ledger import Verdict

SLACK_SECONDS = 15.0
"""What two fresh readers for scans may take to start on a machine that is busy with other things."""

END_SECONDS = 5.0
"""How soon a process that was ended must be gone, with those behind it."""

PICTURE_WIDTH = 400
SENTENCES = frozenset(str(unreadable(trouble, found)) for trouble in Trouble for found in NAMES)
"""All that may be said of a document that could not be read: not a word of it comes from the document."""


def model_at_hand() -> Model:
    """Return the factory model, or a stand-in where the checkout has none."""
    settings = Settings()
    if settings.factory_model.exists():
        return load_factory(settings.factory_model, max_windows=settings.read_windows)
    return FakeModel()


@dataclass
class Outcome:
    """What became of one document.

    Attributes:
        verdict: The answer; None where there was none.
        seconds: How long it took.
        faults: What did not hold, a line each.
    """

    verdict: Verdict | None = None
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


class Ground:
    """The readers and a model, behind whatever walls this machine offers.

    Args:
        seconds: How long the reading of one document may take, as ``document_seconds`` says for the box.
        model: Decides.
    """

    def __init__(self, seconds: float, model: Model) -> None:
        settings = Settings(document_seconds=seconds, workers=1, sandbox="prefer")
        self._seconds = seconds
        self._before = _files()
        self._reader = open_reader(settings)
        self._reading = Reading(self._reader, model, settings.read_seconds)
        self._healthy = os.memfd_create("healthy")
        os.pwrite(self._healthy, make_pdf(), 0)
        self._reader.warm()
        self._expected = _facts(self._reading.answer(self._healthy))
        self._kept = 0
        self._workers: list[int] = []
        self._seen: set[psutil.Process] = set()
        self._look()

    def _all(self) -> list[int]:
        return [pid for pool in self._reader._pools() for pid in pool.processes]

    def _begun(self) -> Outcome:
        self._kept = self._unexplained()
        return Outcome()

    def _unexplained(self) -> int:
        """Return how many descriptors there are beyond the one of each worker's socket."""
        return _files() - len(self._all())

    def answer(self, descriptor: int) -> Outcome:
        """Have a document answered, and nothing else, and see what then holds."""
        outcome = self._begun()
        self._timed(outcome, "answer", 2 * self._seconds, lambda: self._answer(outcome, descriptor))
        self._expect_no_trace(outcome)
        return outcome

    def meet(self, descriptor: int) -> Outcome:
        """Have a document answered, taken apart and drawn, and see what then holds."""
        outcome = self._begun()
        self._timed(outcome, "answer", 2 * self._seconds, lambda: self._answer(outcome, descriptor))
        if outcome.verdict and outcome.verdict.kind in MAILS:
            self._timed(outcome, "take apart", self._seconds, lambda: self._take_apart(descriptor))
        self._timed(outcome, "draw", self._seconds, lambda: self._draw(descriptor))
        self._expect_no_trace(outcome)
        return outcome

    def _timed(self, outcome: Outcome, what: str, limit: float, act: Callable[[], object]) -> None:
        began = time.monotonic()
        try:
            act()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
            outcome.faults.append(f"{what}: raised {type(error).__name__}: {error}")
        took = time.monotonic() - began
        outcome.seconds = max(outcome.seconds, took)
        if took > limit + SLACK_SECONDS:
            outcome.faults.append(f"{what}: took {took:.1f} s with a limit of {limit:.1f} s")

    def _answer(self, outcome: Outcome, descriptor: int) -> None:
        outcome.verdict = self._reading.answer(descriptor)
        outcome.faults += _faults_of(outcome.verdict)

    def _take_apart(self, descriptor: int) -> None:
        try:
            with closing(self._reading.attachments(descriptor)) as pieces:
                for piece in pieces:
                    if piece.number > MOST:
                        return
        except UnreadableError:
            return

    def _draw(self, descriptor: int) -> None:
        try:
            self._reading.picture(descriptor, 1, PICTURE_WIDTH)
        except UnreadableError:
            return

    def _expect_no_trace(self, outcome: Outcome) -> None:
        """Note what the document left behind: a reader that has changed, a process, a zombie or a descriptor."""
        said = _facts(self._reading.answer(self._healthy))
        if said != self._expected:
            outcome.faults.append(f"afterwards: a healthy document is answered {said}, before {self._expected}")
        ends = time.monotonic() + END_SECONDS
        while (left := self._unexplained() - self._kept) > 0 and time.monotonic() < ends:
            time.sleep(0.05)  # what a worker that is just being started is handed
        if left > 0:
            outcome.faults.append(f"afterwards: {left} more descriptors than before")
        if self._all() != self._workers:
            outcome.faults += self._look()

    def _look(self) -> list[str]:
        """Look at the processes there are, and say which of those seen before should have ended."""
        self._workers = self._all()
        own = psutil.Process().children(recursive=True)
        living = {process for process in own if _is_of(process, self._workers)}
        gone, staying = psutil.wait_procs(self._seen - living, END_SECONDS)
        del gone
        self._seen = living
        return [f"afterwards: process {process.pid} goes on" for process in staying]

    def close(self) -> list[str]:
        """End the readers and say what is left of them."""
        faults = self._look()
        self._reader.close()
        os.close(self._healthy)
        _, staying = psutil.wait_procs(self._seen, END_SECONDS)
        faults += [f"at the end: process {process.pid} goes on" for process in staying]
        if (left := _files() - self._before) > 0:
            faults.append(f"at the end: {left} more descriptors than before")
        return faults

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._reader.texts.closed:
            self.close()


def _is_of(process: psutil.Process, workers: list[int]) -> bool:
    """Tell a worker, or a process behind it, from other children."""
    try:
        return process.pid in workers or any(parent.pid in workers for parent in process.parents())
    except psutil.NoSuchProcess:
        return False


def _files() -> int:
    """Return how many files and sockets this process has open."""
    return sum(1 for _ in _targets())


def _targets() -> Iterator[str]:
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            target = str(descriptor.readlink())
        except FileNotFoundError:
            continue
        if target.startswith(("/", "socket:", "pipe:")) and not target.startswith(("/dev/", "/proc/")):
            yield target


def _facts(verdict: Verdict) -> tuple[object, ...]:
    """Return of a verdict what does not depend on the time it took."""
    return verdict.status, verdict.label, verdict.kind, verdict.pages_read, verdict.notes


def _faults_of(verdict: Verdict) -> list[str]:
    """Return what a verdict says that no verdict may."""
    faults = []
    if verdict.status not in set(Status):
        faults.append(f"answer: the status is {verdict.status!r}")
    if verdict.kind is not None and verdict.kind not in NAMES:
        faults.append(f"answer: the kind is {verdict.kind!r}")
    if verdict.status == Status.UNREADABLE and verdict.reason not in SENTENCES:
        faults.append(f"answer: the reason is {verdict.reason!r}")
    if not verdict.reason.endswith(".") and verdict.status != Status.UNREADABLE and "%" not in verdict.reason:
        faults.append(f"answer: the reason is no sentence: {verdict.reason!r}")
    return faults
