"""File closed in the inbox to filed and recorded, one contract at a time on an idle box, against the bare work.

The box is the installed command on a fresh root. The bare work is reading and
classifying the same document in this process, with the same model and as many
threads, timed right after the box filed it: what a walk would cost if it only
read and decided. Both are warmed up first.
"""

from __future__ import annotations

import csv
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.answer import Reading
from appliance.classify import load_classifier
from appliance.reading import LocalReader
from appliance.settings import CHECKOUT, Settings
from bench.rows import row

if TYPE_CHECKING:
    from collections.abc import Iterator

CORPUS = CHECKOUT.parent / "shared" / "corpus"
APPLIANCE = Path(sys.executable).parent / "appliance"
WARM = 8
DOCUMENTS = 200
PAUSE_SECONDS = 0.05
PATIENCE_SECONDS = 30.0


def contracts() -> list[Path]:
    """Return born-digital contracts of the corpus, in a fixed order that mixes their types."""
    with (CORPUS / "labels.csv").open(newline="", encoding="utf-8") as table:
        rows = [line for line in csv.DictReader(table) if line["label"].startswith("contract/")]
    rows.sort(key=lambda line: line["path"][-10:])
    return [CORPUS / line["path"] for line in rows]


@contextmanager
def running_box(home: Path) -> Iterator[None]:
    """Run the installed command on a root until the block ends."""
    environment = {**os.environ, "APPLIANCE_HOME": str(home)}
    with subprocess.Popen(
        [APPLIANCE, "run"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout  # noqa: S101 - for the type checker
        for line in process.stdout:
            if line.startswith("Review desk"):
                break
        try:
            yield
        finally:
            process.terminate()


def walk_seconds(document: Path, inbox: Path, ledger: sqlite3.Connection, number: int) -> float:
    """Drop one document and return the seconds from its close until the ledger says it is at rest."""
    content = document.read_bytes()
    with (inbox / f"{number:05}.pdf").open("wb") as file:
        file.write(content)
    closed = time.perf_counter()
    query = "SELECT 1 FROM documents WHERE name = ? AND state IN ('filed', 'in_review', 'unreadable')"
    while ledger.execute(query, [f"{number:05}.pdf"]).fetchone() is None:
        if time.perf_counter() - closed > PATIENCE_SECONDS:
            raise TimeoutError(document)
        time.sleep(0.0003)
    return time.perf_counter() - closed


def bare_seconds(document: Path, reading: Reading) -> float:
    """Read and classify one document here, and return the seconds it took."""
    descriptor = os.open(document, os.O_RDONLY)
    try:
        began = time.perf_counter()
        reading.answer(descriptor)
        return time.perf_counter() - began
    finally:
        os.close(descriptor)


def measure(home: Path, documents: list[Path]) -> tuple[list[float], list[float]]:
    """Return the walk's and the bare work's seconds, a pair a document."""
    settings = Settings(home=home)
    reading = Reading(LocalReader(), load_classifier(settings.factory_model), settings.read_seconds)
    walks, bares = [], []
    with running_box(home):
        ledger = sqlite3.connect(f"file:{settings.ledger_path}?mode=ro", uri=True)
        for number, document in enumerate(documents):
            walks.append(walk_seconds(document, home / "inbox", ledger, number))
            bares.append(bare_seconds(document, reading))
            time.sleep(PAUSE_SECONDS)
        ledger.close()
    return walks[WARM:], bares[WARM:]


def main() -> int:
    """Print the rows."""
    if not CORPUS.is_dir():
        print(f"latency needs the labelled corpus at {CORPUS}", file=sys.stderr)
        return 0
    home = Path(tempfile.mkdtemp(prefix="bench-", dir=CHECKOUT.parent if os.access(CHECKOUT.parent, os.W_OK) else None))
    try:
        walks, bares = measure(home, contracts()[: DOCUMENTS + WARM])
    finally:
        shutil.rmtree(home)
    median, bare = statistics.median(walks) * 1e3, statistics.median(bares) * 1e3
    p99 = statistics.quantiles(walks, n=100)[98] * 1e3
    ratio = statistics.median(walk / base for walk, base in zip(walks, bares, strict=True))
    row("latency: closed to filed, median", median, "ms", bar=35.0, ok=median <= 35)
    row("latency: closed to filed, p99", p99, "ms", bar=150.0, ok=p99 <= 150)
    row("latency: bare read and inference, median", bare, "ms")
    row("latency: walk against bare, median of pairs", ratio, "ratio", bar=1.5, ok=ratio <= 1.5)
    return 0


if __name__ == "__main__":
    sys.exit(main())
