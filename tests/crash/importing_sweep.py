"""Kill, EIO and ENOSPC at every system call by which a box's models change, by strace.

``python -m tests.crash.importing_sweep --all`` takes most of an hour;
``--sample N --seed S`` cuts at N of the same places. After each cut the box is
started once more with nothing injected, and
:mod:`tests.crash.importing_judge` looks at what it left.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.errors import ApplianceError
from tests.crash.children import in_child
from tests.crash.cutting import WRITING, Bench, Cut, Way
from tests.crash.importing import SCENARIOS, Scenario, lay_out, perform
from tests.crash.importing_judge import Ended, faults
from tests.crash.sweep import Tally, print_total
from tests.fakes import other_file_system

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.crash.cutting import Call

WAYS = (
    Way("KILL", "signal=KILL"),
    Way("EIO", "error=EIO"),
    Way("ENOSPC", "error=ENOSPC"),
    Way("ENOSPC from here on", "error=ENOSPC", lasting=True),
)
REFUSED = 3
"""The exit code of an act that told a person why it went no further."""

WHOLE_LEDGER = "second"
"""The scenario in which each call of SQLite is cut; elsewhere, where it makes the same ones, each of its syncs is."""


@dataclass(frozen=True, slots=True)
class Case:
    """A scenario to be swept."""

    scenario: Scenario
    kind: str = "ready"

    def __str__(self) -> str:
        return self.scenario.name


class ImportBench(Bench):
    """Lays out a box, acts on it with a cut, starts it again and judges."""

    def lay_out(self, case: Case) -> None:  # type: ignore[override]
        """Make the box of a case."""
        kept = self._kept / case.scenario.name
        if not kept.exists():
            in_child(lambda: [str(lay_out(self.root, case.scenario))])
            in_child(lambda: [str(perform(self.root, case.scenario))])  # what a first run imports and caches
            in_child(lambda: [str(lay_out(self.root, case.scenario))])
            shutil.copytree(self.root, kept, symlinks=True)
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(kept, self.root, symlinks=True)

    def act(self, case: Case, *, dies: bool) -> None:  # type: ignore[override]  # noqa: ARG002 - an act has one way
        """Do in the child what is cut, and say by the exit code whether a person was told why it failed."""
        try:
            perform(self.root, case.scenario)
        except (ApplianceError, OSError, sqlite3.Error):  # the command line tells each
            os._exit(REFUSED)

    def judge(self, cut: Cut, lines: Sequence[str]) -> list[str]:
        """Start the box after a cut and return what does not hold then."""
        ended = {"+++ exited with 0 +++": Ended.DONE, f"+++ exited with {REFUSED} +++": Ended.REFUSED}.get(lines[-1])
        if ended is None and "SIGKILL" not in lines[-1]:
            return [f"it ended as nothing should: {lines[-1]}"]
        scenario = cut.case.scenario
        if ended is Ended.REFUSED and scenario.act == "start":
            return ["a start did not come to an end"]
        if ended is Ended.DONE:
            ended = Ended.TROUBLED
        if ended is None or cut.way.lasting:
            ended = Ended.CUT
        return in_child(lambda: faults(self.root, scenario, ended))


def every_cut(bench: Bench, case: Case) -> list[Cut]:
    """Return the cuts of a scenario: each of its calls in each way."""
    calls = [call for call in bench.calls(case) if _is_wanted(case, call)]
    cuts = [Cut(case, call, way) for way in WAYS for call in calls]
    return [cut for cut in cuts if not cut.way.lasting or cut.call.name in WRITING]


def _is_wanted(case: Case, call: Call) -> bool:
    return not call.is_ledger or call.name == "fdatasync" or case.scenario.name == WHOLE_LEDGER


@contextmanager
def bench_in(folder: Path | None) -> Iterator[ImportBench]:
    """Give a bench on an empty folder, in memory unless a folder is named."""
    place = folder or other_file_system(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix="crash-", dir=place) as temporary:
        yield ImportBench(Path(temporary), shutil.which("strace") or "/usr/bin/strace")


def main(arguments: Sequence[str] | None = None) -> int:
    """Sweep and print the counts; 1 when something did not hold."""
    chosen = _parser().parse_args(arguments)
    names = chosen.scenario or list(SCENARIOS)
    logging.disable()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # strace and its child take turns
    began, total, chance = time.monotonic(), Tally(), random.Random(chosen.seed)
    with bench_in(chosen.folder) as bench:
        for name in names:
            tally, case = Tally(), Case(SCENARIOS[name])
            cuts = [cut for cut in every_cut(bench, case) if chosen.way in (None, cut.way.name)]
            cuts = [cut for cut in cuts if chosen.call in (None, cut.call.name)]
            if chosen.sample:
                cuts = chance.sample(cuts, min(len(cuts), max(1, chosen.sample // len(names))))
            for cut in cuts:
                tally.add(cut, bench.cut(cut))
                if chosen.until_found and tally.found:
                    break
            total.take(tally)
            click.echo(
                "\n  ".join([f"{case}: {sum(tally.cuts.values())} cuts, {len(tally.found)} findings", *tally.found])
            )
            if chosen.until_found and total.found:
                break
    print_total(total, time.monotonic() - began)
    return 1 if total.found else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    how_many = parser.add_mutually_exclusive_group(required=True)
    how_many.add_argument("--all", action="store_true", help="cut at every call in every way")
    how_many.add_argument("--sample", type=int, metavar="N", help="cut N times, spread over the scenarios")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scenario", action="append", choices=list(SCENARIOS))
    parser.add_argument("--call", help="cut at calls of this name alone")
    parser.add_argument("--way", choices=[way.name for way in WAYS], help="cut in this way alone")
    parser.add_argument("--until-found", action="store_true", help="end at the first finding")
    parser.add_argument("--folder", type=Path, help="where the boxes lie; otherwise in memory")
    return parser


if __name__ == "__main__":
    sys.exit(main())
