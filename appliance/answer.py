"""The unit of work: what the box says of one open document. It files nothing and writes nothing.

Reading and classifying take turns: a page is read only while the classifier is
unsure. A function of the bytes and the model alone; a name is never seen.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Semaphore
from typing import TYPE_CHECKING, Protocol

from appliance.classify import Decision, Status
from appliance.ledger import Verdict
from appliance.reading import Note, Trouble, UnreadableError, language_of, unreadable

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from appliance.reading import Picture, Piece, Reader, Session

WORTH_A_RETRY = frozenset({Trouble.CRASHED, Trouble.TOO_SLOW})
"""Troubles of the reader rather than of the document: a fresh worker gets one more try."""


LANGUAGE_CHARS = 2_000
"""From so much of a document its language is told; more pages add nothing."""


class Model(Protocol):
    """What the walk asks of a classifier."""

    model_id: str

    def decide(self, pages: Iterator[str]) -> Decision:
        """Decide, pulling pages only while unsure."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """How a document is answered.

    Attributes:
        reader: Opens documents.
        model: Decides what they are.
        read_seconds: Reading time before deciding with what there is; waiting for a turn is none of it.
        turns: As many as there are readers. The walk may have one document more, which is claimed or filed meanwhile.
    """

    reader: Reader
    model: Model
    read_seconds: float
    turns: Semaphore = field(default_factory=Semaphore)

    def answer(self, descriptor: int) -> Verdict:
        """Read and classify one document.

        Args:
            descriptor: The document, open for reading; its offset is left alone.

        Returns:
            An answer, whatever the document is: one that cannot be read is answered ``unreadable``.
        """
        with self.turns:
            return self._answer(descriptor)

    def _answer(self, descriptor: int) -> Verdict:
        began = time.perf_counter()
        try:
            return self._attempt(descriptor)
        except UnreadableError as error:
            trouble = error
        if trouble.trouble in WORTH_A_RETRY:
            try:
                return self._attempt(descriptor)
            except UnreadableError as error:
                trouble = error
        notes = (str(Note.HIDDEN_TEXT),) if trouble.trouble is Trouble.HIDDEN else ()
        return self._unreadable(str(trouble), trouble.found or None, time.perf_counter() - began, notes)

    def attachments(self, descriptor: int) -> Generator[Piece, None, None]:
        """Yield what is attached to a mail, piece by piece; to be closed.

        Raises:
            UnreadableError: The mail cannot be taken apart any further.
        """
        with self.turns, self.reader.open(descriptor) as session:
            yield from iter(session.next_piece, None)

    def picture(self, descriptor: int, page: int, width: int) -> Picture:
        """Draw one page of a document when a reader is free.

        Raises:
            UnreadableError: There is no such page, or it cannot be drawn.
        """
        with self.turns:
            return self.reader.picture(descriptor, page, width)

    def refuse(self, reason: str) -> Verdict:
        """Answer ``unreadable`` without opening the document."""
        return self._unreadable(reason, None, 0.0)

    def _attempt(self, descriptor: int) -> Verdict:
        began = time.perf_counter()
        with self.reader.open(descriptor) as session:
            pages = _Pages(session, self.read_seconds, began)
            decision = self.model.decide(pages)
            if decision.windows == 0:
                raise unreadable(Trouble.NO_TEXT, session.kind)
            total = time.perf_counter() - began
            return _verdict(decision, session.kind, pages, total)

    def _unreadable(self, reason: str, kind: str | None, seconds: float, notes: tuple[str, ...] = ()) -> Verdict:
        return Verdict(
            status=Status.UNREADABLE,
            label=None,
            confidence=0.0,
            similarity=None,
            alternatives=(),
            passage=None,
            reason=reason,
            kind=kind,
            pages_read=0,
            read_ms=seconds * 1e3,
            classify_ms=0.0,
            model=self.model.model_id,
            notes=notes,
        )


class _Pages:
    """The pages of a session, until the document or the reading time ends.

    A document that cannot be read any further has said what it said: trouble
    after the first words is an end, not a failure. Before them the reading time
    ends nothing, or a slow document would pass for one without text; the
    reader's own limit does.

    Attributes:
        number: Of the last page that was read.
        seconds: Spent reading.
        notes: What was noticed on the pages that were read.
        beginning: What they said, as much of it as tells a language.
    """

    def __init__(self, session: Session, seconds: float, began: float) -> None:
        self._session = session
        self._left = seconds
        self.number = 0
        self.seconds = time.perf_counter() - began
        self.notes: frozenset[Note] = frozenset()
        self.beginning = ""
        self._heard = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._heard and self.seconds >= self._left:
            raise StopIteration
        began = time.perf_counter()
        try:
            page = self._session.next()
        except UnreadableError:
            if self._heard:
                raise StopIteration from None
            raise
        finally:
            self.seconds += time.perf_counter() - began
        if page is None:
            raise StopIteration
        self.number = page.number
        self.notes |= page.notes
        if len(self.beginning) < LANGUAGE_CHARS:
            self.beginning += page.text
        self._heard = self._heard or bool(page.text.strip())
        return page.text


def _verdict(decision: Decision, kind: str, pages: _Pages, total_seconds: float) -> Verdict:
    return Verdict(
        status=decision.status,
        label=decision.label,
        confidence=decision.confidence,
        similarity=decision.similarity,
        alternatives=tuple((choice.label, choice.confidence) for choice in decision.alternatives),
        passage=decision.passage.text if decision.passage else None,
        reason=decision.reason,
        kind=kind,
        pages_read=pages.number,
        read_ms=pages.seconds * 1e3,
        classify_ms=(total_seconds - pages.seconds) * 1e3,
        model=decision.model,
        notes=tuple(sorted(pages.notes)),
        language=language_of(pages.beginning),
    )
