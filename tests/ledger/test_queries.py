from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from appliance.ledger import State, queries
from tests.builders_ledger import START, FilledLedger

if TYPE_CHECKING:
    from appliance.ledger import Document


def ids(found: object) -> list[int]:
    return [document.id for document in found]  # type: ignore[attr-defined]


LABELS = (
    "contract",
    "contract/distributor",
    "contract/distributor/old",
    "contractor",
    "contract-old",
    "Contract",
    "paper",
)


@pytest.mark.parametrize(
    ("label", "found"),
    [
        ("contract", {"contract", "contract/distributor", "contract/distributor/old"}),
        ("contract/distributor", {"contract/distributor", "contract/distributor/old"}),
        ("contract/", set()),
        ("contractor", {"contractor"}),
        ("con", set()),
        ("%", set()),
        ("contract%", set()),
        ("_aper", set()),
        ("", set()),
        ("paper", {"paper"}),
    ],
)
def test_a_label_finds_itself_and_what_is_below_it_and_no_sibling(
    filled: FilledLedger, label: str, found: set[str]
) -> None:
    for each in LABELS:
        filled.rested(label=each)
    assert {document.label for document in filled.ledger.documents(label=label)} == found


def test_a_label_and_a_state_narrow_together(filled: FilledLedger) -> None:
    filled.rested(label="contract/distributor")
    filled.decided()
    filled.rested(status="review")
    assert ids(filled.ledger.documents(label="contract")) == [2, 1]
    assert ids(filled.ledger.documents(label="contract", state=State.DECIDED)) == [2]
    assert ids(filled.ledger.documents(label="contract", state=State.IN_REVIEW)) == []
    assert ids(filled.ledger.documents(label="contract", state=State.FILED)) == [1]


def test_a_status_narrows(filled: FilledLedger) -> None:
    for status in ("review", "unknown", "review"):
        filled.rested(status=status)
    assert ids(filled.ledger.documents(status="review")) == [3, 1]
    assert ids(filled.ledger.documents(state=frozenset({State.IN_REVIEW, State.FILED}), status="unknown")) == [2]


PAGE = 4


@pytest.fixture
def paged(filled: FilledLedger, monkeypatch: pytest.MonkeyPatch) -> FilledLedger:
    """Three pages and a bit of documents, in pages of four."""
    monkeypatch.setattr(queries, "PAGE_ROWS", PAGE)
    for number in range(14):
        filled.rested(label="paper" if number % 2 else "contract/distributor")
    return filled


@pytest.mark.parametrize("limit", [0, 1, 3, 4, 5, 8, 13, 14, 15, 1000])
def test_a_limit_holds_across_pages(paged: FilledLedger, limit: int) -> None:
    assert ids(paged.ledger.documents(limit=limit)) == list(range(14, 0, -1))[:limit]


@pytest.mark.parametrize("size", [1, 2, 4, 5, 7, 14])
def test_paging_by_key_gives_each_document_once(paged: FilledLedger, size: int) -> None:
    found: list[Document] = []
    while page := list(paged.ledger.documents(before=found[-1].id if found else None, limit=size)):
        found += page
    assert ids(found) == list(range(14, 0, -1))


def test_a_narrowed_list_is_paged_too(paged: FilledLedger) -> None:
    assert ids(paged.ledger.documents(label="paper")) == [14, 12, 10, 8, 6, 4, 2]
    assert ids(paged.ledger.documents(label="contract", limit=5)) == [13, 11, 9, 7, 5]


def test_a_document_that_arrives_while_the_list_is_read_shifts_nothing(paged: FilledLedger) -> None:
    listing = paged.ledger.documents()
    first = [next(listing).id for _ in range(PAGE)]
    paged.rested()
    assert first + ids(listing) == list(range(14, 0, -1))


def test_events_are_given_once_each_across_pages(paged: FilledLedger) -> None:
    numbers = [event["id"] for event in paged.ledger.events()]
    assert numbers == list(range(1, 14 * 4 + 1))


