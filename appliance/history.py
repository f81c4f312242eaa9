"""What befell a document, as sentences a clerk would say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from appliance.words import LANGUAGES, counted, label_words, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

BOX = "box"
"""The actor of what the box does by itself."""


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of a history.

    Attributes:
        at: When, ISO 8601 in UTC.
        text: What happened, without a capital or a full stop.
        same_as: The document with the same bytes that the sentence speaks of, or None.
    """

    at: str
    text: str
    same_as: int | None = None


def history_lines(events: Iterable[Mapping[str, Any]]) -> list[Line]:
    """Turn a document's events into sentences, in their order."""
    return [_line(event) for event in events]


def _line(event: Mapping[str, Any]) -> Line:
    kind, detail = event["kind"], event["detail"]
    say = SENTENCES.get(kind)
    text = say(detail) if say else str(kind).replace("_", " ")
    if event["actor"] != BOX:
        text = f"{event['actor']}: {text}"
    return Line(event["at"], text, detail.get("duplicate_of"))


def _claimed(detail: Mapping[str, Any]) -> str:
    if detail.get("parent"):
        return f"was attached to document {detail['parent']}"
    return f"arrived from {detail['origin']}" if detail.get("origin") else "arrived"


def _read(detail: Mapping[str, Any]) -> str:
    if not detail.get("pages"):
        return "opened"
    language = LANGUAGES.get(detail.get("language", ""))
    return f"read, {counted(detail['pages'], 'page')}{f', in {language}' if language else ''}"


def _decided(detail: Mapping[str, Any]) -> str:
    status, pairs = detail["status"], detail.get("alternatives") or []
    if status == "auto":
        return f"sure: {_share(detail['confidence'], detail['label'])}"
    if status == "review" and pairs:
        return "unsure: " + ", ".join(_share(confidence, label) for label, confidence in pairs[:2])
    reason = str(detail["reason"]).rstrip(".")
    said = "could not be read: " if status == "unreadable" else ""
    return f"{said}{reason}" if said else f"{reason[:1].lower()}{reason[1:]}"


def _share(confidence: float, label: str) -> str:
    return f"{percent(confidence)} {label_words(label)}"


def _folder(detail: Mapping[str, Any]) -> str:
    return str(PurePosixPath(detail["path"]).parent)


SENTENCES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "claimed": _claimed,
    "read": _read,
    "decided": _decided,
    "filed": lambda detail: f"filed in {_folder(detail)}",
    "in_review": lambda detail: f"waits for a person in {_folder(detail)}",
    "unreadable": lambda detail: f"put into {_folder(detail)}",
    "withdrawn": lambda _detail: "taken back before the box had it",
    "taken_up_again": lambda detail: f"taken up again after start {detail['attempt']} of the box",
}
"""How each kind of event is said; a kind that is not here is said by its own name."""
