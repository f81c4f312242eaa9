"""What must hold once a box that was cut has been started again: nothing lost, nothing doubled, nothing unaccounted."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.filing import Check
from appliance.ledger import Queries, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from appliance.ledger import Document

PLACES = ("inbox", "var/filed", "var/review", "var/unreadable", "var/holding")


def faults(root: Path, documents: list[str], strangers: Mapping[str, str]) -> list[str]:
    """Return a sentence for each thing that does not hold on a root at rest.

    Args:
        root: Where the box's home lies.
        documents: What each document says that must be there.
        strangers: Files that are nobody's document, by their place below the root.
    """
    found = _files(root)
    with Queries.read_only(root / "home" / "var" / "ledger.db") as ledger:
        rows = [row for row in ledger.documents() if row.state is not State.WITHDRAWN]
        checked = list(Check(root / "home", ledger).problems())
    return [
        *_of_strangers(found, strangers),
        *_of_counts("file", Counter(text for place, text in found.items() if place not in strangers), documents),
        *_of_rows(rows, documents, found),
        *_of_holding(root),
        *(problem for problem in checked if not _is_of(problem, strangers)),
    ]


def _of_strangers(found: Mapping[str, str], strangers: Mapping[str, str]) -> Iterator[str]:
    for place, text in strangers.items():
        if found.get(place) != text:
            yield f"the stranger at {place} was written over or removed"


def _of_counts(what: str, counted: Counter[str], documents: list[str]) -> Iterator[str]:
    wanted = Counter(documents)
    for text in counted.keys() | wanted.keys():
        if counted[text] != wanted[text]:
            yield f"{text[:40]!r} has {counted[text]} {what}s and not {wanted[text]}"


def _of_rows(rows: list[Document], documents: list[str], found: Mapping[str, str]) -> Iterator[str]:
    digests = {hashlib.sha256(text.encode()).hexdigest(): text for text in documents}
    yield from _of_counts("row", Counter(digests.get(str(row.sha256), str(row.sha256)) for row in rows), documents)
    for row in rows:
        if not row.is_at_rest:
            yield f"document {row.id} is still {row.state}"
        elif digests.get(str(row.sha256)) != found.get(f"home/{row.path}"):
            yield f"the row of document {row.id} and the file at {row.path} differ"
    if len({row.path for row in rows}) != len(rows):
        yield "two rows name one place"


def _of_holding(root: Path) -> Iterator[str]:
    left = sorted(path.name for path in (root / "home" / "var" / "holding").iterdir())
    if left:
        yield f"left in holding: {left}"


def _is_of(problem: str, strangers: Mapping[str, str]) -> bool:
    return any(problem == f"{place.removeprefix('home/')} has no row in the ledger." for place in strangers)


def _files(root: Path) -> dict[str, str]:
    found = [Path(at, name) for place in PLACES for at, _, names in os.walk(root / "home" / place) for name in names]
    return {str(path.relative_to(root)): path.read_bytes().decode(errors="replace") for path in found}
