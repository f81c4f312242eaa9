"""Plain text in any encoding, read lazily: a file of a gigabyte costs what is asked of it.

Promises to give every file some text: bytes that are wrong in the encoding
found are read as the Western ones they most often are. Never reads the whole
file to find out what the first page says.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

from appliance.reading.base import Page
from appliance.reading.cleaning import pieces
from appliance.reading.signatures import marked_encoding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.reading.base import Pages
    from appliance.reading.source import Source

CHUNK_BYTES = 16_384
DETECT_BYTES = 16_384

OF_NO_TEXT = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})
"""Encodings of names and programs: no document is in them, and they have no way but to fail with a wrong byte."""

TYPOGRAPHIC = bytes([0x85, *range(0x91, 0x98), 0x99, 0xA0, 0xA7, 0xA9, 0xAB, 0xAD, 0xAE, 0xB0, 0xB7, 0xBB])
"""Quotes, dashes and blanks of Windows-1252. A text in which they alone are not ASCII is Western, whatever it looks
like to statistics: blanks that do not break make a contract Hungarian (CP852), one copyright sign makes it Hebrew."""

TYPOGRAPHIC_SHARE = 0.9
FEW_SHARE = 0.005
"""Fewer letters beyond ASCII tell nothing of a language; German has 2 in 100, Polish 5, Russian 80."""

_BEYOND_ASCII = bytes(range(0x80, 0x100))


def _as_western(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return wrong.decode("cp1252", "replace"), error.end


codecs.register_error("as-western", _as_western)


def encoding_of(head: bytes, declared: str = "") -> str:
    """Name the encoding of a text.

    Args:
        head: Its first bytes.
        declared: What it says of itself; believed only where the bytes say nothing better.
    """
    if marked := marked_encoding(head):
        return marked
    for encoding in ("utf-8", declared):
        if encoding and _decodes(head, encoding):
            return encoding
    return _detected(head[:DETECT_BYTES])


def is_for_text(encoding: str) -> bool:
    """Tell an encoding that a document can be in from one that makes bytes of bytes, or that nobody knows."""
    try:
        b"..".decode(encoding, "ignore")  # refuses the former
        return codecs.lookup(encoding).name not in OF_NO_TEXT
    except (UnicodeError, LookupError):
        return False


def _decodes(head: bytes, encoding: str) -> bool:
    if not is_for_text(encoding):
        return False
    try:
        codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeError:
        return False
    return True


def _is_western(head: bytes) -> bool:
    """Tell a text in which only so much is not ASCII as English letters with Windows' signs have."""
    beyond = len(head) - len(head.translate(None, _BEYOND_ASCII))
    signs = len(head) - len(head.translate(None, TYPOGRAPHIC))
    return beyond <= FEW_SHARE * len(head) or signs >= TYPOGRAPHIC_SHARE * beyond


def _detected(head: bytes) -> str:
    if _is_western(head):
        return "cp1252"
    import chardet  # 40 MB and 100 ms that only the rare text in a legacy encoding should cost

    name = chardet.detect(head)["encoding"]
    try:
        return codecs.lookup(name or "").name
    except LookupError:
        return "cp1252"


def decoded(source: Source, encoding: str) -> Iterator[str]:
    """Yield the whole text, some 16 KiB of the file at a time."""
    decoder = codecs.getincrementaldecoder(encoding)("as-western")
    for at in range(0, source.size, CHUNK_BYTES):
        yield decoder.decode(source.read(at, CHUNK_BYTES), final=at + CHUNK_BYTES >= source.size)


def paged(texts: Iterator[str]) -> Pages:
    """Cut a stream of text into pages of about 4,000 characters, asking for no more than the next one needs."""
    rest, number = "", 0
    for text in texts:
        *full, rest = pieces(rest + text)
        for number, piece in enumerate(full, number + 1):  # noqa: B020  # it counts on
            yield Page(number, piece)
    yield Page(number + 1, rest)


def read_text(source: Source) -> Pages:
    """Yield pages of about 4,000 characters."""
    return paged(decoded(source, encoding_of(source.head)))
