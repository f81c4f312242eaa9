"""File closed in the inbox to filed and recorded, one contract at a time on an idle box, against the bare work.

The box is the installed command on a fresh root. The bare work is reading and
classifying the same document in this process, with the same model and as many
threads, timed right after the box filed it: what a walk would cost if it only
read and decided. Both are warmed up first. Then a walk taken apart says where
the time goes; ``--picture docs/latency.svg`` draws it.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.answer import Reading
from appliance.reading import LocalReader
from appliance.settings import Settings
from appliance.updates.bundled import load_factory
from bench.box import fresh_home, lacks, parser, running_box
from bench.corpus import contracts
from bench.figures import median_ms, percentile_ms, ratio_of_pairs
from bench.picture import waterfall
from bench.rows import row
from bench.stages import STAGES, staged_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

WARM = 8
PAUSE_SECONDS = 0.05
"""Between two documents, so that each meets an idle box."""


def bare_seconds(document: Path, reading: Reading) -> float:
    """Read and classify one document here, and return the seconds it took."""
    descriptor = os.open(document, os.O_RDONLY)
    try:
        began = time.perf_counter()
        reading.answer(descriptor)
        return time.perf_counter() - began
    finally:
        os.close(descriptor)


def measure(documents: Sequence[Path], model: Path) -> tuple[list[float], list[float]]:
    """Return the walk's and the bare work's seconds, a pair a document."""
    walks, bares = [], []
    with fresh_home(model) as home, running_box(home) as box:
        settings = Settings(home=home, factory_model=model)
        classifier = load_factory(model, threads=settings.model_thread_count)
        reading = Reading(LocalReader(), classifier, settings.read_seconds)
        for number, document in enumerate(documents):
            walks.append(box.walk_seconds(document, f"{number:05}.pdf"))
            bares.append(bare_seconds(document, reading))
            time.sleep(PAUSE_SECONDS)
    return walks[WARM:], bares[WARM:]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the rows."""
    known = parser(__doc__)
    known.add_argument("--documents", type=int, default=200, help="contracts that are timed")
    known.add_argument("--picture", type=Path, help="where to draw the stages, as SVG")
    chosen = known.parse_args(arguments)
    if lacks("latency", model=chosen.model):
        return 0
    walks, bares = measure(contracts(chosen.documents + WARM), chosen.model)
    _print_walk(walks, bares)
    parts = staged_seconds(contracts(chosen.documents // 2 + WARM), chosen.model, PAUSE_SECONDS)[WARM:]
    columns = {name: [part[name] for part in parts] for name in STAGES}
    for name, seconds in columns.items():
        row(f"latency stage: {STAGES[name]}", median_ms(seconds), "ms")
    if chosen.picture:
        figures = [(STAGES[name], median_ms(each), percentile_ms(each, 95)) for name, each in columns.items()]
        chosen.picture.write_text(waterfall(figures, len(parts)), encoding="utf-8")
    return 0


def _print_walk(walks: Sequence[float], bares: Sequence[float]) -> None:
    median, p99 = median_ms(walks), percentile_ms(walks, 99)
    ratio = ratio_of_pairs(walks, bares)
    row("latency: closed to filed, median", median, "ms", bar=35.0, ok=median <= 35)
    row("latency: closed to filed, p99", p99, "ms", bar=150.0, ok=p99 <= 150)
    row("latency: bare read and inference, median", median_ms(bares), "ms")
    row("latency: bare read and inference, p99", percentile_ms(bares, 99), "ms")
    row("latency: walk against bare, median of pairs", ratio, "ratio", bar=1.5, ok=ratio <= 1.5)


if __name__ == "__main__":
    sys.exit(main())
