"""Cuts the power at every step by which a box's models change, in every state of the disk that this may leave.

``python -m tests.crash.importing_powercut --all`` takes some minutes;
``--sample N --seed S`` tries N of the same states. The rules are those of
:mod:`tests.crash.states`; here a folder keeps its contents when it is renamed,
and what lies in staging is left out, because an import begins by emptying it.
An act is recorded once whole, and once for each of its steps as one that is
killed there; then the box is started and the act is done again.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import random
import re
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.errors import ApplianceError
from tests.crash.importing import MODELS, SCENARIOS, Scenario, lay_out, perform, start
from tests.crash.importing_judge import Ended, faults
from tests.crash.importing_recording import LEDGER, Recorder
from tests.crash.recording import Commit, Names, Step
from tests.crash.states import Disk, State
from tests.fakes import PowerCut, other_file_system

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

STAGING = f"{MODELS}/staging"


class Tree(Disk):
    """A disk whose folders keep their contents when they are renamed."""

    def __post_init__(self) -> None:
        super().__post_init__()
        shown = self._ever_shown()
        hidden = {key for key in self.pending if self.folder(key) not in shown}
        self.durable |= hidden  # in staging, where nobody looks: one way or the other is the same disk
        self.pending = [key for key in self.pending if key not in hidden]

    def _ever_shown(self) -> set[str]:
        """Return the folders that ever could be reached, staging left out."""
        below: dict[str, set[str]] = {}
        for step in self.steps:
            for entry in step.entries if isinstance(step, Names) else ():
                if entry.shows is not None and entry.shows < 0 and entry.name != Path(STAGING).name:
                    below.setdefault(entry.folder, set()).add(str(-entry.shows))
        shown, waiting = {"."}, ["."]
        while waiting:
            more = below.get(waiting.pop(), set()) - shown
            shown |= more
            waiting += more
        return shown

    def _needed(self, key: tuple[int, int]) -> list[tuple[int, int]]:
        return [(key[0], 0)] if key[1] else []

    def _reached(self, tree: Mapping[str, Mapping[str, int]]) -> frozenset[tuple[str, str, int]]:
        folders = self._folders(tree)
        return frozenset(
            (at, name, shows) for folder, at in folders.items() for name, shows in tree.get(folder, {}).items()
        )

    @staticmethod
    def _folders(tree: Mapping[str, Mapping[str, int]]) -> dict[str, str]:
        """Return where each folder lies that can be reached, staging left out."""
        found = {".": ""}
        waiting = ["."]
        while waiting:
            folder = waiting.pop()
            for name, shows in tree.get(folder, {}).items():
                below = f"{found[folder]}/{name}".lstrip("/")
                if shows < 0 and below != STAGING:
                    found[str(-shows)] = below
                    waiting.append(str(-shows))
        return found


@dataclass(frozen=True, slots=True)
class Recording:
    """What one act did, killed and done again or not.

    Attributes:
        scenario: The act.
        steps: Everything, from the box as it was found.
        since: The first number of steps after which a power cut is worth a try.
        again: Whether it was killed and done again.
    """

    scenario: Scenario
    steps: Sequence[Step]
    since: int
    again: bool = False


def record(root: Path, scenario: Scenario, kill: int | None = None) -> Recording:
    """Record an act; with a kill after so many steps, and then a start and the act once more."""
    lay_out(root, scenario)
    with Recorder(root, kill) as recorder:
        with suppress(PowerCut):
            perform(root, scenario)
            recorder.done()
        since = recorder.found
        if kill is not None:
            since, recorder.stop = len(recorder.steps), None
            start(root)
            if scenario.act not in ("start", "back"):
                with suppress(ApplianceError):
                    perform(root, scenario, first_name=1000)
                    recorder.done()
        recorder.about_to()
    return Recording(scenario, tuple(recorder.steps), since, kill is not None)


def recordings(root: Path, scenario: Scenario) -> Iterator[Recording]:
    """Yield the whole act, and the one that is killed after its first step, its second and so on."""
    whole = record(root, scenario)
    yield whole
    for number in range(1, len(whole.steps) - whole.since):
        yield record(root, scenario, number)


@dataclass
class Tally:
    """What was tried and what did not hold."""

    walks: int = 0
    states: int = 0
    in_order: int = 0
    found: list[str] = field(default_factory=list)

    def take(self, other: Tally) -> None:
        """Count what another one counted."""
        self.walks += other.walks
        self.states += other.states
        self.in_order += other.in_order
        self.found += other.found

    def __str__(self) -> str:
        return (
            f"{self.walks} recorded acts, {self.states} states tried, {self.in_order} of them in order,"
            f" {len(self.found)} findings"
        )


def every_state(
    root: Path, scenario: Scenario, chance: random.Random, tally: Tally
) -> Iterator[tuple[Recording, State]]:
    """Yield each disk that a power cut may leave, once."""
    seen = set()
    for recording in recordings(root, scenario):
        tally.walks += 1
        for number in range(recording.since, len(recording.steps) + 1):
            for state in Tree(recording.steps[:number]).states(chance):
                looks = _looks(recording, state)
                if looks not in seen:
                    seen.add(looks)
                    yield recording, state


def _looks(recording: Recording, state: State) -> str:
    """Return a digest of all that tells one disk from another, whatever its files and folders are numbered."""
    texts = {number: re.sub(r'"at": "[^"]*"', "", text) for number, text in state.texts}
    told = sorted((at, name, texts.get(shows, "") if shows > 0 else "/") for at, name, shows in state.tree)
    commits = sum(isinstance(step, Commit) for step in recording.steps[: state.ledger + 1])
    return hashlib.sha256(repr((told, commits, state.acted, recording.again)).encode()).hexdigest()


def build(recording: Recording, state: State, root: Path) -> None:
    """Lay out a disk at a root, in place of what lies there."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    texts = dict(state.texts)
    for at, name, shows in sorted(state.tree, key=lambda entry: (entry[0].count("/"), entry[0] > "", entry[:2])):
        if shows < 0:
            (root / at / name).mkdir()
        else:
            (root / at / name).write_bytes(texts[shows].encode("latin-1"))
    commit = recording.steps[state.ledger]
    assert isinstance(commit, Commit)
    (root / LEDGER).write_bytes(commit.ledger)


