"""One walk under strace, cut at one system call, and the start after it.

A walk is a forked child to which strace is attached before it goes. strace
counts the calls of each name for each thread, so a walk on one thread meets
the same call at the same number each time; a cut counts only when strace says
that it cut, and at the call that was meant.
"""

from __future__ import annotations

import errno
import re
import shutil
import subprocess
import traceback
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.crash.children import HANGS, START_SECONDS, Held, in_child
from tests.crash.judge import faults
from tests.crash.scenarios import HELD, Scenario
from tests.crash.walker import has_acted, start

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_NO_SLEEP = "inject=clock_nanosleep:retval=0"
"""SQLite waits ten seconds for a lock; here nobody holds one but this process, whose release was refused."""

_CALL = re.compile(r"^(?:(?P<thread>\d+) +)?(?P<name>[a-z][a-z0-9_]+)\(")


@dataclass(frozen=True, slots=True)
class Way:
    """How a walk is cut.

    Attributes:
        name: As counted.
        inject: What strace is told to do at the call.
        dies: Whether an error ends the start; else the box goes on and tries again by itself.
        lasting: Whether every later call of the writing kinds fails too, as on a disk that stays full.
    """

    name: str
    inject: str
    dies: bool = True
    lasting: bool = False


WAYS = (
    Way("KILL", "signal=KILL"),
    Way("EIO, then a new start", "error=EIO"),
    Way("EIO, and the box goes on", "error=EIO", dies=False),
    Way("ENOSPC, then a new start", "error=ENOSPC"),
    Way("ENOSPC, and the box goes on", "error=ENOSPC", dies=False),
    Way("ENOSPC from here on", "error=ENOSPC", dies=False, lasting=True),
)

WRITING = ("pwrite64", "write", "mkdir", "linkat", "link", "rename", "renameat2", "ftruncate", "fsync", "fdatasync")
"""The calls that a disk that stays full refuses; opening a file to create it is swept one by one."""


@dataclass(frozen=True, slots=True)
class Call:
    """One system call of an undisturbed walk.

    Attributes:
        name: Of the call.
        number: How many calls of this name were made up to this one, by this thread.
        text: The call with its arguments, without what differs from run to run.
        before: How many calls of each name were made before it.
    """

    name: str
    number: int
    text: str
    before: tuple[tuple[str, int], ...]

    @property
    def is_ledger(self) -> bool:
        """Whether SQLite makes it, on the ledger or a file beside it."""
        return "/ledger.db" in self.text


@dataclass(frozen=True, slots=True)
class Cut:
    """A walk, a call and a way."""

    case: Case
    call: Call
    way: Way


@dataclass(frozen=True, slots=True)
class Case:
    """A walk to be swept, from a root that is laid out the same way each time.

    Attributes:
        scenario: The walk.
        kind: ``ready`` on a ledger that is there, ``first`` on an empty root, ``again`` after a cut at ``after``,
            ``beside`` with the sync on a thread of its own.
        after: The call at which an earlier start was killed.
    """

    scenario: Scenario
    kind: str = "ready"
    after: tuple[str, int] | None = None

    def __str__(self) -> str:
        return f"{self.scenario.name}, {self.kind}" + (f" {self.after[0]} {self.after[1]}" if self.after else "")


