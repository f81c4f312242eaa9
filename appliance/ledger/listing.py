"""Which documents a list shows: the newest of several ranges, each read from the end of one index.

SQLite answers "filed under this label or below it, newest first" by sorting
everything below the label: 470 ms where 300,000 lie there. A range for each
leaf, read no further than the page is long, takes one millisecond.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nlargest
from typing import TYPE_CHECKING

from appliance.ledger.states import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlite_utils import Database


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of documents is narrowed to.

    Attributes:
        labels: The labels a document may stand under, or None for any.
        states: The states it may stand in, or None for any.
        status: The answer it was given, or None for any.
    """

    labels: tuple[str, ...] | None
    states: frozenset[State] | None
    status: str | None

    def ranges(self) -> Iterator[tuple[str, list[object]]]:
        """Yield conditions, with their values, that together cover what is wanted and share no document.

        A label is found by its own index, unless a state other than filed is asked for: few documents stand
        in one, and most that are filed carry a label. A leading + keeps SQLite from the other index
        (https://www.sqlite.org/optoverview.html, "Disqualifying WHERE clause terms using unary +").
        """
        for state in sorted(self.states) if self.states is not None else [None]:
            if self.labels is None:
                yield ("state = ?", [state]) if state else ("1", [])
            elif state in (None, State.FILED):
                for label in self.labels:
                    yield ("label = ? AND +state = ?", [label, state]) if state else ("label = ?", [label])
            else:
                marks = ", ".join("?" for _ in self.labels)
                yield f"state = ? AND +label IN ({marks})", [state, *self.labels]


def newest(database: Database, wanted: Wanted, *, before: int | None, count: int) -> list[int]:
    """Return the ids of the newest documents that are wanted, newest first.

    Args:
        database: An open ledger.
        wanted: What the list is narrowed to.
        before: Only ids below this one.
        count: At most so many.
    """
    found: list[int] = []
    for condition, values in wanted.ranges():
        where, given = [condition], [*values]
        if wanted.status is not None:
            where.append("+status = ?")
            given.append(wanted.status)
        if before is not None:
            where.append("id < ?")
            given.append(before)
        sql = f"SELECT id FROM documents WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT ?"  # noqa: S608 - our words
        found += [row["id"] for row in database.execute(sql, [*given, count]).fetchall()]
    return nlargest(count, found)
