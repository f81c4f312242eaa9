"""Look into a zip archive far enough to say which document it holds, and guard what is taken out of it.

Never extracts by name to a disk, and believes no size: what is declared is
summed before anything is unpacked, and what is unpacked is counted.
"""

from __future__ import annotations

import zipfile
import zlib
from typing import TYPE_CHECKING

from appliance.reading.base import Trouble
from appliance.reading.troubles import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.reading.source import Source

UNPACKED_BYTES = 512 * 1024**2
CHUNK_BYTES = 32_768
ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OverflowError)
"""What zipfile raises for an archive that is damaged, locked or not what it says."""

_LOCKED = 0x1
_BY_PART = {"word/": "docx", "xl/": "xlsx", "ppt/": "pptx"}
_BY_MIME = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
    b"application/epub+zip": "epub",
}
_TEMPLATE = b"-template"


def opened(source: Source, kind: str) -> zipfile.ZipFile:
    """Open an archive.

    Raises:
        UnreadableError: It is damaged, or would unpack to more than it may.
    """
    try:
        archive = zipfile.ZipFile(source.file())
    except ZIP_ERRORS as error:
        raise unreadable(Trouble.DAMAGED, kind) from error
    if sum(entry.file_size for entry in archive.infolist()) > UNPACKED_BYTES:
        raise unreadable(Trouble.TOO_LARGE)
    return archive


def unpacked(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """Yield an entry's content, some 32 KiB at a time.

    Raises:
        UnreadableError: It unpacks to more than it may.
    """
    left = UNPACKED_BYTES
    with archive.open(name) as entry:
        while chunk := entry.read(CHUNK_BYTES):
            left -= len(chunk)
            if left < 0:
                raise unreadable(Trouble.TOO_LARGE)
            yield chunk


def zip_kind(source: Source) -> str:
    """Name the document in a zip archive; "zip" where it is just an archive.

    Raises:
        UnreadableError: It is damaged, or protected by a password.
    """
    with opened(source, "zip") as archive:
        names = archive.namelist()
        try:
            kind = _kind(archive, names)
            locked = any(entry.flag_bits & _LOCKED for entry in archive.infolist()[:1]) or _is_locked(archive, names)
        except ZIP_ERRORS as error:
            raise unreadable(Trouble.DAMAGED, "zip") from error
    if locked and kind != "zip":
        raise unreadable(Trouble.ENCRYPTED, kind)
    return kind


def _kind(archive: zipfile.ZipFile, names: list[str]) -> str:
    if "[Content_Types].xml" in names:
        parts = (name for name in names if name.count("/") == 1)
        return next((kind for name in parts for part, kind in _BY_PART.items() if name.startswith(part)), "zip")
    if "mimetype" in names:
        mime = next(unpacked(archive, "mimetype"), b"").strip().removesuffix(_TEMPLATE)
        return _BY_MIME.get(mime, "zip")
    return "zip"


def _is_locked(archive: zipfile.ZipFile, names: list[str]) -> bool:
    """Tell an OpenDocument file whose manifest says that its parts are encrypted."""
    if "mimetype" not in names or "META-INF/manifest.xml" not in names:
        return False
    return b"encryption-data" in next(unpacked(archive, "META-INF/manifest.xml"), b"")
