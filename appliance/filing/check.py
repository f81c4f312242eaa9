"""Proves every row of the ledger against the disk, every file against a row, and the audit chain.

Safe beside a running box: what looks wrong is looked at again with a fresh row
before it is said, because a document may have been moving: a move shows on the
disk before it shows in its row.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from appliance.files import PARTIAL, open_regular, sha256_of
from appliance.ledger import NoSuchDocumentError, State, broken_links
from appliance.names import attachment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from appliance.ledger import Document, Queries

KEPT = ("filed", "review", "unreadable", "holding")
"""The folders below ``var/`` in which every file must have a row."""

HOLDING = PurePosixPath("var/holding")


@dataclass(frozen=True, slots=True)
class Check:
    """One proof of a whole root.

    Attributes:
        home: The root.
        ledger: Its ledger.
        progress: Told of each document looked at.
    """

    home: Path
    ledger: Queries
    progress: Callable[[], None] = lambda: None

    def problems(self) -> Iterator[str]:
        """Yield one sentence for each thing that does not hold; nothing when all is well."""
        known: set[str] = set()
        for document in self.ledger.documents():
            known.update(_places_of(document))
            yield from self._of_document(document)
            self.progress()
        yield from self._of_strays(known)
        yield from broken_links(self.ledger.events())
        yield from self._of_histories()

    def _of_document(self, document: Document) -> Iterator[str]:
        problem = self._problem_of(document)
        if problem:
            problem = self._problem_of(self.ledger.document(document.id))
        if problem:
            yield f"Document {document.id}: {problem}"

    def _problem_of(self, document: Document) -> str | None:
        if document.state is State.WITHDRAWN:
            return None
        if document.is_at_rest:
            return self._problem_at(str(document.path), document.sha256)
        places = [place for place in (document.path, document.destination) if place and self._lies_at(place)]
        if len(places) > 1:
            return f"it lies both at {places[0]} and at {places[1]}."
        in_inbox = document.state is State.CLAIMED and _has_inode(document.inbox_path, document.inode)
        return None if places or in_inbox else f"it is in work, but its file is not at {document.path}."

    def _problem_at(self, place: str, sha256: str | None) -> str | None:
        try:
            descriptor = open_regular(self.home / place)
        except OSError as error:
            return f"{place} cannot be opened: {error.strerror}."
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return f"{place} is not a plain file."
            return None if sha256_of(descriptor) == sha256 else f"the bytes of {place} are not those that were filed."
        finally:
            os.close(descriptor)

    def _lies_at(self, place: str) -> bool:
        return os.path.lexists(self.home / place)

    def _of_strays(self, known: set[str]) -> Iterator[str]:
        suspects = [place for place in self._files() if place not in known and not self._is_being_split(place)]
        if suspects:
            for document in self.ledger.documents():
                known.update(_places_of(document))
        for place in suspects:
            if place not in known and self._lies_at(place):
                yield f"{place} has no row in the ledger."

    def _is_being_split(self, place: str) -> bool:
        """Say whether a file was just taken out of a mail that is not decided yet."""
        folder = PurePosixPath(place).parent
        attachment = attachment_of(folder.name)
        if folder.parent != HOLDING or attachment is None:
            return False
        try:
            return self.ledger.document(attachment[0]).state is State.CLAIMED
        except NoSuchDocumentError:
            return False

    def _files(self) -> Iterator[str]:
        for folder in KEPT:
            for found, _folders, names in os.walk(self.home / "var" / folder):
                for name in names:
                    yield os.path.relpath(os.path.join(found, name), self.home)  # noqa: PTH118 - a million joins

    def _of_histories(self) -> Iterator[str]:
        for row in self.ledger.rows_that_differ_from_their_history():
            yield f"Document {row['id']}: its {row['what']} is not what its last event says."


def _places_of(document: Document) -> Iterator[str]:
    """Yield every place that a document's row accounts for."""
    yield from (place for place in (document.path, document.destination) if place)
    if document.state is State.CLAIMED:
        yield str(PurePosixPath(str(document.path)).with_name(PARTIAL))


def _has_inode(path: Path, inode: int) -> bool:
    try:
        return path.lstat().st_ino == inode
    except (FileNotFoundError, NotADirectoryError):
        return False
