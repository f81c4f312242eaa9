"""Which parser reads which kind of content, and which takes it apart: one line for each family of formats."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from appliance.reading import office
from appliance.reading.base import Pages, Piece
from appliance.reading.html import read_html
from appliance.reading.mail import attached_to_mail, read_mail
from appliance.reading.outlook import attached_to_outlook
from appliance.reading.packages import read_open_document, read_open_sheets, read_slides, read_word
from appliance.reading.pdf import read_pdf
from appliance.reading.sheets import read_workbook
from appliance.reading.source import Source
from appliance.reading.text import read_text

Parser = Callable[[Source], Pages]

PARSERS: dict[str, Parser] = {
    "text": read_text,
    "pdf": read_pdf,
    "docx": read_word,
    **dict.fromkeys(("html", "xml"), read_html),
    **dict.fromkeys(("odt", "odp"), read_open_document),
    "eml": read_mail,
    **office.READERS,
    "ods": read_open_sheets,
    "pptx": read_slides,
    "xlsx": read_workbook,
}

ATTACHED: dict[str, Callable[[Source], Iterator[Piece]]] = {"eml": attached_to_mail, "msg": attached_to_outlook}
"""How what is attached is taken out of the kinds that can have something attached."""

DECODERS: dict[str, tuple[str, ...]] = {
    "bmp": ("BMP",),
    "gif": ("GIF",),
    "heic": ("HEIF", "AVIF"),
    "jpeg": ("JPEG",),
    "jpeg2000": ("JPEG2000",),
    "png": ("PNG",),
    "tiff": ("TIFF",),
    "webp": ("WEBP",),
}
"""Kinds that are pictures, each with the only decoders that may touch it."""

PICTURES = frozenset(DECODERS)
"""Kinds that the reader of scans reads."""

MOST_PIXELS = 80_000_000
"""Of a picture; A3 at 600 dots an inch has 70 million, and decoded they take 280 MB."""
