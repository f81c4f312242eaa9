"""A long document costs what is asked of it: its first page is there in the time that a short one's is."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from appliance.answer import Reading
from appliance.reading import LocalReader, ReaderPool, Trouble, UnreadableError
from appliance.settings import Settings
from appliance.updates.bundled import load_factory
from tests import builders

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.classify.classifier import Classifier

    Opened = Callable[[bytes], int]
    Read = Callable[..., tuple[str, str]]

PARAGRAPH = "This Agreement is made between the Distributor and the Supplier. " * 20
SLACK_SECONDS = 0.15
"""What a busy machine may add; reading all of any document below takes longer than ten times as much."""


def rows(texts: int) -> str:
    return "".join(f'<row><c t="inlineStr"><is><t>{PARAGRAPH} {n}</t></is></c></row>' for n in range(texts))


def make_html(paragraphs: int) -> bytes:
    return b"<html><body>" + f"<p>{PARAGRAPH}</p>".encode() * paragraphs + b"</body></html>"


def make_docx(paragraphs: int) -> bytes:
    return builders.make_docx("\n".join([PARAGRAPH] * paragraphs))


LONG: dict[str, tuple[Callable[[int], bytes], int]] = {
    "a PDF of 2,000 pages": (lambda pages: builders.make_pdf(PARAGRAPH, pages), 2_000),
    "a workbook of 500 sheets": (
        lambda sheets: builders.make_workbook({f"Sheet {n}": rows(20) for n in range(sheets)}),
        500,
    ),
    "a workbook of 20,000 rows that share their texts": (
        lambda texts: builders.make_workbook(
            {"Sheet": "".join(f'<row><c t="s"><v>{n}</v></c></row>' for n in range(texts))},
            shared=[f"{PARAGRAPH} {n}" for n in range(texts)],
        ),
        20_000,
    ),
    "a presentation of 2,000 slides": (
        lambda slides: builders.make_slides([PARAGRAPH * 4 for _ in range(slides)]),
        2_000,
    ),
    "a web page of 25 MB": (make_html, 20_000),
    "a letter of 25 MB": (make_docx, 20_000),
    "a text of 25 MB": (lambda times: PARAGRAPH.encode() * times, 20_000),
}


def first_page_seconds(content: bytes, opened: Opened) -> float:
    """Return how long the first page takes, the best of three."""
    descriptor, took = opened(content), []
    for _ in range(3):
        began = time.perf_counter()
        with LocalReader().open(descriptor) as session:
            page = session.next()
        took.append(time.perf_counter() - began)
        assert page is not None
        assert "Distributor" in page.text
    return min(took)


@pytest.mark.parametrize("name", LONG)
def test_the_first_page_of_a_long_document_takes_as_long_as_that_of_a_short_one(name: str, opened: Opened) -> None:
    make, length = LONG[name]
    short = first_page_seconds(make(2), opened)
    assert first_page_seconds(make(length), opened) < short + SLACK_SECONDS


@pytest.fixture(scope="module")
def model() -> Classifier:
    """The factory model; onnxruntime keeps files of its own open from here on."""
    return load_factory(Settings().factory_model)


def test_the_box_decides_a_pdf_of_2000_pages_on_its_first(opened: Opened, model: Classifier) -> None:
    """The whole answer, with the factory model and a worker, is there in the time that two pages take."""
    took = {}
    with ReaderPool(1) as pool:
        reading = Reading(pool, model, 5.0)
        for pages in (2, 2_000):
            text = "DISTRIBUTOR AGREEMENT\n" + "\n".join([builders.TEXT] * 20)
            descriptor = opened(builders.make_pdf(text, pages))
            reading.answer(descriptor)
            began = time.perf_counter()
            verdict = reading.answer(descriptor)
            took[pages] = time.perf_counter() - began
            assert (verdict.status, verdict.label, verdict.pages_read) == ("auto", "contract/distributor", 1)
    assert took[2_000] < took[2] + SLACK_SECONDS


# Workbooks


@pytest.mark.parametrize(
    ("name", "head", "filler"),
    [
        ("xl/styles.xml", b"<styleSheet><cellXfs>", b'<xf numFmtId="14"/>'),
        ("xl/workbook.xml", b"<workbook>", b'<sheet name="spam"/>'),
    ],
    ids=["styles", "names"],
)
def test_of_what_goes_before_the_sheets_only_the_beginning_is_read(
    name: str, head: bytes, filler: bytes, opened: Opened, pool: ReaderPool
) -> None:
    content = builders.make_workbook({"S": "<row><c><v>said</v></c></row>"}, extra={name: head + filler * 3_000_000})
    began = time.perf_counter()
    with pool.open(opened(content)) as session:
        page = session.next()
    assert page is not None
    assert "said" in page.text
    assert time.perf_counter() - began < pool.seconds / 2


def test_a_workbook_is_read_as_it_shows(read: Read) -> None:
    sheet = (
        '<row><c t="s"><v>1</v></c><c><v>1250.5</v></c><c s="1"><v>45000</v></c><c s="2"><v>45000.5</v></c></row>'
        '<row/><row><c t="b"><v>1</v></c><c t="str"><f>A1</f><v>sum</v></c>'
        '<c t="s"><v>0</v></c><c t="s"><v>9</v></c></row>'
    )
    formats = (
        '<numFmts><numFmt numFmtId="164" formatCode="[$-409]d/m/yy\\ h:mm;@"/></numFmts>'
        '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs>'
    )
    kind, text = read(builders.make_workbook({"A & B": sheet, "Z": ""}, shared=["zero", "one"], formats=formats))
    assert kind == "xlsx"
    assert text == "A & B\n\none\t1250.5\t2023-03-15\t2023-03-15 12:00\nTRUE\tsum\tzero\n\nZ\n\n\n"


def test_sheets_and_slides_are_read_in_the_order_of_their_numbers(read: Read) -> None:
    names = [f"number {n}." for n in range(1, 12)]
    assert read(builders.make_slides(names))[1].split("\n")[:-1] == names
    workbook = read(builders.make_workbook(dict.fromkeys(names, "")))[1]
    assert [line for line in workbook.split("\n") if line] == names


def test_a_reading_aid_is_no_text_of_a_cell(read: Read) -> None:
    shared = '<sst xmlns="s"><si><r><t>東京</t></r><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></si></sst>'.encode()
    content = builders.make_workbook({"S": '<row><c t="s"><v>0</v></c></row>'}, extra={"xl/sharedStrings.xml": shared})
    assert "東京\n" in read(content)[1]
    assert "トウ" not in read(content)[1]


def test_a_document_type_declaration_of_a_workbook_is_refused(opened: Opened) -> None:
    evil = b'<!DOCTYPE a [<!ENTITY e "x">]><worksheet><sheetData/></worksheet>'
    content = builders.make_workbook({"S": ""}, extra={"xl/worksheets/sheet1.xml": evil})
    with pytest.raises(UnreadableError) as caught:
        LocalReader().open(opened(content))
    assert caught.value.trouble is Trouble.DAMAGED


SHEET = b'<worksheet><row><c t="s"><v>9999999</v></c></row></worksheet>'


def make_bomb(name: str, head: bytes, filler: bytes, megabytes: int = 120) -> bytes:
    """A zip of some 100 kB whose one part goes on and on."""
    part = head + filler * (megabytes * 1024**2 // len(filler))
    folder = name.partition("/")[0]
    sheet = {} if "sheet" in name or folder != "xl" else {"xl/worksheets/sheet1.xml": SHEET}
    return builders.make_zip({"[Content_Types].xml": b"", f"{folder}/root.xml": b"", **sheet, name: part})


BOMBS: dict[str, tuple[str, bytes, bytes]] = {
    "empty rows": ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData>", b"<row/>"),
    "blanks": ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData>", b" " * 1024),
    "empty cells": ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row>", b'<c s="1"/>'),
    "one endless text": ("xl/worksheets/sheet1.xml", b"<worksheet><row><c><is><t>", b"spam " * 200),
    "words": ("xl/worksheets/sheet1.xml", b"<worksheet>", b"<row><c><v>spam</v></c></row>"),
    "empty shared texts": ("xl/sharedStrings.xml", b"<sst>", b"<si/>"),
    "blanks among shared texts": ("xl/sharedStrings.xml", b"<sst>", b" " * 1024),
    "paragraphs": ("word/document.xml", b'<w:document xmlns:w="w">', b"<w:p/>"),
    "slides": ("ppt/slides/slide1.xml", b'<a:sld xmlns:a="a">', b"<a:p/>"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_answered_long_before_it_has_gone_off(name: str, opened: Opened, pool: ReaderPool) -> None:
    descriptor = opened(make_bomb(*BOMBS[name]))
    began = time.perf_counter()
    try:
        with pool.open(descriptor) as session:
            assert session.next() is not None
        assert "words" in name
    except UnreadableError as error:
        assert "words" not in name
        assert error.trouble is Trouble.TOO_LARGE  # noqa: PT017 - which of the two ends it is depends on the bomb
    assert time.perf_counter() - began < pool.seconds / 2
