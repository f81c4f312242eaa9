"""One word for one thing: how states, labels, figures and sizes are said on every page and by every command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.ledger import IN_FLIGHT, State, Why

if TYPE_CHECKING:
    from appliance.ledger import Document

NBSP = "\N{NO-BREAK SPACE}"
_KILO = 1000


@dataclass(frozen=True, slots=True)
class Mark:
    """A state as people see it.

    Attributes:
        slug: Names it in addresses, style sheets and the shape beside the word.
        word: What it is called.
        states: The ledger's states that it covers.
        status: The answer that goes with it, or None for any.
    """

    slug: str
    word: str
    states: frozenset[State]
    status: str | None = None

    def covers(self, document: Document) -> bool:
        """Say whether a document is marked so."""
        return document.state in self.states and self.status in (None, document.status)


MARKS = {
    mark.slug: mark
    for mark in (
        Mark("filed", "filed", frozenset({State.FILED})),
        Mark("waits", "waits for a person", frozenset({State.IN_REVIEW})),
        Mark("unknown", "unknown", frozenset({State.IN_REVIEW}), "unknown"),
        Mark("unreadable", "could not be read", frozenset({State.UNREADABLE})),
        Mark("work", "in work", IN_FLIGHT),
        Mark("back", "taken back", frozenset({State.WITHDRAWN})),
    )
}
"""Every mark by its slug, in the order in which the desk offers them; what is unknown waits as well."""


WAITING = {
    Why.QUEUED: "waits its turn",
    Why.WRITTEN: "is still being written: a program has it open",
    Why.SETTLING: "was changed a moment ago and may still be copied",
    Why.EMPTY: "is empty; copies often begin so, and it is taken as it is in a minute",
    Why.TEMPORARY: "has a name that programs give to unfinished files; it waits until it is renamed",
    Why.LITTER: "was left behind by a file manager; it is no document and is left alone",
    Why.CLOSED: "may not be read by the box; it is tried again",
    Why.ODD: "is a link, a pipe or a device, or lies behind a link; the box follows none of them",
    Why.READ_ONLY: "cannot be taken out: its folder refuses changes",
    Why.PAUSED: "waits because the disk is full; the box goes on by itself when there is room",
}
"""Why a file still lies in the inbox, as the end of a sentence that begins with its name."""


NOTES = {
    "hidden_text": "It holds text that nobody who looks at it sees; the box did not heed it.",
    "text_behind_picture": "Its text lies unseen behind a picture, as scanners put it there; compare the two.",
    "turned_text": "It holds characters that turn the reading direction or spell unseen; the box took them out.",
    "attachments_left": "Not everything attached to it became a document of its own; the mail itself has all of it.",
}
"""What a reviewer should know of a document's text, by the code of the note."""

LANGUAGES = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nb": "Norwegian",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sv": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "zh": "Chinese",
}
"""Languages by their ISO 639-1 codes."""


def note_words(note: str) -> str:
    """Return a note as a sentence; one that a later box wrote by its code."""
    return NOTES.get(note, note.replace("_", " "))


def language_words(code: str) -> str:
    """Return a language by its name; one that has none here by its code."""
    return LANGUAGES.get(code, code)


def mark_of(document: Document) -> Mark:
    """Return how a document's state is shown: by the narrowest mark that covers it."""
    return max((mark for mark in MARKS.values() if mark.covers(document)), key=lambda mark: mark.status is not None)


def label_words(label: str) -> str:
    """Return a label as it is spoken: ``contract / distributor``."""
    return label.replace("/", " / ")


def percent(share: float) -> str:
    """Return a share in whole percent, never rounded up: 99.7 % sure is not certain."""
    return f"{int(share * 100 + 1e-9)}{NBSP}%"


def size_words(size: int) -> str:
    """Return a number of bytes as ``870 bytes``, ``12 KB`` or ``1.4 MB``."""
    if size < _KILO:
        return counted(size, "byte")
    value, units = size / _KILO, iter(["KB", "MB", "GB"])
    unit = next(units)
    while value >= _KILO and unit != "GB":
        value, unit = value / _KILO, next(units)
    return f"{value:.1f}{NBSP}{unit}" if value < 10 else f"{value:,.0f}{NBSP}{unit}"  # noqa: PLR2004 - two digits show


def counted(number: int, noun: str) -> str:
    """Return ``1 page``, ``12 pages``, ``no pages``."""
    return f"{number:,}{NBSP}{noun}{'' if number == 1 else 's'}" if number else f"no {noun}s"
