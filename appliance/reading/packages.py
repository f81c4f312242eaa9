"""Word, PowerPoint and OpenDocument files, whose text is XML in a zip: streamed, so that a long one is decided early.

Promises the text as it is read: tabs, line breaks and characters that XML
writes as references are kept; deleted text, field codes and comments are not
text. Never reads a document type declaration, and with it no entity.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from xml.parsers import expat  # a document type declaration, its only danger, is refused below

from appliance.reading.base import Trouble
from appliance.reading.text import paged
from appliance.reading.troubles import unreadable
from appliance.reading.zipped import ZIP_ERRORS, opened, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.reading.base import Pages
    from appliance.reading.source import Source


class Rules(NamedTuple):
    """Which elements of a format carry text.

    Attributes:
        parts: The entries of the archive that are read, in this order.
        text: Elements whose characters are text.
        marks: Elements that stand for a character.
        ends: Elements whose end stands for a character.
        hidden: Elements of whose content nothing is text.
    """

    parts: tuple[str, ...]
    text: frozenset[str]
    marks: dict[str, str]
    ends: dict[str, str]
    hidden: frozenset[str]


WORD = Rules(
    parts=(r"word/header\d*\.xml", r"word/document\d*\.xml", r"word/(?:foot|end)notes\.xml", r"word/footer\d*\.xml"),
    text=frozenset({"t"}),
    marks={"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"},
    ends={"p": "\n"},
    hidden=frozenset({"pPr", "del", "moveFrom", "Fallback"}),
)
OPEN_DOCUMENT = Rules(
    parts=(r"content\.xml",),
    text=frozenset({"p", "h"}),
    marks={"tab": "\t", "line-break": "\n", "s": " "},
    ends={"p": "\n", "h": "\n"},
    hidden=frozenset({"annotation", "tracked-changes", "forms"}),
)


OPEN_SHEETS = Rules(
    parts=OPEN_DOCUMENT.parts,
    text=OPEN_DOCUMENT.text,
    marks=OPEN_DOCUMENT.marks,
    ends={"p": " ", "table-cell": "\t", "table-row": "\n", "table": "\n"},
    hidden=OPEN_DOCUMENT.hidden,
)
SLIDES = Rules(
    parts=(r"ppt/slides/slide\d+\.xml",),
    text=frozenset({"t"}),
    marks={"tab": "\t", "br": "\n"},
    ends={"p": "\n"},
    hidden=frozenset({"Fallback", "pPr"}),
)
SILENT_BYTES = 8 * 1024**2
"""So much of a document without a word is believed of the rest."""


class _Part:
    """The text of one part, as the parser comes by it."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._said: list[str] = []
        self._inside = 0
        self._hidden = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._declaration

    def feed(self, chunk: bytes, *, last: bool = False) -> str:
        """Return the text that this much more of the part says."""
        self._parser.Parse(chunk, last)
        text, self._said = "".join(self._said), []
        return text

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        self._hidden += local in self._rules.hidden
        self._inside += local in self._rules.text
        if local in self._rules.marks and not self._hidden:
            self._said.append(self._rules.marks[local])

    def _end(self, name: str) -> None:
        local = name.rpartition(" ")[2]
        self._hidden -= local in self._rules.hidden
        self._inside -= local in self._rules.text
        if local in self._rules.ends and not self._hidden:
            self._said.append(self._rules.ends[local])

    def _characters(self, text: str) -> None:
        if self._inside and not self._hidden:
            self._said.append(text)

    def _declaration(self, *_declared: object) -> None:
        raise expat.ExpatError


def read_word(source: Source) -> Pages:
    """Yield pages of about 4,000 characters of a ``docx``."""
    return _read(source, "docx", WORD)


def read_open_document(source: Source) -> Pages:
    """Yield pages of about 4,000 characters of an ``odt`` or ``odp``."""
    return _read(source, "odt", OPEN_DOCUMENT)


def read_open_sheets(source: Source) -> Pages:
    """Yield pages of about 4,000 characters of an ``ods``, a tab after each cell."""
    return _read(source, "ods", OPEN_SHEETS)


def read_slides(source: Source) -> Pages:
    """Yield pages of about 4,000 characters of a ``pptx``, in the order of its slides' numbers."""
    return _read(source, "pptx", SLIDES)


def _read(source: Source, kind: str, rules: Rules) -> Pages:
    try:
        yield from paged(_texts(source, kind, rules))
    except (*ZIP_ERRORS, expat.ExpatError) as error:
        raise unreadable(Trouble.DAMAGED, kind) from error


def _texts(source: Source, kind: str, rules: Rules) -> Iterator[str]:
    with opened(source, kind) as archive:
        names = sorted(archive.namelist(), key=_in_order)
        silent = 0
        for pattern in rules.parts:
            for name in filter(re.compile(pattern).fullmatch, names):
                part = _Part(rules)
                for chunk in unpacked(archive, name):
                    said = part.feed(chunk)
                    silent = 0 if said.strip() else silent + len(chunk)
                    if silent > SILENT_BYTES:
                        raise unreadable(Trouble.TOO_LARGE, kind)
                    if said:
                        yield said
                yield part.feed(b"", last=True)


def _in_order(name: str) -> list[tuple[int, str]]:
    """Sort slide 10 after slide 9."""
    return [(int(part) if part.isdecimal() else -1, part) for part in re.split(r"(\d{1,9})", name, maxsplit=9)]
