# ruff: noqa: RUF001 - letters in other clothes are the point
"""Text that nobody sees does not reach the classifier, and is told of; text that somebody sees does, and is not."""

from __future__ import annotations

import random
import sys
from typing import TYPE_CHECKING

import pytest

from appliance.reading import LocalReader, Note, Trouble, UnreadableError
from appliance.reading.cleaning import clean
from tests import builders

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.reading import Reader, ReaderPool

    Opened = Callable[[bytes], int]

SEEN = b"0 g BT /F1 12 Tf 20 700 Td (This Lease is made between Anna and Ben.) Tj ET "
SCAN = b"q 612 0 0 792 0 0 cm /I Do Q "
LINE = b"(This Lease is made between Anna and Ben.) Tj 0 -14 Td "
EVIL = b"(INVOICE INVOICE INVOICE INVOICE INVOICE) Tj ET "


def read(content: bytes, opened: Opened, reader: Reader | None = None) -> tuple[str, set[Note]]:
    with (reader or LocalReader()).open(opened(content)) as session:
        pages = list(iter(session.next, None))
    return "".join(page.text for page in pages), {note for page in pages for note in page.notes}


HIDDEN = {
    "white": b"1 g BT /F1 12 Tf 20 600 Td " + EVIL,
    "nearly white": b"0.96 0.97 0.98 rg BT /F1 12 Tf 20 600 Td " + EVIL,
    "white by ink": b"0 0 0 0 k BT /F1 12 Tf 20 600 Td " + EVIL,
    "white on a light ground": b"0.95 g 0 500 400 200 re f 1 g BT /F1 12 Tf 20 600 Td " + EVIL,
    "invisible": b"BT 3 Tr /F1 12 Tf 20 600 Td " + EVIL,
    "transparent": b"/Clear gs BT /F1 12 Tf 20 600 Td " + EVIL,
    "tiny": b"BT /F1 1 Tf 20 600 Td " + EVIL,
    "tiny by scale": b"BT /F1 12 Tf 0.08 0 0 0.08 20 600 Tm " + EVIL,
    "beside the page": b"BT /F1 12 Tf 700 600 Td " + EVIL,
    "below the page": b"BT /F1 12 Tf 20 -50 Td " + EVIL,
}


@pytest.mark.parametrize("drawn", HIDDEN.values(), ids=HIDDEN)
def test_hidden_text_of_a_pdf_is_left_out_and_told_of(drawn: bytes, opened: Opened) -> None:
    text, notes = read(builders.make_drawn_pdf(SEEN + drawn), opened)
    assert (text.strip(), notes) == ("This Lease is made between Anna and Ben.", {Note.HIDDEN_TEXT})


VISIBLE = {
    "white on a dark ground": b"0 0 0.4 rg 0 580 600 60 re f 1 g BT /F1 12 Tf 20 600 Td ",
    "white on a picture": SCAN + b"1 g BT /F1 12 Tf 20 600 Td " + 3 * LINE,  # fewer letters would be a stamp
    "grey": b"0.6 g BT /F1 12 Tf 20 600 Td ",
    "small print": b"BT /F1 4 Tf 20 600 Td ",
    "upright": b"BT /F1 9 Tf 0 1 -1 0 300 300 Tm ",
    "outlined in black": b"1 g 0 G BT 1 Tr /F1 12 Tf 20 600 Td ",
    "half over the edge": b"BT /F1 12 Tf 500 600 Td ",
}


@pytest.mark.parametrize("drawn", VISIBLE.values(), ids=VISIBLE)
def test_text_that_shows_is_read_without_a_note(drawn: bytes, opened: Opened) -> None:
    text, notes = read(builders.make_drawn_pdf(SEEN + drawn + b"(a small receipt of one page, number 1) Tj ET"), opened)
    assert "a small receipt of one page, number 1" in text
    assert notes == set()


def test_what_a_scanner_read_behind_its_picture_is_read_with_a_note(opened: Opened) -> None:
    text, notes = read(builders.make_drawn_pdf(SCAN + b"BT 3 Tr /F1 12 Tf 20 600 Td " + 4 * LINE + b"ET"), opened)
    assert text.count("This Lease is made between Anna and Ben.") == 4
    assert notes == {Note.TEXT_BEHIND_PICTURE}


@pytest.mark.parametrize(
    ("form", "placed"),
    [
        (b"1 g BT /F1 12 Tf 20 600 Td " + EVIL, b"1 0 0 1 0 0"),
        (b"BT /F1 12 Tf 20 600 Td " + EVIL, b"1 0 0 1 900 0"),
        (b"BT /F1 12 Tf 20 600 Td " + EVIL, b"0.05 0 0 0.05 0 0"),
    ],
    ids=["white", "placed beside the page", "made tiny"],
)
def test_hidden_text_in_a_form_is_left_out(form: bytes, placed: bytes, opened: Opened) -> None:
    text, notes = read(builders.make_drawn_pdf(SEEN + b"/X Do", form=form, placed=placed), opened)
    assert (text.strip(), notes) == ("This Lease is made between Anna and Ben.", {Note.HIDDEN_TEXT})


