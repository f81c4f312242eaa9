"""One start of a box of real rooms on one thread: what was left in work is carried on, then the inbox is worked off.

``python -m tests.crash.walker ROOT [SCENARIO]`` does it once and exits 0 when
nothing is left to do. The ledger, the claims, the filing, the walk and the
steps of a start are the appliance's; only the reader and the model are
stand-ins, so that a walk is a few milliseconds and every one of its system
calls has the same number in each run. Hashing and syncing beside the reading
happen on the same thread for that reason.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from appliance import files, service
from appliance.answer import Reading
from appliance.attachments import Splitter
from appliance.filing import Filing
from appliance.intake import Claims, Lookout, Tracker
from appliance.ledger import Ledger
from appliance.lock import only_one
from appliance.pipeline import Walk
from appliance.settings import Settings
from tests.crash.children import end_with
from tests.crash.scenarios import SCENARIOS, Scenario
from tests.fakes import FakeClock, FakeModel, FakeReader, OnTheSpot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from appliance.intake import Candidate
    from appliance.ledger import Document

TRIES = 4
"""How often a start goes on with what failed or has come since."""

SETTLED_SECONDS = 60.0


def in_another_process(root: Path, scenario: Scenario) -> None:
    """Let a clerk act where no cut of the box reaches: a clerk's machine keeps its power."""
    child = os.fork()
    if child == 0:
        end_with(lambda: act_once(root, scenario))
    os.waitpid(child, 0)


def act_once(root: Path, scenario: Scenario) -> None:
    """Act, and leave word that it is done."""
    scenario.act(root)
    (root / "acted").touch()


@dataclass
class Clerk:
    """Acts once in the life of a root, whatever is cut and started again.

    Attributes:
        root: Where the box's home lies.
        scenario: What to do.
        act: How it is done.
    """

    root: Path
    scenario: Scenario
    act: Callable[[Path, Scenario], None] = in_another_process

    def at(self, moment: str) -> None:
        """Be told what the walk has come to."""
        if self.scenario.moment == moment and not has_acted(self.root):
            self.act(self.root, self.scenario)


def has_acted(root: Path) -> bool:
    """Say whether the clerk of a root has done what it does there."""
    return os.path.lexists(root / "acted")


@contextmanager
def opened(root: Path, scenario: Scenario, clerk: Clerk, *, threads: bool = False) -> Iterator[Walk]:
    """Hold a root and put a walk together as a start of the service does."""
    settings = Settings(home=root / "home")
    service._prepare(settings)
    with ExitStack() as stack:
        stack.enter_context(only_one(settings.var / "lock"))
        ledger = stack.enter_context(Ledger(settings.ledger_path))
        stack.enter_context(_listening(ledger, scenario, clerk))
        beside = ThreadPoolExecutor(1) if threads else OnTheSpot()
        reading = Reading(FakeReader(while_reading=lambda: clerk.at("while read")), FakeModel(), 5.0)
        walk = Walk(
            home=settings.home,
            ledger=ledger,
            claims=Claims(ledger, settings.home, settings.holding),
            reading=reading,
            filing=Filing(settings.home, ledger),
            beside=stack.enter_context(beside),
            duplicates="beside",
            keep_text="snippet",
            splitter=Splitter(settings.home, settings.holding, ledger, reading),
        )
        service._sweep_holding(settings.holding, ledger)
        yield walk


def start(
    root: Path, scenario: Scenario, *, dies: bool = False, clerk: Clerk | None = None, threads: bool = False
) -> bool:
    """Do what one start of the box does; say whether nothing was left to do.

    Args:
        root: Where its home lies.
        scenario: The walk.
        dies: Whether the first error ends the start; else it goes on as the backlog does.
        clerk: Who else touches the files.
        threads: Whether to sync beside the reading, as the service does.
    """
    with opened(root, scenario, clerk or Clerk(root, scenario), threads=threads) as walk:
        left = walk.ledger.in_flight()
        worker = Worker(walk, dies=dies)
        for document in left:
            worker.carry(walk.ledger.document(document.id), blamed=True)
        for _ in range(TRIES):
            found = worker.work_off(root / "home" / "inbox")
            worker.try_again()
            if not found and not worker.again:
                return True
        return False


class Worker:
    """What the backlog does with the documents in work, without its threads and its pauses."""

    def __init__(self, walk: Walk, *, dies: bool) -> None:
        self._walk, self._dies = walk, dies
        self.again: list[int] = []
        self._held: set[Path] = set()

    def work_off(self, inbox: Path) -> int:
        """Take each settled file of the inbox that is not in work already; return how many those were."""
        found = [candidate for candidate in settled(inbox) if candidate.sighting.path not in self._held]
        for candidate in found:
            self._take(candidate)
        return len(found)

    def try_again(self) -> None:
        """Carry what was put back."""
        again, self.again = self.again, []
        for number in again:
            self.carry(self._walk.ledger.document(number))

    def carry(self, document: Document, *, blamed: bool = False) -> None:
        """Carry one document, or put it back."""
        try:
            if blamed:
                document = self._walk.ledger.attempt(document)
            parts = self._walk.attached(self._walk.carry(document))
        except Exception:
            if self._dies:
                raise
            self.again.append(document.id)
            self._held.add(document.inbox_path)
        else:
            self._held.discard(document.inbox_path)
            for part in parts:
                self.carry(part)

    def _take(self, candidate: Candidate) -> None:
        try:
            document = self._walk.claim(candidate)
        except Exception:
            if self._dies:
                raise
            return
        self.carry(document)


def settled(inbox: Path) -> list[Candidate]:
    """Return what a fresh lookout hands over of an inbox, the empty files after their time."""
    found: list[Candidate] = []
    clock = FakeClock()
    lookout = Lookout((inbox,), Tracker(2, SETTLED_SECONDS), clock, found.append)
    lookout.sweep()
    clock.turn(SETTLED_SECONDS)
    lookout.look_at_due()
    return found


class _WithoutNoReplace:
    """Answers as the C library on a file system that cannot move without replacing."""

    def renameat2(self, *_: object) -> int:
        files.ctypes.set_errno(errno.EINVAL)
        return -1


@contextmanager
def _listening(ledger: Ledger, scenario: Scenario, clerk: Clerk) -> Iterator[None]:
    """Tell the clerk when the file is linked, copied and decided; refuse what the disk refuses."""
    link, copy, libc, decide = os.link, shutil.copyfileobj, files._LIBC, ledger.decide

    def linked(source: Any, target: Any, **named: Any) -> None:
        if scenario.far and "inbox" in Path(source).parts:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        link(source, target, **named)
        clerk.at("once linked")

    def copied(*files_and_size: Any) -> None:
        copy(*files_and_size)
        files_and_size[1].flush()
        clerk.at("once copied")

    def decided(*arguments: Any, **named: Any) -> Document:
        document = decide(*arguments, **named)
        clerk.at("once decided")
        return document

    os.link, shutil.copyfileobj, ledger.decide = linked, copied, decided  # type: ignore[method-assign]
    files._LIBC = _WithoutNoReplace() if scenario.plain else libc  # type: ignore[assignment]
    try:
        yield
    finally:
        os.link, shutil.copyfileobj, files._LIBC = link, copy, libc


def main(arguments: list[str]) -> int:
    """Start once on a root; 1 when something is left to do."""
    return 0 if start(Path(arguments[0]), SCENARIOS[arguments[1] if len(arguments) > 1 else "linked"]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
