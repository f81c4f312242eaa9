"""The old binary formats of Microsoft Office, RTF, books and the text of e-mail, through kreuzberg.

Promises the text in the order of the document, an e-mail with its headers
last: they say that it is a mail, and the body what it is (decision 17).
kreuzberg gives a document as one string, so what is lazy here is only what
follows. Never runs OCR, keeps no cache, writes nothing, asks no network.
"""

from __future__ import annotations

import html
import re
from functools import partial
from typing import TYPE_CHECKING

from kreuzberg import ConcurrencyConfig, ExtractionConfig, KreuzbergError, extract_bytes_sync

from appliance.reading.base import Trouble
from appliance.reading.text import paged
from appliance.reading.troubles import unreadable

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.reading.base import Pages
    from appliance.reading.source import Source

_OPEN_XML = "application/vnd.openxmlformats-officedocument"
MEDIA_TYPES = {
    "xlsx": f"{_OPEN_XML}.spreadsheetml.sheet",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "rtf": "application/rtf",
    "epub": "application/epub+zip",
    "eml": "message/rfc822",
    "msg": "application/vnd.ms-outlook",
}

_CONFIG = ExtractionConfig(use_cache=False, disable_ocr=True, concurrency=ConcurrencyConfig(max_threads=1))


def _read(kind: str, source: Source) -> Pages:
    text = mail_text(kind, source.whole()) if kind == "msg" else _extracted(kind, source.whole())
    yield from paged(iter((text,)))


def _extracted(kind: str, content: bytes) -> str:
    try:
        return str(extract_bytes_sync(content, MEDIA_TYPES[kind], _CONFIG).content)
    except KreuzbergError as error:
        raise unreadable(Trouble.DAMAGED, kind) from error


def mail_text(kind: str, content: bytes) -> str:
    """Return what a mail says, and then who wrote it to whom.

    Raises:
        UnreadableError: It is damaged.
    """
    text = html.unescape(_extracted(kind, content))  # a body that is HTML alone comes with its references left
    headers, _, body = text.partition("\n\n")
    if not body or not all(map(_HEADER.match, headers.split("\n"))):
        return text
    return f"{body.rstrip()}\n\n{headers}"


_HEADER = re.compile(r"(?:Subject|From|To|CC|BCC|Date): ", re.IGNORECASE)

READERS: dict[str, Callable[[Source], Pages]] = {kind: partial(_read, kind) for kind in MEDIA_TYPES if kind != "eml"}
