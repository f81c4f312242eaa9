"""The bytes of one document, read by position alone.

A descriptor that travels between processes shares its offset with every other
holder, and the pipeline hashes the same file while it is being read. So every
read here is a ``pread``; the shared offset is never looked at and never moved.
Nothing is mapped into memory, because a file cut short under a mapping kills
the process that looks at it.
"""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

from appliance.reading.base import Trouble
from appliance.reading.troubles import unreadable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEAD_BYTES = 65_536
WHOLE_BYTES = 256 * 1024**2


class Source:
    """One open regular file.

    Args:
        descriptor: Open and readable; it stays the caller's.

    Attributes:
        size: Its length in bytes when it was opened.
        head: Its first 64 KiB, from which the format is told.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.size = os.fstat(descriptor).st_size
        self.head = self.read(0, HEAD_BYTES)

    def read(self, start: int, length: int) -> bytes:
        """Return up to ``length`` bytes from ``start``; fewer only at the end of the file."""
        parts = []
        while length > 0 and (part := os.pread(self.descriptor, length, start)):
            parts.append(part)
            start += len(part)
            length -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def whole(self, limit: int = WHOLE_BYTES) -> bytes:
        """Return every byte, for a parser that cannot read by parts.

        Raises:
            UnreadableError: There are more than ``limit`` bytes.
        """
        if self.size > limit:
            raise unreadable(Trouble.TOO_LARGE)
        return self.head if self.size <= len(self.head) else self.read(0, self.size)

    def file(self) -> io.BufferedReader:
        """Return a seekable file over the same bytes, with an offset of its own."""
        return io.BufferedReader(_Window(self), HEAD_BYTES)


class _Window(io.RawIOBase):
    def __init__(self, source: Source) -> None:
        self._source = source
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._source.size}[whence]
        if base + offset < 0:
            message = "negative seek position"
            raise ValueError(message)
        self._at = base + offset
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        part = self._source.read(self._at, len(view))
        view[: len(part)] = part
        self._at += len(part)
        return len(part)
