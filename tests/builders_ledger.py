"""A ledger filled through its own public face: each call puts one document where a test wants it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.files import Fingerprint
from appliance.ledger import Arrival, Ledger, Part, Verdict

if TYPE_CHECKING:
    from appliance.ledger import Document, Told

START = datetime(2026, 11, 24, 9, 41, tzinfo=UTC)
FOLDERS = {"review": "var/review", "unknown": "var/review", "unreadable": "var/unreadable"}
REASONS = {
    "auto": "Sure: 98 % contract / distributor.",
    "review": "Unsure: 62 % contract / distributor, 21 % contract / reseller.",
    "unknown": "Unknown: unlike anything the model was taught.",
    "unreadable": "The file is empty. Ask whoever sent it to send it again.",
}


def make_verdict(
    status: str = "auto",
    label: str | None = "contract/distributor",
    passage: str | None = None,
    pages: int = 12,
    words: tuple[Told, ...] | None = None,
) -> Verdict:
    """An answer as the pipeline gives it; only a sure one keeps its label."""
    read = status != "unreadable"
    return Verdict(
        status=status,
        label=label if status == "auto" else None,
        confidence={"auto": 0.987, "unreadable": 0.0}.get(status, 0.62),
        similarity=0.8 if read else None,
        alternatives=(("contract/distributor", 0.62), ("contract/reseller", 0.21)) if read else (),
        passage=passage,
        reason=REASONS[status],
        kind="pdf",
        pages_read=pages if read else 0,
        read_ms=12.0,
        classify_ms=9.0,
        model="factory-1",
        passage_start=None if passage is None else 40,
        words=words,
    )


class FilledLedger:
    """A ledger under a clock that a test turns.

    Args:
        home: The root of the box.
    """

    def __init__(self, home: Path) -> None:
        self.now = START
        self.ledger = Ledger(home / "var" / "ledger.db", clock=lambda: self.now)

    def turn(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)

    def claimed(self, name: str = "scan0012.pdf", origin: str = "Scanner 2") -> Document:
        """A document in work."""
        arrival = Arrival(name, origin, Path("/inbox") / "file", inode=1, links=1, size=1400)
        return self.ledger.claim(arrival, lambda number: f"var/holding/{number}/{name}")

    def decided(
        self,
        name: str = "scan0012.pdf",
        verdict: Verdict | None = None,
        content: str = "",
        attached: tuple[str, ...] = (),
    ) -> Document:
        """A document that is decided but lies in holding still."""
        document, verdict = self.claimed(name), verdict or make_verdict()
        sha256 = hashlib.sha256((content or f"{document.id}").encode()).hexdigest()
        folder = FOLDERS.get(verdict.status, f"var/filed/{verdict.label}")
        parts = [Part(n, each, f"var/holding/{document.id}.{n}/{each}", n, 9) for n, each in enumerate(attached, 1)]
        content_of = Fingerprint(1400, 1, sha256)
        return self.ledger.decide(document, verdict, content_of, destination=f"{folder}/{name}", parts=parts)

    def rested(
        self, name: str = "scan0012.pdf", status: str = "auto", label: str = "contract/distributor", content: str = ""
    ) -> Document:
        """A document that lies where it belongs."""
        return self.ledger.rest(self.decided(name, make_verdict(status, label), content))

    def close(self) -> None:
        """Close the ledger."""
        self.ledger.close()
