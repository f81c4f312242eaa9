"""Cuts the power at every step of one document's walk, in every state of the disk that this may leave.

``python -m tests.crash.powercut --all`` takes a minute or two; ``--sample N
--seed S`` tries N of the same states. A walk is recorded once whole, and once
for each of its steps as a walk that is killed there and started again, because
what a killed process did is seen by the next start and yet not durable. Each
state is laid out, the box is started on it, and :mod:`tests.crash.judge` looks
at what it left.
"""

from __future__ import annotations

import argparse
import logging
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tests.crash.children import HANGS, START_SECONDS
from tests.crash.judge import faults
from tests.crash.recording import Act, Commit, Data, Names, Recorder, as_found
from tests.crash.scenarios import SCENARIOS, Scenario
from tests.crash.states import Disk, build
from tests.crash.walker import Clerk, has_acted, start
from tests.fakes import PowerCut, attached_to, other_file_system

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.crash.recording import Step
    from tests.crash.states import State


@dataclass(frozen=True, slots=True)
class Recording:
    """What one walk did, killed and started again or not.

    Attributes:
        scenario: The walk.
        steps: Everything, from the root as it was found.
        found: How many of the steps only say what was found.
        since: The first number of steps after which a power cut is worth a try.
    """

    scenario: Scenario
    steps: Sequence[Step]
    found: int
    since: int

    def cuts(self) -> list[int]:
        """Return after how many steps the power goes: any number but in the midst of what a clerk does."""
        within = {
            end - back for end, step in enumerate(self.steps) if isinstance(step, Act) for back in range(step.size)
        }
        return [number for number in range(self.since, len(self.steps) + 1) if number not in within]

    def states(self, chance: random.Random) -> Iterator[State]:
        """Yield each state that a power cut may leave, once."""
        seen: set[State] = set()
        for number in self.cuts():
            for state in Disk(self.steps[:number]).states(chance):
                if state not in seen:
                    seen.add(state)
                    yield state


@dataclass
class Tally:
    """What was tried and what did not hold."""

    walks: int = 0
    states: int = 0
    in_order: int = 0
    found: list[str] = field(default_factory=list)


