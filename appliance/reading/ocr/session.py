"""One scan being read: pages as they are asked for, and of a page a few lines at a time.

Promises the same verbs as every session. A page with nothing on it is passed
over. Of a PDF only those pages are read whose text says nothing, which the
ordinary worker passed over.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pypdfium2
from pypdfium2 import raw

from appliance.reading.base import Page, Trouble
from appliance.reading.detect import kind_of
from appliance.reading.local import ParsedSession
from appliance.reading.ocr.images import LONG_SIDE, Frame, expect_bounded, frames_of
from appliance.reading.ocr.lines import batches
from appliance.reading.pdf import opened_pdf, shows_more, text_of
from appliance.reading.registry import PICTURES
from appliance.reading.source import Source
from appliance.reading.troubles import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.reading.base import Pages
    from appliance.reading.ocr.engine import Engine
    from appliance.reading.ocr.images import Pixels

MOST_PAGES = 3
"""Pages with something on them that are read, then the box decides with what it has."""

MOST_LOOKED_AT = 20
"""Pages that are looked at for them."""


class ScanSession(ParsedSession):
    """One document, recognised here.

    Args:
        descriptor: Open and readable; it stays the caller's, and open until the session is closed.
        engine: Lent for as long as the session is open.

    Raises:
        UnreadableError: There is nothing to be read in it.
    """

    by_line = True

    def __init__(self, descriptor: int, engine: Engine) -> None:
        source = Source(descriptor)
        kind = kind_of(source)
        if kind != "pdf" and kind not in PICTURES:
            raise unreadable(Trouble.UNSUPPORTED, kind)
        super().__init__(kind, _lines(_frames(source, kind), engine))


def _lines(frames: Iterator[Frame], engine: Engine) -> Pages:
    spoken = 0
    for looked_at, frame in enumerate(frames, 1):
        said = False
        for text in _texts(frame, engine):
            said = said or bool(text)
            yield Page(frame.number, text)
        spoken += said
        if spoken == MOST_PAGES or looked_at == MOST_LOOKED_AT:
            return


def _texts(frame: Frame, engine: Engine) -> Iterator[str]:
    """Read a page batch by batch: its head, then what stands below."""
    read = 0
    for lines in engine.parts_of(frame.pixels):
        for batch in batches(len(lines.boxes), read):
            yield "\n".join(filter(None, (engine.text_of(lines, place) for place in batch)))
        read += len(lines.boxes)


def _frames(source: Source, kind: str) -> Iterator[Frame]:
    return _drawn_pages(source) if kind == "pdf" else frames_of(source, kind)


def _drawn_pages(source: Source) -> Iterator[Frame]:
    """Draw the pages of a PDF that must be looked at."""
    try:
        document = opened_pdf(source)
    except pypdfium2.PdfiumError as error:
        raise unreadable(Trouble.DAMAGED, "pdf") from error
    with closing(document):
        for index in range(len(document)):
            if shows_more(document, index, text_of(document, index)):
                yield Frame(index + 1, _drawn(document, index))


def _drawn(document: pypdfium2.PdfDocument, index: int) -> Pixels:
    """Draw one page.

    Raises:
        UnreadableError: A picture on it has more pixels than can be read.
    """
    with closing(document[index]) as page:
        for picture in page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,)):
            width, height = picture.get_px_size()
            expect_bounded(width, height, "pdf")
        with closing(page.render(scale=LONG_SIDE / max(page.get_size()))) as bitmap:
            return np.ascontiguousarray(bitmap.to_numpy()[:, :, :3])
