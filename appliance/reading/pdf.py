"""PDF, page by page, by pdfium; pypdf gives a second opinion where pdfium sees nothing.

Promises to look only at the pages asked for, and at the first twenty where
none of them says anything, to tell a scan. A file locked with an empty password
is read, as every viewer does. Never renders, and never runs a form or a script.
"""

from __future__ import annotations

import logging
from itertools import islice
from typing import TYPE_CHECKING

import pypdfium2
from pypdfium2 import raw

from appliance.reading.base import Note, Page, Trouble
from appliance.reading.hidden import take_out_hidden
from appliance.reading.troubles import unreadable

if TYPE_CHECKING:
    from appliance.reading.base import Pages
    from appliance.reading.source import Source

IN_MEMORY_BYTES = 32 * 1024**2
"""Read whole up to this size; a larger file is read where pdfium looks."""

SILENT_PAGES = 20
"""So many pages without a word at the beginning are believed of the rest."""

OUTLINES = 50
"""A page of so many drawn shapes and no text shows letters turned into shapes, or a drawing."""

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it logs what is wrong with each file, in the file's own words

_LOCKED = frozenset({raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY})


def read_pdf(source: Source) -> Pages:
    """Yield every page that has text.

    Raises:
        UnreadableError: It is locked, damaged, or a scan.
    """
    content = source.whole() if source.size <= IN_MEMORY_BYTES else source.file()
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in _LOCKED:
            raise unreadable(Trouble.ENCRYPTED, "pdf") from error
        yield from _by_pypdf(source)
        return
    try:
        yield from _by_pdfium(document, source)
    finally:
        document.close()


def _by_pdfium(document: pypdfium2.PdfDocument, source: Source) -> Pages:
    pages = (_page(document, index) for index in range(len(document)))
    silent: frozenset[Note] = frozenset()
    for page in islice(pages, SILENT_PAGES):
        silent |= page.notes
        if page.text.strip():
            yield Page(page.number, page.text, silent)
            break
    else:
        yield from _unspoken(document, source, silent)
        return
    yield from pages


def _unspoken(document: pypdfium2.PdfDocument, source: Source, notes: frozenset[Note]) -> Pages:
    """Say what a document is whose first pages show no word."""
    if any(_is_drawn(document, index) for index in range(min(len(document), SILENT_PAGES))):
        raise unreadable(Trouble.SCAN, "pdf")
    if Note.HIDDEN_TEXT in notes:
        raise unreadable(Trouble.HIDDEN, "pdf")
    yield from _by_pypdf(source)


def _page(document: pypdfium2.PdfDocument, index: int) -> Page:
    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        return Page(index + 1, "")  # one broken page is not the document
    try:
        text, notes, is_changed = _read(page)
        return Page(index + 1, _read(page)[0] if is_changed else text, notes)
    finally:
        page.close()


def _read(page: pypdfium2.PdfPage) -> tuple[str, frozenset[Note], bool]:
    """Return a page's text, what there is to note of it, and whether hidden text was taken out of the page since."""
    text = page.get_textpage()
    try:
        said = str(text.get_text_range())
        taken, notes = take_out_hidden(page.raw, text.raw) if said else (False, frozenset[Note]())
        return said, notes, taken
    finally:
        text.close()


def _is_drawn(document: pypdfium2.PdfDocument, index: int) -> bool:
    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        return False
    try:
        if next(page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,)), None):
            return True
        shapes = page.get_objects(filter=(raw.FPDF_PAGEOBJ_PATH,))
        return sum(1 for _ in islice(shapes, OUTLINES)) >= OUTLINES
    finally:
        page.close()


def _by_pypdf(source: Source) -> Pages:
    import pypdf  # 26 MB and 140 ms that only the rare file which pdfium cannot make out should cost
    from pypdf.errors import PyPdfError

    # pypdf lets these through from files that are broken in ways it does not check
    broken = (PyPdfError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError)
    try:
        reader = pypdf.PdfReader(source.file(), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise unreadable(Trouble.ENCRYPTED, "pdf")
        for number, page in enumerate(reader.pages, 1):
            yield Page(number, page.extract_text())
    except broken as error:
        raise unreadable(Trouble.DAMAGED, "pdf") from error
