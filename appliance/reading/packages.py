"""Word, PowerPoint and OpenDocument files, whose text is XML in a zip: streamed, so that a long one is decided early.

Promises the text as it is read: tabs, line breaks and characters that XML
writes as references are kept; deleted text, field codes and comments are not
text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from appliance.reading.base import Trouble
from appliance.reading.streamed import BROKEN, Part, Silence
from appliance.reading.text import paged
from appliance.reading.troubles import unreadable
from appliance.reading.zipped import opened, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.reading.base import Pages
    from appliance.reading.source import Source
    from appliance.reading.streamed import Attributes


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


class _Text(Part):
    """The text of one part, as the parser comes by it."""

    def __init__(self, rules: Rules) -> None:
        super().__init__()
        self._rules = rules
        self._said: list[str] = []
        self._inside = 0
        self._hidden = 0
        self.listen(self._hear)

    def said(self) -> str:
        """Return the text since this was last asked."""
        text, self._said = "".join(self._said), []
        return text

    def start(self, name: str, attributes: Attributes) -> None:
        del attributes
        self._hidden += name in self._rules.hidden
        self._inside += name in self._rules.text
        if name in self._rules.marks and not self._hidden:
            self._said.append(self._rules.marks[name])

    def end(self, name: str) -> None:
        self._hidden -= name in self._rules.hidden
        self._inside -= name in self._rules.text
        if name in self._rules.ends and not self._hidden:
            self._said.append(self._rules.ends[name])

    def _hear(self, text: str) -> None:
        if self._inside and not self._hidden:
            self._said.append(text)


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
    except BROKEN as error:
        raise unreadable(Trouble.DAMAGED, kind) from error


def _texts(source: Source, kind: str, rules: Rules) -> Iterator[str]:
    with opened(source, kind) as archive:
        names = sorted(archive.namelist(), key=_in_order)
        silence = Silence(kind)
        for pattern in rules.parts:
            for name in filter(re.compile(pattern).fullmatch, names):
                part = _Text(rules)
                for chunk in unpacked(archive, name):
                    part.feed(chunk)
                    said = part.said()
                    if said.strip():
                        silence.ends()
                    else:
                        silence.lasts(len(chunk))
                    if said:
                        yield said
                part.feed(b"", last=True)
                yield part.said()


def _in_order(name: str) -> list[tuple[int, str]]:
    """Sort slide 10 after slide 9."""
    return [(int(part) if part.isdecimal() else -1, part) for part in re.split(r"(\d{1,9})", name, maxsplit=9)]
