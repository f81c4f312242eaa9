"""Every format gives its text, whatever the file is called."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests import builders

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.reading import ReaderPool

    Read = Callable[..., tuple[str, str]]

FORMATS = ("pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp", "rtf", "html", "eml", "doc", "xls", "ppt", "msg")
LINES = "Between Smith & Jones <both>\nthe sum of 1,250.00 is due."


@pytest.mark.parametrize("kind", FORMATS)
def test_a_format_is_known_by_its_content_and_gives_its_text(kind: str, read: Read) -> None:
    found, text = read(getattr(builders, f"make_{kind}")(LINES))
    assert found == kind
    assert "Between Smith & Jones <both>" in text
    assert "the sum of 1,250.00 is due." in text


@pytest.mark.parametrize("kind", FORMATS)
def test_a_worker_reads_what_this_process_reads(kind: str, read: Read, pool: ReaderPool) -> None:
    content = getattr(builders, f"make_{kind}")(LINES)
    assert read(content, pool) == read(content)


@pytest.mark.parametrize("kind", sorted({*FORMATS} - {"pdf"}))
def test_letters_beyond_ascii_survive(kind: str, read: Read) -> None:
    assert "Größe 5 € Łódź" in read(getattr(builders, f"make_{kind}")("Größe 5 € Łódź"))[1]


def test_a_word_document_keeps_tabs_breaks_and_references(read: Read) -> None:
    body = (
        "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>1.</w:t><w:tab/><w:t>A&#8217;s</w:t><w:br/></w:r></w:p>"
    )
    assert read(builders.make_docx_of(body))[1] == "1.\tA\N{RIGHT SINGLE QUOTATION MARK}s\n\n"


def test_deleted_words_of_a_word_document_are_not_its_text(read: Read) -> None:
    body = "<w:p><w:del><w:r><w:t>gone</w:t></w:r></w:del><w:r><w:t>stays</w:t></w:r></w:p>"
    assert read(builders.make_docx_of(body))[1] == "stays\n"


def test_scripts_and_styles_of_a_web_page_are_not_its_text(read: Read) -> None:
    _, text = read(builders.make_html())
    assert "hidden" not in text
    assert "teal" not in text


def test_a_web_page_is_decoded_as_it_declares(read: Read) -> None:
    page = '<html><head><meta charset="windows-1251"></head><body>Договор поставки</body></html>'
    assert "Договор поставки" in read(page.encode("cp1251"))[1]


def test_an_xml_file_gives_its_text_alone(read: Read) -> None:
    assert read(b'<?xml version="1.0"?><order><line c="d">one</line><line>two</line></order>') == (
        "xml",
        "\none\ntwo\n",
    )


def test_an_email_gives_its_body_then_its_headers_in_a_stable_order(read: Read) -> None:
    text = read(builders.make_eml("The body.", subject="The subject", html="<p>The other body.</p>"))[1]
    positions = [text.index(part) for part in ("The body.", "Subject: The subject", "From: ", "To: ", "Date: ")]
    assert positions == sorted(positions)
    assert "other" not in text


def test_a_memo_that_looks_like_an_email_keeps_every_line(read: Read) -> None:
    memo = "From: Anna\nTo: Ben\nRe: Lease\nSubject: Lease\n\nDear Ben\n"
    assert read(memo.encode()) == ("text", memo)


def test_a_large_word_97_document_is_told_by_its_directory(read: Read) -> None:
    assert read(builders.make_doc("A letter", pictures=bytes(9_000_000))) == ("doc", "A letter")


def test_a_pdf_header_after_other_bytes_is_found(read: Read) -> None:
    assert read(b"\0junk\x01\n" + builders.make_pdf("Found"))[0] == "pdf"


def test_a_text_about_pdf_is_a_text(read: Read) -> None:
    assert read(b"A file that begins with %PDF-1.7 is a PDF.")[0] == "text"


def test_a_pdf_locked_with_an_empty_password_is_read(read: Read) -> None:
    assert read(builders.make_encrypted_pdf("Open sesame", asks=False)) == ("pdf", "Open sesame")


def test_a_pdf_whose_table_is_broken_is_read_all_the_same(read: Read) -> None:
    assert read(builders.make_pdf("Still here").replace(b"startxref", b"startxxxx"))[1] == "Still here"


def test_a_pdf_that_pdfium_cannot_open_gets_a_second_opinion(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    import pypdfium2

    def refuse(*_: object) -> None:
        message = "refused"
        raise pypdfium2.PdfiumError(message)

    monkeypatch.setattr(pypdfium2, "PdfDocument", refuse)
    assert read(builders.make_pdf("By the other reader", pages=2))[1].count("By the other reader") == 2


def test_a_large_pdf_is_read_where_it_is_looked_at(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.reading.pdf.IN_MEMORY_BYTES", 0)
    assert read(builders.make_pdf("From a file"))[1] == "From a file"


def test_the_first_page_of_a_long_pdf_does_not_wait_for_the_rest(
    opened: Callable[[bytes], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    from appliance.reading import LocalReader, pdf

    looked, look = [], pdf._page
    monkeypatch.setattr(pdf, "_page", lambda document, index: looked.append(index) or look(document, index))
    with LocalReader().open(opened(builders.make_pdf(pages=200))) as session:
        assert session.next().number == 1
    assert looked == [0]


def test_an_endless_text_gives_its_first_page_at_once() -> None:
    from appliance.reading import LocalReader

    descriptor = os.memfd_create("endless")
    try:
        os.pwrite(descriptor, b"word " * 20_000, 0)
        os.truncate(descriptor, 1024**3)
        with LocalReader().open(descriptor) as session:
            assert 2_000 <= len(session.next().text) <= 4_000
    finally:
        os.close(descriptor)
