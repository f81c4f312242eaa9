"""A bundle's zip, read and written in its one byte form.

Stored entries in order of their names, fixed dates, no gaps, comments, extra
fields or flags: names, lengths and checksums determine every other byte. So a
reader need not trust a single header: it computes what must stand there and
refuses anything else. Nothing is ever extracted by an entry's name, and no
length is believed before it is held against the file's own.

Format: PKWARE APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12
(directory), 4.3.16 (end).
"""

from __future__ import annotations

import io
import os
import re
import stat
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.closing import Closing
from appliance.files import open_regular
from appliance.updates.errors import BundleDamagedError, BundleFormError, BundleTooLargeError, NotAFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

    from _typeshed import WriteableBuffer

MOST_ENTRIES = 64
MOST_BYTES = (1 << 32) - 1
"""Of the whole file: what the four bytes of a zip's lengths can say; beyond them lies another format, zip64."""
MOST_DIRECTORY_BYTES = 64 * 1024
PIECE_BYTES = 1 << 20

_NAME = re.compile(rb"(metadata|targets)/[a-z0-9][a-z0-9._-]{0,149}")
_END = struct.Struct("<4s4H2LH")
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s4B4H3L5H2L")
_VERSION = 20
_UNIX = 3
_DATE = (1 << 5) | 1
"""1 January 1980, the earliest day a zip can state."""
_MODE = (stat.S_IFREG | 0o644) << 16


@dataclass(frozen=True, slots=True)
class Entry:
    """One stored file.

    Attributes:
        name: Of the form ``metadata/…`` or ``targets/…``.
        length: In bytes.
        crc: CRC-32 of the content; tells damage, not forgery.
        start: Where the content begins in the file.
    """

    name: str
    length: int
    crc: int
    start: int

    @property
    def end(self) -> int:
        """Where the content ends."""
        return self.start + self.length


def open_bundle(path: Path) -> BinaryIO:
    """Open a bundle for reading, following no link and waiting for no writer.

    Raises:
        NotAFileError: There is none, it may not be read, or it is not a regular file.
    """
    try:
        descriptor = open_regular(path)
    except OSError as error:
        why = f"{os.fspath(path)!r} is not a file that can be read: {error.strerror}."
        raise NotAFileError(why) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        why = f"{os.fspath(path)!r} is not a regular file."
        raise NotAFileError(why)
    return os.fdopen(descriptor, "rb")


class Archive(Closing):
    """An opened bundle whose form has been proven; its content has not.

    Args:
        file: A regular file, opened for reading; closed with the archive.

    Raises:
        BundleFormError: It has any other form than the one.
        BundleTooLargeError: It has more entries or bytes than any bundle.
        OSError: It cannot be read.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._entries = {entry.name: entry for entry in _entries(file)}

    @property
    def names(self) -> tuple[str, ...]:
        """Every entry's name, in order."""
        return tuple(self._entries)

    def length(self, name: str) -> int:
        """Return the bytes of an entry.

        Raises:
            KeyError: There is no such entry.
        """
        return self._entries[name].length

    def open(self, name: str) -> BinaryIO:
        """Return the content of an entry as a file, without a copy.

        Raises:
            KeyError: There is no such entry.
        """
        return io.BufferedReader(_Window(self._file, self._entries[name]), PIECE_BYTES)

    def pieces(self, name: str, most: int) -> Iterator[bytes]:
        """Yield the content of an entry, a mebibyte at a time.

        Args:
            name: Of the entry.
            most: Bytes; nothing is read of an entry that has more.

        Raises:
            BundleTooLargeError: It has more than ``most`` bytes.
            BundleDamagedError: After the last piece: its checksum does not hold.
            KeyError: There is no such entry.
        """
        entry = self._entries[name]
        if entry.length > most:
            why = f"{name} has {entry.length} bytes, and at most {most} may stand there."
            raise BundleTooLargeError(why)
        return self._checked(entry)

    def read(self, name: str, most: int) -> bytes:
        """Return the whole content of an entry; raises what :meth:`pieces` does."""
        return b"".join(self.pieces(name, most))

    def prove(self) -> None:
        """Read everything once and hold it against the checksums, so that damage is told before any rule is asked.

        Raises:
            BundleDamagedError: A checksum does not hold.
        """
        for entry in self._entries.values():
            for _ in self._checked(entry):
                pass

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _checked(self, entry: Entry) -> Iterator[bytes]:
        crc, at = 0, entry.start
        while at < entry.end:
            self._file.seek(at)
            piece = self._file.read(min(PIECE_BYTES, entry.end - at))
            if not piece:
                break
            at += len(piece)
            crc = zlib.crc32(piece, crc)
            yield piece
        if at != entry.end or crc != entry.crc:
            why = f"The content of {entry.name} is not what was written."
            raise BundleDamagedError(why)


