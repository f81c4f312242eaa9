"""Takes what is attached to a mail out of it, so that each becomes a document of its own.

The order is the promise. Each attachment is written whole and durable into a
folder of holding that is named after the mail and the attachment's number;
their rows are then written in the very transaction that decides the mail. Cut
before it, nothing is known of them and the folders are made anew; cut after it,
they are documents in work like any other. So none is lost and none is there
twice. Only bytes come from a worker; no path or name of a mail is ever opened.
"""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.answer import WORTH_A_RETRY
from appliance.files import PARTIAL, fsync_folder
from appliance.ledger import Part
from appliance.names import attachment_folder, attachment_name, attachment_of
from appliance.reading import MAILS, Note, UnreadableError

if TYPE_CHECKING:
    from pathlib import Path

    from appliance.answer import Reading
    from appliance.ledger import Document, Ledger
    from appliance.reading import Piece

MOST = 100
"""Attachments of one mail that become documents."""

MOST_BYTES = 512 * 1024**2
"""What they may come to together."""

DEEPEST = 5
"""A mail in a mail in a mail: so many are opened, and the next stays whole."""

TRIES = 2


@dataclass(slots=True)
class Split:
    """What was taken out of a mail.

    Attributes:
        parts: The attachments, durable in their folders.
        is_whole: Whether nothing was left.
        size: Their bytes together.
    """

    parts: list[Part] = field(default_factory=list)
    is_whole: bool = True
    size: int = 0

    @property
    def notes(self) -> frozenset[Note]:
        """What a reviewer should know of it."""
        return frozenset() if self.is_whole else frozenset({Note.ATTACHMENTS_LEFT})


@dataclass(frozen=True, slots=True)
class Splitter:
    """Takes attachments out of mails.

    Attributes:
        home: The root that ledger paths are relative to.
        holding: Where documents in work lie.
        ledger: Knows which mail a mail came in.
        reading: Takes the mail apart.
    """

    home: Path
    holding: Path
    ledger: Ledger
    reading: Reading

    def split(self, mail: Document, kind: str | None, descriptor: int) -> Split:
        """Write each attachment of a mail into holding, durable on return; no other kind of document has any.

        What an earlier try left is removed first.
        """
        if kind not in MAILS:
            return Split()
        for tried in range(1, TRIES + 1):
            remove_parts(self.holding, mail.id)
            split = Split()
            try:
                self._take(mail, descriptor, split)
            except UnreadableError as error:
                split.is_whole = False
                if error.trouble in WORTH_A_RETRY and tried < TRIES:
                    continue
            break
        remove_parts(self.holding, mail.id, but=frozenset(part.number for part in split.parts))
        if split.parts:
            fsync_folder(self.holding)
        return split

    def forget(self, mail: Document) -> None:
        """Remove what was taken out of a mail that was taken back meanwhile."""
        remove_parts(self.holding, mail.id)

    def _take(self, mail: Document, descriptor: int, split: Split) -> None:
        may_open = self._depth(mail) < DEEPEST
        with closing(self.reading.attachments(descriptor)) as pieces:
            for piece in pieces:
                if not may_open or piece.number > MOST or split.size > MOST_BYTES:
                    split.is_whole = False
                    return
                if piece.data is None:
                    split.is_whole = False
                else:
                    self._write(mail, piece, piece.data, split)

    def _write(self, mail: Document, piece: Piece, data: bytes, split: Split) -> None:
        folder = self.holding / attachment_folder(mail.id, piece.number)
        folder.mkdir(exist_ok=True)
        partial, split.size = folder / PARTIAL, split.size + len(data)
        with partial.open("ab") as file:
            file.write(data)
            if not piece.is_last:
                return
            file.flush()
            os.fsync(file.fileno())
        name = attachment_name(piece.name, piece.number)
        held = folder / name
        partial.rename(held)
        fsync_folder(folder)
        status = held.stat()
        place = str(held.relative_to(self.home))
        split.parts.append(Part(piece.number, name, place, status.st_ino, status.st_size))

    def _depth(self, mail: Document) -> int:
        depth = 0
        while mail.parent is not None:
            mail, depth = self.ledger.document(mail.parent), depth + 1
        return depth


def remove_parts(holding: Path, mail: int, *, but: frozenset[int] = frozenset()) -> None:
    """Remove what was taken out of a mail that is not decided yet, but for some of it."""
    for folder in list(holding.iterdir()):
        named = attachment_of(folder.name)
        if named and named[0] == mail and named[1] not in but:
            _remove(folder)


def sweep_parts(holding: Path, ledger: Ledger) -> None:
    """Remove the attachments that a crash left behind before their rows were written; their mails have them still."""
    for folder in list(holding.iterdir()):
        named = attachment_of(folder.name)
        if named and not ledger.has_part(*named):
            _remove(folder)


def _remove(folder: Path) -> None:
    for file in list(folder.iterdir()):
        file.unlink()
    folder.rmdir()
