"""The unit of work: what the box says of one open document. It files nothing and writes nothing.

Reading and classifying take turns: a page is read only while the classifier is
unsure, and of a scan, which is read line by line, the next few lines. A function
of the bytes and the model alone; a name is never seen.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from appliance.classify import Decision, Status
from appliance.classify.line import RUNTIME_ERRORS
from appliance.ledger import Verdict
from appliance.reading import Note, Trouble, UnreadableError, language_of, unreadable
from appliance.words import language_words

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from appliance.classify import Word
    from appliance.ledger import Told
    from appliance.reading import Picture, Piece, Reader, Session

WORTH_A_RETRY = frozenset({Trouble.CRASHED, Trouble.OUT_OF_MEMORY, Trouble.TOO_SLOW})
"""Troubles of the reader rather than of the document: a fresh worker gets one more try."""


LANGUAGE_CHARS = 2_000
"""From so much of a document its language is told; more pages add nothing."""


class Model(Protocol):
    """What the walk asks of a classifier."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Those it reads (ISO 639-1); none where it does not say."""
        ...

    @property
    def model_id(self) -> str:
        """What decisions name it by."""
        ...

    def decide(self, pages: Iterator[str]) -> Decision:
        """Decide, pulling pages only while unsure."""
        ...

    def words(self, passage: str, start: int, label: str) -> tuple[Word, ...]:
        """Find the words of a passage that spoke loudest for a label."""
        ...


