"""Resident memory of the whole box, idle and at work: the service, its reading workers and the desk.

PSS (proportional set size: what is shared is divided among those who share it,
man 5 proc) of the service and all its descendants, summed. The slope is taken
over the second half of the run, when every parser has been met;
``--documents 100000`` is the long run.
"""

from __future__ import annotations

import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from bench.box import fresh_home, lacks, parser, running_box
from bench.corpus import mixed
from bench.figures import slope
from bench.rows import row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.box import Box

BATCH = 20
"""Documents put in at once between two looks at the memory."""

QUIET_SECONDS = 2.0


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the rows."""
    known = parser(__doc__)
    known.add_argument("--documents", type=int, default=300)
    chosen = known.parse_args(arguments)
    if lacks("memory", model=chosen.model):
        return 0
    with fresh_home(chosen.model) as home, running_box(home) as box:
        with urllib.request.urlopen(box.address) as page:  # noqa: S310 - the box's own, on loopback
            page.read()
        time.sleep(QUIET_SECONDS)
        idle = pss_megabytes(box.process.pid)
        seen = work_through(box, mixed(chosen.documents))
    most = max(megabytes for _, megabytes in seen)
    late = seen[len(seen) // 2 :]
    rise = slope([count for count, _ in late], [megabytes for _, megabytes in late]) * 1000
    row("memory: the whole box, idle", idle, "MB", bar=500.0, ok=idle <= 500)
    row(f"memory: the whole box, most over {seen[-1][0]} documents", most, "MB", bar=500.0, ok=most <= 500)
    row("memory: rise over the second half", rise, "MB/1000")
    return 0


if __name__ == "__main__":
    sys.exit(main())
