"""The audit chain: each event carries the hash of the one before, so a changed or missing row shows.

A chain cannot show that its newest rows were cut off; ``appliance check``
also compares every document with its own last event, which does.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

GENESIS = "0" * 64
"""What the first event names as the hash before it."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, as a row of ``events``.

    Attributes:
        at: When, ISO 8601 in UTC.
        document: The document's id, or None for something about the box.
        kind: What, for example ``"claimed"``.
        actor: Who: ``"box"`` or a person's name.
        detail: What else there is to know; never text of the document.
    """

    at: str
    document: int | None
    kind: str
    actor: str
    detail: Mapping[str, Any]


def link_hash(previous: str, event: Event) -> str:
    """Return the hash that chains an event to the one before it, 64 hexadecimal digits."""
    fields = [previous, event.at, event.document, event.kind, event.actor, canonical(event.detail)]
    return hashlib.sha256(canonical(fields).encode()).hexdigest()


def canonical(value: Any) -> str:  # noqa: ANN401 - whatever JSON can hold
    """Return the one JSON spelling that is hashed and stored."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def broken_links(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Walk the events in order and say, one sentence each, where the chain does not hold."""
    previous, expected = GENESIS, 1
    for row in rows:
        if row["id"] != expected:
            yield f"Event {expected} is missing from the audit chain."
        if row["previous"] != previous:
            yield f"Event {row['id']} does not follow the event before it."
        event = Event(row["at"], row["document"], row["kind"], row["actor"], json.loads(row["detail"]))
        if link_hash(row["previous"], event) != row["hash"]:
            yield f"Event {row['id']} was changed after it was written."
        previous, expected = row["hash"], row["id"] + 1
