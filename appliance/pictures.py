"""Pictures of pages for the review desk: drawn by a reading worker, encoded here, kept while there is room.

Promises that only pixels come from a worker, and that their number is exactly
what the picture's size says; they are made a PNG by this process, so nothing
that a document had a hand in is ever decoded outside the sandbox, here or in a
reviewer's browser. The folder never grows beyond its limit by more than one
picture; what was longest not asked for goes first. A document is known by its
hash, so a picture is right for ever and the same bytes are drawn once.
"""

from __future__ import annotations

import os
import struct
import threading
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.files import make_folder, write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from appliance.answer import Reading
    from appliance.reading import Picture

WIDTH = 800
"""Of the first page of a document that begins to wait for a person, in pixels."""

WIDEST = 2_000
_COMPRESSION = 3
"""Three times as fast as zlib's usual 6 for a tenth more bytes."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Draws pages, and keeps what was drawn.

    Attributes:
        folder: Where pictures are kept.
        most_bytes: How much room they may take.
        reading: Draws them.
    """

    folder: Path
    most_bytes: int
    reading: Reading
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    def png(self, sha256: str, descriptor: int, page: int = 1, width: int = WIDTH) -> bytes:
        """Return a page as a PNG, at most so many pixels wide and three times as tall.

        Args:
            sha256: Of the document, by which a picture is known.
            descriptor: The document, open for reading.
            page: Counted from 1.
            width: In pixels.

        Raises:
            UnreadableError: There is no such page, or it cannot be drawn.
            ReaderError: There is no reader to be had.
        """
        width = min(max(width, 1), WIDEST)
        place = self.folder / f"{sha256}-{page}-{width}.png"
        if (kept := self._kept(place)) is not None:
            return kept
        drawn = encoded(self.reading.picture(descriptor, page, width))
        with self._lock:
            make_folder(self.folder)
            write_whole(place, drawn)
            self._make_room(place)
        return drawn

    def _kept(self, place: Path) -> bytes | None:
        try:
            content = place.read_bytes()
            os.utime(place)
        except FileNotFoundError:
            return None
        return content

    def _make_room(self, newest: Path) -> None:
        with os.scandir(self.folder) as entries:
            kept = sorted((entry.stat().st_mtime_ns, entry.stat().st_size, entry.path) for entry in entries)
        size = sum(each for _, each, _ in kept)
        for _, each, path in kept:
            if size <= self.most_bytes:
                return
            if path != str(newest):
                os.unlink(path)  # noqa: PTH108 - a path as scandir gives it
                size -= each


def encoded(picture: Picture) -> bytes:
    """Return a picture as a PNG (ISO/IEC 15948): eight bits a colour, no filter."""
    row = 3 * picture.width
    rows = b"".join(b"\0" + picture.pixels[at : at + row] for at in range(0, row * picture.height, row))
    head = struct.pack(">IIBBBBB", picture.width, picture.height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, _COMPRESSION)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
