"""What the box's own readers hear in a document, kept, so that any model can be asked about it without reading again.

Reading a scan costs seconds, asking a model about it milliseconds. What was
heard is played back piece by piece, so a model stops where it would have
stopped, and its figures do not hang on how busy the machine is. Text and OCR
run in this process, on one thread.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from appliance.closing import Closing
from appliance.reading import LocalReader, Page, Trouble, UnreadableError, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from appliance.reading import Picture, Piece, Session

ENOUGH_CHARACTERS = 4_000
"""More than the most windows of a model hold of any but the oddest text."""


@dataclass(frozen=True, slots=True)
class Said:
    """One page, or a few lines of a scanned one.

    Attributes:
        number: Of the page, from 1.
        text: What it says.
        by_line: Whether it is lines of a scan.
    """

    number: int
    text: str
    by_line: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of one document.

    Attributes:
        kind: The format that was found in it; "" where none was.
        said: In order, to the end or until it was enough.
        trouble: Why there is no more; "" where it simply ended.
    """

    kind: str
    said: tuple[Said, ...]
    trouble: str = ""

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(each.text for each in self.said)

    @classmethod
    def from_fields(cls, fields: dict[str, Any]) -> Heard:
        """Understand what :meth:`as_fields` gave."""
        return cls(fields["kind"], tuple(Said(*each) for each in fields["said"]), fields["trouble"])

    def as_fields(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        return {
            "kind": self.kind,
            "said": [(each.number, each.text, each.by_line) for each in self.said],
            "trouble": self.trouble,
        }


def hear(content: bytes) -> Heard:
    """Read a document: its text, and where that is why it ended its pictures, as the box does."""
    descriptor = os.memfd_create("document")
    try:
        os.pwrite(descriptor, content, 0)
        heard = _listen("", (), lambda: LocalReader().open(descriptor))
        if heard.trouble == Trouble.SCAN:
            heard = _listen(heard.kind, heard.said, lambda: _scan_session(descriptor))
        return heard
    finally:
        os.close(descriptor)


class Hearings:
    """What was heard of documents in formats, kept in a file of JSON lines.

    Args:
        path: Created or added to; the last line of a run that was interrupted is passed over.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, Heard] = {}
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            try:
                fields = json.loads(line)
            except ValueError:
                continue
            self._known[fields["key"]] = Heard.from_fields(fields)

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def of(self, key: str, content: Callable[[], bytes]) -> Heard:
        """What was heard under a key; where nothing was, the content is asked for and read."""
        if key not in self._known:
            self._known[key] = heard = hear(content())
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"key": key, **heard.as_fields()}) + "\n")
        return self._known[key]


class Replay:
    """A reader that opens one document, whatever descriptor it is given.

    Args:
        heard: What it says.
    """

    def __init__(self, heard: Heard) -> None:
        self._heard = heard

    def open(self, descriptor: int) -> ReplayedSession:
        """Begin from the beginning.

        Raises:
            UnreadableError: Nothing was heard.
        """
        del descriptor
        return ReplayedSession(self._heard)

    def rest(self) -> None:
        """Do nothing: there is no worker to end."""

    def picture(self, descriptor: int, page: int, width: int) -> Picture:
        """Refuse: there is nothing to draw.

        Raises:
            UnreadableError: Always.
        """
        del descriptor, page, width
        raise unreadable(Trouble.NO_PAGE, self._heard.kind)

    def close(self) -> None:
        """Do nothing: there is no worker to end."""


class ReplayedSession(Closing):
    """The same pieces in the same order.

    Args:
        heard: What it says.

    Raises:
        UnreadableError: Nothing was heard.
    """

    waited = 0.0

    def __init__(self, heard: Heard) -> None:
        self.kind = heard.kind
        self.by_line = bool(heard.said) and heard.said[0].by_line
        self._trouble = heard.trouble
        self._left = list(reversed(heard.said))
        if not self._left:
            raise unreadable(Trouble(self._trouble or Trouble.NO_TEXT), self.kind)

    def next(self) -> Page | None:
        """Return the next page or the next lines, or None after the last.

        Raises:
            UnreadableError: Here the reader could not go on.
        """
        if self._left:
            said = self._left.pop()
            self.by_line = said.by_line
            return Page(said.number, said.text)
        if self._trouble:
            raise unreadable(Trouble(self._trouble), self.kind)
        return None

    def next_piece(self) -> Piece | None:
        """Return None: nothing is attached."""
        return None

    def close(self) -> None:
        """Do nothing."""


def _listen(kind: str, before: tuple[Said, ...], opened: Callable[[], Session]) -> Heard:
    said, trouble = list(before), ""
    try:
        with opened() as session:
            kind = session.kind
            while sum(len(each.text) for each in said) < ENOUGH_CHARACTERS and (page := session.next()) is not None:
                said.append(Said(page.number, page.text, session.by_line))
    except UnreadableError as error:
        kind, trouble = error.found or kind, str(error.trouble)
    return Heard(kind, tuple(said), trouble)


def _scan_session(descriptor: int) -> Session:
    from appliance.reading.ocr.session import ScanSession

    return ScanSession(descriptor, _engine())


@cache
def _engine() -> Any:  # noqa: ANN401 - loading it takes a second and 200 MB, so its type is not imported either
    from appliance.reading.ocr.engine import Engine

    return Engine()
