"""Kill, EIO and ENOSPC at every system call that one document's walk makes on its root, by strace.

``python -m tests.crash.sweep --all`` takes half an hour;
``--sample N --seed S`` cuts at N of the same places. After each cut the box is
started once more with nothing injected, and :mod:`tests.crash.judge` looks at
what it left.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tests.crash.cutting import WAYS, WRITING, Bench, Case, Cut
from tests.crash.scenarios import SCENARIOS
from tests.fakes import other_file_system

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tests.crash.cutting import Call

NAMING = ("linkat", "link", "unlink", "rename", "renameat2", "rmdir")
CUT_TWICE = ("linked", "copied", "plain")
"""The scenarios whose second start is swept too, after a first was killed before and after each change of a name."""

WHOLE_LEDGER = frozenset({("linked", "ready"), ("linked", "first"), ("copied", "ready")})
"""The walks in which each call of SQLite is cut; elsewhere, where it makes the same ones, each of its syncs is."""

WAYS_AGAIN = frozenset({"KILL", "EIO, and the box goes on", "ENOSPC from here on"})
"""The ways in which a second start is cut."""


def every_case(bench: Bench, names: Sequence[str]) -> list[Case]:
    """Return the walks to sweep: each scenario, a first start, a sync on its own thread, and starts after a cut."""
    cases = [Case(SCENARIOS[name]) for name in names]
    cases += [Case(SCENARIOS[name], kind) for name in names[:1] for kind in ("first", "beside")]
    for name in names:
        if name in CUT_TWICE:
            cases += [Case(SCENARIOS[name], "again", each) for each in _moves(bench.calls(Case(SCENARIOS[name])))]
    return cases


def _moves(calls: Sequence[Call]) -> list[tuple[str, int]]:
    """Return the calls of a walk that change a name of its document, and those that come next."""
    at = [place for place, call in enumerate(calls) if call.name in NAMING and not call.is_ledger]
    return [(calls[place].name, calls[place].number) for place in sorted({*at, *(place + 1 for place in at)})]


def every_cut(bench: Bench, case: Case) -> list[Cut]:
    """Return the cuts of a walk: each of its calls in each way, of the ledger's own as :data:`WHOLE_LEDGER` says."""
    ways = [way for way in WAYS if case.kind != "again" or way.name in WAYS_AGAIN]
    calls = {dies: _wanted(case, bench.calls(case, dies=dies)) for dies in (True, False)}
    cuts = [Cut(case, call, way) for way in ways for call in calls[way.dies]]
    return [cut for cut in cuts if not cut.way.lasting or cut.call.name in WRITING]


def _wanted(case: Case, calls: Sequence[Call]) -> list[Call]:
    if case.kind == "beside":
        return list(dict.fromkeys(call for call in calls if call.name in ("fsync", "pread64")))
    if (case.scenario.name, case.kind) in WHOLE_LEDGER:
        return list(calls)
    return [call for call in calls if not call.is_ledger or call.name == "fdatasync"]


@dataclass
class Tally:
    """What was cut and what did not hold."""

    cuts: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)

    def add(self, cut: Cut, found: Sequence[str]) -> None:
        """Count one cut and what it led to."""
        self.cuts[cut.way.name] += 1
        self.calls[cut.call.name] += 1
        for what in found:
            self.found.append(f"{cut.case}: {cut.way.name} at {cut.call.text} ({cut.call.number}): {what}")

    def take(self, other: Tally) -> None:
        """Count what another one counted."""
        self.cuts.update(other.cuts)
        self.calls.update(other.calls)
        self.found += other.found


def sweep(bench: Bench, cuts: Iterable[Cut], *, until_found: bool = False) -> Tally:
    """Try cuts, all of them or until something does not hold."""
    tally = Tally()
    for cut in cuts:
        tally.add(cut, bench.cut(cut))
        if until_found and tally.found:
            break
    return tally


@contextmanager
def bench_in(folder: Path | None) -> Iterator[Bench]:
    """Give a bench on an empty folder, in memory unless a folder is named."""
    place = folder or other_file_system(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix="crash-", dir=place) as temporary:
        yield Bench(Path(temporary), shutil.which("strace") or "/usr/bin/strace")


def main(arguments: Sequence[str] | None = None) -> int:
    """Sweep and print the counts; 1 when something did not hold."""
    chosen = _parser().parse_args(arguments)
    names = chosen.scenario or list(SCENARIOS)
    logging.disable()
    os.sched_setaffinity(
        0, {min(os.sched_getaffinity(0))}
    )  # strace and its child take turns: on one CPU 3 times faster
    began, total = time.monotonic(), Tally()
    with bench_in(chosen.folder) as bench:
        for case, cuts in _chosen_cuts(bench, names, chosen.sample, chosen.seed):
            if chosen.call:
                cuts = [cut for cut in cuts if cut.call.name == chosen.call]  # noqa: PLW2901 - the same, fewer
            tally = sweep(bench, cuts, until_found=chosen.until_found)
            total.take(tally)
            click.echo(f"{case}: {sum(tally.cuts.values())} cuts, {len(tally.found)} findings")
            for what in tally.found:
                click.echo(f"  {what}")
            if chosen.until_found and tally.found:
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
    parser.add_argument("--until-found", action="store_true", help="end at the first finding")
    parser.add_argument("--folder", type=Path, help="where the roots lie; otherwise in memory")
    return parser


def _chosen_cuts(
    bench: Bench, names: Sequence[str], sample: int | None, seed: int
) -> Iterator[tuple[Case, Iterable[Cut]]]:
    if sample is None:
        for case in every_case(bench, names):
            yield case, every_cut(bench, case)
        return
    chance = random.Random(seed)
    for name in names:
        cuts = every_cut(bench, Case(SCENARIOS[name]))
        yield Case(SCENARIOS[name]), chance.sample(cuts, min(len(cuts), max(1, sample // len(names))))


def print_total(total: Tally, seconds: float) -> None:
    """Print what was cut, by way and by call."""
    click.echo(f"total: {sum(total.cuts.values())} cuts, {len(total.found)} findings, {seconds:.0f} s")
    for counted in (total.cuts, total.calls):
        click.echo("  " + ", ".join(f"{name} {count}" for name, count in counted.most_common()))


if __name__ == "__main__":
    sys.exit(main())
