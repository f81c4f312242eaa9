"""Excel workbooks, sheet by sheet and row by row, streamed: a large one is decided on its first rows.

Promises each sheet's name, then its rows with a tab between cells, as values: a
date as a date, a formula as its result. Texts that cells share are read as far
as the first of them is needed. A workbook that goes on and on without saying
anything is too large, long before it is unpacked.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from appliance.reading.base import Trouble
from appliance.reading.office import READERS
from appliance.reading.streamed import BROKEN, SILENT_BYTES, Part, Silence
from appliance.reading.text import paged
from appliance.reading.troubles import unreadable
from appliance.reading.zipped import CHUNK_BYTES, opened, unpacked

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator

    from appliance.reading.base import Pages
    from appliance.reading.source import Source
    from appliance.reading.streamed import Attributes

CELL_CHARS = 32_767
"""The longest text that Excel lets a cell hold."""

ROW_CELLS = 16_384
"""The most cells that Excel lets a row hold."""

SHARED_CHARS = 32 * 1024**2
"""So much of the texts that cells share is kept; cells that name one beyond it are empty."""

NAMES_BYTES = SILENT_BYTES
"""So much of the sheets' names, and of the styles, is looked at; without the rest a date is a number."""

_SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")
_DATES = frozenset({*range(14, 23), *range(45, 48)})
"""Built-in formats that show a date or a time (ECMA-376 part 1, 18.8.30)."""

_DATE_LETTERS = re.compile(r"[ydhs]", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a date in a sheet has no time zone
_LAST_DAY = 2_958_465


class _Text(Part):
    """Collects the characters of ``t`` elements, no more of them than a cell holds."""

    def __init__(self) -> None:
        super().__init__()
        self._said: list[str] = []
        self._room = CELL_CHARS

    def hear(self, text: str) -> None:
        """Keep so much of a text as there is room for."""
        self._said.append(text[: self._room])
        self._room -= min(len(text), self._room)

    def taken(self) -> str:
        """Return what was heard since this was last asked."""
        text, self._said, self._room = "".join(self._said), [], CELL_CHARS
        return text


class _Shared(_Text):
    """The texts that cells share, as far as they were read."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._texts: list[str] = []
        self._left = SHARED_CHARS
        self._silence = Silence("xlsx")
        self._phonetic = 0

    def get(self, number: int) -> str:
        """Return one by its number, reading on until it is there.

        Raises:
            UnreadableError: They go on without saying anything.
        """
        while number >= len(self._texts) and self._left > 0 and (chunk := next(self._chunks, b"")):
            self._silence.lasts(len(chunk))
            self.feed(chunk)
        return self._texts[number] if 0 <= number < len(self._texts) else ""

    def start(self, name: str, attributes: Attributes) -> None:
        del attributes
        self._phonetic += name == "rPh"
        if name == "t" and not self._phonetic:
            self.listen(self.hear)

    def end(self, name: str) -> None:
        self._phonetic -= name == "rPh"
        if name == "t":
            self.listen(None)
        elif name == "si":
            text = self.taken()
            self._texts.append(text)
            self._left -= len(text) + 1
            if text:
                self._silence.ends()


class _Formats(Part):
    """Which styles of cells show a date."""

    def __init__(self) -> None:
        super().__init__()
        self.are_dates: list[bool] = []
        self._custom: set[int] = set()
        self._inside = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "numFmt":
            code = _QUOTED.sub("", attributes.get("formatCode", ""))
            if _DATE_LETTERS.search(code):
                self._custom.add(_number(attributes.get("numFmtId", "")))
        self._inside = self._inside or name == "cellXfs"
        if name == "xf" and self._inside:
            format_id = _number(attributes.get("numFmtId", ""))
            self.are_dates.append(format_id in _DATES or format_id in self._custom)

    def end(self, name: str) -> None:
        self._inside = self._inside and name != "cellXfs"


class _Names(Part):
    """The names of the sheets, in the order of the workbook."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            self.names.append(attributes.get("name", ""))


class _Rows(_Text):
    """The rows of a sheet, a line each, cells parted by tabs."""

    def __init__(self, shared: _Shared, are_dates: list[bool]) -> None:
        super().__init__()
        self._shared, self._are_dates = shared, are_dates
        self._cells: list[str] = []
        self._kind, self._style = "n", 0
        self._rows: list[str] = []

    def rows(self) -> str:
        """Return the rows that have ended since this was last asked."""
        text, self._rows = "".join(self._rows), []
        return text

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._kind, self._style = attributes.get("t", "n"), _number(attributes.get("s", "0"))
        elif name in ("v", "t"):
            self.listen(self.hear)

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self.listen(None)
        elif name == "c" and len(self._cells) < ROW_CELLS:
            self._cells.append(self._value(self.taken()))
        elif name == "row":
            if any(self._cells):
                self._rows.append("\t".join(self._cells).rstrip("\t") + "\n")
            self._cells = []

    def _value(self, said: str) -> str:
        if self._kind == "s":
            return self._shared.get(_number(said))
        if self._kind == "n" and self._style < len(self._are_dates) and self._are_dates[self._style]:
            return _date(said)
        return {"0": "FALSE", "1": "TRUE"}.get(said, said) if self._kind == "b" else said


def read_workbook(source: Source) -> Pages:
    """Yield pages of about 4,000 characters of an ``xlsx``; one of the binary kind is read as one string.

    Raises:
        UnreadableError: It is damaged, or goes on without saying anything.
    """
    try:
        with opened(source, "xlsx") as archive:
            sheets = sorted(filter(None, map(_SHEET.fullmatch, archive.namelist())), key=lambda found: int(found[1]))
            if sheets:
                yield from paged(_texts(archive, [found[0] for found in sheets]))
                return
    except BROKEN as error:
        raise unreadable(Trouble.DAMAGED, "xlsx") from error
    yield from READERS["xlsx"](source)


def _texts(archive: zipfile.ZipFile, sheets: list[str]) -> Iterator[str]:
    names, formats = _Names(), _Formats()
    for part, entry in ((names, "xl/workbook.xml"), (formats, "xl/styles.xml")):
        for chunk in islice(_entry(archive, entry), NAMES_BYTES // CHUNK_BYTES):
            part.feed(chunk)
    shared = _Shared(_entry(archive, "xl/sharedStrings.xml"))
    silence = Silence("xlsx")
    for number, sheet in enumerate(sheets):
        yield names.names[number] + "\n\n" if len(names.names) == len(sheets) else "\n"
        rows = _Rows(shared, formats.are_dates)
        for chunk in _entry(archive, sheet):
            rows.feed(chunk)
            if said := rows.rows():
                silence.ends()
                yield said
            else:
                silence.lasts(len(chunk))
        yield "\n"


def _entry(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    if name in archive.NameToInfo:
        yield from unpacked(archive, name)


def _number(text: str) -> int:
    """Return a whole number, or one that nothing has."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < len("2147483647") else 1 << 31


def _date(said: str) -> str:
    """Return a day, or a moment where it has a time, that is counted in days (ECMA-376 part 1, 18.17.4.1)."""
    try:
        days = float(said)
    except ValueError:
        return said
    if not 1 <= days <= _LAST_DAY:
        return said
    moment = _EPOCH + timedelta(seconds=round(days * 86_400))
    return moment.strftime("%Y-%m-%d" if days.is_integer() else "%Y-%m-%d %H:%M")
