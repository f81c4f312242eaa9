"""The proof by kill would see a loss, and the ledger that is filled for measuring is a true one."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest

from appliance.ledger import Ledger, broken_links
from bench import kill
from bench.arrivals import Arrivals, digest_of
from bench.ledger import fill, walk_seconds
from tests.builders_ledger import FilledLedger

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def proof(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A root with three dropped documents, each filed with its row."""
    monkeypatch.setattr(kill, "_checked", lambda _home: [])
    filled, journal = FilledLedger(home), []
    for content in ("one", "two", "three"):
        document = filled.rested(f"{content}.pdf", content=content)
        path = home / str(document.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        journal.append(json.dumps({"name": path.name, "sha256": document.sha256}))
    filled.close()
    (home / "proof").mkdir()
    (home / "proof" / "dropped.jsonl").write_text("\n".join(journal))
    return home


def _faults(home: Path) -> dict[str, int]:
    return {name: count for name, count in kill.judge(home) if count}


def _place(home: Path, name: str) -> Path:
    return home / "var/filed/contract/distributor" / name


def test_a_box_that_kept_everything_is_clean(proof: Path) -> None:
    assert _faults(proof) == {}


def test_a_lost_file_is_seen(proof: Path) -> None:
    _place(proof, "two.pdf").unlink()
    assert _faults(proof) == {"files lost": 1, "rows without their file": 1}


def test_a_file_in_two_places_is_seen(proof: Path) -> None:
    (proof / "inbox").mkdir()
    (proof / "inbox" / "two.pdf").write_text("two")
    assert _faults(proof) == {"files doubled": 1}


def test_a_file_nobody_dropped_is_seen(proof: Path) -> None:
    _place(proof, "half.pdf").write_text("tw")
    assert _faults(proof) == {"files that nobody dropped": 1}


def test_a_document_with_two_rows_is_seen(proof: Path) -> None:
    filled = FilledLedger(proof)
    filled.rested("two.pdf", content="two")
    filled.close()
    assert _faults(proof) == {"documents with two rows": 1}


def test_a_document_without_a_row_is_seen(proof: Path) -> None:
    (proof / "proof" / "dropped.jsonl").write_text(json.dumps({"name": "x", "sha256": "0"}))
    assert {"files lost": 1, "documents without a row": 1}.items() <= _faults(proof).items()


def test_every_arrival_is_written_down_and_unlike_every_other(home: Path) -> None:
    (home / "proof").mkdir()
    with Arrivals(home, seed=1) as arrivals:
        arrivals._stopping.set()
    arrivals._chance = random.Random(5)
    for _ in range(12):
        arrivals._drop()
    known = [json.loads(line) for line in (home / "proof" / "dropped.jsonl").read_text().splitlines()]
    found = {path.name: digest_of(path.read_bytes()) for path in (home / "inbox").rglob("*.pdf")}
    assert {each["name"]: each["sha256"] for each in known} == found
    assert len(set(found.values())) == arrivals.count
    assert Arrivals(home, seed=1).count == arrivals.count


def test_a_filled_ledger_holds_and_goes_on(home: Path) -> None:
    fill(home / "ledger.db", 5)
    with Ledger(home / "ledger.db") as ledger:
        assert walk_seconds(ledger, 1) > 0
        assert list(broken_links(ledger.events())) == []
        assert list(ledger.rows_that_differ_from_their_history()) == []
        assert len(list(ledger.documents())) == 6
