"""The first page: the sentence, the list, its pages and its filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.pages import get, names

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from tests.builders_ledger import FilledLedger


def test_the_sentence_counts_today(desk: FlaskClient, filled: FilledLedger) -> None:
    for status in ["auto"] * 9 + ["review", "unknown", "unreadable"]:
        filled.rested(status=status)
    said = "All is well: 12 documents today, 9 filed unasked, 2 wait for a person, 1 could not be read."
    assert said in get(desk)


def test_the_sentence_leaves_yesterday_out(desk: FlaskClient, filled: FilledLedger) -> None:
    filled.turn(days=-1)
    filled.rested(status="review")
    filled.turn(days=1)
    filled.rested()
    assert "1 document today, 1 filed unasked." in get(desk)


def test_one_waits_and_two_wait(desk: FlaskClient, filled: FilledLedger) -> None:
    filled.rested(status="review")
    assert "1 waits for a person." in get(desk)


def test_what_waits_and_what_is_in_work_is_named_on_top(desk: FlaskClient, filled: FilledLedger) -> None:
    filled.rested("lease.docx", status="review")
    filled.claimed("letter.odt")
    assert "Waits for a person 1 lease.docx In work 1 letter.odt" in get(desk)


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("auto", "filed"),
        ("review", "waits for a person"),
        ("unknown", "unknown"),
        ("unreadable", "could not be read"),
    ],
)
def test_each_answer_has_its_word(desk: FlaskClient, filled: FilledLedger, status: str, word: str) -> None:
    filled.rested(status=status)
    slug = {"auto": "filed", "review": "waits"}.get(status, status)
    page = desk.get("/").get_data(as_text=True)
    assert f'<span class="state {slug}">' in page
    assert f"</svg> {word}</span>" in page


def test_a_document_taken_back_and_one_in_work_have_their_words(desk: FlaskClient, filled: FilledLedger) -> None:
    filled.ledger.withdraw(filled.claimed())
    filled.decided()
    page = desk.get("/").get_data(as_text=True)
    assert "</svg> taken back</span>" in page
    assert "</svg> in work</span>" in page


def test_a_row_says_label_confidence_place_reason_origin_and_time(desk: FlaskClient, filled: FilledLedger) -> None:
    filled.rested("scan0012.pdf")
    row = (
        "scan0012.pdf var/filed/contract/distributor/scan0012.pdf contract / distributor 98 % filed"
        " Sure: 98 % contract / distributor. Scanner 2 09:41"
    )
    assert row in get(desk)


def test_confidence_is_never_rounded_up(desk: FlaskClient, filled: FilledLedger) -> None:
    filled.rested()
    assert "98 %" in get(desk)
    assert "99 %" not in get(desk)


def test_the_list_is_paged_by_key(desk: FlaskClient, filled: FilledLedger) -> None:
    for number in range(1, 61):
        filled.rested(f"{number}.pdf")
    assert names(desk) == [f"{number}.pdf" for number in range(60, 10, -1)]
    assert 'href="/?before=11"' in desk.get("/").get_data(as_text=True)
    assert names(desk, "/?before=11") == [f"{number}.pdf" for number in range(10, 0, -1)]
    assert 'id="older"' not in desk.get("/?before=11").get_data(as_text=True)


def test_a_label_finds_what_lies_below_it(desk: FlaskClient, filled: FilledLedger) -> None:
    for label in ["contract", "contract/lease", "contracting", "court/ruling"]:
        filled.rested(label.replace("/", "."), label=label)
    assert names(desk, "/?label=contract") == ["contract.lease", "contract"]


def test_a_label_nobody_taught_but_everything_below_it_can_be_chosen(desk: FlaskClient, filled: FilledLedger) -> None:
    filled.rested(label="court/ruling")
    assert '<option value="court">court</option>' in desk.get("/").get_data(as_text=True)


@pytest.mark.parametrize(
    ("slug", "found"),
    [
        ("filed", ["a"]),
        ("waits", ["c", "b"]),
        ("unknown", ["c"]),
        ("unreadable", ["d"]),
        ("work", ["f", "e"]),
        ("back", ["g"]),
    ],
)
def test_each_state_can_be_chosen(desk: FlaskClient, filled: FilledLedger, slug: str, found: list[str]) -> None:
    for name, status in [("a", "auto"), ("b", "review"), ("c", "unknown"), ("d", "unreadable")]:
        filled.rested(name, status=status)
    filled.claimed("e")
    filled.decided("f")
    filled.ledger.withdraw(filled.claimed("g"))
    assert names(desk, f"/?state={slug}") == found


def test_label_and_state_and_page_go_together(desk: FlaskClient, filled: FilledLedger) -> None:
    for number in range(52):
        filled.rested(f"{number}", label="contract/lease")
        filled.rested(f"other {number}", label="receipt")
    older = "/?state=filed&label=contract&before=5"
    assert older.replace("&", "&amp;") in desk.get("/?state=filed&label=contract").get_data(as_text=True)
    assert names(desk, older) == ["1", "0"]


def test_a_search_without_a_find_offers_the_way_back(desk: FlaskClient, filled: FilledLedger) -> None:
    filled.rested()
    assert "No document matches. Show all documents" in get(desk, "/?state=unreadable")


@pytest.mark.parametrize("address", ["/?state=lost", "/?before=x", "/?before=-1", "/?before=²"])
def test_an_address_that_means_nothing_is_no_page(desk: FlaskClient, address: str) -> None:
    assert desk.get(address).status_code == 404


def test_a_huge_key_is_just_the_newest_page(desk: FlaskClient, filled: FilledLedger) -> None:
    filled.rested("a")
    assert names(desk, "/?before=99999999999999999999999") == ["a"]


def test_an_empty_box_says_where_to_drop_a_file(desk: FlaskClient, tmp_path: Path) -> None:
    assert f"Nothing has arrived yet. Drop a file into {tmp_path}/inbox." in get(desk)


def test_a_box_that_was_never_started_says_so(client: FlaskClient) -> None:
    said = get(client)
    assert "The box has not been started here yet." in said
    assert "Start the box with appliance run" in said
    assert "all is well" not in said


def test_a_document_that_does_not_move_takes_line_one(desk: FlaskClient, filled: FilledLedger) -> None:
    filled.turn(minutes=-3)
    filled.claimed("stuck.pdf")
    said = get(desk)
    assert "Look here: stuck.pdf has been in work since 09:38 and does not move." in said
    assert "nothing is lost" in said
    assert "ll is well" not in said


def test_a_document_that_was_taken_up_again_is_not_stuck(desk: FlaskClient, filled: FilledLedger) -> None:
    filled.turn(minutes=-30)
    document = filled.claimed("slow.pdf")
    filled.turn(minutes=30)
    filled.ledger.attempt(document)
    assert "All is well" in get(desk)
