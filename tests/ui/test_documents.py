"""One document: why, where, and its history as sentences."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.builders_ledger import make_verdict
from tests.ui.pages import get

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.builders_ledger import FilledLedger


def test_the_history_of_an_unsure_document_reads_as_sentences(desk: FlaskClient, filled: FilledLedger) -> None:
    number = filled.rested(status="review").id
    assert (
        "09:41 arrived from Scanner 2. 09:41 read, 12 pages."
        " 09:41 unsure: 62 % contract / distributor, 21 % contract / reseller."
        " 09:41 waits for a person in var/review."
    ) in get(desk, f"/documents/{number}")


def test_the_history_of_a_sure_document(desk: FlaskClient, filled: FilledLedger) -> None:
    number = filled.rested().id
    said = get(desk, f"/documents/{number}")
    assert "09:41 sure: 98 % contract / distributor. 09:41 filed in var/filed/contract/distributor." in said


def test_the_history_of_a_document_that_could_not_be_read(desk: FlaskClient, filled: FilledLedger) -> None:
    number = filled.rested(status="unreadable").id
    said = get(desk, f"/documents/{number}")
    assert "09:41 opened. 09:41 could not be read: The file is empty. Ask whoever sent it to send it again." in said
    assert "09:41 put into var/unreadable." in said


def test_the_history_of_an_unknown_document(desk: FlaskClient, filled: FilledLedger) -> None:
    number = filled.rested(status="unknown").id
    assert "09:41 unknown: unlike anything the model was taught." in get(desk, f"/documents/{number}")


def test_a_restart_and_a_withdrawal_are_told(desk: FlaskClient, filled: FilledLedger) -> None:
    document = filled.ledger.attempt(filled.claimed(origin=""))
    filled.ledger.withdraw(document)
    said = get(desk, f"/documents/{document.id}")
    assert "09:41 arrived. 09:41 taken up again after start 1 of the box." in said
    assert "09:41 taken back before the box had it." in said
    assert "nowhere: it was taken back" in said


def test_alternatives_are_bars_with_figures(desk: FlaskClient, filled: FilledLedger) -> None:
    number = filled.rested(status="review").id
    page = desk.get(f"/documents/{number}").get_data(as_text=True)
    assert '<rect width="62.0%"' in page
    assert "contract / reseller 21 %" in get(desk, f"/documents/{number}")


def test_the_passage_is_quoted_when_it_was_kept(desk: FlaskClient, filled: FilledLedger) -> None:
    verdict = make_verdict(passage="…appoints the <Distributor>…")
    with_it, without = filled.decided(verdict=verdict).id, filled.decided().id
    page = desk.get(f"/documents/{with_it}").get_data(as_text=True)
    assert "<blockquote>…appoints the &lt;Distributor&gt;…</blockquote>" in page
    assert "blockquote" not in desk.get(f"/documents/{without}").get_data(as_text=True)


def test_the_words_that_weighed_most_are_marked(desk: FlaskClient, filled: FilledLedger) -> None:
    words = (("<b>", 43, 46, 2.0), ("so", 40, 42, 1.0), ("beyond", 99, 105, 1.0))
    number = filled.decided(verdict=make_verdict("review", passage="so <b> it", words=words)).id
    page = desk.get(f"/documents/{number}").get_data(as_text=True)
    assert "<blockquote><mark>so</mark> <mark>&lt;b&gt;</mark> it</blockquote>" in page


def test_the_same_bytes_point_at_the_first(desk: FlaskClient, filled: FilledLedger) -> None:
    first = filled.rested(content="same").id
    second = filled.rested(content="same").id
    assert f'<a id="same" href="/documents/{first}">' in desk.get(f"/documents/{second}").get_data(as_text=True)
    assert f"The same bytes as document {first}." in get(desk, f"/documents/{second}")


def test_facts_are_named(desk: FlaskClient, filled: FilledLedger) -> None:
    document = filled.rested()
    said = get(desk, f"/documents/{document.id}")
    for fact in ["Format pdf, 12 pages read", "Size 1.4 KB", "Model factory-1", f"SHA-256 {document.sha256}"]:
        assert fact in said


def test_a_number_without_a_document_says_so(desk: FlaskClient) -> None:
    response = desk.get("/documents/7")
    assert response.status_code == 404
    assert "There is no document 7." in response.get_data(as_text=True)


def test_a_document_of_a_box_never_started_is_explained(client: FlaskClient) -> None:
    response = client.get("/documents/7")
    assert response.status_code == 503
    assert "The box has not been started on this root yet." in response.get_data(as_text=True)


def test_what_was_noticed_of_the_text_is_said(desk: FlaskClient, filled: FilledLedger) -> None:
    filled.decided(verdict=replace(make_verdict(), notes=("hidden_text",), language="de"))
    told = get(desk, "/documents/1")
    assert "text that nobody who looks at it sees" in told
    assert "in German" in told


def test_a_mail_and_what_was_attached_to_it_name_each_other(desk: FlaskClient, filled: FilledLedger) -> None:
    filled.decided("mail.eml", attached=("lease.pdf",))
    assert "lease.pdf" in get(desk, "/documents/1")
    assert 'href="/documents/2"' in desk.get("/documents/1").text
    assert 'href="/documents/1"' in desk.get("/documents/2").text
    assert "was attached to document 1" in get(desk, "/documents/2")
