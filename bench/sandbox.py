"""What the walls around a reading process cost: a document read behind them and without, in turn, and a worker's start.

Both read through one worker of the same pool; the one without walls has the
limits of resources alone. The cost of a document is the median of the
differences of pairs, which takes turns in who goes first.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from appliance.reading import PlainLauncher, ReaderPool, SandboxError, UnreadableError, launcher_for
from bench.box import lacks, parser
from bench.corpus import mixed
from bench.figures import median_ms, percentile_ms
from bench.rows import note, row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from appliance.reading import Launcher

WARM = 20
BAR_MS = 2.0


def read_seconds(pool: ReaderPool, document: Path) -> float:
    """Read a whole document and return the seconds it took."""
    descriptor = os.open(document, os.O_RDONLY)
    try:
        began = time.perf_counter()
        with suppress(UnreadableError), pool.open(descriptor) as session:
            while session.next():
                pass
        return time.perf_counter() - began
    finally:
        os.close(descriptor)


def measure(documents: Sequence[Path]) -> tuple[list[float], list[float]]:
    """Return the seconds behind walls and without, a pair a document."""
    walled_seconds, bare_seconds = [], []
    with ReaderPool(1, launcher=launcher_for("require")) as walled, ReaderPool(1, launcher=PlainLauncher()) as bare:
        walled.warm()
        bare.warm()
        for number, document in enumerate(documents):
            if number % 2:
                walled_seconds.append(read_seconds(walled, document))
                bare_seconds.append(read_seconds(bare, document))
            else:
                bare_seconds.append(read_seconds(bare, document))
                walled_seconds.append(read_seconds(walled, document))
    return walled_seconds[WARM:], bare_seconds[WARM:]


def start_seconds(launcher: Launcher) -> float:
    """Start one worker and return the seconds until it is ready."""
    began = time.perf_counter()
    with ReaderPool(1, launcher=launcher) as pool:
        pool.warm()
        return time.perf_counter() - began


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the rows."""
    known = parser(__doc__)
    known.add_argument("--documents", type=int, default=400, help="documents that are read")
    known.add_argument("--starts", type=int, default=20, help="workers that are started, each way")
    chosen = known.parse_args(arguments)
    if lacks("sandbox", model=chosen.model):
        return 0
    try:
        launcher_for("require")
    except SandboxError as error:
        note(f"sandbox skipped: {error}")
        return 0
    walled, bare = measure(mixed(chosen.documents + WARM))
    costs = [one - other for one, other in zip(walled, bare, strict=True)]
    cost = median_ms(costs)
    row("sandbox: a document behind walls, median", median_ms(walled), "ms")
    row("sandbox: a document without, median", median_ms(bare), "ms")
    row("sandbox: cost of the walls, median of pairs", cost, "ms", bar=BAR_MS, ok=cost <= BAR_MS)
    row("sandbox: cost of the walls, p95 of pairs", percentile_ms(costs, 95), "ms")
    starts = [(start_seconds(launcher_for("require")), start_seconds(PlainLauncher())) for _ in range(chosen.starts)]
    row("sandbox: a worker's start behind walls, median", median_ms([one for one, _ in starts]), "ms")
    row("sandbox: a worker's start without, median", median_ms([other for _, other in starts]), "ms")
    added = statistics.median(one - other for one, other in starts) * 1e3
    row("sandbox: a worker's start, cost of the walls", added, "ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
