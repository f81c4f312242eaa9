"""PDF, page by page, by pdfium; pypdf gives a second opinion where pdfium sees nothing.

Promises to look only at the pages asked for, and at the first twenty where
none of them says anything, to tell a scan. Pages that say nothing legible are
passed over while there are others, because a scanned page costs as much as a
hundred with text; when those are read to the end it says that there are scans
left. A file locked with an empty password is read, as every viewer does. Never
renders, and never runs a form or a script.
"""

from __future__ import annotations

import logging
from itertools import islice
from typing import TYPE_CHECKING

import pypdfium2
from pypdfium2 import raw

from appliance.reading.base import Note, Page, Trouble
from appliance.reading.hidden import take_out_hidden
from appliance.reading.legible import is_garbled, letters_of
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

FEW_LETTERS = 100
"""With fewer than these over a picture that fills the page, they are a stamp or a scanner's own line."""

FILLED_SHARE = 0.5

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it logs what is wrong with each file, in the file's own words

_LOCKED = frozenset({raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY})


def read_pdf(source: Source) -> Pages:
    """Yield every page that has text.

    Raises:
        UnreadableError: It is locked or damaged; or a scan, as soon as that is known and also after its last text.
    """
    try:
        document = opened_pdf(source)
    except pypdfium2.PdfiumError as error:
        if is_locked(error):
            raise unreadable(Trouble.ENCRYPTED, "pdf") from error
        yield from _by_pypdf(source)
        return
    try:
        yield from _by_pdfium(document, source)
    finally:
        document.close()


def opened_pdf(source: Source) -> pypdfium2.PdfDocument:
    """Open a file with pdfium; whoever does must close it.

    Raises:
        PdfiumError: It cannot.
    """
    return pypdfium2.PdfDocument(source.whole() if source.size <= IN_MEMORY_BYTES else source.file())


def is_locked(error: pypdfium2.PdfiumError) -> bool:
    """Tell whether a file could not be opened because it is protected."""
    return getattr(error, "err_code", None) in _LOCKED


def is_silent(text: str) -> bool:
    """Tell a page whose text is not worth reading: there is none, or it stands for nothing."""
    return not text.strip() or is_garbled(text)


def _by_pdfium(document: pypdfium2.PdfDocument, source: Source) -> Pages:
    passed_over: list[Page] = []
    silent: frozenset[Note] = frozenset()
    spoken = False
    for index in range(len(document)):
        page = _page(document, index)
        if is_silent(page.text) or is_stamp(document, index, page.text):
            passed_over += [page][: SILENT_PAGES - len(passed_over)]
            silent |= page.notes
        else:
            yield page if spoken else Page(page.number, page.text, page.notes | silent)
            spoken = True
        if not spoken and len(passed_over) == SILENT_PAGES:
            break
    if any(shows_more(document, page.number - 1, page.text) for page in passed_over):
        raise unreadable(Trouble.SCAN, "pdf")
    if spoken:
        return
    if Note.HIDDEN_TEXT in silent:
        raise unreadable(Trouble.HIDDEN, "pdf")
    yield from _by_pypdf(source)


def shows_more(document: pypdfium2.PdfDocument, index: int, text: str) -> bool:
    """Tell a page whose picture may say what its text does not."""
    if is_silent(text):
        return bool(text.strip()) or is_drawn(document, index)
    return is_stamp(document, index, text)


def text_of(document: pypdfium2.PdfDocument, index: int) -> str:
    """Return what a page's text says to who looks at it."""
    return _page(document, index).text


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


def is_drawn(document: pypdfium2.PdfDocument, index: int) -> bool:
    """Tell a page that shows a picture, or shapes in plenty."""
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


def is_stamp(document: pypdfium2.PdfDocument, index: int, text: str) -> bool:
    """Tell a page whose few letters only lie over a picture that fills it."""
    if letters_of(text) >= FEW_LETTERS:
        return False
    page = document[index]
    try:
        width, height = page.get_size()
        pictures = (picture.get_bounds() for picture in page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,)))
        covered = sum((right - left) * (top - bottom) for left, bottom, right, top in pictures)
        return bool(covered >= FILLED_SHARE * width * height)
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
