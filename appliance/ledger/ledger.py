"""The ledger's writer: one short transaction for each step of a document's walk.

Every change of state is guarded by the state it expects to find, and is also an
event in the audit chain, in the same transaction. Nothing here touches a file
of a document.
"""

from __future__ import annotations

import json
import os
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from appliance.ledger.chain import GENESIS, Event, canonical, link_hash
from appliance.ledger.connection import connect
from appliance.ledger.document import Document, signed
from appliance.ledger.migrations import migrate
from appliance.ledger.queries import Queries
from appliance.ledger.states import ENDS, State, StateError, may_follow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import Any

    from appliance.files import Fingerprint
    from appliance.ledger.document import Arrival, Part, Told, Verdict
    from appliance.ledger.imports import Attempt
    from appliance.ledger.waiting import Found

BOX = "box"
"""The actor of what the box does by itself."""

KEEP_GONE = timedelta(days=30)
"""How long it is remembered that a file was in an inbox and went away untaken."""


def utc_now() -> datetime:
    """Return the time now, in UTC."""
    return datetime.now(UTC)


class Ledger(Queries):
    """Reads and writes the ledger; safe to share between threads.

    Args:
        path: The SQLite file; it and its folder are made where missing.
        clock: Gives the time now, in UTC.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime] = utc_now) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(connect(path))
        migrate(self._db)
        self._clock = clock
        self._lock = threading.RLock()

    def claim(self, arrival: Arrival, path: Callable[[int], str]) -> Document:
        """Write the row that makes a file the box's, before the file is touched.

        Args:
            arrival: What is known of the file.
            path: Gives, for the new id, where the file will lie while in work, relative to the root.
        """
        with self._writing() as at:
            cursor = self._db.execute(
                "INSERT INTO documents (name, origin, inbox_path, inode, links, size, state, arrived)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    arrival.name,
                    arrival.origin,
                    os.fsencode(arrival.inbox_path),
                    signed(arrival.inode),
                    arrival.links,
                    arrival.size,
                    State.CLAIMED,
                    at,
                ],
            )
            document = int(cursor.lastrowid or 0)
            self._db.execute("UPDATE documents SET path = ? WHERE id = ?", [path(document), document])
            self._db.execute("DELETE FROM waiting WHERE path = ?", [os.fsencode(arrival.inbox_path)])
            self._record(at, document, State.CLAIMED, {"origin": arrival.origin, "size": arrival.size})
            return self.document(document)

    def note_waiting(self, found: Iterable[Found], gone: Iterable[Path]) -> None:
        """Keep what lies in the inboxes untaken, and what has gone from there.

        Args:
            found: Files seen for the first time, or waiting for another reason than before.
            gone: Files that are no longer there; those that were claimed have lost their row already.
        """
        with self._writing() as at:
            self._db.conn.executemany(
                # A file that was claimed since it was seen has its receipt already: the document's own row.
                "INSERT INTO waiting (path, name, origin, why, since) SELECT :path, :name, :origin, :why, :at"
                " WHERE NOT EXISTS (SELECT 1 FROM documents WHERE name = :name AND inbox_path = :path"
                " AND inode = :inode AND state <> 'withdrawn')"
                " ON CONFLICT (path) DO UPDATE SET why = excluded.why, gone = NULL,"
                " since = iif(why = excluded.why AND gone IS NULL, since, excluded.since)",
                [
                    {
                        "path": os.fsencode(each.path),
                        "name": each.name,
                        "origin": each.origin,
                        "why": each.why,
                        "inode": signed(each.inode),
                        "at": at,
                    }
                    for each in found
                ],
            )
            self._db.conn.executemany(
                "UPDATE waiting SET gone = ? WHERE path = ?", [(at, os.fsencode(p)) for p in gone]
            )
            oldest = (self._clock() - KEEP_GONE).isoformat(timespec="milliseconds")
            self._db.execute("DELETE FROM waiting WHERE gone < ?", [oldest])

    def decide(
        self,
        document: Document,
        verdict: Verdict,
        content: Fingerprint,
        *,
        destination: str,
        parts: Sequence[Part] = (),
    ) -> Document:
        """Commit what was decided and where the file will go, before it is moved.

        Args:
            document: A document that is claimed.
            verdict: What was read and decided.
            content: The bytes that were read.
            destination: Where the file will lie, relative to the root.
            parts: What was attached to it and lies in holding: documents from here on.
        """
        with self._writing() as at:
            first = self.first_with(content.sha256, before=document.id)
            read = self._move(document, State.READ, {"sha256": content.sha256, "size": content.size})
            self._record(at, document.id, State.READ, _read_detail(verdict))
            decided = self._move(
                read,
                State.DECIDED,
                {
                    "status": verdict.status,
                    "label": verdict.label,
                    "confidence": verdict.confidence,
                    "reason": verdict.reason,
                    "model": verdict.model,
                    "destination": destination,
                    "duplicate_of": first.id if first else None,
                },
            )
            self._insert_decision(at, document.id, verdict)
            self._record(at, document.id, State.DECIDED, _decided_detail(verdict, content.sha256, first))
            for part in parts:
                self._insert_part(at, document, part)
            return decided

    def redirect(self, document: Document, destination: str) -> Document:
        """Commit another place for a decided document whose planned name was taken meanwhile."""
        with self._writing():
            cursor = self._db.execute(
                "UPDATE documents SET destination = ? WHERE id = ? AND state = ?",
                [destination, document.id, State.DECIDED],
            )
            if cursor.rowcount != 1:
                raise StateError(document.id, document.state, State.DECIDED)
            return self.document(document.id)

    def rest(self, document: Document) -> Document:
        """Record that a decided document lies where it was to go."""
        with self._writing() as at:
            if document.destination is None:
                raise StateError(document.id, document.state, State.FILED)
            state = ENDS[str(document.status)]
            filed = at if state is State.FILED else None
            changes = {"path": document.destination, "destination": None, "filed": filed}
            rested = self._move(document, state, changes)
            self._record(at, document.id, state, {"path": document.destination})
            return rested

    def withdraw(self, document: Document) -> Document:
        """Record that a claimed file was taken back before the box had it."""
        with self._writing() as at:
            withdrawn = self._move(document, State.WITHDRAWN, {"path": None})
            self._record(at, document.id, State.WITHDRAWN, {})
            return withdrawn

    def attempt(self, document: Document) -> Document:
        """Count one more start of the box that found this document in work."""
        with self._writing() as at:
            self._db.execute("UPDATE documents SET attempts = attempts + 1 WHERE id = ?", [document.id])
            self._record(at, document.id, "taken_up_again", {"attempt": document.attempts + 1})
            return self.document(document.id)

    def explain(self, decision: int, words: Sequence[Told]) -> None:
        """Keep the words that weighed most in a decision; they are text, so the audit chain has none of them."""
        with self._writing():
            self._db.execute("UPDATE decisions SET words = ? WHERE id = ?", [json.dumps(words), decision])

    def note(self, kind: str, detail: dict[str, Any], actor: str = BOX) -> None:
        """Record something that happened to the box itself, or that a person did to it."""
        with self._writing() as at:
            self._record(at, None, kind, detail, actor)

    def note_import(self, attempt: Attempt) -> None:
        """Record one import of a bundle: what became of it, and at which rung."""
        values = attempt.as_row()
        with self._writing() as at:
            self._db.execute(
                "INSERT INTO models (at, actor, bundle, outcome, model, release, slot, rung, why, rungs)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [at, *values.values()],
            )
            kind = "model_imported" if attempt.outcome == "accepted" else "model_refused"
            told = {key: value for key, value in values.items() if key not in ("actor", "outcome", "rungs")}
            self._record(at, None, kind, told, attempt.actor)

    @contextmanager
    def _writing(self) -> Iterator[str]:
        with self._lock:
            self._db.conn.execute("BEGIN IMMEDIATE")
            try:
                yield self._clock().isoformat(timespec="milliseconds")
                self._db.conn.execute("COMMIT")
            except BaseException:
                self._db.rollback()
                raise

    def _move(self, document: Document, target: State, changes: dict[str, Any]) -> Document:
        if not may_follow(document.state, target):
            raise StateError(document.id, document.state, target)
        assignments = ", ".join(f"{column} = ?" for column in changes)
        rows = self._db.execute(
            f"UPDATE documents SET state = ?, {assignments} WHERE id = ? AND state = ? RETURNING *",  # noqa: S608 - ours
            [target, *changes.values(), document.id, document.state],
        ).fetchall()  # to its end: a statement under way would hold up the commit
        if not rows:
            raise StateError(document.id, document.state, target)
        return Document.from_row(rows[0])

    def _insert_decision(self, at: str, document: int, verdict: Verdict) -> None:
        self._db.execute(
            "INSERT INTO decisions (document, at, model, status, label, confidence, similarity, alternatives,"
            " passage, reason, kind, pages_read, read_ms, classify_ms, notes, language, passage_start, words)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            [
                document,
                at,
                verdict.model,
                verdict.status,
                verdict.label,
                verdict.confidence,
                verdict.similarity,
                json.dumps(verdict.alternatives),
                verdict.passage,
                verdict.reason,
                verdict.kind,
                verdict.pages_read,
                verdict.read_ms,
                verdict.classify_ms,
                json.dumps(verdict.notes),
                verdict.language,
                verdict.passage_start,
                None if _is_to_be_explained(verdict) else json.dumps(verdict.words or ()),
            ],
        )

    def _insert_part(self, at: str, mail: Document, part: Part) -> None:
        cursor = self._db.execute(
            "INSERT INTO documents (name, origin, inbox_path, inode, links, size, state, path, arrived, parent, part)"
            " VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?)",
            [
                part.name,
                mail.origin,
                os.fsencode(mail.inbox_path),
                signed(part.inode),
                part.size,
                State.CLAIMED,
                part.path,
                at,
                mail.id,
                part.number,
            ],
        )
        detail = {"origin": mail.origin, "size": part.size, "parent": mail.id, "part": part.number}
        self._record(at, int(cursor.lastrowid or 0), State.CLAIMED, detail)

    def _record(self, at: str, document: int | None, kind: str, detail: dict[str, Any], actor: str = BOX) -> None:
        last = self._db.execute("SELECT hash FROM events ORDER BY id DESC LIMIT 1").fetchone()
        previous = last[0] if last else GENESIS
        event = Event(at, document, kind, actor, detail)
        self._db.execute(
            "INSERT INTO events (at, document, kind, actor, detail, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [at, document, kind, actor, canonical(detail), previous, link_hash(previous, event)],
        )


def _is_to_be_explained(verdict: Verdict) -> bool:
    """Say whether a person will be asked about a decision and its words are not known yet."""
    asked = verdict.status in {"review", "unknown"} and bool(verdict.alternatives)
    return asked and verdict.passage is not None and verdict.passage_start is not None and verdict.words is None


def _read_detail(verdict: Verdict) -> dict[str, Any]:
    noticed = {"notes": list(verdict.notes), "language": verdict.language}
    return {"kind": verdict.kind, "pages": verdict.pages_read, **{key: what for key, what in noticed.items() if what}}


def _decided_detail(verdict: Verdict, sha256: str, first: Document | None) -> dict[str, Any]:
    return {
        "status": verdict.status,
        "label": verdict.label,
        "confidence": round(verdict.confidence, 4),
        "alternatives": [[label, round(confidence, 4)] for label, confidence in verdict.alternatives[:3]],
        "reason": verdict.reason,
        "model": verdict.model,
        "sha256": sha256,
        "duplicate_of": first.id if first else None,
    }
