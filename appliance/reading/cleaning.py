"""Text as it may leave the room: valid, printable, in one spelling, and in pieces of bounded length.

Control characters other than newline and tab are dropped, and with them the
characters that nobody sees: those that turn the reading direction, join or part
letters without a trace, or spell in tags. Line ends become newlines, lone
surrogates U+FFFD. Letters in other clothes (ligatures, full-width forms,
mathematical alphabets, Arabic presentation forms) become the plain ones, and
the whole is in normal form C (Unicode Standard Annex 15). The parent applies
the same rule to what a worker says, so no terminal, log, page or classifier
ever meets anything else.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from appliance.reading.base import Note, Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.reading.base import Pages

PIECE_CHARS = 4_000
PAGE_CHARS = 100_000
"""Longest page that leaves: at most 400 kB as UTF-8, so it fits a message with room to spare."""

_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_UNSEEN = re.compile("[\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\U000e0000-\U000e007f]")
_JOINERS = re.compile("(?<=[\x00-\u024f])[\u200c\u200d]+(?=[\x00-\u024f])")
"""Between Western letters they join nothing; Persian and Indic words and emoji need theirs."""

_DRESSED = re.compile("[\ufb00-\ufdff\ufe70-\uffef\U0001d400-\U0001d7ff]+")
_TURNING = re.compile("[\u202d\u202e\U000e0020-\U000e007e]")
"""Overrides of the reading direction, and letters spelled in tags: no word processor writes either by itself."""

_BREAKS = ("\n\n", "\n", ". ", " ")


def clean(text: str) -> str:
    """Return ``text`` without what no reader should see."""
    text = _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))
    if text.isascii():
        return text
    text = _UNSEEN.sub("", _SURROGATES.sub("\ufffd", text))
    plain = _DRESSED.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return _JOINERS.sub("", unicodedata.normalize("NFC", plain))


def noticed(text: str) -> frozenset[Note]:
    """Say what there is to know of a text before it is cleaned."""
    return frozenset() if text.isascii() or not _TURNING.search(text) else frozenset({Note.TURNED_TEXT})


def pieces(text: str, length: int = PIECE_CHARS) -> Iterator[str]:
    """Cut ``text`` into pieces of at most ``length``, at the end of a paragraph, line or word where there is one."""
    start = 0
    while len(text) - start > length:
        end = _cut(text, start, start + length)
        yield text[start:end]
        start = end
    yield text[start:]


def _cut(text: str, start: int, end: int) -> int:
    middle = (start + end) // 2
    for mark in _BREAKS:
        if (at := text.rfind(mark, middle, end)) >= 0:
            return at + len(mark)
    return end


def leaving(pages: Pages) -> Pages:
    """Clean every page, drop those that say nothing, and split those too long for one message.

    What was noticed on a page that is dropped is said with the next.
    """
    unsaid: frozenset[Note] = frozenset()
    for page in pages:
        text = clean(page.text)
        unsaid |= page.notes | noticed(page.text)
        if not text.isspace() and text:
            for piece in pieces(text, PAGE_CHARS):
                yield Page(page.number, piece, unsaid)
                unsaid = frozenset()