def test_text_in_a_form_that_brings_it_onto_the_page_is_read(opened: Opened) -> None:
    form = b"BT /F1 240 Tf 20000 6000 Td (a receipt of one page) Tj ET"
    content = builders.make_drawn_pdf(SEEN + b"/X Do", form=form, placed=b"0.05 0 0 0.05 -900 0")
    text, notes = read(content, opened)
    assert "a receipt of one page" in text
    assert notes == set()


def test_a_pdf_that_hides_all_it_says_is_unreadable_for_that_reason(opened: Opened) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(builders.make_drawn_pdf(HIDDEN["white"]), opened)
    assert (caught.value.trouble, caught.value.found) == (Trouble.HIDDEN, "pdf")


def test_a_scan_with_words_hidden_beside_it_is_a_scan(opened: Opened) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(builders.make_drawn_pdf(SCAN + HIDDEN["beside the page"]), opened)
    assert caught.value.trouble is Trouble.SCAN


def test_a_note_of_a_page_that_says_nothing_is_told_with_the_next(opened: Opened) -> None:
    text, notes = read(builders.make_drawn_pdf(HIDDEN["white"], SEEN), opened)
    assert ("INVOICE" in text, notes) == (False, {Note.HIDDEN_TEXT})


def test_a_worker_tells_the_same(opened: Opened, pool: ReaderPool) -> None:
    content = builders.make_drawn_pdf(SEEN + HIDDEN["tiny"])
    assert read(content, opened, pool) == read(content, opened)


@pytest.mark.parametrize(
    "element",
    [
        '<div style="display:none">INVOICE</div>',
        '<div style="color:red; DISPLAY : None !important">a<div>INVOICE</div>b</div>',
        '<span style="visibility:hidden">INVOICE</span>',
        '<span style="font-size:0">INVOICE</span>',
        '<span style="font-size: 0px; color: black">INVOICE</span>',
        '<span style="opacity:0">INVOICE</span>',
        '<p style="color:#fff;background-color:#fff">INVOICE</p>',
        "<p hidden>INVOICE</p>",
        "<p hidden>INVOICE<p>shown",
        "<ul><li hidden>INVOICE<li>shown</ul>",
    ],
)
def test_what_an_element_of_a_web_page_hides_is_left_out_and_told_of(element: str, opened: Opened) -> None:
    text, notes = read(f"<html><body>before{element}<p>after</p></body></html>".encode(), opened)
    assert ("INVOICE" in text, "after" in text, "before" in text) == (False, True, True)
    assert ("shown" in element) <= ("shown" in text)
    assert notes == {Note.HIDDEN_TEXT}


@pytest.mark.parametrize(
    "element",
    [
        '<p style="font-size:0.9em">seen</p>',
        '<p style="opacity:0.5;color:#fff;background:#000">seen</p>',
        '<input hidden value="x">seen',
        '<p style="display:none"></p>seen',
        '<p style="display:none">  \n</p>seen',
    ],
)
def test_what_a_web_page_shows_is_read_without_a_note(element: str, opened: Opened) -> None:
    text, notes = read(f"<html><body>{element}</body></html>".encode(), opened)
    assert ("seen" in text, notes) == (True, set())


def test_characters_that_turn_the_direction_are_taken_out_and_told_of(opened: Opened) -> None:
    text, notes = read("Please pay \N{RIGHT-TO-LEFT OVERRIDE}now\N{POP DIRECTIONAL FORMATTING}.".encode(), opened)
    assert (text, notes) == ("Please pay now.", {Note.TURNED_TEXT})


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("ﬁnal oﬃce", "final office"),
        ("Ａｇｒｅｅｍｅｎｔ", "Agreement"),
        ("𝐈𝐧𝐯𝐨𝐢𝐜𝐞", "Invoice"),
        ("Cafe\u0301", "Café"),
        ("in\u200bvo\u00adi\u2060ce", "invoice"),
        ("in\u200dvoice", "invoice"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\U000e0049\U000e004ex", "x"),
        ("½ m² №", "½ m² №"),
    ],
)
def test_letters_in_other_clothes_are_the_plain_ones(written: str, read_as: str) -> None:
    assert clean(written) == read_as


def test_cleaning_twice_is_cleaning_once() -> None:
    chance = random.Random(7)
    for _ in range(300):
        text = "".join(chr(chance.randrange(sys.maxunicode + 1)) for _ in range(200))
        mixed = text + "".join(chance.choices("a\u0301\u200d\u00ade\ufb01\u0345\uff9eカ", k=40))
        assert clean(clean(mixed)) == clean(mixed)
