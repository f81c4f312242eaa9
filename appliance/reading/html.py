"""Web pages and XML: their text without markup, scripts and styles, read lazily.

Promises what a browser would show, roughly, in the order of the file. Never
fetches what a page refers to, and never reads more of a page than 64 MiB.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import islice
from typing import TYPE_CHECKING

from appliance.reading.text import CHUNK_BYTES, decoded, encoding_of, paged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.reading.base import Pages
    from appliance.reading.source import Source

MOST_CHUNKS = 64 * 1024**2 // CHUNK_BYTES
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f]+")
_HIDDEN = frozenset({"script", "style", "template", "noscript"})
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
_CELLS = frozenset({"td", "th"})


class _Text(HTMLParser):
    """Collects text; every tag that is not inline ends a line, and a cell ends with a tab."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._said: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._hidden += tag in _HIDDEN
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(self._hidden - (tag in _HIDDEN), 0)
        self._break(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._said.append(_SPACES.sub(" ", data))

    def _break(self, tag: str) -> None:
        if tag not in _INLINE:
            self._said.append("\t" if tag in _CELLS else "\n")

    def taken(self) -> str:
        """Return what was said since this was last asked."""
        text, self._said = "".join(self._said), []
        return text


_EMPTY_LINES = re.compile(r"[ \t]*\n[ \t\n]*")


def shown(texts: Iterator[str]) -> Iterator[str]:
    """Yield the text of a stream of markup."""
    parser = _Text()
    for text in texts:
        parser.feed(text)
        yield _EMPTY_LINES.sub("\n", parser.taken())
    parser.close()
    yield _EMPTY_LINES.sub("\n", parser.taken())


def read_html(source: Source) -> Pages:
    """Yield pages of about 4,000 characters."""
    declared = _DECLARED.search(source.head[:4096])
    encoding = encoding_of(source.head, declared[1].decode("ascii") if declared else "")
    return paged(shown(islice(decoded(source, encoding), MOST_CHUNKS)))
