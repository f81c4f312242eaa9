"""What a stranger could try: names, hosts, methods, and what a browser may run."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.ui.pages import words
from ui import guard
from ui.desk import queries
from ui.text import harmless, isolated

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from tests.builders_ledger import FilledLedger

ROUTES = {"/", "/documents/<int:number>", "/files", "/healthz", "/static/<path:filename>"}
"""Every route of the desk; each is asked for below."""

ADDRESSES = [
    "/",
    "/files",
    "/files?name=a.tmp",
    "/?state=waits",
    "/documents/1",
    "/healthz",
    "/static/desk.css",
    "/nowhere",
    "/documents/7",
]


def test_every_route_is_in_the_table(app: Flask) -> None:
    assert {rule.rule for rule in app.url_map.iter_rules()} == ROUTES


def test_every_route_only_reads(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        assert rule.methods == {"GET", "HEAD"}


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_a_change_is_refused(desk: FlaskClient, filled: FilledLedger, address: str, method: str) -> None:
    filled.rested()
    response = desk.open(address, method=method)
    assert response.status_code == (404 if address == "/nowhere" else 405)


def test_the_ledger_is_opened_for_questions_alone(app: Flask, filled: FilledLedger) -> None:
    filled.rested()
    with app.test_request_context("/"), pytest.raises(sqlite3.OperationalError, match="readonly"):
        queries()._db.execute("UPDATE documents SET name = 'x'")


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_response_carries_the_policy(desk: FlaskClient, filled: FilledLedger, address: str) -> None:
    filled.rested()
    for headers in ({}, {"Host": "evil.example"}, {"HX-Request": "true"}):
        response = desk.get(address, headers=headers)
        for name, value in guard.HEADERS.items():
            assert response.headers[name] == value
        response.close()


def test_the_policy_names_no_other_place() -> None:
    assert "unsafe" not in guard.POLICY
    assert "http" not in guard.POLICY
    assert guard.POLICY.startswith("default-src 'none'")


@pytest.mark.parametrize("address", ["/", "/documents/1", "/nowhere"])
def test_pages_need_nothing_inline_and_nothing_from_elsewhere(
    desk: FlaskClient, filled: FilledLedger, address: str
) -> None:
    filled.rested()
    page = desk.get(address).get_data(as_text=True)
    for forbidden in ["<style", "style=", " onclick", " onload", "hx-on", "http://", "https://", "<script>", "js:"]:
        assert forbidden not in page


def test_documents_are_not_kept_by_the_browser(desk: FlaskClient, filled: FilledLedger) -> None:
    filled.rested()
    assert desk.get("/documents/1").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1:8710", True),
        ("localhost", True),
        ("LOCALHOST:1", True),
        ("[::1]:8710", True),
        ("box.office", True),
        ("evil.example", False),
        ("localhost.evil.example", False),
        ("evil.example@localhost", False),
        ("localhost/@evil.example", False),
        ("192.168.1.9", False),
        ("localhost:x", False),
        ("[::1", False),
        ("", False),
    ],
)
def test_only_this_machines_names_are_answered(host: str, own: bool) -> None:  # noqa: FBT001 - a table
    names = guard.own_names("Box.office", "machine")
    assert guard.is_own_host(host, names, any_address=False) is own


def test_a_desk_on_every_address_answers_addresses_but_no_strange_name() -> None:
    names = guard.own_names("0.0.0.0", "Machine")  # noqa: S104 - a setting somebody may choose
    assert guard.is_own_host("192.168.1.9:8710", names, any_address=True)
    assert guard.is_own_host("machine:8710", names, any_address=True)
    assert not guard.is_own_host("evil.example", names, any_address=True)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_strange_host_learns_nothing(desk: FlaskClient, filled: FilledLedger, address: str) -> None:
    filled.rested("secret.pdf")
    response = desk.get(address, headers={"Host": "evil.example"})
    assert response.status_code == 421
    assert "This is not an address of the box." in words(response)
    assert "secret.pdf" not in words(response)


HOSTILE = [
    ("<script>alert(1)</script>", "&lt;script&gt;"),
    ("\"><img src=x onerror='alert(1)'>", "&lt;img"),
    ("invoice\u202efdp.exe", "invoice[U+202E]fdp.exe"),
    ("a\u2066b\u2069c\u200fd", "[U+2066]b[U+2069]c[U+200F]d"),
    ("line\nbreak\x1b[31m\x00", "[U+000A]break[U+001B]"),
    ("{{ 7 * 7 }}", "{{ 7 * 7 }}"),
]


@pytest.mark.parametrize(
    ("name", "shown"), HOSTILE, ids=["script", "attribute", "bidi", "isolates", "control", "jinja"]
)
def test_a_hostile_name_is_only_shown(desk: FlaskClient, filled: FilledLedger, name: str, shown: str) -> None:
    document = filled.rested(name)
    for address in ["/", f"/documents/{document.id}"]:
        page = desk.get(address).get_data(as_text=True)
        assert shown in page
        assert "<script>" not in page
        assert "<img" not in page
        assert not any(sign in page for sign in "\u202e\u2066\u200f\x1b\x00")


def test_a_hostile_origin_and_label_are_only_shown(desk: FlaskClient, filled: FilledLedger) -> None:
    filled.claimed(origin="<b>\u202e")
    filled.rested(label="<i>x</i>/\u202ey")
    page = desk.get("/").get_data(as_text=True)
    assert "<b>" not in page
    assert "<i>" not in page
    assert "\u202e" not in page


def test_joiners_stay_for_those_who_write_with_them() -> None:
    assert harmless("\u0645\u06cc\u200c\u062e") == "\u0645\u06cc\u200c\u062e"


def test_a_path_is_isolated_and_stays_findable_in_the_page() -> None:
    assert isolated("a/b_c") == "<bdi>a/b_c</bdi>"


def test_an_unforeseen_error_has_words_and_no_traceback(
    app: Flask, filled: FilledLedger, caplog: pytest.LogCaptureFixture
) -> None:
    filled.rested()
    filled.ledger._db.execute("UPDATE documents SET state = 'claimed', arrived = 'nonsense'")
    response = app.test_client().get("/")
    assert response.status_code == 500
    assert "The desk could not show this page." in words(response)
    assert "No document was touched or lost." in words(response)
    assert "Traceback" not in response.get_data(as_text=True)
    assert "nonsense" in caplog.text


def test_a_ledger_that_is_no_database_is_explained(client: FlaskClient, app: Flask) -> None:
    path = app.extensions["desk"].settings.ledger_path
    path.parent.mkdir()
    path.write_text("not a database, but long enough to be looked at")
    response = client.get("/")
    assert response.status_code == 503
    assert "cannot be opened" in words(response)


def test_a_ledger_without_tables_yet_is_explained(client: FlaskClient, app: Flask) -> None:
    path = app.extensions["desk"].settings.ledger_path
    path.parent.mkdir()
    path.touch()
    response = client.get("/")
    assert response.status_code == 503
    assert "The ledger cannot be read just now." in words(response)


@pytest.mark.parametrize(("address", "status"), [("/nowhere", 404), ("/documents/x", 404)])
def test_errors_say_what_why_and_what_to_do(desk: FlaskClient, address: str, status: int) -> None:
    response = desk.get(address)
    assert response.status_code == status
    assert "There is no such page. The address may be mistyped, or the link old. Go to the documents" in words(response)


def test_healthz_says_ok(client: FlaskClient) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.data) == (200, b"ok\n")


def test_files_from_elsewhere_are_the_ones_that_were_looked_at() -> None:
    vendor = Path(guard.__file__).parent / "static" / "vendor"
    record = Path(__file__).parents[2] / "docs" / "decisions" / "0007-desk-front-end.md"
    recorded = dict(re.findall(r"\| `([^`]+)` \|.*`([0-9a-f]{64})` \|", record.read_text(encoding="utf-8")))
    files = [path for path in vendor.iterdir() if path.suffix != ".LICENSE"]
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files} == recorded
    assert all(list(vendor.glob(f"{path.name.split('.')[0].removesuffix('-ext')}.LICENSE")) for path in files)