def test_an_empty_ledger_answers_every_question(filled: FilledLedger) -> None:
    ledger = filled.ledger
    assert list(ledger.documents()) == list(ledger.events()) == ledger.in_flight() == ledger.labels() == []
    assert set(ledger.counts().values()) == {0}
    assert ledger.last_event() is None
    assert ledger.first_with("0" * 64, before=9) is None


def test_counts_are_of_each_state(filled: FilledLedger) -> None:
    filled.claimed()
    filled.decided()
    for status in ("auto", "review", "unknown", "unreadable"):
        filled.rested(status=status)
    filled.ledger.withdraw(filled.claimed())
    counted = {State.CLAIMED: 1, State.READ: 0, State.DECIDED: 1, State.FILED: 1, State.IN_REVIEW: 2}
    assert filled.ledger.counts() == {**counted, State.UNREADABLE: 1, State.WITHDRAWN: 1}
    assert filled.ledger.count({State.IN_REVIEW, State.UNREADABLE}) == 3


def test_what_is_in_flight_comes_oldest_first(filled: FilledLedger) -> None:
    filled.claimed()
    filled.rested()
    filled.decided()
    filled.ledger.withdraw(filled.claimed())
    assert ids(filled.ledger.in_flight()) == [1, 3]


def test_the_first_with_the_same_bytes_is_the_oldest_and_never_itself(filled: FilledLedger) -> None:
    for _ in range(3):
        filled.rested(content="same")
    sha256 = hashlib.sha256(b"same").hexdigest()
    first = filled.ledger.first_with(sha256, before=3)
    assert first is not None
    assert first.id == 1
    assert filled.ledger.first_with(sha256, before=1) is None


def test_documents_are_found_by_the_exact_name_they_arrived_under(filled: FilledLedger) -> None:
    for name in ("a.pdf", "A.pdf", "a.pdf", "%.pdf"):
        filled.rested(name)
    assert ids(filled.ledger.named("a.pdf")) == [3, 1]
    assert ids(filled.ledger.named("%.pdf")) == [4]
    assert ids(filled.ledger.named("nothing")) == []


def test_arrivals_are_counted_from_a_moment_on(filled: FilledLedger) -> None:
    filled.rested()
    filled.turn(hours=1)
    filled.rested(status="review")
    counted, _ = filled.ledger.arrivals(START + timedelta(minutes=30))
    assert (counted[State.FILED], counted[State.IN_REVIEW]) == (0, 1)
    assert filled.ledger.arrivals(START)[0][State.FILED] == 1
    assert sum(filled.ledger.arrivals(START + timedelta(days=1))[0].values()) == 0


def test_a_row_that_says_what_its_events_say_differs_in_nothing(filled: FilledLedger) -> None:
    filled.ledger.attempt(filled.claimed())
    filled.rested(status="review")
    filled.ledger.attempt(filled.decided())
    filled.ledger.note("started", {})
    assert list(filled.ledger.rows_that_differ_from_their_history()) == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("state = 'in_review'", "state"),
        ("label = 'paper'", "label"),
        ("label = NULL", "label"),
        ("sha256 = 'x'", "sha256"),
    ],
)
def test_a_row_edited_by_hand_differs(filled: FilledLedger, change: str, what: str) -> None:
    filled.rested()
    filled.rested()
    filled.ledger._db.execute(f"UPDATE documents SET {change} WHERE id = 2")  # noqa: S608 - the table above
    assert list(filled.ledger.rows_that_differ_from_their_history()) == [{"id": 2, "what": what}]


def test_a_row_that_is_gone_differs(filled: FilledLedger) -> None:
    filled.rested()
    filled.ledger._db.execute("PRAGMA foreign_keys = OFF")
    filled.ledger._db.execute("DELETE FROM documents")
    assert list(filled.ledger.rows_that_differ_from_their_history()) == [{"id": 1, "what": "row"}]


def test_a_document_as_json_has_the_fields_that_were_promised(filled: FilledLedger) -> None:
    told = filled.rested().as_json(Path("/root of it"))
    promised = ["id", "name", "sha256", "state", "label", "confidence", "path", "origin", "model", "arrived", "filed"]
    assert list(told)[: len(promised)] == promised
    assert told["path"] == "/root of it/var/filed/contract/distributor/scan0012.pdf"
