"""Many documents at once, worked off on all cores, against bare sandboxed reading and inference of the same documents.

Both sides take turns (box, bare, box, bare), so that what disturbs one disturbs
the other. The box gets a fresh root each time and is up and quiet before the
clock starts; the bare side has its reading workers and its model warm, and does
nothing but ask them, on as many threads.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from appliance.service import opened_reading
from appliance.settings import Settings
from bench.box import fresh_home, lacks, parser, running_box
from bench.corpus import mixed
from bench.figures import ratio_of_pairs
from bench.rows import row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from appliance.answer import Reading


def box_rate(documents: Sequence[Path], model: Path, **settings: object) -> float:
    """Return how many documents a second a fresh box works off."""
    with fresh_home(model, **settings) as home, running_box(home) as box:
        box.walk_seconds(documents[0], "first")
        return len(documents) / box.backlog_seconds(documents)


def bare_rate(documents: Sequence[Path], reading: Reading, threads: int) -> float:
    """Return how many documents a second are read and classified with nothing around it."""
    with ThreadPoolExecutor(threads) as pool:
        began = time.perf_counter()
        list(pool.map(lambda document: _answer(document, reading), documents))
        return len(documents) / (time.perf_counter() - began)


def _answer(document: Path, reading: Reading) -> None:
    descriptor = os.open(document, os.O_RDONLY)
    try:
        reading.answer(descriptor)
    finally:
        os.close(descriptor)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the rows."""
    known = parser(__doc__)
    known.add_argument("--documents", type=int, default=400)
    known.add_argument("--rounds", type=int, default=4)
    chosen = known.parse_args(arguments)
    if lacks("backlog", model=chosen.model):
        return 0
    documents = mixed(chosen.documents)
    settings = Settings(factory_model=chosen.model)
    ours, bares = [], []
    with opened_reading(settings) as reading:
        bare_rate(documents[:50], reading, settings.worker_count)
        for _ in range(chosen.rounds):
            ours.append(box_rate(documents, chosen.model))
            bares.append(bare_rate(documents, reading, settings.worker_count))
    ratio = ratio_of_pairs(ours, bares)
    row(f"backlog: {len(documents)} documents at once, the box", statistics.median(ours), "docs/s")
    row("backlog: bare reading and inference, same documents", statistics.median(bares), "docs/s")
    row("backlog: box against bare, median of pairs", ratio, "ratio", bar=0.9, ok=ratio >= 0.9)
    return 0


if __name__ == "__main__":
    sys.exit(main())
