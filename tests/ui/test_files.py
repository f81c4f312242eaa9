"""A clerk asks what happened to a file, by its name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from appliance.ledger import Found, Why
from appliance.words import WAITING

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.builders_ledger import FilledLedger

INBOX = Path("/inbox")


def found(name: str, why: Why) -> Found:
    return Found(INBOX / name, name, "Scanner 2", why, 7)


def page(desk: FlaskClient, name: str = "") -> str:
    return desk.get(f"/files?name={name}").get_data(as_text=True)


@pytest.mark.parametrize("why", list(Why))
def test_every_reason_to_wait_has_its_words(desk: FlaskClient, filled: FilledLedger, why: Why) -> None:
    filled.ledger.note_waiting([found("letter.tmp", why)], [])
    assert WAITING[why] in page(desk)
    assert WAITING[why] in page(desk, "letter.tmp")


def test_a_file_that_went_away_is_told_of_by_name_alone(desk: FlaskClient, filled: FilledLedger) -> None:
    filled.ledger.note_waiting([found("letter.tmp", Why.TEMPORARY)], [])
    filled.ledger.note_waiting([], [INBOX / "letter.tmp"])
    assert "Nothing waits in the inbox" in page(desk)
    assert "before the box had it" in page(desk, "letter.tmp")


def test_a_document_is_found_under_the_name_it_arrived_with(desk: FlaskClient, filled: FilledLedger) -> None:
    document = filled.claimed()
    assert f'href="/documents/{document.id}"' in page(desk, document.name)


def test_a_name_never_seen_is_said_so_and_shown_without_harm(desk: FlaskClient) -> None:
    assert "&lt;b&gt;" in page(desk, "<b>")
    assert "No file was ever seen" in page(desk, "<b>")


def test_before_the_first_start_it_says_so(client: FlaskClient) -> None:
    assert "has not been started" in page(client)
