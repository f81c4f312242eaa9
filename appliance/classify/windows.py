"""Text is cut into windows of tokens, pulling only as much of it as is looked at.

A window is at most so many tokens of whitespace-collapsed text, its two special
tokens included. Pages are pulled one by one and only while a window is not
full; of a very long page only the piece at hand is collapsed and tokenised. The
workbench cuts with the same code, so what is calibrated is what runs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokenizers import Tokenizer

PIECE_CHARACTERS = 2048
"""How much raw text is collapsed at a time; a full window of English takes about 600 characters."""

WINDOW_CHARACTERS = 8192
"""A window ends here even when it is not full of tokens: one endless word is one token."""


@dataclass(frozen=True, slots=True)
class Window:
    """One stretch of text, ready for the model.

    Attributes:
        ids: Token ids with the special tokens at both ends.
        text: The text they stand for, whitespace collapsed.
        start: Its first character in the whitespace-collapsed text of the document.
        end: One past its last character there.
        is_glance: Whether it is the shorter first look, whose text the first full window holds again.
    """

    ids: tuple[int, ...]
    text: str
    start: int
    end: int
    is_glance: bool = False


def cut_windows(pages: Iterator[str], tokenizer: Tokenizer, tokens: int, glance: int | None = None) -> Iterator[Window]:
    """Yield the windows of a document in order.

    Args:
        pages: Texts of the pages; the next is pulled only when the window at hand is not full without it.
        tokenizer: Adds the two special tokens itself; neither truncates nor pads.
        tokens: The most a window holds, the two special tokens included.
        glance: The most a first, shorter look holds; it is left out of a document that ends within it.

    Yields:
        The glance, then windows that meet without a gap; nothing for a document without text.
    """
    text = _Collapsed(pages)
    place = 0
    while text.holds(place + 1):
        if text.chunk(place, place + 1) == " ":
            place += 1
            continue
        if glance is not None:
            look = _next_window(text, place, tokenizer, glance)
            if look is not None and len(look.ids) == glance:
                yield replace(look, is_glance=True)
            glance = None
        window = _next_window(text, place, tokenizer, tokens)
        if window is None:
            return
        yield window
        place = window.end


def _next_window(text: _Collapsed, place: int, tokenizer: Tokenizer, tokens: int) -> Window | None:
    """Cut the window that begins at ``place``, or return None when no token follows.

    What is in hand is looked at first; more is pulled in small steps, because the next page may cost a scan.
    """
    reach = tokens * 3
    while True:
        complete = not text.holds(place + reach)
        end = max(place + reach, min(text.length, place + tokens * 8))
        chunk = text.chunk(place, end, whole_words=not complete or end < text.length)
        encoding = tokenizer.encode(chunk)
        count = len(encoding.ids)
        if count > tokens or complete or reach >= WINDOW_CHARACTERS:
            break
        reach = min(end - place + (tokens - count) * 3 + 16, WINDOW_CHARACTERS)
    if count <= 2 and complete:  # noqa: PLR2004 - nothing but the two special tokens
        return None
    return _window(encoding.ids, encoding.offsets, chunk, place, tokens)


def _window(ids: list[int], offsets: list[tuple[int, int]], chunk: str, place: int, tokens: int) -> Window:
    """Keep the first tokens of a chunk, closing it with the tokenizer's own last token."""
    if len(ids) <= tokens:
        return Window(tuple(ids), chunk, place, place + len(chunk))
    end = offsets[tokens - 2][1]
    return Window((*ids[: tokens - 1], ids[-1]), chunk[:end], place, place + end)


class _Collapsed:
    """The whitespace-collapsed text of a document, grown only as far as it is asked for."""

    def __init__(self, pages: Iterator[str]) -> None:
        self._pages = pages
        self._page = ""
        self._place = 0
        self._text = ""
        self._gap = False

    def holds(self, length: int) -> bool:
        """Grow to at least ``length`` characters; False when the document ends before."""
        while len(self._text) < length:
            if not self._grow():
                return False
        return True

    @property
    def length(self) -> int:
        """How many characters are in hand."""
        return len(self._text)

    def chunk(self, start: int, end: int, *, whole_words: bool = False) -> str:
        """Characters ``start`` to ``end``, or up to the last blank before so that no word is cut in two."""
        piece = self._text[start:end]
        if not whole_words:
            return piece
        blank = piece.rfind(" ", len(piece) // 2)
        return piece if blank < 0 else piece[:blank]

    def _grow(self) -> bool:
        """Take in the next piece of the page at hand, or pull the next page."""
        while self._place >= len(self._page):
            page = next(self._pages, None)
            if page is None:
                return False
            self._page, self._place, self._gap = page, 0, True
        piece = self._page[self._place : self._place + PIECE_CHARACTERS]
        self._place += len(piece)
        body = " ".join(piece.split())
        if not body:
            self._gap = True
            return True
        if self._text and (self._gap or piece[0].isspace()):
            self._text += " "
        self._text += body
        self._gap = piece[-1].isspace()
        return True
