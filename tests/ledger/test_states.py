from __future__ import annotations

import sqlite3
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import pytest

from appliance.files import Fingerprint
from appliance.ledger import ENDS, IN_FLIGHT, Ledger, State, StateError
from appliance.ledger.states import MOVES, may_follow
from tests.builders_ledger import FilledLedger, make_verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.ledger import Document

ALLOWED = {
    ("claimed", "read"), ("claimed", "withdrawn"), ("read", "decided"), ("decided", "filed"), ("decided", "in_review"),
    ("decided", "unreadable"), ("in_review", "filed"), ("unreadable", "filed"), ("filed", "filed"),
}  # fmt: skip


@pytest.mark.parametrize(("state", "target"), list(product(State, State)))
def test_the_table_allows_what_the_design_says_and_nothing_else(state: State, target: State) -> None:
    assert may_follow(state, target) is ((state, target) in ALLOWED)


def test_every_state_has_its_moves() -> None:
    assert set(MOVES) == set(State)


def test_every_state_can_be_reached_and_every_end_is_at_rest() -> None:
    assert set().union(*MOVES.values()) == set(State) - {State.CLAIMED}
    assert not set(ENDS.values()) & IN_FLIGHT


def decide(ledger: Ledger, document: Document, status: str = "auto") -> Document:
    return ledger.decide(document, make_verdict(status), Fingerprint(1, 1, "0" * 64), destination="var/filed/x")


VERBS: dict[str, Callable[[Ledger, Document], Document]] = {
    "decide": decide,
    "rest": Ledger.rest,
    "withdraw": Ledger.withdraw,
    "redirect": lambda ledger, document: ledger.redirect(document, "var/filed/y"),
}
MAKERS: dict[State, Callable[[FilledLedger], Document]] = {
    State.CLAIMED: FilledLedger.claimed,
    State.DECIDED: FilledLedger.decided,
    State.FILED: FilledLedger.rested,
    State.IN_REVIEW: lambda filled: filled.rested(status="review"),
    State.UNREADABLE: lambda filled: filled.rested(status="unreadable"),
    State.WITHDRAWN: lambda filled: filled.ledger.withdraw(filled.claimed()),
}
MAY = {
    ("decide", State.CLAIMED): State.DECIDED,
    ("withdraw", State.CLAIMED): State.WITHDRAWN,
    ("rest", State.DECIDED): State.FILED,
    ("redirect", State.DECIDED): State.DECIDED,
}


@pytest.mark.parametrize(("verb", "state"), list(MAY))
def test_an_allowed_move_is_made(filled: FilledLedger, verb: str, state: State) -> None:
    assert VERBS[verb](filled.ledger, MAKERS[state](filled)).state is MAY[verb, state]


@pytest.mark.parametrize(("verb", "state"), [each for each in product(VERBS, MAKERS) if each not in MAY])
def test_a_forbidden_move_is_refused_and_changes_nothing(filled: FilledLedger, verb: str, state: State) -> None:
    document = MAKERS[state](filled)
    before, decisions = list(filled.ledger.events()), filled.ledger.decisions(document.id)
    with pytest.raises(StateError):
        VERBS[verb](filled.ledger, document)
    assert filled.ledger.document(document.id) == document
    assert list(filled.ledger.events()) == before
    assert filled.ledger.decisions(document.id) == decisions


@pytest.mark.parametrize(("first", "second"), [("withdraw", "decide"), ("decide", "withdraw"), ("decide", "decide")])
def test_of_two_who_move_a_claimed_document_the_second_loses(filled: FilledLedger, first: str, second: str) -> None:
    document = filled.claimed()
    moved = VERBS[first](filled.ledger, document)
    before = list(filled.ledger.events())
    with pytest.raises(StateError, match="another process may have moved it"):
        VERBS[second](filled.ledger, document)
    assert filled.ledger.document(document.id) == moved
    assert list(filled.ledger.events()) == before
    assert len(filled.ledger.decisions(document.id)) == (first == "decide")


@pytest.mark.parametrize("verb", ["rest", "redirect"])
def test_of_two_who_finish_a_document_the_second_loses(filled: FilledLedger, verb: str) -> None:
    document = filled.decided()
    rested = filled.ledger.rest(document)
    with pytest.raises(StateError):
        VERBS[verb](filled.ledger, document)
    assert filled.ledger.document(document.id) == rested


def test_a_state_that_does_not_exist_is_refused_by_the_file_itself(filled: FilledLedger) -> None:
    filled.claimed()
    with pytest.raises(sqlite3.IntegrityError):
        filled.ledger._db.execute("UPDATE documents SET state = 'lost'")


@pytest.mark.parametrize(("status", "state"), list(ENDS.items()))
def test_a_document_rests_in_the_state_of_its_status(filled: FilledLedger, status: str, state: State) -> None:
    document = filled.rested(status=status)
    assert (document.state, document.destination) == (state, None)
    assert (document.filed is not None) is (state is State.FILED)
    assert document.is_at_rest


@pytest.mark.parametrize("state", list(MAKERS))
def test_a_document_is_at_rest_when_the_box_owes_it_nothing(filled: FilledLedger, state: State) -> None:
    document = MAKERS[state](filled)
    assert document.is_at_rest is (state in (State.FILED, State.IN_REVIEW, State.UNREADABLE))
    assert not replace(document, path=None).is_at_rest
