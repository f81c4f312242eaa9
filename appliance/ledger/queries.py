"""Every question asked of the ledger, for the service, the command line and the desk alike.

Lists are paged by key, never by offset, so that the millionth row costs what
the first one does.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from appliance.closing import Closing
from appliance.errors import ApplianceError
from appliance.ledger.connection import connect
from appliance.ledger.document import Document, Unexplained
from appliance.ledger.imports import Reviewed
from appliance.ledger.listing import Wanted, newest
from appliance.ledger.states import IN_FLIGHT, State
from appliance.ledger.waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path
    from typing import Any

    from sqlite_utils import Database

PAGE_ROWS = 500


class NoSuchDocumentError(ApplianceError):
    """No document has this number."""


class Queries(Closing):
    """Questions over one connection.

    Args:
        database: An open ledger.
    """

    def __init__(self, database: Database) -> None:
        self._db = database

    @classmethod
    def read_only(cls, path: Path) -> Queries:
        """Open the ledger for questions alone.

        Raises:
            LedgerError: There is none, or it cannot be opened.
        """
        return Queries(connect(path, read_only=True))

    def hold(self) -> None:
        """Let every later question see the ledger as it stands at the first of them, until it is closed."""
        self._db.conn.execute("BEGIN")

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def document(self, document: int) -> Document:
        """Return one document.

        Raises:
            NoSuchDocumentError: The ledger has no such row.
        """
        row = self._db.execute("SELECT * FROM documents WHERE id = ?", [document]).fetchone()
        if row is None:
            raise NoSuchDocumentError(
                f"There is no document {document}.",
                "The ledger has no row with that number.",
                "`appliance documents` lists them all.",
            )
        return Document.from_row(row)

    def documents(
        self,
        *,
        label: str | None = None,
        state: State | frozenset[State] | None = None,
        status: str | None = None,
        before: int | None = None,
        limit: int | None = None,
    ) -> Iterator[Document]:
        """Yield documents, newest first.

        Args:
            label: Only those filed under this label or below it.
            state: Only those in this state, or in one of these.
            status: Only those with this answer: auto, review, unknown or unreadable.
            before: Only those with a smaller id: the key to the next page.
            limit: At most so many.
        """
        labels = None if label is None else tuple(self._below(label))
        states = frozenset({state}) if isinstance(state, State) else state
        wanted = Wanted(labels, states, status)
        while limit is None or limit > 0:
            count = PAGE_ROWS if limit is None else min(limit, PAGE_ROWS)
            page = self._rows(newest(self._db, wanted, before=before, count=count))
            yield from page
            if len(page) < count:
                return
            before = page[-1].id
            limit = None if limit is None else limit - count

    def _rows(self, ids: list[int]) -> list[Document]:
        marks = ", ".join("?" for _ in ids)
        sql = f"SELECT * FROM documents WHERE id IN ({marks}) ORDER BY id DESC"  # noqa: S608 - question marks only
        return [Document.from_row(row) for row in self._db.execute(sql, ids).fetchall()]

    def _below(self, label: str) -> list[str]:
        return [one for one in self.labels() if one == label or one.startswith(f"{label}/")]

    def labels(self) -> list[str]:
        """Return every label a document stands under, in order: one step through the index for each."""
        rows = self._db.execute(
            "WITH RECURSIVE found(label) AS (SELECT min(label) FROM documents UNION ALL"
            " SELECT (SELECT min(label) FROM documents WHERE label > found.label) FROM found WHERE label IS NOT NULL)"
            " SELECT label FROM found WHERE label IS NOT NULL"
        ).fetchall()
        return [row["label"] for row in rows]

    def in_flight(self) -> list[Document]:
        """Return the documents the box still owes work, oldest first."""
        marks = ", ".join("?" for _ in IN_FLIGHT)
        sql = f"SELECT * FROM documents WHERE state IN ({marks}) ORDER BY id"  # noqa: S608 - question marks only
        return [Document.from_row(row) for row in self._db.execute(sql, sorted(IN_FLIGHT)).fetchall()]

    def first_with(self, sha256: str, *, before: int) -> Document | None:
        """Return the first document with these bytes among those with a smaller id."""
        row = self._db.execute(
            "SELECT * FROM documents WHERE sha256 = ? AND id < ? ORDER BY id LIMIT 1", [sha256, before]
        ).fetchone()
        return Document.from_row(row) if row else None

    def parts(self, mail: int) -> list[Document]:
        """Return the documents that were attached to a mail, in its order."""
        rows = self._db.execute("SELECT * FROM documents WHERE parent = ? ORDER BY part", [mail]).fetchall()
        return [Document.from_row(row) for row in rows]

    def has_part(self, mail: int, number: int) -> bool:
        """Say whether an attachment of a mail has become a document."""
        found = self._db.execute("SELECT 1 FROM documents WHERE parent = ? AND part = ?", [mail, number])
        return found.fetchone() is not None

    def named(self, name: str) -> list[Document]:
        """Return every document that arrived under a name, newest first."""
        rows = self._db.execute("SELECT * FROM documents WHERE name = ? ORDER BY id DESC", [name]).fetchall()
        return [Document.from_row(row) for row in rows]

    def waiting(self, name: str | None = None) -> list[Waiting]:
        """Return what lies in the inboxes untaken, oldest first; by name also what has gone from there untaken."""
        condition, values = ("gone IS NULL", []) if name is None else ("name = ?", [name])
        sql = f"SELECT * FROM waiting WHERE {condition} ORDER BY since, path"  # noqa: S608 - our words
        return [Waiting.from_row(row) for row in self._db.execute(sql, values).fetchall()]

    def counts(self) -> dict[State, int]:
        """Return how many documents stand in each state; reads the whole index, 65 ms a million."""
        counted = dict(self._db.execute("SELECT state, count(*) FROM documents GROUP BY state").fetchall())
        return {state: counted.get(str(state), 0) for state in State}

    def count(self, states: Collection[State]) -> int:
        """Return how many documents stand in these states, at the cost of counting those alone."""
        marks = ", ".join("?" for _ in states)
        sql = f"SELECT count(*) FROM documents WHERE state IN ({marks})"  # noqa: S608 - question marks only
        return int(self._db.execute(sql, sorted(states)).fetchone()[0])

    def arrivals(self, since: datetime) -> tuple[dict[State, int], int]:
        """Count the documents that arrived since a moment.

        Returns:
            How many stand in each state, and how many of those that are filed a person decided.
        """
        first = self._first_since(since)
        by_state = "SELECT count(*) FROM documents WHERE state = ? AND id >= ?"
        by_people = (  # the planner would rather read every filed document's entry in the wider index
            "SELECT count(*) FROM documents INDEXED BY documents_filed_by_people"
            " WHERE state = 'filed' AND status <> 'auto' AND id >= ?"
        )
        counted = {state: int(self._db.execute(by_state, [state, first]).fetchone()[0]) for state in State}
        return counted, int(self._db.execute(by_people, [first]).fetchone()[0])

    def _first_since(self, since: datetime) -> int:
        """Return the lowest id that arrived since a moment: ids rise with arrival, so halving finds it."""
        moment = since.astimezone(UTC).isoformat(timespec="milliseconds")
        low, high = 0, int(self._db.execute("SELECT coalesce(max(id), 0) + 1 FROM documents").fetchone()[0])
        while low < high:
            middle = (low + high) // 2
            row = self._db.execute(
                "SELECT id, arrived FROM documents WHERE id >= ? ORDER BY id LIMIT 1", [middle]
            ).fetchone()
            low, high = (low, middle) if row is None or row["arrived"] >= moment else (row["id"] + 1, high)
        return low

    def decisions(self, document: int) -> list[dict[str, Any]]:
        """Return every decision made about a document, oldest first, its alternatives, notes and words as lists."""
        rows = self._db.execute("SELECT * FROM decisions WHERE document = ? ORDER BY id", [document]).fetchall()
        lists = ("alternatives", "notes", "words")
        return [{**dict(row), **{name: json.loads(row[name] or "[]") for name in lists}} for row in rows]

    def unexplained(self) -> Unexplained | None:
        """Return the oldest decision that a person was left with and whose words nobody looked for yet."""
        row = self._db.execute(
            "SELECT id, document, model, passage, passage_start, alternatives FROM decisions"
            " WHERE words IS NULL ORDER BY id LIMIT 1"
        ).fetchone()
        if row is None:
            return None
        waits = self.document(row["document"]).state not in (State.FILED, State.UNREADABLE, State.WITHDRAWN)
        best = json.loads(row["alternatives"])[0][0]
        return Unexplained(row["id"], row["model"], row["passage"], row["passage_start"], best, waits)

    def history(self, document: int) -> list[dict[str, Any]]:
        """Return what befell a document, oldest first: ``at, kind, actor, detail``."""
        rows = self._db.execute(
            "SELECT at, kind, actor, detail FROM events WHERE document = ? ORDER BY id", [document]
        ).fetchall()
        return [{**dict(row), "detail": json.loads(row["detail"])} for row in rows]

    def reviewed(self, most: int) -> list[Reviewed]:
        """Return the documents that were reviewed last and are still here, each by its newest review, newest first."""
        rows = self._db.execute(
            "SELECT r.document, d.path, r.label, r.chance FROM reviews r JOIN documents d ON d.id = r.document"
            " WHERE r.label IS NOT NULL AND d.path IS NOT NULL AND d.duplicate_of IS NULL"
            " AND r.id = (SELECT max(id) FROM reviews WHERE document = r.document) ORDER BY r.id DESC LIMIT ?",
            [most],
        ).fetchall()
        return [Reviewed(*row) for row in rows]

    def imports(self, most: int) -> list[dict[str, Any]]:
        """Return the newest imports of bundles, newest first, the rungs as a list."""
        rows = self._db.execute("SELECT * FROM models ORDER BY id DESC LIMIT ?", [most]).fetchall()
        return [{**dict(row), "rungs": json.loads(row["rungs"])} for row in rows]

    def last_event(self) -> tuple[int, datetime] | None:
        """Return the number and the time of the newest event; whatever changes in the ledger raises the number."""
        row = self._db.execute("SELECT id, at FROM events ORDER BY id DESC LIMIT 1").fetchone()
        return (row["id"], datetime.fromisoformat(row["at"])) if row else None

    def last_move(self, document: int) -> datetime:
        """Return when something last befell a document that the ledger has."""
        row = self._db.execute(
            "SELECT at FROM events WHERE document = ? ORDER BY id DESC LIMIT 1", [document]
        ).fetchone()
        return datetime.fromisoformat(row["at"])

    def events(self) -> Iterator[dict[str, Any]]:
        """Yield the whole audit chain, oldest first, as raw rows."""
        after = 0
        while rows := self._db.execute(
            "SELECT * FROM events WHERE id > ? ORDER BY id LIMIT ?", [after, PAGE_ROWS]
        ).fetchall():
            yield from (dict(row) for row in rows)
            after = rows[-1]["id"]

    def rows_that_differ_from_their_history(self) -> Iterator[dict[str, Any]]:
        """Yield ``id, what`` for each document whose row is gone or says otherwise than its own events."""
        yield from self._db.query(
            """
            SELECT d.id, 'state' AS what FROM documents d WHERE d.state IS NOT (
                SELECT e.kind FROM events e WHERE e.document = d.id AND e.kind != 'taken_up_again'
                ORDER BY e.id DESC LIMIT 1)
            UNION ALL
            SELECT d.id, column FROM documents d, (SELECT 'label' AS column UNION SELECT 'sha256')
            WHERE d.status IS NOT NULL AND iif(column = 'label', d.label, d.sha256) IS NOT (
                SELECT json_extract(e.detail, '$.' || column) FROM events e
                WHERE e.document = d.id AND e.kind = 'decided' ORDER BY e.id DESC LIMIT 1)
            UNION ALL
            SELECT DISTINCT e.document, 'row' FROM events e
            WHERE e.document IS NOT NULL AND NOT EXISTS (SELECT 1 FROM documents d WHERE d.id = e.document)
            """
        )
