"""How every process opens the ledger: write-ahead log, fully durable commits, and patience with a busy writer."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from sqlite_utils import Database

from appliance.errors import ApplianceError

if TYPE_CHECKING:
    from pathlib import Path

BUSY_SECONDS = 10.0
"""How long a transaction waits for another process's."""


class LedgerError(ApplianceError):
    """The ledger cannot be opened."""


def connect(path: Path, *, read_only: bool = False) -> Database:
    """Open the ledger.

    Args:
        path: The SQLite file.
        read_only: Refuse every write, and do not make the file where it is missing.

    Raises:
        LedgerError: The file is missing (when read-only), is no database, or its disk refuses.
    """
    mode = "ro" if read_only else "rwc"
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=BUSY_SECONDS, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        if not read_only:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("SELECT name FROM sqlite_schema LIMIT 1").fetchone()
    except sqlite3.Error as error:
        if connection is not None:
            connection.close()
        raise _explained(path, error) from error
    return Database(connection, execute_plugins=False)


def _explained(path: Path, error: sqlite3.Error) -> LedgerError:
    if not path.exists():
        return LedgerError(
            f"There is no ledger at {path}.",
            "The box has not been started on this root yet.",
            "Start it with `appliance run`, or name another root with APPLIANCE_HOME.",
        )
    return LedgerError(
        f"The ledger {path} cannot be opened.",
        f"SQLite says: {error}.",
        "Check the disk and the file's owner; documents stay where they are meanwhile.",
    )
