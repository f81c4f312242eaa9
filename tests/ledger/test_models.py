from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from appliance.ledger import Attempt, broken_links

if TYPE_CHECKING:
    from tests.builders_ledger import FilledLedger


def review(filled: FilledLedger, document: int, label: str | None = "paper", chance: float = 1.0) -> None:
    filled.ledger._db.execute(
        "INSERT INTO reviews (document, at, actor, label, model_label, chance) VALUES (?, '2026', 'ada', ?, 'x', ?)",
        [document, label, chance],
    )


def make_attempt(**fields: object) -> Attempt:
    values = {
        "actor": "ada", "bundle": "firm-3.bundle", "outcome": "refused", "model": "firm 3", "release": 3, "slot": None,
        "rung": 5, "why": "Another answer.", "rungs": [{"rung": 1}],
    }  # fmt: skip
    return Attempt(**{**values, **fields})  # type: ignore[arg-type]


def test_an_import_is_a_row_and_an_event_that_names_who(filled: FilledLedger) -> None:
    filled.ledger.note_import(make_attempt())
    filled.ledger.note_import(make_attempt(outcome="accepted", slot="0001"))
    newest, oldest = filled.ledger.imports(10)
    assert (newest["slot"], oldest["why"], oldest["rungs"]) == ("0001", "Another answer.", [{"rung": 1}])
    events = list(filled.ledger.events())
    assert [(event["kind"], event["actor"]) for event in events] == [
        ("model_refused", "ada"),
        ("model_imported", "ada"),
    ]
    assert list(broken_links(events)) == []


def test_what_was_reviewed_comes_newest_first_by_its_newest_review(filled: FilledLedger) -> None:
    one, two = filled.rested("a"), filled.rested("b")
    for document, label in ((one, "paper"), (two, "receipt"), (one, "message")):
        review(filled, document.id, label, 0.5)
    found = filled.ledger.reviewed(10)
    assert [(each.document, each.label, each.chance) for each in found] == [(1, "message", 0.5), (2, "receipt", 0.5)]
    assert [each.path for each in filled.ledger.reviewed(1)] == [one.path]


def test_what_has_no_label_or_is_the_same_again_counts_not(filled: FilledLedger) -> None:
    first, again = filled.rested("a", content="same"), filled.rested("b", content="same")
    review(filled, first.id, None)
    review(filled, again.id)
    assert filled.ledger.reviewed(10) == []


@pytest.mark.parametrize("chance", [0.0, 1.5])
def test_a_chance_that_is_none_is_refused(filled: FilledLedger, chance: float) -> None:
    document = filled.rested()
    with pytest.raises(sqlite3.IntegrityError):
        review(filled, document.id, chance=chance)