class _Window(io.RawIOBase):
    """The stretch of a file in which one entry lies, as a file of its own."""

    def __init__(self, file: BinaryIO, entry: Entry) -> None:
        super().__init__()
        self._file, self._entry, self._at = file, entry, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._entry.length}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        left = max(0, self._entry.length - self._at)
        self._file.seek(self._entry.start + self._at)
        piece = self._file.read(min(len(view), left))
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def write_archive(file: BinaryIO, entries: Mapping[str, Iterable[bytes]]) -> None:
    """Write a bundle in its one form.

    Args:
        file: Opened for writing, empty, seekable.
        entries: The content of each entry, in pieces.

    Raises:
        BundleFormError: A name that no bundle may have.
        BundleTooLargeError: More entries or bytes than any bundle may have.
    """
    written: list[Entry] = []
    for name in sorted(entries):
        header = _local(Entry(name, 0, 0, 0))
        begin = file.tell()
        file.write(header)
        length = crc = 0
        for piece in entries[name]:
            file.write(piece)
            length, crc = length + len(piece), zlib.crc32(piece, crc)
        written.append(Entry(name, length, crc, begin + len(header)))
        _assert_name(name.encode())
        _assert_fits(len(written), file.tell())
        file.seek(begin)
        file.write(_local(written[-1]))
        file.seek(0, io.SEEK_END)
    file.write(_directory(written))
    _assert_fits(len(written), file.tell())


def _entries(file: BinaryIO) -> list[Entry]:
    """Read the directory and prove every byte that is not content."""
    size = file.seek(0, io.SEEK_END)
    _assert_fits(1, size)
    found, directory = _read_directory(file, size)
    at = 0
    for entry in found:
        header = _local(entry)
        file.seek(at)
        if entry.start != at + len(header) or file.read(len(header)) != header:
            why = f"The header of {entry.name} is not the one a bundle has."
            raise BundleFormError(why)
        at = entry.end
    if at + len(directory) != size or _directory(found) != directory:
        raise BundleFormError("Something lies in it that is not listed.")
    return found


def _read_directory(file: BinaryIO, size: int) -> tuple[list[Entry], bytes]:
    """Return what the directory lists, as yet unproven, and all bytes from its beginning to the file's end."""
    file.seek(max(0, size - _END.size))
    end = file.read(_END.size)
    if len(end) != _END.size or not end.startswith(b"PK\x05\x06"):
        raise BundleFormError("It does not end as a bundle does.")
    _, _, _, _, count, length, offset, _ = _END.unpack(end)
    if length > MOST_DIRECTORY_BYTES or count > MOST_ENTRIES:
        why = f"Its directory lists {count} entries in {length} bytes; a bundle has at most {MOST_ENTRIES}."
        raise BundleTooLargeError(why)
    if offset + length + _END.size != size:
        raise BundleFormError("Its length is not the one it states.")
    file.seek(offset)
    directory = file.read(length + _END.size)
    return list(_listed(directory[:length], count)), directory


def _listed(directory: bytes, count: int) -> Iterator[Entry]:
    at, before = 0, b""
    for _ in range(count):
        if len(directory) - at < _CENTRAL.size:
            raise BundleFormError("Its directory is cut short.")
        fields = _CENTRAL.unpack_from(directory, at)
        crc, length, offset = fields[9], fields[10], fields[18]
        at += _CENTRAL.size
        name = directory[at : at + fields[12]]
        at += len(name)
        _assert_name(name)
        if name <= before:
            raise BundleFormError("Its entries are not in order, or one is there twice.")
        before = name
        yield Entry(name.decode("ascii"), length, crc, offset + _LOCAL.size + len(name))


def _local(entry: Entry) -> bytes:
    name = entry.name.encode()
    return _LOCAL.pack(
        b"PK\x03\x04", _VERSION, 0, 0, 0, _DATE, entry.crc, entry.length, entry.length, len(name), 0
    ) + name  # fmt: skip


def _central(entry: Entry) -> bytes:
    name = entry.name.encode()
    offset = entry.start - _LOCAL.size - len(name)
    return _CENTRAL.pack(
        b"PK\x01\x02", _VERSION, _UNIX, _VERSION, 0, 0, 0, 0, _DATE, entry.crc, entry.length, entry.length,
        len(name), 0, 0, 0, 0, _MODE, offset,
    ) + name  # fmt: skip


def _directory(entries: list[Entry]) -> bytes:
    listed = b"".join(map(_central, entries))
    begin = entries[-1].end if entries else 0
    return listed + _END.pack(b"PK\x05\x06", 0, 0, len(entries), len(entries), len(listed), begin, 0)


def _assert_name(name: bytes) -> None:
    if not _NAME.fullmatch(name):
        why = f"An entry is called {name.decode(errors='backslashreplace')[:80]!r}, which no entry of a bundle is."
        raise BundleFormError(why)


def _assert_fits(entries: int, size: int) -> None:
    if entries > MOST_ENTRIES or size > MOST_BYTES:
        why = f"It has {entries} entries and {size} bytes; a bundle has at most {MOST_ENTRIES} and {MOST_BYTES}."
        raise BundleTooLargeError(why)
