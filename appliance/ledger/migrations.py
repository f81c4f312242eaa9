"""The history of the ledger's schema: small steps, each in one transaction with its record.

Never edit a step that has shipped; add another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlite_utils.migrations import Migrations

from appliance.ledger.states import State
from appliance.ledger.waiting import Why

if TYPE_CHECKING:
    from enum import StrEnum

    from sqlite_utils import Database

ledger_migrations = Migrations("ledger")


def migrate(db: Database) -> None:
    """Bring a ledger up to date; of two processes that open it at once, one waits for the other."""
    if not ledger_migrations.pending(db):
        return
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        ledger_migrations.apply(db)
        db.conn.execute("COMMIT")
    except BaseException:
        db.rollback()
        raise


def _words(values: type[StrEnum]) -> str:
    return ", ".join(f"'{value}'" for value in values)


@ledger_migrations()
def m001_documents(db: Database) -> None:
    """Documents, the decisions made about them, and the events that befell them."""
    db.execute(f"""
        CREATE TABLE documents (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            origin TEXT NOT NULL,
            inbox_path BLOB NOT NULL,
            inode INTEGER NOT NULL,
            links INTEGER NOT NULL,
            size INTEGER NOT NULL,
            sha256 TEXT,
            state TEXT NOT NULL CHECK (state IN ({_words(State)})),
            status TEXT CHECK (status IN ('auto', 'review', 'unknown', 'unreadable')),
            label TEXT,
            confidence REAL,
            reason TEXT,
            path TEXT,
            destination TEXT,
            model TEXT,
            duplicate_of INTEGER REFERENCES documents(id),
            attempts INTEGER NOT NULL DEFAULT 0,
            arrived TEXT NOT NULL,
            filed TEXT
        )""")
    db.execute("CREATE INDEX documents_by_sha256 ON documents(sha256)")
    db.execute("CREATE INDEX documents_by_state ON documents(state, id)")
    db.execute("CREATE INDEX documents_by_label ON documents(label, id)")
    db.execute("CREATE INDEX documents_by_name ON documents(name)")
    db.execute("""
        CREATE TABLE decisions (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            document INTEGER NOT NULL REFERENCES documents(id),
            at TEXT NOT NULL,
            model TEXT NOT NULL,
            status TEXT NOT NULL,
            label TEXT,
            confidence REAL NOT NULL,
            similarity REAL,
            alternatives TEXT NOT NULL,
            passage TEXT,
            reason TEXT NOT NULL,
            kind TEXT,
            pages_read INTEGER NOT NULL,
            read_ms REAL NOT NULL,
            classify_ms REAL NOT NULL
        )""")
    db.execute("CREATE INDEX decisions_by_document ON decisions(document)")
    db.execute("""
        CREATE TABLE events (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at TEXT NOT NULL,
            document INTEGER REFERENCES documents(id),
            kind TEXT NOT NULL,
            actor TEXT NOT NULL,
            detail TEXT NOT NULL,
            previous TEXT NOT NULL,
            hash TEXT NOT NULL
        )""")
    db.execute("CREATE INDEX events_by_document ON events(document)")
    for verb in ("UPDATE", "DELETE"):
        db.execute(f"""
            CREATE TRIGGER events_refuse_{verb.lower()} BEFORE {verb} ON events
            BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""")


@ledger_migrations()
def m002_count_a_day(db: Database) -> None:
    """Let indexes alone count a day, and find a label among what waits.

    Measured on 1,000,000 rows: a day that brought them all 790 ms before, 46 ms after; a label among 45,000 that
    wait 110 ms before, 4 ms after. Answer and label change only when the state does, so nothing more is written.
    """
    db.execute("DROP INDEX documents_by_state")
    db.execute("CREATE INDEX documents_by_state ON documents(state, id, status, label)")
    db.execute("CREATE INDEX documents_filed_by_people ON documents(id) WHERE state = 'filed' AND status <> 'auto'")


@ledger_migrations()
def m003_waiting(db: Database) -> None:
    """Files that were seen in an inbox and not taken, so that every file has a receipt."""
    db.execute(f"""
        CREATE TABLE waiting (
            path BLOB PRIMARY KEY,
            name TEXT NOT NULL,
            origin TEXT NOT NULL,
            why TEXT NOT NULL CHECK (why IN ({_words(Why)})),
            since TEXT NOT NULL,
            gone TEXT
        ) WITHOUT ROWID""")
    db.execute("CREATE INDEX waiting_by_name ON waiting(name)")


@ledger_migrations()
def m004_notes(db: Database) -> None:
    """What was noticed of a text when it was read, and the language it is in."""
    db.execute("ALTER TABLE decisions ADD COLUMN notes TEXT NOT NULL DEFAULT '[]'")
    db.execute("ALTER TABLE decisions ADD COLUMN language TEXT")


@ledger_migrations()
def m005_attachments(db: Database) -> None:
    """Documents that were attached to a mail: which one, and its how manieth attachment; never the same one twice."""
    db.execute("ALTER TABLE documents ADD COLUMN parent INTEGER REFERENCES documents(id)")
    db.execute("ALTER TABLE documents ADD COLUMN part INTEGER")
    db.execute("CREATE UNIQUE INDEX documents_by_parent ON documents(parent, part) WHERE parent IS NOT NULL")


@ledger_migrations()
def m006_why(db: Database) -> None:
    """Where a passage begins and which of its words weighed most; NULL stands for words nobody looked for yet.

    What was decided before is not looked at again. The index holds only what is still to be looked at.
    """
    db.execute("ALTER TABLE decisions ADD COLUMN passage_start INTEGER")
    db.execute("ALTER TABLE decisions ADD COLUMN words TEXT DEFAULT '[]'")
    db.execute("CREATE INDEX decisions_unexplained ON decisions(id) WHERE words IS NULL")


@ledger_migrations()
def m007_models(db: Database) -> None:
    """What people said of documents, with the chance each had of being asked about, and every import of a model."""
    db.execute("""
        CREATE TABLE reviews (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            document INTEGER NOT NULL REFERENCES documents(id),
            at TEXT NOT NULL,
            actor TEXT NOT NULL,
            label TEXT,
            model_label TEXT,
            model TEXT,
            chance REAL NOT NULL CHECK (chance > 0 AND chance <= 1)
        )""")
    db.execute("CREATE INDEX reviews_by_document ON reviews(document, id)")
    db.execute("""
        CREATE TABLE models (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at TEXT NOT NULL,
            actor TEXT NOT NULL,
            bundle TEXT NOT NULL,
            outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'refused')),
            model TEXT,
            release INTEGER,
            slot TEXT,
            rung INTEGER NOT NULL,
            why TEXT NOT NULL,
            rungs TEXT NOT NULL
        )""")