@runtime_checkable
class Changing(Protocol):
    """A model that may give way to another one between two documents."""

    def pinned(self) -> Model:
        """Return the model that one document is answered by from its first look to its last."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """How a document is answered.

    Attributes:
        reader: Opens documents.
        model: Decides what they are.
        read_seconds: Reading time before deciding with what there is; waiting for a reader is none of it.
    """

    reader: Reader
    model: Model
    read_seconds: float

    def answer(self, descriptor: int) -> Verdict:
        """Read and classify one document.

        Args:
            descriptor: The document, open for reading; its offset is left alone.

        Returns:
            An answer, whatever the document is: one that cannot be read is answered ``unreadable``.
        """
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
        return self._without_text(trouble, time.perf_counter() - began)

    def words(self, passage: str, start: int, label: str) -> tuple[Told, ...]:
        """Find the words of a passage that spoke loudest for a label; a quarter of a second and more.

        Args:
            passage: As a verdict gives it.
            start: Its first character in the text that was read.
            label: The label that was chosen, or the best one.
        """
        try:
            found = self.model.words(passage, start, label)
        except RUNTIME_ERRORS:  # a passage that the network fails on has no words; the answer stands
            return ()
        return tuple((word.text, word.start, word.end, word.weight) for word in found)

    def explain(self, verdict: Verdict) -> Verdict:
        """Add the words that weighed most to an answer that has a passage and does not tell them yet."""
        if verdict.passage is None or verdict.passage_start is None or verdict.words is not None:
            return verdict
        label = verdict.label or verdict.alternatives[0][0]
        return replace(verdict, words=self.words(verdict.passage, verdict.passage_start, label))

    def attachments(self, descriptor: int) -> Generator[Piece, None, None]:
        """Yield what is attached to a mail, piece by piece; to be closed.

        Raises:
            UnreadableError: The mail cannot be taken apart any further.
        """
        with self.reader.open(descriptor) as session:
            yield from iter(session.next_piece, None)

    def picture(self, descriptor: int, page: int, width: int) -> Picture:
        """Draw one page of a document when a reader is free.

        Raises:
            UnreadableError: There is no such page, or it cannot be drawn.
        """
        return self.reader.picture(descriptor, page, width)

    def _attempt(self, descriptor: int) -> Verdict:
        began = time.perf_counter()
        model = self.model.pinned() if isinstance(self.model, Changing) else self.model
        with self.reader.open(descriptor) as session:
            pages = _Pages(session, self.read_seconds, began)
            decision = model.decide(pages.look())
            while pages.is_cut_short and not _is_sure(decision):
                decision = model.decide(pages.look())
            if decision.windows == 0:
                raise unreadable(Trouble.NO_TEXT, session.kind)
            classifying = time.perf_counter() - began - pages.seconds - session.waited
            return heed_language(_verdict(decision, session.kind, pages, classifying), model.languages)

    def _without_text(self, trouble: UnreadableError, seconds: float) -> Verdict:
        """Answer for a document that gave no text; one that opens and says nothing is for a person to look at."""
        says_nothing = trouble.trouble is Trouble.NO_TEXT
        return replace(
            self.refuse(f"Unknown: {_lowered(trouble.what)}" if says_nothing else str(trouble)),
            status=Status.UNKNOWN if says_nothing else Status.UNREADABLE,
            kind=trouble.found or None,
            read_ms=seconds * 1e3,
            notes=(str(Note.HIDDEN_TEXT),) if trouble.trouble is Trouble.HIDDEN else (),
        )

    def refuse(self, reason: str) -> Verdict:
        """Answer ``unreadable`` without opening the document."""
        return Verdict(
            status=Status.UNREADABLE,
            label=None,
            confidence=0.0,
            similarity=None,
            alternatives=(),
            passage=None,
            reason=reason,
            kind=None,
            pages_read=0,
            read_ms=0.0,
            classify_ms=0.0,
            model=self.model.model_id,
        )


def heed_language(verdict: Verdict, languages: Sequence[str]) -> Verdict:
    """Leave what is in a language that the model does not read to a person, whatever the model made of it.

    Args:
        verdict: What the model says; a text whose language cannot be told is the model's to judge.
        languages: Those the model reads; where it names none there is no rule.
    """
    if not languages or verdict.language is None or verdict.language in languages:
        return verdict
    return replace(
        verdict,
        status=Status.UNKNOWN,
        label=None,
        confidence=verdict.alternatives[0][1],
        reason=f"Unknown: it is in {language_words(verdict.language)}, which the model does not read.",
        words=(),
    )


def _is_sure(decision: Decision) -> bool:
    """Tell a leaf that is sure enough to be filed; a parent may still become one of its leaves."""
    return decision.status is Status.AUTO and decision.label == decision.alternatives[0].label


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


class _Pages:
    """The pages of a session, until the document or the reading time ends.

    A document that cannot be read any further has said what it said: trouble
    after the first words is an end, not a failure. Before them the reading time
    ends nothing, or a slow document would pass for one without text; the
    reader's own limit does.

    Attributes:
        seconds: Time spent reading, waiting for a reader left out.
        notes: What was noticed on the pages that were read.
        beginning: What they said, as much of it as tells a language.
        is_cut_short: Whether the classifier was shown what there is though it asked for more.
    """

    def __init__(self, session: Session, seconds: float, began: float) -> None:
        self._session = session
        self._left = seconds
        self._heard: list[str] = []
        self._numbers: set[int] = set()
        self._ended = False
        self.is_cut_short = False
        self.seconds = time.perf_counter() - began - session.waited
        self.notes: frozenset[Note] = frozenset()
        self.beginning = ""

    @property
    def count(self) -> int:
        """How many pages said something."""
        return len(self._numbers)

    def look(self) -> Iterator[str]:
        """Yield what was heard and go on: to the end of a text, but of a scan only to its next piece."""
        self.is_cut_short = False
        yield from tuple(self._heard)
        while (text := self._pull()) is not None:
            yield text
            if self._session.by_line:
                self.is_cut_short = True
                return

    def _pull(self) -> str | None:
        if self._ended or (self._numbers and self.seconds >= self._left):
            return None
        waited, began = self._session.waited, time.perf_counter()
        try:
            page = self._session.next()
        except UnreadableError:
            if not self._numbers:
                raise
            page = None
        finally:
            self.seconds += time.perf_counter() - began - (self._session.waited - waited)
        if page is None:
            self._ended = True
            return None
        if page.text.strip():
            self._numbers.add(page.number)
        self._heard.append(page.text)
        self.notes |= page.notes
        if len(self.beginning) < LANGUAGE_CHARS:
            self.beginning += page.text
        return page.text


def _verdict(decision: Decision, kind: str, pages: _Pages, classifying: float) -> Verdict:
    return Verdict(
        status=decision.status,
        label=decision.label,
        confidence=decision.confidence,
        similarity=decision.similarity,
        alternatives=tuple((choice.label, choice.confidence) for choice in decision.alternatives),
        passage=decision.passage.text if decision.passage else None,
        passage_start=decision.passage.start if decision.passage else None,
        reason=decision.reason,
        kind=kind,
        pages_read=pages.count,
        read_ms=pages.seconds * 1e3,
        classify_ms=classifying * 1e3,
        model=decision.model,
        notes=tuple(sorted(pages.notes)),
        language=language_of(pages.beginning),
    )
