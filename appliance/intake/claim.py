"""Takes a settled file out of the inbox and makes it the box's own.

A row first, then a second name in ``holding/<id>/`` by ``link``, then the inbox
name goes by ``unlink``. Cut at any instant, :meth:`Claims.complete` run again
ends in the same place: it knows the file by its inode. A file with further
names is copied, so that none of them can change it later. What remains: a file
renamed over the inbox name in the microsecond between the last look and the
unlink loses that name; its inode is compared directly before.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.files import PARTIAL, fsync_folder, is_taken, make_folder, open_regular, sha256_of
from appliance.intake.guards import is_regular
from appliance.ledger import Arrival
from appliance.names import clean_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from appliance.intake.lookout import Candidate
    from appliance.ledger import Document, Ledger

_NO_LINK = (errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK)
_NO_SYNC = (errno.EINVAL, errno.EROFS)
_GONE = (FileNotFoundError, NotADirectoryError)


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims files for the box.

    Attributes:
        ledger: Told before anything is touched.
        home: The root that ledger paths are relative to.
        holding: Where claimed files lie, below the root.
    """

    ledger: Ledger
    home: Path
    holding: Path

    def begin(self, candidate: Candidate) -> Document:
        """Write the row that makes a settled file the box's; the file itself is not touched yet."""
        sighting = candidate.sighting
        name = clean_name(os.fsencode(sighting.path.name))
        arrival = Arrival(
            name=name,
            origin=candidate.origin,
            inbox_path=sighting.path,
            inode=sighting.inode,
            links=sighting.links,
            size=sighting.size,
        )
        folder = self.holding.relative_to(self.home)
        return self.ledger.claim(arrival, lambda number: str(folder / str(number) / name))

    @contextlib.contextmanager
    def opened_early(self, document: Document) -> Iterator[int | None]:
        """Open a claimed file that is still in the inbox and will be linked: what is read is what will be held.

        Yields:
            A descriptor, or None where the file is held already, will be copied, is another one or is gone.
        """
        with contextlib.ExitStack() as stack:
            descriptor = None
            with contextlib.suppress(OSError):  # bringing it in says better what is wrong
                descriptor = open_regular(document.inbox_path)
                stack.callback(os.close, descriptor)
            yield descriptor if descriptor is not None and self._will_link(descriptor, document) else None

    def _will_link(self, descriptor: int, document: Document) -> bool:
        status = os.fstat(descriptor)
        is_it = status.st_ino == document.inode and status.st_nlink == 1 and is_regular(status)
        return is_it and status.st_dev == self.holding.stat().st_dev

    def holds(self, document: Document, descriptor: int) -> bool:
        """Say whether a document's path shows the very file that is open, so that nothing stands between the two."""
        return document.path is not None and os.path.samestat(os.fstat(descriptor), (self.home / document.path).lstat())

    def complete(self, document: Document) -> Document:
        """Bring a claimed file in, taking up wherever an earlier try was cut off.

        Returns:
            The document as the ledger has it now: withdrawn when the file was taken back first.
        """
        held = self.home / str(document.path)
        is_new = not is_taken(held)
        if is_new and not self._bring_in(document, held):
            return self._withdraw(document, held)
        fsync_folder(held.parent)
        fsync_folder(self.holding)
        if _was_taken_back(document, held) and (is_new or _lies_in(document.inbox_path.parent, document.inode)):
            return self._withdraw(document, held)
        _remove_from_inbox(document, held)
        return document

    def _bring_in(self, document: Document, held: Path) -> bool:
        """Give the file its name in holding; say whether it was still there to be given one."""
        self._make_room(held.parent)
        source = document.inbox_path
        try:
            status = source.lstat()
            if status.st_ino != document.inode or not is_regular(status):
                return False
            if status.st_nlink == 1 and _could_link(source, held):
                return held.lstat().st_ino == document.inode
            _copy_whole(source, held)
        except _GONE:
            return False
        return True

    def _make_room(self, folder: Path) -> None:
        """Make a document's folder; it is made durable together with the file's name, before the inbox name goes."""
        try:
            folder.mkdir(exist_ok=True)
        except FileNotFoundError:
            make_folder(folder)

    def _withdraw(self, document: Document, held: Path) -> Document:
        held.unlink(missing_ok=True)
        held.with_name(PARTIAL).unlink(missing_ok=True)
        with contextlib.suppress(FileNotFoundError):
            held.parent.rmdir()
        fsync_folder(self.holding)  # or a power cut brings the name back, and no row would know it
        return self.ledger.withdraw(document)


def _was_taken_back(document: Document, held: Path) -> bool:
    """Say whether the file looks renamed elsewhere before its inbox name was ours to remove.

    Sure only right after the link was made: later a second name may also be a
    backup of what lies in holding, whose inbox name we removed ourselves.
    """
    status = held.lstat()
    return status.st_ino == document.inode and status.st_nlink > document.links and not is_taken(document.inbox_path)


def _lies_in(folder: Path, inode: int) -> bool:
    """Say whether a folder of the inbox shows a file, so that giving up its other name cannot lose it."""
    try:
        with os.scandir(folder) as entries:
            return any(entry.inode() == inode for entry in entries)
    except _GONE:
        return False


def _remove_from_inbox(document: Document, held: Path) -> None:
    with contextlib.suppress(*_GONE):
        if _is_still_ours(document, held):
            document.inbox_path.unlink()
        fsync_folder(document.inbox_path.parent)  # also after a crash between the unlink and this line


def _is_still_ours(document: Document, held: Path) -> bool:
    """Say whether the inbox name still shows the file that was claimed, and not one put there since."""
    try:
        status = document.inbox_path.lstat()
    except _GONE:
        return False
    return status.st_ino == document.inode and (
        os.path.samestat(status, held.lstat()) or _same_bytes(document.inbox_path, held)
    )


def _could_link(source: Path, held: Path) -> bool:
    """Give a file its name in holding; say whether the file system lets us."""
    try:
        os.link(source, held, follow_symlinks=False)
    except OSError as error:
        if error.errno in _NO_LINK:
            return False
        raise
    return True


def _copy_whole(source: Path, held: Path) -> None:
    """Copy what cannot be linked; the copy gets its name only once it is durable and proven equal.

    The original is made durable first, or a power cut may leave a torn one that
    no longer equals its copy and passes for another document.
    """
    partial = held.with_name(PARTIAL)
    descriptor = open_regular(source)
    with os.fdopen(descriptor, "rb") as original, partial.open("w+b") as copy:
        _sync_if_possible(original.fileno())
        shutil.copyfileobj(original, copy, 1 << 20)
        copy.flush()
        os.fsync(copy.fileno())
        if sha256_of(original.fileno()) != sha256_of(copy.fileno()):
            raise OSError(errno.EAGAIN, "The file changed while it was copied", str(source))
    partial.rename(held)


def _sync_if_possible(descriptor: int) -> None:
    """Make a file of another file system durable, where that one knows how (man 2 fsync)."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise


def _same_bytes(one: Path, other: Path) -> bool:
    first, second = open_regular(one), open_regular(other)
    try:
        return sha256_of(first) == sha256_of(second)
    finally:
        os.close(first)
        os.close(second)