def prove(
    root: Path, scenario: Scenario, chance: random.Random, sample: int | None = None, *, until_found: bool = False
) -> Tally:
    """Try the states of a scenario, all of them or a sample."""
    tally = Tally()
    states: Iterable[tuple[Recording, State]] = every_state(root.with_name("recorded"), scenario, chance, tally)
    if sample:
        every = list(states)
        states = chance.sample(every, min(sample, len(every)))
    for recording, state in states:
        tally.states += 1
        tally.in_order += state.in_order
        build(recording, state, root)
        for what in faults(root, scenario, Ended.DONE if state.acted else Ended.CUT, imports=1 + recording.again):
            tally.found.append(f"{scenario.name}: after {recording.steps[state.step - 1]!r:.100}: {what}")
        if until_found and tally.found:
            break
    return tally


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
            chance = random.Random(chosen.seed)
            tally = prove(Path(folder, "root"), SCENARIOS[name], chance, each, until_found=chosen.until_found)
            click.echo("\n  ".join([f"{name}: {tally}", *tally.found[:20]]))
            total.take(tally)
            if chosen.until_found and total.found:
                break
    click.echo(f"total: {total}, {time.monotonic() - began:.0f} s")
    return 1 if total.found else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    how_many = parser.add_mutually_exclusive_group(required=True)
    how_many.add_argument("--all", action="store_true", help="try every state")
    how_many.add_argument("--sample", type=int, metavar="N", help="try N states, spread over the scenarios")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scenario", action="append", choices=list(SCENARIOS))
    parser.add_argument("--until-found", action="store_true", help="end at the first finding")
    parser.add_argument("--folder", type=Path, help="where the boxes lie; otherwise in memory")
    return parser


if __name__ == "__main__":
    sys.exit(main())
