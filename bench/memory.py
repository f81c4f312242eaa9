"""Resident memory of the whole box, idle and at work: the service, its reading workers and the desk.

PSS (proportional set size: what is shared is divided among those who share it,
man 5 proc) of the service and all its descendants, summed. The slope is taken
over the second half of the run, when every parser has been met;
``--documents 20000 --formats`` is the long run, of every format the box reads.
"""

from __future__ import annotations

import sys
import time
import urllib.request
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench.box import fresh_home, lacks, parser, running_box
from bench.corpus import mixed
from bench.figures import slope
from bench.rows import note, row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.box import Box

BATCH = 20
"""Documents put in at once between two looks at the memory."""

QUIET_SECONDS = 2.0

OTHER_EVERY, PICTURE_EVERY = 4, 100
"""One document in so many is of another format, and one in so many a picture, which costs as much as fifty texts."""


def family(process: int) -> Iterator[int]:
    """Yield a process and all its descendants."""
    yield process
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        for child in _read(children).split():
            yield from family(int(child))


def pss_megabytes(process: int) -> float:
    """Return the PSS of a process and all its descendants."""
    return sum(_pss(each) for each in family(process))


def _pss(process: int) -> float:
    rollup = _read(Path(f"/proc/{process}/smaps_rollup")).splitlines()
    return sum(int(line.split()[1]) * 1024 / 1e6 for line in rollup if line.startswith("Pss:"))


def _read(path: Path) -> str:
    """Return what a file of a process says, or nothing where the process has just ended."""
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def work_through(box: Box, documents: Sequence[Path]) -> list[tuple[int, float]]:
    """Work documents off in batches and return how many were done and the memory then."""
    seen = []
    for place in range(0, len(documents), BATCH):
        box.backlog_seconds(documents[place : place + BATCH])
        seen.append((box.resting(), pss_megabytes(box.process.pid)))
    return seen


def tenths(seen: Sequence[tuple[int, float]]) -> str:
    """Say the most megabytes in each tenth of a run."""
    size = max(1, len(seen) // 10)
    return ", ".join(f"{max(mb for _, mb in seen[at : at + size]):.0f}" for at in range(0, len(seen), size)) + " MB"


def of_every_format(count: int, folder: Path) -> list[Path]:
    """Return so many documents: those of the corpus and, in between, made ones of every other format in turn."""
    from tests.attack.fuzz import PICTURES  # they need what only the tests need
    from tests.attack.seeds import made_seeds

    made: dict[str, list[Path]] = {"pictures": [], "others": []}
    for name, content in made_seeds().items():
        path = folder / f"{name.replace(' ', '-')}.seed"
        path.write_bytes(content)
        made["pictures" if name in PICTURES else "others"].append(path)
    pictures, others = cycle(made["pictures"]), cycle(made["others"])
    documents = mixed(count)
    for number in range(0, count, OTHER_EVERY):
        documents[number] = next(pictures if number % PICTURE_EVERY == 0 else others)
    return documents


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the rows."""
    known = parser(__doc__)
    known.add_argument("--documents", type=int, default=300)
    known.add_argument("--formats", action="store_true", help="documents of every format, scans among them")
    chosen = known.parse_args(arguments)
    if lacks("memory", model=chosen.model):
        return 0
    # a few of the born-digital papers have to be read as pictures, which is the other bar's
    scans = {} if chosen.formats else {"scan_workers": 0}
    with TemporaryDirectory() as made, fresh_home(chosen.model, **scans) as home, running_box(home) as box:
        with urllib.request.urlopen(box.address) as page:  # noqa: S310 - the box's own, on loopback
            page.read()
        time.sleep(QUIET_SECONDS)
        idle = pss_megabytes(box.process.pid)
        count = chosen.documents
        seen = work_through(box, of_every_format(count, Path(made)) if chosen.formats else mixed(count))
    most = max(megabytes for _, megabytes in seen)
    note(f"PSS, at most, in each tenth of the run: {tenths(seen)}")
    late = seen[len(seen) // 2 :]
    rise = slope([count for count, _ in late], [megabytes for _, megabytes in late]) * 1000
    most_allowed = 1000.0 if chosen.formats else 500.0
    row("memory: the whole box, idle", idle, "MB", bar=500.0, ok=idle <= 500)
    row(
        f"memory: the whole box, most over {seen[-1][0]} documents",
        most,
        "MB",
        bar=most_allowed,
        ok=most <= most_allowed,
    )
    row("memory: rise over the second half", rise, "MB/1000")
    return 0


if __name__ == "__main__":
    sys.exit(main())
