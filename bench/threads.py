"""How many documents in work at once, and how many threads each: a measured table for the defaults.

Every combination of ``workers`` and ``model_threads`` gets a fresh box, one
contract at a time and then a backlog; all combinations are gone through twice,
the second time backwards, so that a drift of the machine cancels.
``--table`` prints Markdown for docs/decisions/0010-threads-and-workers.md.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from typing import TYPE_CHECKING

from bench.box import fresh_home, lacks, parser, running_box
from bench.corpus import contracts, mixed
from bench.figures import median_ms, percentile_ms
from bench.rows import note, row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

WARM = 5
PAUSE_SECONDS = 0.05
Choice = tuple[int, int]
"""Workers, and threads of the model."""


class Measured:
    """What was seen of one choice."""

    def __init__(self) -> None:
        self.walks: list[float] = []
        self.rates: list[float] = []

    @property
    def median(self) -> float:
        """Of one document on an idle box, in milliseconds."""
        return median_ms(self.walks)

    @property
    def p95(self) -> float:
        """Of one document on an idle box, in milliseconds."""
        return percentile_ms(self.walks, 95)

    @property
    def rate(self) -> float:
        """Documents a second of a backlog."""
        return statistics.fmean(self.rates)


def choices(cores: int) -> list[Choice]:
    """Return what is worth trying: one worker, one a core, and one more to fill what those wait on the disk."""
    return [(workers, threads) for workers in sorted({1, cores, cores + 1}) for threads in (1, 2)]


def measure(choice: Choice, single: Sequence[Path], backlog: Sequence[Path], model: Path, into: Measured) -> None:
    """Start a box with one choice and look at it once."""
    workers, threads = choice
    with fresh_home(model, workers=workers, model_threads=threads) as home, running_box(home) as box:
        walks = []
        for number, document in enumerate(single):
            walks.append(box.walk_seconds(document, f"single{number:05}.pdf"))
            time.sleep(PAUSE_SECONDS)
        into.walks += walks[WARM:]
        into.rates.append(len(backlog) / box.backlog_seconds(backlog))


def default_of(found: dict[Choice, Measured]) -> Choice:
    """Return the choice a box should come with.

    A backlog is when somebody waits, so its rate decides; among those within 5 % of the best, the quickest for one
    document.
    """
    best = max(measured.rate for measured in found.values())
    near = [choice for choice, measured in found.items() if measured.rate >= best * 0.95]
    return min(near, key=lambda choice: found[choice].median)


def table(found: dict[Choice, Measured]) -> str:
    """Return the table in Markdown."""
    lines = [
        "| `workers` | `model_threads` | one document, idle: median | p95 | backlog |",
        "| ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {workers} | {threads} | {each.median:.1f} ms | {each.p95:.1f} ms | {each.rate:.1f} documents/s |"
        for (workers, threads), each in found.items()
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the rows."""
    known = parser(__doc__)
    known.add_argument("--single", type=int, default=40, help="contracts one at a time, a look")
    known.add_argument("--documents", type=int, default=240, help="documents in a backlog")
    known.add_argument("--table", action="store_true", help="also print the table in Markdown, on stderr")
    chosen = known.parse_args(arguments)
    if lacks("threads", model=chosen.model):
        return 0
    single, backlog = contracts(chosen.single + WARM), mixed(chosen.documents)
    found = {choice: Measured() for choice in choices(len(os.sched_getaffinity(0)))}
    for choice in (*found, *reversed(found)):
        measure(choice, single, backlog, chosen.model, found[choice])
    _print(found)
    if chosen.table:
        note(table(found))
    return 0


def _print(found: dict[Choice, Measured]) -> None:
    for (workers, threads), measured in found.items():
        name = f"threads: workers {workers}, model_threads {threads}"
        row(f"{name}, one document", measured.median, "ms")
        row(f"{name}, backlog", measured.rate, "docs/s")
    workers, threads = default_of(found)
    row("threads: best default here, workers x model_threads", f"{workers} x {threads}", "setting")


if __name__ == "__main__":
    sys.exit(main())
