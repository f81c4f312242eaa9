from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlite_utils.migrations import Migrations

from appliance.ledger import Ledger, connect
from appliance.ledger.migrations import ledger_migrations
from tests.builders_ledger import FilledLedger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlite_utils import Database


@pytest.fixture
def db(memory: Path) -> Iterator[Database]:
    opened = connect(memory / "ledger.db")
    yield opened
    opened.close()


NAMES = [step.name for step in ledger_migrations._migrations]


def applied(db: Database) -> list[str]:
    return [step.name for step in ledger_migrations.applied(db)]


def test_applying_twice_is_the_same_as_once(db: Database) -> None:
    ledger_migrations.apply(db)
    schema = db.schema
    ledger_migrations.apply(db)
    assert (db.schema, applied(db)) == (schema, NAMES)


@pytest.mark.parametrize("stop", NAMES)
def test_a_ledger_left_half_way_is_brought_up_to_date(db: Database, stop: str) -> None:
    ledger_migrations.apply(db, stop_before=stop)
    assert applied(db) == NAMES[: NAMES.index(stop)]
    ledger_migrations.apply(db)
    assert applied(db) == NAMES


def test_opening_again_keeps_every_document(memory: Path) -> None:
    filled = FilledLedger(memory)
    filled.rested()
    filled.close()
    with Ledger(memory / "var" / "ledger.db") as again:
        assert [document.id for document in again.documents()] == [1]
        assert list(again.rows_that_differ_from_their_history()) == []


def test_a_step_that_fails_leaves_nothing_of_itself_and_is_tried_again(db: Database) -> None:
    steps, fails = Migrations("test"), [True]

    @steps()
    def m001(db: Database) -> None:
        db.execute("CREATE TABLE one (a)")

    @steps()
    def m002(db: Database) -> None:
        db.execute("CREATE TABLE two (a)")
        db.execute("INSERT INTO one VALUES (1)")
        if fails.pop():
            raise LookupError

    with pytest.raises(LookupError):
        steps.apply(db)
    assert (db["two"].exists(), db["one"].count) == (False, 0)
    fails.append(False)
    steps.apply(db)
    assert (db["two"].exists(), db["one"].count) == (True, 1)


def test_a_step_that_fails_leaves_no_open_file(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_db: Database) -> None:
        raise LookupError

    monkeypatch.setattr(ledger_migrations._migrations[-1], "fn", fail)
    with pytest.raises(LookupError):
        Ledger(memory / "ledger.db")


def test_a_step_that_fails_takes_those_before_it_along_and_all_are_tried_again(
    memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_db: Database) -> None:
        raise LookupError

    with monkeypatch.context() as patch:
        patch.setattr(ledger_migrations._migrations[-1], "fn", fail)
        with pytest.raises(LookupError):
            Ledger(memory / "ledger.db")
    with Ledger(memory / "ledger.db") as ledger:
        assert applied(ledger._db) == NAMES


def test_the_words_of_the_states_stand_in_the_schema(db: Database) -> None:
    ledger_migrations.apply(db)
    for word in ("claimed", "read", "decided", "filed", "in_review", "unreadable", "withdrawn"):
        assert f"'{word}'" in db["documents"].schema
