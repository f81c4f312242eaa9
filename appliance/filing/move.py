"""The crash-safe move that takes a decided document to its place.

The ledger names the place before the file moves; the move never replaces
anything; both folders are durable before the ledger says the document rests.
Cut at any instant, :meth:`Filing.finish` run again ends in the same place.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from appliance.errors import ApplianceError
from appliance.files import fsync_folder, is_taken, make_folder, move_exclusive, open_regular, sha256_of
from appliance.filing.place import destination_folder, first_free

if TYPE_CHECKING:
    from appliance.ledger import Document, Ledger


class MissingFileError(ApplianceError):
    """A document's file is neither where it was nor where it was going."""


@dataclass(frozen=True, slots=True)
class Filing:
    """Plans and makes the last move of a document.

    Attributes:
        home: The root that ledger paths are relative to.
        ledger: Told of the plan before, and of the rest after.
    """

    home: Path
    ledger: Ledger
    _durable: set[PurePosixPath] = field(default_factory=set, init=False, repr=False, compare=False)

    def plan(self, name: str, status: str, label: str | None) -> str:
        """Choose a free place, relative to the root, making its folder durable."""
        folder = destination_folder(status, label)
        if folder not in self._durable:  # a sync for each label and not for each document
            make_folder(self.home / folder)
            self._durable.add(folder)
        return str(self._free(folder, name))

    def plan_beside(self, name: str, other: Document) -> str:
        """Choose a free place in the folder where another document lies."""
        return str(self._free(PurePosixPath(str(other.path)).parent, name))

    def finish(self, document: Document) -> Document:
        """Take a decided document to its destination, or confirm that it is there already.

        A document at rest has no destination and is left as it is.

        Raises:
            MissingFileError: Its file is in neither place.
        """
        if document.destination is None:
            return document
        while True:
            source, target = self.home / str(document.path), self.home / str(document.destination)
            if not is_taken(source) and self._is_this(document, target):
                break
            try:
                move_exclusive(source, target)
                break
            except FileExistsError:
                document = self._redirect_or_tidy(document, source, target)
            except FileNotFoundError as error:
                if is_taken(source):
                    make_folder(target.parent)
                    continue
                raise _missing(document) from error
        fsync_folder(target.parent)
        _fsync_nearest(source.parent)
        rested = self.ledger.rest(document)
        remove_if_empty(source.parent)
        return rested

    def _redirect_or_tidy(self, document: Document, source: Path, target: Path) -> Document:
        if os.path.samestat(source.lstat(), target.lstat()):
            fsync_folder(target.parent)
            source.unlink()  # the second half of a link-then-unlink that was cut between
            return document
        planned = PurePosixPath(str(document.destination)).parent
        return self.ledger.redirect(document, str(self._free(planned, document.name)))

    def _free(self, folder: PurePosixPath, name: str) -> PurePosixPath:
        return folder / first_free(name, lambda candidate: is_taken(self.home / folder / candidate))

    def _is_this(self, document: Document, target: Path) -> bool:
        try:
            descriptor = open_regular(target)
        except FileNotFoundError:
            return False
        try:
            is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
            return is_file and sha256_of(descriptor) == document.sha256
        finally:
            os.close(descriptor)


def remove_if_empty(folder: Path) -> None:
    """Remove a document's holding folder once nothing lies in it; what a crash leaves is swept at the next start."""
    with contextlib.suppress(FileNotFoundError):
        try:
            folder.rmdir()
        except OSError as error:
            if error.errno != errno.ENOTEMPTY:
                raise


def _fsync_nearest(folder: Path) -> None:
    """Make durable what left a folder; where the folder has gone too, that it did, which takes its names along."""
    try:
        fsync_folder(folder)
    except FileNotFoundError:
        _fsync_nearest(folder.parent)


def _missing(document: Document) -> MissingFileError:
    return MissingFileError(
        f"The file of document {document.id} is gone.",
        f"It is neither at {document.path} nor at {document.destination}.",
        "Somebody may have moved it by hand; `appliance check` lists every such document.",
    )