class Plant:
    """Where the power is cut.

    Args:
        folder: An empty folder for the root, the same in each recording and each state of it.
        seed: Chooses among the subsets where there are too many.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self.root = folder / "root"
        self.chance = random.Random(seed)

    def record(self, scenario: Scenario, kill: int | None = None) -> Recording:
        """Record a walk; with a kill after so many steps, and then the start after it."""
        self._lay_out(scenario)
        steps = as_found(self.root)
        found = len(steps)
        stop = None if kill is None else found + kill
        with Recorder(self.root, steps, stop) as recorder, suppress(PowerCut):
            start(self.root, scenario, clerk=Clerk(self.root, scenario, recorder.act))
        since = len(steps) if kill is not None else found
        if kill is not None:
            with Recorder(self.root, steps) as recorder:
                start(self.root, scenario, clerk=Clerk(self.root, scenario, recorder.act))
        return Recording(scenario, tuple(steps), found, since)

    def _lay_out(self, scenario: Scenario) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        (self.root / "home" / "inbox").mkdir(parents=True)
        if scenario.twin:
            scenario.drop(self.root)
        start(self.root, Scenario(""))
        scenario.drop(self.root)

    def recordings(self, scenario: Scenario) -> Iterator[Recording]:
        """Yield the whole walk, and the one that is killed after its first step, its second and so on."""
        whole = self.record(scenario)
        yield whole
        for number in whole.cuts()[1:-1]:
            yield self.record(scenario, number - whole.found)

    def judge(self, recording: Recording, state: State) -> list[str]:
        """Lay out a state, start the box on it, and return what does not hold then."""
        build(state, recording.steps, self.root)
        try:
            with _limited():
                done = start(self.root, recording.scenario)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
            where = traceback.extract_tb(error.__traceback__)[-1]
            return [f"the next start failed: {error!r} at {where.name}:{where.lineno}"]
        acted = has_acted(self.root)
        documents = expected(recording, state, acted=acted)
        found = faults(self.root, documents, recording.scenario.strangers(acted=acted))
        return found if done else ["the next start left something to do", *found]


def expected(recording: Recording, state: State, *, acted: bool) -> list[str]:
    """Return what the documents say that must be there once the box was started on a state.

    What a document says is what was recorded, once it is decided. Before, it is
    what the disk kept of it: a clerk's copy that was never synced may be torn,
    and then the torn one is what must be kept.

    Args:
        recording: The walk.
        state: The disk.
        acted: Whether a clerk has acted by the end of the start.
    """
    done = recording.steps[: state.step]
    commit = recording.steps[state.ledger]
    assert isinstance(commit, Commit)
    full = {step.inode: step.text for step in done if isinstance(step, Data)}
    reached = {shows for folder, _, shows in state.tree if folder.startswith("home")}
    kept = {inode: text for inode, text in state.texts if inode in reached}
    inodes = _documents(recording, done)
    if state.acted and recording.scenario.name == "replaced":  # what a clerk replaced before it was the box's may go
        inodes = [inode for inode in inodes if inode in reached or Disk(done).holds(inode)]
    texts = [full[inode] if inode in commit.decided else kept.get(inode, full[inode]) for inode in inodes]
    if acted and not state.acted:
        late = replace(recording.scenario, content=texts[-1], twin=False).documents(acted=True)
        return [*texts[:-1], *late]
    return [*texts, *(said for text in texts for said in attached_to(text))]


def _documents(recording: Recording, done: Sequence[Step]) -> list[int]:
    """Return the inodes of the files that clerks have laid into the inbox, filed ones first."""
    entries = [
        entry
        for number, step in enumerate(done)
        if isinstance(step, Names) and (number < recording.found or step.durable)
        for entry in step.entries
        if entry.shows is not None and entry.shows >= 0
    ]
    inodes = [entry.shows for entry in entries if entry.folder == "home/inbox" or _room_of(entry.folder) == "filed"]
    strangers = {entry.shows for entry in entries if _room_of(entry.folder) == "filed"} - {
        step.inode for step in done[: recording.found] if isinstance(step, Data)
    }
    return [inode for inode in dict.fromkeys(inodes) if inode is not None and inode not in strangers]


def _room_of(folder: str) -> str:
    parts = folder.split("/")
    return parts[2] if len(parts) > 2 else ""


@contextmanager
def _limited() -> Iterator[None]:
    def hang(*_: object) -> None:
        raise TimeoutError(HANGS)

    before = signal.signal(signal.SIGALRM, hang)
    signal.alarm(START_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def prove(plant: Plant, scenario: Scenario, sample: int | None = None, *, until_found: bool = False) -> Tally:
    """Try the states of a scenario's recordings, all of them or a sample."""
    tally = Tally()
    tried = [(recording, state) for recording in plant.recordings(scenario) for state in recording.states(plant.chance)]
    tally.walks = len({id(recording) for recording, _ in tried})
    if sample is not None:
        tried = plant.chance.sample(tried, min(sample, len(tried)))
    for recording, state in tried:
        tally.states += 1
        tally.in_order += state.in_order
        for what in plant.judge(recording, state):
            tally.found.append(f"{scenario.name}: after {_told(recording, state)}: {what}")
        if until_found and tally.found:
            break
    return tally


def _told(recording: Recording, state: State) -> str:
    shown = sorted(f"{folder}/{name}" for folder, name, shows in state.tree if shows >= 0)
    return f"{recording.steps[state.step - 1]!r:.120} with {shown}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Prove and print the counts; 1 when something did not hold."""
    chosen = _parser().parse_args(arguments)
    logging.disable()
    began, total = time.monotonic(), Tally()
    names = chosen.scenario or list(SCENARIOS)
    place = chosen.folder or other_file_system(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix="power-", dir=place) as folder:
        for name in names:
            each = None if chosen.all else max(1, chosen.sample // len(names))
            tally = prove(Plant(Path(folder), chosen.seed), SCENARIOS[name], each, until_found=chosen.until_found)
            click.echo("\n  ".join([f"{name}: {_counts(tally)}", *tally.found[:20]]))
            total.walks, total.states = total.walks + tally.walks, total.states + tally.states
            total.in_order, total.found = total.in_order + tally.in_order, total.found + tally.found
            if chosen.until_found and total.found:
                break
    click.echo(f"total: {_counts(total)}, {time.monotonic() - began:.0f} s")
    return 1 if total.found else 0


def _counts(tally: Tally) -> str:
    return (
        f"{tally.walks} recorded walks, {tally.states} states tried, {tally.in_order} of them in order,"
        f" {len(tally.found)} findings"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    how_many = parser.add_mutually_exclusive_group(required=True)
    how_many.add_argument("--all", action="store_true", help="try every state")
    how_many.add_argument("--sample", type=int, metavar="N", help="try N states, spread over the scenarios")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scenario", action="append", choices=list(SCENARIOS))
    parser.add_argument("--until-found", action="store_true", help="end at the first finding")
    parser.add_argument("--folder", type=Path, help="where the roots lie; otherwise in memory")
    return parser


if __name__ == "__main__":
    sys.exit(main())
