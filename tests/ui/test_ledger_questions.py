"""The questions the desk asks of the ledger, against the plain way of answering them."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from appliance.ledger import IN_FLIGHT, Document, State
from appliance.ledger import queries as room
from tests.builders_ledger import START, FilledLedger

LABELS = ["contract", "contract/lease", "contract/lease/flat", "contracting", "court/ruling"]


def varied(filled: FilledLedger) -> None:
    for label, status in product(LABELS, ["auto", "review", "unknown", "unreadable", "auto"]):
        filled.rested(label=label, status=status)
        filled.claimed()
    filled.ledger.withdraw(filled.claimed())


def plainly(document: Document, label: str | None, states: frozenset[State] | None, status: str | None) -> bool:
    below = label is None or f"{document.label}/".startswith(f"{label}/")
    return below and (states is None or document.state in states) and status in (None, document.status)


@pytest.mark.parametrize(
    "states",
    [None, {State.FILED}, {State.IN_REVIEW}, IN_FLIGHT, set(State)],
    ids=["any", "filed", "waits", "work", "all"],
)
def test_a_list_holds_what_was_asked_for_across_pages(
    filled: FilledLedger, states: set[State] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "PAGE_ROWS", 3)
    varied(filled)
    asked = None if states is None else frozenset(states)
    everything = [filled.ledger.document(number) for number in range(51, 0, -1)]
    for label, status, before in product(
        [None, "contract", "contract/lease", "court", "nothing", "contract/"], [None, "unknown"], [None, 20]
    ):
        expected = [one for one in everything if plainly(one, label, asked, status) and one.id < (before or 52)]
        for limit in (None, 5):
            found = filled.ledger.documents(label=label, state=asked, status=status, before=before, limit=limit)
            assert list(found) == expected[:limit]


def test_labels_are_those_in_use_in_order(filled: FilledLedger) -> None:
    assert filled.ledger.labels() == []
    varied(filled)
    assert filled.ledger.labels() == sorted(LABELS)


@pytest.mark.parametrize("today", [0, 1, 2, 7])
@pytest.mark.parametrize("before", [0, 1, 5])
def test_a_day_is_counted_from_its_first_document(filled: FilledLedger, before: int, today: int) -> None:
    filled.turn(days=-1)
    for _ in range(before):
        filled.rested()
    filled.turn(days=1)
    for _ in range(today):
        filled.rested(status="review")
    counted, by_people = filled.ledger.arrivals(START - timedelta(hours=1))
    assert (counted[State.FILED], counted[State.IN_REVIEW], by_people) == (0, today, 0)


def test_what_a_person_filed_is_counted_apart(filled: FilledLedger) -> None:
    filled.rested()
    filled.rested(status="review")
    filled.ledger._db.execute("UPDATE documents SET state = 'filed' WHERE status = 'review'")
    counted, by_people = filled.ledger.arrivals(START)
    assert (counted[State.FILED], by_people) == (2, 1)


def test_the_newest_event_has_number_and_time(filled: FilledLedger) -> None:
    assert filled.ledger.last_event() is None
    document = filled.claimed()
    assert filled.ledger.last_event() == (1, START)
    assert filled.ledger.last_move(document.id) == START
