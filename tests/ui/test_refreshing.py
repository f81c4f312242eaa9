"""Refreshing: cheap while nothing changes, and only the part that lives when something does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.settings import load_settings
from tests.builders_ledger import START, FilledLedger
from tests.ui.pages import get
from ui import create_app

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse


def refresh(client: FlaskClient, tag: str = "", address: str = "/") -> TestResponse:
    return client.get(address, headers={"HX-Request": "true", "If-None-Match": tag})


def test_nothing_is_sent_while_nothing_changed(desk: FlaskClient, filled: FilledLedger) -> None:
    filled.rested()
    answer = refresh(desk, desk.get("/").headers["ETag"])
    assert (answer.status_code, answer.data) == (304, b"")


def test_any_move_of_a_document_is_sent(desk: FlaskClient, filled: FilledLedger) -> None:
    document = filled.decided()
    tag = desk.get("/").headers["ETag"]
    filled.ledger.rest(document)
    answer = refresh(desk, tag)
    assert answer.status_code == 200
    assert b"<html" not in answer.data
    assert b'id="now" hx-swap-oob="morph"' in answer.data


def test_the_page_carries_the_tag_it_will_ask_with(desk: FlaskClient, filled: FilledLedger) -> None:
    filled.rested()
    response = desk.get("/")
    tag = response.headers["ETag"].strip('"')
    assert f"""hx-headers='{{"If-None-Match": "\\"{tag}\\""}}'""" in response.get_data(as_text=True)


def test_a_person_who_reloads_gets_the_page_whatever_the_tag(desk: FlaskClient, filled: FilledLedger) -> None:
    filled.rested()
    tag = desk.get("/").headers["ETag"]
    assert desk.get("/", headers={"If-None-Match": tag}).status_code == 200


def test_the_first_start_of_the_box_is_noticed(client: FlaskClient, tmp_path: Path) -> None:
    tag = client.get("/").headers["ETag"]
    FilledLedger(tmp_path).close()
    assert refresh(client, tag).headers["HX-Refresh"] == "true"
    assert "All is well: no documents today." in get(client)


def test_a_new_start_of_the_desk_draws_the_page_anew(desk: FlaskClient, filled: FilledLedger, tmp_path: Path) -> None:
    filled.rested()
    tag = desk.get("/").headers["ETag"]
    again = create_app(load_settings(tmp_path), clock=lambda: START).test_client()
    assert refresh(again, tag).status_code == 200


def test_a_days_count_follows_the_ledger(desk: FlaskClient, filled: FilledLedger) -> None:
    filled.rested()
    assert "1 document today" in get(desk)
    filled.rested()
    assert "2 documents today" in get(desk)


def test_a_document_refreshes_alone(desk: FlaskClient, filled: FilledLedger) -> None:
    number = filled.rested().id
    answer = refresh(desk, address=f"/documents/{number}")
    assert answer.get_data(as_text=True).lstrip().startswith('<div id="document"')
