"""Web pages and XML: their text without markup, scripts and styles, read lazily.

Promises what a browser would show, roughly, in the order of the file. What an
element's own attributes hide is left out and noted; style sheets are not looked
at. Never fetches what a page refers to, and never reads more of a page than
64 MiB.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import islice
from typing import TYPE_CHECKING

from appliance.reading.base import Note, Page
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
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_OPEN_ENDED = {
    "p": frozenset({"div", "p", "body", "table", "ul", "ol", "td", "tr", "h1", "h2", "h3", "section", "article"}),
    "li": frozenset({"li", "ul", "ol", "body"}),
    **dict.fromkeys(("td", "th"), frozenset({"td", "th", "tr", "table", "body"})),
    "tr": frozenset({"tr", "tbody", "table", "body"}),
    "option": frozenset({"option", "select", "body"}),
}
"""Elements whose end may be left out, and the tags that end them."""

_ENDS = r"\s*(?:;|!|$)"
_HIDING = re.compile(
    rf"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all"
    rf"|font-size\s*:\s*0*(?:\.0*)?(?:[a-z]+|%)?{_ENDS}|opacity\s*:\s*0*(?:\.0*)?{_ENDS}",
    re.IGNORECASE,
)
_COLOURS = re.compile(r"(?:^|;)\s*(color|background(?:-color)?)\s*:\s*([^;!]+?)\s*(?=;|!|$)", re.IGNORECASE)
STYLE_CHARS = 2_000
"""A longer style is looked at so far: a pattern that goes wrong on a long one costs nothing."""


def _is_hidden(attributes: list[tuple[str, str | None]]) -> bool:
    """Say whether an element's own attributes keep its text from being seen."""
    for name, value in attributes:
        if name == "hidden":
            return True
        if name == "style" and value:
            style = value[:STYLE_CHARS]
            colours = {found[1].lower()[:10]: found[2].lower() for found in _COLOURS.finditer(style)}
            if _HIDING.search(style) or colours.get("color", "") == colours.get("background"):
                return True
    return False


class _Text(HTMLParser):
    """Collects text; every tag that is not inline ends a line, and a cell ends with a tab."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._said: list[str] = []
        self._hidden = 0
        self._unseen, self._depth = "", 0
        self.hid = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _HIDDEN
        self._count(tag, 1)
        if attrs and not self._unseen and tag not in _VOID and _is_hidden(attrs):
            self._unseen, self._depth = tag, 1
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(self._hidden - (tag in _HIDDEN), 0)
        self._count(tag, -1)
        self._break(tag)

    def _count(self, tag: str, step: int) -> None:
        """Count the elements of an unseen one's name within it: the end of the last is where seeing begins again."""
        if tag in _OPEN_ENDED.get(self._unseen, ()):
            self._depth = 0
        elif tag == self._unseen:
            self._depth += step
        if self._depth <= 0:
            self._unseen = ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        if self._unseen:
            self.hid = self.hid or any(map(str.isalnum, data))
        else:
            self._said.append(_SPACES.sub(" ", data))

    def _break(self, tag: str) -> None:
        if tag not in _INLINE:
            self._said.append("\t" if tag in _CELLS else "\n")

    def taken(self) -> str:
        """Return what was said since this was last asked."""
        text, self._said = "".join(self._said), []
        return text


_EMPTY_LINES = re.compile(r"[ \t]*\n[ \t\n]*")


def shown(texts: Iterator[str], parser: _Text) -> Iterator[str]:
    """Yield the text of a stream of markup."""
    for text in texts:
        parser.feed(text)
        yield _EMPTY_LINES.sub("\n", parser.taken())
    parser.close()
    yield _EMPTY_LINES.sub("\n", parser.taken())


def shown_whole(markup: str) -> tuple[str, bool]:
    """Return the text of a whole page that is at hand, and whether some of it is hidden."""
    parser = _Text()
    return "".join(shown(iter((markup,)), parser)), parser.hid


def read_html(source: Source) -> Pages:
    """Yield pages of about 4,000 characters."""
    declared = _DECLARED.search(source.head[:4096])
    encoding = encoding_of(source.head, declared[1].decode("ascii") if declared else "")
    parser = _Text()
    for page in paged(shown(islice(decoded(source, encoding), MOST_CHUNKS), parser)):
        yield Page(page.number, page.text, frozenset({Note.HIDDEN_TEXT}) if parser.hid else frozenset())
        parser.hid = False
