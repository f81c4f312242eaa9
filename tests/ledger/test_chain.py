from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from appliance.ledger import broken_links
from appliance.ledger.chain import GENESIS, Event, canonical, link_hash

if TYPE_CHECKING:
    from collections.abc import Callable

Rows = list[dict[str, Any]]


def make_chain(length: int = 5) -> Rows:
    rows: Rows = []
    for number in range(1, length + 1):
        previous = rows[-1]["hash"] if rows else GENESIS
        event = Event(f"2026-11-24T09:4{number}:00.000+00:00", number, "claimed", "box", {"size": number})
        rows.append(
            {
                "id": number, "at": event.at, "document": event.document, "kind": event.kind, "actor": event.actor,
                "detail": canonical(event.detail), "previous": previous, "hash": link_hash(previous, event),
            }
        )  # fmt: skip
    return rows


def test_a_chain_as_it_was_written_holds() -> None:
    assert list(broken_links(make_chain())) == []
    assert list(broken_links([])) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "2026-11-24T09:40:00.000+00:00"), ("document", 9), ("document", None), ("kind", "filed"),
        ("actor", "somebody"), ("detail", '{"size":4}'), ("detail", "{}"), ("previous", "e" * 64), ("hash", "f" * 64),
        ("id", 9),
    ],
)  # fmt: skip
@pytest.mark.parametrize("row", [0, 2, 4], ids=["first", "middle", "last"])
def test_a_changed_row_shows(row: int, column: str, value: object) -> None:
    rows = make_chain()
    rows[row][column] = value
    assert list(broken_links(rows))


def _forge(rows: Rows) -> None:
    event = Event("2026-11-24T09:43:30.000+00:00", 3, "filed", "box", {})
    forged = {**rows[2], "at": event.at, "kind": event.kind, "detail": "{}", "previous": rows[2]["hash"]}
    rows.insert(3, {**forged, "hash": link_hash(rows[2]["hash"], event)})


def _swap(rows: Rows) -> None:
    rows[1], rows[2] = {**rows[2], "id": 2}, {**rows[1], "id": 3}


def _renumber(rows: Rows) -> None:
    del rows[2]
    for number, row in enumerate(rows, 1):
        row["id"] = number


@pytest.mark.parametrize(
    "act",
    [lambda rows: rows.pop(2), lambda rows: rows.pop(0), _forge, _swap, lambda rows: rows.reverse(), _renumber],
    ids=["removed", "first removed", "inserted with a good hash", "swapped", "reversed", "removed and renumbered"],
)
def test_a_removed_inserted_or_reordered_row_shows(act: Callable[[Rows], object]) -> None:
    rows = make_chain()
    act(rows)
    assert list(broken_links(rows))


def test_each_break_is_one_sentence_and_the_rest_is_still_proven() -> None:
    rows = make_chain()
    rows[1]["kind"] = "filed"
    rows[3]["actor"] = "somebody"
    assert list(broken_links(rows)) == [f"Event {number} was changed after it was written." for number in (2, 4)]


def test_the_spelling_that_is_hashed_does_not_depend_on_the_order_of_keys() -> None:
    assert canonical({"b": 1, "a": "ü"}) == canonical({"a": "ü", "b": 1}) == '{"a":"\\u00fc","b":1}'


def test_what_is_stored_reads_back_to_the_same_hash() -> None:
    event = Event("t", 1, "decided", "box", {"confidence": 0.1 + 0.2, "label": "ü\u2028\ud800"})
    again = Event("t", 1, "decided", "box", json.loads(canonical(event.detail)))
    assert link_hash(GENESIS, event) == link_hash(GENESIS, again)


def test_moving_words_from_one_field_to_the_next_changes_the_hash() -> None:
    assert link_hash(GENESIS, Event("t", 1, "ab", "c", {})) != link_hash(GENESIS, Event("t", 1, "a", "bc", {}))
