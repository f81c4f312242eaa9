"""Spoil real files of every format without end, and see that each is answered within its limit.

``python -m tests.attack.fuzz --seconds 600 --seed N [--folder FOLDER]`` runs for
that long; case n of a seed is the same file whenever it is run. A file that
breaks a promise is written into ``--keep``, a folder outside the checkout, and
``--replay FILE`` lets it loose once more.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import psutil

from appliance.classify import Status
from tests.attack.ground import Ground, Outcome, model_at_hand
from tests.attack.mutations import mutated
from tests.attack.seeds import found_seeds, made_seeds
from tests.fakes import FakeModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from appliance.answer import Model

PICTURES = frozenset({"png", "jpeg", "gif", "bmp", "webp", "tiff", "jpeg2000", "heic", "scanned pdf"})
PICTURE_SHARE = 0.1
"""A picture costs as much as a hundred texts, because its lines are recognised; so fewer of them are tried."""

SETTLED = 100
"""After so many documents this process holds what it will hold."""

GROWN_BYTES = 96 * 1024**2
"""By so much it may grow all the same: arenas of the allocator and of the model."""


ENOUGH = 20
"""So many broken promises end a run: it is time to mend them."""


@dataclass(frozen=True)
class Case:
    """One spoilt file.

    Attributes:
        number: Counted from 0; with the seed it names the file.
        seed: What it was made of.
        content: Its bytes.
    """

    number: int
    seed: str
    content: bytes


@dataclass
class Report:
    """What became of many.

    Attributes:
        cases: How many were tried.
        endings: How often each ending was seen: a status, or why a file could not be read.
        slowest: The longest answer in seconds, and its case.
        faults: What did not hold.
    """

    cases: int = 0
    endings: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, int] = (0.0, -1)
    faults: list[str] = field(default_factory=list)


def cases(seed: int, seeds: dict[str, bytes]) -> Iterator[Case]:
    """Yield spoilt files without end."""
    names = sorted(seeds)
    texts = [name for name in names if name not in PICTURES]
    number = 0
    while True:
        chance = Random(f"{seed}/{number}")
        name = chance.choice(names if chance.random() < PICTURE_SHARE else texts)
        yield Case(number, name, mutated(chance, seeds[name], seeds[chance.choice(names)]))
        number += 1


def let_loose(ground: Ground, content: bytes) -> Outcome:
    """Let one file loose."""
    descriptor = os.memfd_create("hostile")
    try:
        written = 0
        while written < len(content):
            written += os.pwrite(descriptor, content[written:], written)
        return ground.meet(descriptor)
    finally:
        os.close(descriptor)


def fuzz(ground: Ground, coming: Iterator[Case], seconds: float, keep: Path) -> Report:
    """Let files loose for so many seconds; what breaks a promise is kept as a file."""
    report, ends, held = Report(), time.monotonic() + seconds, 0
    for case in coming:
        if time.monotonic() >= ends or len(report.faults) >= ENOUGH:
            break
        outcome = let_loose(ground, case.content)
        report.cases += 1
        report.endings[_ending(outcome)] += 1
        report.slowest = max(report.slowest, (outcome.seconds, case.number))
        if report.cases == SETTLED:
            held = psutil.Process().memory_info().rss
        if outcome.faults:
            keep.mkdir(parents=True, exist_ok=True)
            path = keep / f"case-{case.number}-{case.seed.replace('/', '_').replace(' ', '-')[-60:]}"
            path.write_bytes(case.content)
            report.faults += [f"case {case.number} ({case.seed}), {path}: {fault}" for fault in outcome.faults]
    grown = psutil.Process().memory_info().rss - held if held else 0
    if grown > GROWN_BYTES:
        report.faults.append(f"this process grew by {grown / 1e6:.0f} MB")
    return report


def _ending(outcome: Outcome) -> str:
    if outcome.verdict is None:
        return "no answer"
    return outcome.verdict.reason if outcome.verdict.status == Status.UNREADABLE else outcome.verdict.status


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns:
        1 where a promise was broken.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.attack.fuzz", description="Spoil files without end.")
    parser.add_argument("--seconds", type=float, default=600, help="how long")
    parser.add_argument("--seed", type=int, default=1, help="where chance begins")
    parser.add_argument("--limit", type=float, default=5, help="seconds for one document")
    parser.add_argument("--folder", type=Path, help="real files to spoil as well")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "fuzz", help="where findings go")
    parser.add_argument("--fake-model", action="store_true", help="a stand-in for the model: faster")
    parser.add_argument("--replay", type=Path, help="let this one file loose and say what became of it")
    chosen = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    model: Model = FakeModel() if chosen.fake_model else model_at_hand()
    with Ground(chosen.limit, model) as ground:
        if chosen.replay:
            report = _replayed(ground, chosen.replay)
        else:
            seeds = made_seeds()
            seeds.update(found_seeds(chosen.folder) if chosen.folder else ())
            report = fuzz(ground, cases(chosen.seed, seeds), chosen.seconds, chosen.keep)
        report.faults += ground.close()
    print(f"seed {chosen.seed}: {report.cases} files, the slowest {report.slowest[0]:.1f} s (case {report.slowest[1]})")  # noqa: T201
    for ending, count in report.endings.most_common():
        print(f"{count:8}  {ending}")  # noqa: T201
    for fault in report.faults:
        print(f"BROKEN: {fault}")  # noqa: T201
    return bool(report.faults)


def _replayed(ground: Ground, path: Path) -> Report:
    outcome = let_loose(ground, path.read_bytes())
    return Report(1, Counter([_ending(outcome)]), (outcome.seconds, 0), outcome.faults)


if __name__ == "__main__":
    sys.exit(main())
