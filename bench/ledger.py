"""What the ledger costs a document, on an empty box and on one that has filed many.

Two ledgers on disk, filled beforehand with whole histories (rows, decisions and
a chain of events that holds), are given the same documents in turn: claimed,
decided and at rest, each step its own durable transaction.
"""

from __future__ import annotations

import hashlib
import sqlite3
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.files import Fingerprint
from appliance.ledger import Arrival, Ledger, Verdict
from appliance.ledger.chain import GENESIS, Event, canonical, link_hash
from bench.box import fresh_home, lacks, parser
from bench.figures import median_ms, percentile_ms
from bench.rows import note, row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

START = datetime(2026, 1, 1, tzinfo=UTC)
LABELS = ("contract/distributor", "contract/service", "court/opinion", "message", "policy/privacy", "policy/terms")
ALTERNATIVES = tuple((label, 1 / (2 + place)) for place, label in enumerate(LABELS[:5]))
PASSAGE = "This Agreement is made between the Distributor and the Supplier and lasts for a term of three years. " * 3
WARM = 20
DOCUMENT = (
    "INSERT INTO documents (name, origin, inbox_path, inode, links, size, sha256, state, status, label, confidence,"
    " reason, path, model, arrived, filed)"
    " VALUES (?, '', ?, ?, 1, ?, ?, 'filed', 'auto', ?, 0.98, ?, ?, 'factory-1', ?, ?)"
)
DECISION = (
    "INSERT INTO decisions (document, at, model, status, label, confidence, similarity, alternatives, passage, reason,"
    " kind, pages_read, read_ms, classify_ms)"
    " VALUES (?, ?, 'factory-1', 'auto', ?, 0.98, 0.8, ?, ?, ?, 'pdf', 1, 4.0, 12.0)"
)
EVENT = "INSERT INTO events (at, document, kind, actor, detail, previous, hash) VALUES (?, ?, ?, 'box', ?, ?, ?)"


def fill(path: Path, rows: int) -> None:
    """Make a ledger in which so many documents have been filed, each with its decision and its four events."""
    Ledger(path).close()
    connection = sqlite3.connect(path)
    with connection:
        connection.executemany(DOCUMENT, map(_document, range(1, rows + 1)))
        connection.executemany(DECISION, map(_decision, range(1, rows + 1)))
        connection.executemany(EVENT, _chain(rows))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _document(number: int) -> tuple[object, ...]:
    name, label, at = f"scan{number:07}.pdf", _label(number), _at(number)
    place = f"var/filed/{label}/{name}"
    return name, f"/srv/inbox/{name}".encode(), number, 90_000, _sha256(number), label, _reason(label), place, at, at


def _decision(number: int) -> tuple[object, ...]:
    label = _label(number)
    return number, _at(number), label, canonical(ALTERNATIVES), PASSAGE, _reason(label)


def _chain(rows: int) -> Iterator[tuple[object, ...]]:
    previous = GENESIS
    for number in range(1, rows + 1):
        for kind, detail in _befell(number):
            event = Event(_at(number), number, kind, "box", detail)
            linked = link_hash(previous, event)
            yield event.at, number, kind, canonical(detail), previous, linked
            previous = linked


def _befell(number: int) -> Iterator[tuple[str, dict[str, object]]]:
    label = _label(number)
    yield "claimed", {"origin": "", "size": 90_000}
    yield "read", {"kind": "pdf", "pages": 1}
    decided = {"status": "auto", "label": label, "confidence": 0.98, "reason": _reason(label), "model": "factory-1"}
    yield "decided", {**decided, "alternatives": ALTERNATIVES[:3], "sha256": _sha256(number), "duplicate_of": None}
    yield "filed", {"path": f"var/filed/{label}/scan{number:07}.pdf"}


def _label(number: int) -> str:
    return LABELS[number % len(LABELS)]


def _reason(label: str) -> str:
    return f"Sure: 98 % {label.replace('/', ' / ')}."


def _at(number: int) -> str:
    return (START + timedelta(seconds=10 * number)).isoformat(timespec="milliseconds")


def _sha256(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def walk_seconds(ledger: Ledger, number: int) -> float:
    """Claim, decide and rest one new document, and return the seconds it took."""
    name, label = f"new{number:07}.pdf", _label(number)
    arrival = Arrival(name, "", Path("/srv/inbox", name), inode=number, links=1, size=90_000)
    verdict = Verdict(
        status="auto",
        label=label,
        confidence=0.98,
        similarity=0.8,
        alternatives=ALTERNATIVES,
        passage=PASSAGE,
        reason=_reason(label),
        kind="pdf",
        pages_read=1,
        read_ms=4.0,
        classify_ms=12.0,
        model="factory-1",
    )
    content = Fingerprint(90_000, 1, _sha256(-number))
    began = time.perf_counter()
    claimed = ledger.claim(arrival, lambda document: f"var/holding/{document}/{name}")
    ledger.first_with(content.sha256, before=claimed.id)
    ledger.rest(ledger.decide(claimed, verdict, content, destination=f"var/filed/{label}/{name}"))
    return time.perf_counter() - began


def measure(paths: Sequence[Path], documents: int) -> list[list[float]]:
    """Give each ledger the same documents in turn and return the seconds of each."""
    ledgers = [Ledger(path) for path in paths]
    times: list[list[float]] = [[] for _ in ledgers]
    for number in range(1, documents + WARM + 1):
        order = list(zip(ledgers, times, strict=True))
        for ledger, seconds in order if number % 2 else reversed(order):
            seconds.append(walk_seconds(ledger, number))
    for ledger in ledgers:
        ledger.close()
    return [seconds[WARM:] for seconds in times]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the rows."""
    known = parser(__doc__)
    known.add_argument("--rows", type=int, default=100_000, help="documents in the fuller ledger")
    known.add_argument("--documents", type=int, default=1500, help="documents that are timed")
    chosen = known.parse_args(arguments)
    if lacks("ledger", corpus=False):
        return 0
    with fresh_home() as home:
        sizes = (1000, chosen.rows)
        paths = [home / f"{size}" / "ledger.db" for size in sizes]
        for path, size in zip(paths, sizes, strict=True):
            note(f"ledger: writing {size} documents")
            fill(path, size)
        few, many = measure(paths, chosen.documents)
    for size, seconds in zip(sizes, (few, many), strict=True):
        row(f"ledger: a document after {size}, median", median_ms(seconds), "ms")
        row(f"ledger: a document after {size}, p99", percentile_ms(seconds, 99), "ms")
    median = statistics.median(many) / statistics.median(few)
    mean = statistics.fmean(many) / statistics.fmean(few)
    row(f"ledger: {chosen.rows} rows against 1000, median", median, "ratio", bar=1.2, ok=median <= 1.2)
    row(f"ledger: {chosen.rows} rows against 1000, mean, checkpoints included", mean, "ratio")
    return 0


if __name__ == "__main__":
    sys.exit(main())
