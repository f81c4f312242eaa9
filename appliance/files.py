"""Files appear whole or not at all, and are never written over.

The few file-system moves every room shares: make a folder durable, move
without replacing, write a whole file, and hash what an open descriptor shows.
Nothing here follows a symbolic link at the last component of a path.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BLOCK_BYTES = 1 << 20
PARTIAL = ".partial"
"""Name of a copy that is not whole yet; no document has it, because dot files are never taken."""
_AT_FDCWD = -100
_RENAME_NOREPLACE = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


def fsync_folder(folder: Path) -> None:
    """Make the names in a folder durable, so that a power cut cannot undo a link, unlink or rename in it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def is_taken(path: Path) -> bool:
    """Say whether a name is taken, be it by a link to nowhere.

    Raises:
        OSError: The disk does not tell; ``os.path.lexists`` would say no, and a document pass for gone.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def make_folder(folder: Path) -> None:
    """Make a folder and its parents, each durable in its own parent before anything is put into it.

    One that is there already is made durable too: whoever made it may have been
    killed before the sync, or be another thread that has not come to it yet.

    Raises:
        FileExistsError: Something else, be it a link to nowhere, has one of the names.
    """
    if folder.is_dir():
        with contextlib.suppress(PermissionError):  # above the root a parent may be another's, and is no work of ours
            fsync_folder(folder.parent)
        return
    make_folder(folder.parent)
    try:
        folder.mkdir()
    except FileExistsError:
        if not folder.is_dir():
            raise
    fsync_folder(folder.parent)


def move_exclusive(source: Path, target: Path) -> None:
    """Rename within one file system, failing where the target's name is taken.

    One atomic step by ``renameat2(RENAME_NOREPLACE)`` (Linux 3.15, man 2 rename);
    where the file system lacks it, a link and then, once that is durable, an
    unlink: a power cut may keep either of two changes in two folders.

    Raises:
        FileExistsError: The name is taken; nothing was moved.
        OSError: As rename(2) says.
    """
    renamed = _LIBC.renameat2(_AT_FDCWD, os.fsencode(source), _AT_FDCWD, os.fsencode(target), _RENAME_NOREPLACE)
    if renamed == 0:
        return
    code = ctypes.get_errno()
    if code not in (errno.EINVAL, errno.ENOSYS):
        raise OSError(code, os.strerror(code), str(source), None, str(target))
    os.link(source, target, follow_symlinks=False)
    fsync_folder(target.parent)
    source.unlink()


def write_whole(target: Path, data: bytes) -> None:
    """Write a file so that a reader, or a power cut, sees the old content or the new and nothing between."""
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    fsync_folder(target.parent)


def sweep_beside(target: Path) -> None:
    """Remove what writes of a file that were cut have left beside it; only while nobody else writes it."""
    for left in target.parent.glob(f".{target.name}.*"):
        left.unlink(missing_ok=True)


def sha256_of(descriptor: int) -> str:
    """Return the SHA-256 of a regular file, leaving the descriptor's offset alone.

    Returns:
        64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    offset = 0
    while block := os.pread(descriptor, BLOCK_BYTES, offset):
        digest.update(block)
        offset += len(block)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What tells one content of a file from another.

    Attributes:
        size: Bytes.
        modified_ns: Modification time.
        sha256: 64 hexadecimal digits.
    """

    size: int
    modified_ns: int
    sha256: str


def fingerprint_of(descriptor: int) -> Fingerprint:
    """Return size, time and hash of an open regular file as they are now."""
    status = os.fstat(descriptor)
    return Fingerprint(status.st_size, status.st_mtime_ns, sha256_of(descriptor))


def open_regular(path: Path) -> int:
    """Open a file for reading without following a link or waiting on a FIFO.

    Raises:
        OSError: It cannot be opened, or is a link (ELOOP).
    """
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
