"""The whole walk of a document, on one page.

    inbox/ --settled--> claim --> read <--> classify --> record --> file --> filed/<label>/ | review/ | unreadable/

Each step is one room's. The order is the promise: a row before the file is
touched, the file's data durable before the decision, the decision and the place
in the ledger before the move, and both folders durable before it is said to be
done. Cut anywhere, :meth:`Walk.carry` goes on from what the ledger says.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from appliance.errors import ApplianceError
from appliance.files import fingerprint_of, open_regular
from appliance.filing import follow_first
from appliance.ledger import IN_FLIGHT, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Executor
    from pathlib import Path

    from appliance.answer import Reading
    from appliance.attachments import Splitter
    from appliance.files import Fingerprint
    from appliance.filing import Filing
    from appliance.intake import Candidate, Claims
    from appliance.ledger import Document, Ledger, Part, Told, Verdict
    from appliance.pictures import Pictures

    Read: TypeAlias = tuple[Verdict, Fingerprint, list[Part]]
    """The answer, the bytes it is of, and what was attached to them."""

LOOKS = 3
"""How often a document that changes under the reader is read again before it has to wait."""

STARTS = 3
"""How many starts of the box may find the same document in work before it is held to be the cause."""


class StillChangingError(ApplianceError):
    """A claimed document is still being written; it stays in holding and is tried again."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Takes documents from the inbox to their place.

    Attributes:
        home: The root that ledger paths are relative to.
        ledger: What is known.
        claims: Brings files in.
        reading: Answers what a document is.
        filing: Takes it to its place.
        beside: Where a document is taken out of the inbox, hashed and made durable while it is read.
        duplicates: What to do with the same bytes again.
        keep_text: Whether the passage that decided is kept.
        pictures: Draws the first page of what waits for a person.
        splitter: Takes out what is attached to a mail, where each is to be a document of its own.
    """

    home: Path
    ledger: Ledger
    claims: Claims
    reading: Reading
    filing: Filing
    beside: Executor
    duplicates: Literal["beside", "hold"]
    keep_text: Literal["none", "snippet"]
    splitter: Splitter | None = None
    pictures: Pictures | None = None

    def claim(self, candidate: Candidate) -> Document:
        """Make a settled file the box's: from here on the ledger knows it."""
        return self.claims.begin(candidate)

    def carry(self, document: Document) -> Document:
        """Take a claimed document to its place, from wherever an earlier try left it; one at rest stays there."""
        if document.state not in IN_FLIGHT:
            return document
        if document.state is State.DECIDED:
            return self.filing.finish(document)
        held, read = (document, None) if document.parent is not None else self._bring_in(document)
        if held.state is State.WITHDRAWN:
            if self.splitter is not None:
                self.splitter.forget(document)
            return held
        if read is None:
            with _opened(self.home / str(held.path)) as descriptor:
                read = self._read(held, descriptor)
        return self.filing.finish(self._record(held, *read))

    def attached(self, document: Document) -> list[Document]:
        """Return the attachments of a mail that are still in work."""
        if self.splitter is None:
            return []
        return [part for part in self.ledger.parts(document.id) if part.state in IN_FLIGHT]

    def draw(self, document: Document) -> None:
        """Draw the first page of a document that waits for a person, so that it is there when the desk asks.

        Raises:
            ApplianceError: It cannot be drawn; nothing but the picture is missing.
        """
        if self.pictures is not None and document.state is State.IN_REVIEW and document.sha256:
            with _opened(self.home / str(document.path)) as descriptor:
                self.pictures.png(document.sha256, descriptor)

    def explain(self) -> bool:
        """Look for the words that weighed most in the oldest answer that a person was left with.

        Returns:
            Whether there was one; call it again while there is, and only when nothing else is in work.
        """
        found = self.ledger.unexplained()
        if found is None:
            return False
        words: tuple[Told, ...] = ()
        if found.waits and found.model == self.reading.model.model_id:
            words = self.reading.words(found.passage, found.passage_start, found.label)
        self.ledger.explain(found.id, words)
        return True

    def _bring_in(self, document: Document) -> tuple[Document, Read | None]:
        """Take the file out of the inbox, reading it meanwhile where what is read will be what is held."""
        with self.claims.opened_early(document) as descriptor:
            bringing = self.beside.submit(self.claims.complete, document)
            try:
                read = None if descriptor is None else self._read(document, descriptor)
            finally:
                held = bringing.result()
            return held, read if descriptor is not None and self.claims.holds(held, descriptor) else None

    def _read(self, document: Document, descriptor: int) -> Read:
        """Read and classify, again where the document changed meanwhile; its data are durable on return."""
        for _ in range(LOOKS):
            before = os.fstat(descriptor)  # what is secured beside may be newer than what the reader saw
            secured = self.beside.submit(_secure, descriptor)
            try:
                verdict = self._answer(document, descriptor)
            finally:
                fingerprint = secured.result()
            verdict, parts = self._split(document, verdict, descriptor)
            if _was(fingerprint, before) and fingerprint_of(descriptor) == fingerprint:
                return verdict, fingerprint, parts
        raise StillChangingError(
            f"Document {document.id} is still being written.",
            f"It changed {LOOKS} times while it was read.",
            "It stays in holding and is tried again by itself.",
        )

    def _answer(self, document: Document, descriptor: int) -> Verdict:
        if document.attempts > STARTS:
            return self.reading.refuse("The box stopped each time it read this file. File it by hand.")
        return self.reading.answer(descriptor)

    def _split(self, document: Document, verdict: Verdict, descriptor: int) -> tuple[Verdict, list[Part]]:
        if self.splitter is None or document.attempts > STARTS:
            return verdict, []
        split = self.splitter.split(document, verdict.kind, descriptor)
        return replace(verdict, notes=(*verdict.notes, *split.notes)), split.parts

    def _record(
        self, document: Document, verdict: Verdict, fingerprint: Fingerprint, parts: Sequence[Part] = ()
    ) -> Document:
        first = self.ledger.first_with(fingerprint.sha256, before=document.id)
        followed = follow_first(verdict, first, self.duplicates)
        if first is not None and followed is not verdict and followed.status == first.status:
            destination = self.filing.plan_beside(document.name, first)
        else:
            destination = self.filing.plan(document.name, followed.status, followed.label)
        if self.keep_text == "none":
            followed = replace(followed, passage=None, passage_start=None, words=None)
        return self.ledger.decide(document, followed, fingerprint, destination=destination, parts=parts)


def _was(fingerprint: Fingerprint, status: os.stat_result) -> bool:
    """Say whether a file showed this size and time when it was looked at."""
    return (status.st_size, status.st_mtime_ns) == (fingerprint.size, fingerprint.modified_ns)


def _secure(descriptor: int) -> Fingerprint:
    os.fsync(descriptor)
    return fingerprint_of(descriptor)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = open_regular(path)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