class Bench:
    """Lays out a root, walks on it with a cut, starts again and judges; one at a time, always at the same path.

    Args:
        folder: An empty folder for it.
        strace: The program.
    """

    def __init__(self, folder: Path, strace: str) -> None:
        self._strace = strace
        self.root = folder / "root"
        self._kept = folder / "kept"
        self._log = folder / "log"

    def lay_out(self, case: Case) -> None:
        """Make the root of a case, with what an earlier start left there."""
        kept = self._kept / f"{case.kind == 'first'}-{case.scenario.twin}"
        if not kept.exists():
            self._make_template(case, kept)
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(kept, self.root)
        case.scenario.drop(self.root)
        if case.after:
            name, number = case.after
            self.walk(case, [f"inject={name}:signal=KILL:when={number}"])

    def _make_template(self, case: Case, kept: Path) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        (self.root / "home" / "inbox").mkdir(parents=True)
        if case.kind != "first":
            if case.scenario.twin:
                case.scenario.drop(self.root)
            in_child(lambda: [str(start(self.root, Scenario("")))])
        shutil.copytree(self.root, kept)

    def walk(self, case: Case, injections: Sequence[str], *, dies: bool = True) -> list[str]:
        """Start the box under strace; return the lines that strace wrote."""
        threads = case.kind == "beside"
        child = Held(lambda: self.act(case, dies=dies))
        self._log.unlink(missing_ok=True)
        options = ["-f", "-P", self.root / HELD] if threads else []
        options += ["-e", _NO_SLEEP]
        options += [part for injection in injections for part in ("-e", injection)]
        tracer = subprocess.Popen(
            [self._strace, "-y", "-s0", "-o", self._log, *options, "-p", str(child.pid)],
            stderr=subprocess.PIPE,
            text=True,
        )
        with tracer, child:
            said = tracer.stderr.readline()  # type: ignore[union-attr]  # it is a pipe
            if "attached" not in said:
                raise OSError(errno.EPERM, f"strace cannot attach: {said}")
            child.go()
            with suppress(subprocess.TimeoutExpired):
                tracer.wait(START_SECONDS)
                return self._log.read_text(errors="replace").splitlines()
        return [HANGS]

    def act(self, case: Case, *, dies: bool) -> None:
        """Do in the child what is cut."""
        start(self.root, case.scenario, dies=dies, threads=case.kind == "beside")

    def calls(self, case: Case, *, dies: bool = True) -> list[Call]:
        """Return every system call that an undisturbed walk makes on its root, in order.

        Args:
            case: The walk.
            dies: Whether an error ends the start, as a clerk's doing causes one in some walks.
        """
        self.lay_out(case)
        return list(self._calls_of(self.walk(case, [], dies=dies)))

    def _calls_of(self, lines: Sequence[str]) -> Iterator[Call]:
        counted: Counter[tuple[str, str]] = Counter()
        for line in lines:
            matched = _CALL.match(line)
            if matched is None:
                continue
            thread = matched["thread"] or ""
            before = tuple((name, counted[thread, name]) for name in WRITING)
            counted[thread, matched["name"]] += 1
            is_box = str(self.root) in line and f"{self.root}/acted" not in line  # the clerk's note is the test's own
            if is_box and "resumed>" not in line:
                yield Call(matched["name"], counted[thread, matched["name"]], _spelt(line), before)

    def cut(self, cut: Cut) -> list[str]:
        """Cut a walk, start again, and return what does not hold then."""
        self.lay_out(cut.case)
        lines = self.walk(cut.case, _injections(cut), dies=cut.way.dies)
        missed = _missed(cut, lines)
        if missed:
            return [missed]
        return self.judge(cut, lines)

    def judge(self, cut: Cut, lines: Sequence[str]) -> list[str]:  # noqa: ARG002 - another bench asks how it ended
        """Return what does not hold after a cut, given the lines that strace wrote."""
        return self.recover(cut.case.scenario)

    def recover(self, scenario: Scenario) -> list[str]:
        """Start with nothing injected, in a process of its own, and return what does not hold then."""
        return in_child(lambda: _recovered(self.root, scenario))


def _recovered(root: Path, scenario: Scenario) -> list[str]:
    try:
        done = start(root, scenario)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
        where = traceback.extract_tb(error.__traceback__)[-1]
        return [f"the next start failed: {error!r} at {where.name}:{where.lineno}"]
    acted = has_acted(root)
    found = faults(root, scenario.documents(acted=acted), scenario.strangers(acted=acted))
    return found if done else ["the next start left something to do", *found]


def _injections(cut: Cut) -> list[str]:
    if not cut.way.lasting:
        return [f"inject={cut.call.name}:{cut.way.inject}:when={cut.call.number}"]
    return [f"inject={name}:{cut.way.inject}:when={count + 1}+" for name, count in cut.call.before]


def _missed(cut: Cut, lines: Sequence[str]) -> str | None:
    """Say so where strace did not cut at the call that was meant."""
    if lines == [HANGS]:
        return HANGS
    if cut.case.kind == "beside" and any("(INJECTED)" in line or "SIGKILL" in line for line in lines):
        return None  # where threads take turns strace tells a call in two lines
    if cut.way.inject.startswith("signal"):
        seen = [line for line in lines if _CALL.match(line)][-1:] if lines[-1:] and "SIGKILL" in lines[-1] else []
    else:
        seen = [line for line in lines if "(INJECTED)" in line and not line.startswith("clock_nanosleep")][:1]
    if len(seen) == 1 and _spelt(seen[0]) == cut.call.text:
        return None
    return f"no cut at {cut.call.text}: strace says {seen}"


def _spelt(line: str) -> str:
    """Return a call as it is spelt in every run: without inodes, addresses, sizes of padding and results."""
    call = line.split(" = ", maxsplit=1)[0].strip().lstrip("0123456789 ")
    call = re.sub(r"\{[^{}]*\}|0x[0-9a-f]+(?: /\*.*?\*/)?|<unfinished \.\.\.>|\)$", "", call)
    paths = re.findall(r'"(/[^"]*)"|\d<(/[^>]*)>', call)
    return f"{call.split('(')[0]} {' '.join(one or other for one, other in paths)}"
