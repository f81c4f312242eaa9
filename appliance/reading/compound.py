"""Look into a compound file (OLE2, [MS-CFB]) far enough to say which document it holds.

Only the streams of the root count, because a letter may have a workbook
embedded. Every number read is checked against the file before it is followed,
and no chain is followed for longer than a sane file needs.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from appliance.reading.base import Trouble
from appliance.reading.troubles import unreadable

if TYPE_CHECKING:
    from appliance.reading.source import Source

MOST_SECTORS = 4_096
MINI_SECTOR, MINI_STREAM_BYTES = 64, 4_096
_SECTOR_SHIFTS = (9, 12)
_ENTRY = struct.Struct("<64sHBx3I36xII4x")
_ENTRY_BYTES = 128
_FAT_IN_HEADER = struct.Struct("<109I")

KINDS = {
    "EncryptedPackage": "encrypted",
    "WordDocument": "doc",
    "Workbook": "xls",
    "Book": "xls",
    "PowerPoint Document": "ppt",
    "__properties_version1.0": "msg",
    "VisioDocument": "visio",
}
_WORD_FLAGS, _WORD_ENCRYPTED = 0x0A, 0x0100
_FILE_PASS = 0x002F
_BIFF = struct.Struct("<HH")


class _Entry(NamedTuple):
    raw_name: bytes
    name_bytes: int
    type: int
    left: int
    right: int
    child: int
    start: int
    size: int

    @property
    def name(self) -> str:
        return self.raw_name[: max(self.name_bytes - 2, 0)].decode("utf-16-le", "replace")


class _Compound:
    def __init__(self, source: Source) -> None:
        self._source = source
        (shift,) = struct.unpack_from("<H", source.head, 30)
        if shift not in _SECTOR_SHIFTS:
            raise unreadable(Trouble.DAMAGED, "compound")
        self._sector = 1 << shift
        self._fat = self._allocation()
        self._entries = self._directory()

    def _read(self, sector: int, start: int = 0) -> bytes:
        return self._source.read((sector + 1) * self._sector + start, self._sector - start)

    def _allocation(self) -> list[int]:
        """Return where the sectors of the allocation table lie."""
        places = list(_FAT_IN_HEADER.unpack_from(self._source.head, 76))
        (sector,) = struct.unpack_from("<I", self._source.head, 68)
        for _ in range(MOST_SECTORS):
            raw = self._read(sector)
            if len(raw) < self._sector:
                break
            *more, sector = struct.unpack(f"<{self._sector // 4}I", raw)
            places += more
        return places

    def _after(self, sector: int) -> int:
        """Return the sector that follows in a chain; one beyond the file where none does."""
        block, at = divmod(sector, self._sector // 4)
        if block >= len(self._fat):
            return self._source.size
        raw = self._source.read((self._fat[block] + 1) * self._sector + 4 * at, 4)
        return int.from_bytes(raw, "little") if raw else self._source.size

    def beginning(self, entry: _Entry) -> bytes:
        """Return what the first sector of a stream holds."""
        if entry.size >= MINI_STREAM_BYTES or not self._entries:
            return self._read(entry.start)
        sector = self._entries[0].start
        steps, start = divmod(entry.start * MINI_SECTOR, self._sector)
        for _ in range(min(steps, MOST_SECTORS)):
            sector = self._after(sector)
        return self._read(sector, start)

    def root_entries(self) -> dict[str, _Entry]:
        """Return the streams and storages that lie in the root, by name."""
        entries = self._entries
        found: dict[str, _Entry] = {}
        waiting, seen = [entries[0].child] if entries else [], set()
        while waiting:
            number = waiting.pop()
            if number >= len(entries) or number in seen:
                continue
            seen.add(number)
            found[entries[number].name] = entries[number]
            waiting += [entries[number].left, entries[number].right]
        return found

    def _directory(self) -> list[_Entry]:
        (sector,) = struct.unpack_from("<I", self._source.head, 48)
        entries: list[_Entry] = []
        for _ in range(MOST_SECTORS):
            raw = self._read(sector)
            if len(raw) < _ENTRY_BYTES:
                break
            usable = len(raw) // _ENTRY_BYTES * _ENTRY_BYTES
            entries += [_Entry(*_ENTRY.unpack_from(raw, at)) for at in range(0, usable, _ENTRY_BYTES)]
            sector = self._after(sector)
        return entries


def compound_kind(source: Source) -> str:
    """Name the document in a compound file; "compound" where it is one of another kind.

    Raises:
        UnreadableError: It is protected by a password, or too damaged to tell.
    """
    try:
        compound = _Compound(source)
        entries = compound.root_entries()
    except struct.error as error:
        raise unreadable(Trouble.DAMAGED, "compound") from error
    for name, kind in KINDS.items():
        if name in entries:
            if kind == "encrypted" or _is_locked(kind, compound.beginning(entries[name])):
                raise unreadable(Trouble.ENCRYPTED, "office" if kind == "encrypted" else kind)
            return kind
    return "compound"


def _is_locked(kind: str, beginning: bytes) -> bool:
    """Tell from the first sector of its main stream whether a document needs a password."""
    if kind == "doc":
        flags = int.from_bytes(beginning[_WORD_FLAGS : _WORD_FLAGS + 2], "little")
        return bool(flags & _WORD_ENCRYPTED)
    at = 0
    while kind == "xls" and at + _BIFF.size <= len(beginning):
        record, length = _BIFF.unpack_from(beginning, at)
        if record == _FILE_PASS:
            return True
        at += _BIFF.size + length
    return False
