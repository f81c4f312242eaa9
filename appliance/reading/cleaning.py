"""Text as it may leave the room: valid, printable, and in pieces of bounded length.

Control characters other than newline and tab are dropped, line ends become
newlines, and lone surrogates become U+FFFD. The parent applies the same rule to
what a worker says, so no terminal, log or page ever meets anything else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from appliance.reading.base import Page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.reading.base import Pages

PIECE_CHARS = 4_000
PAGE_CHARS = 100_000
"""Longest page that leaves: at most 400 kB as UTF-8, so it fits a message with room to spare."""

_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_BREAKS = ("\n\n", "\n", ". ", " ")


def clean(text: str) -> str:
    """Return ``text`` without what no reader should see."""
    text = _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


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
    """Clean every page, drop those that say nothing, and split those too long for one message."""
    for page in pages:
        text = clean(page.text)
        if not text.isspace() and text:
            for piece in pieces(text, PAGE_CHARS):
                yield Page(page.number, piece)
