from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from appliance.files import Fingerprint
from appliance.ledger import (
    Arrival,
    Document,
    Found,
    Ledger,
    LedgerError,
    NoSuchDocumentError,
    Queries,
    State,
    Verdict,
    Why,
    broken_links,
)
from tests.builders_ledger import START, FilledLedger, make_verdict

CHECKOUT = Path(__file__).parents[2]


def test_a_claim_keeps_what_was_known_of_the_file(filled: FilledLedger) -> None:
    arrival = Arrival("a.pdf", "Scanner", Path("/in/\udcff\n.pdf"), inode=2**64 - 1, links=3, size=4)
    document = filled.ledger.claim(arrival, lambda number: f"var/holding/{number}/a.pdf")
    assert (document.name, document.origin, document.inbox_path) == ("a.pdf", "Scanner", arrival.inbox_path)
    assert (document.inode, document.links, document.size) == (2**64 - 1, 3, 4)
    assert document.arrived == "2026-11-24T09:41:00.000+00:00"
    assert (document.path, document.attempts) == ("var/holding/1/a.pdf", 0)


def test_a_decision_and_its_place_are_one_transaction(filled: FilledLedger) -> None:
    document = filled.claimed()
    destination = object()  # what SQLite cannot store, met after the first changes were made
    with pytest.raises(sqlite3.Error):
        filled.ledger.decide(document, make_verdict(), Fingerprint(1, 1, "0" * 64), destination=destination)  # type: ignore[arg-type]
    assert filled.ledger.document(document.id) == document
    assert [event["kind"] for event in filled.ledger.history(document.id)] == ["claimed"]
    assert filled.claimed().id == 2


def test_a_failed_claim_leaves_no_row_and_the_next_one_works(filled: FilledLedger) -> None:
    arrival = Arrival("a.pdf", "", Path("/in/a.pdf"), inode=1, links=1, size=4)

    def fail(_number: int) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        filled.ledger.claim(arrival, fail)
    assert list(filled.ledger.documents()) == []
    assert list(filled.ledger.events()) == []
    assert filled.claimed().state is State.CLAIMED


def test_what_befell_a_document_is_told_in_order(filled: FilledLedger) -> None:
    document = filled.ledger.attempt(filled.claimed())
    filled.turn(seconds=1)
    decided = filled.ledger.decide(document, make_verdict(), Fingerprint(9, 1, "ab"), destination="var/filed/x")
    filled.ledger.rest(decided)
    kinds = [event["kind"] for event in filled.ledger.history(document.id)]
    assert kinds == ["claimed", "taken_up_again", "read", "decided", "filed"]


def test_the_decision_is_kept_whole(filled: FilledLedger) -> None:
    document = filled.decided(verdict=make_verdict(passage="the passage that decided"))
    [decision] = filled.ledger.decisions(document.id)
    assert decision["alternatives"] == [["contract/distributor", 0.62], ["contract/reseller", 0.21]]
    assert (decision["passage"], decision["pages_read"]) == ("the passage that decided", 12)


def test_the_words_that_weighed_most_are_kept_with_the_decision(filled: FilledLedger) -> None:
    filled.decided(verdict=make_verdict("review", passage="so be it"))
    waiting = filled.ledger.unexplained()
    assert waiting is not None
    assert (waiting.passage, waiting.passage_start, waiting.label) == ("so be it", 40, "contract/distributor")
    filled.ledger.explain(waiting.id, [("be", 43, 45, 1.5)])
    assert filled.ledger.decisions(1)[0]["words"] == [["be", 43, 45, 1.5]]
    assert filled.ledger.unexplained() is None


@pytest.mark.parametrize(
    "verdict",
    [make_verdict(passage="so be it"), make_verdict("review"), make_verdict("unknown", passage="so be it", words=())],
    ids=["filed unasked", "no text is kept", "looked for already"],
)
def test_only_what_a_person_is_asked_about_waits_for_its_words(filled: FilledLedger, verdict: Verdict) -> None:
    filled.decided(verdict=verdict)
    assert filled.ledger.unexplained() is None
    assert filled.ledger.decisions(1)[0]["words"] == []


def test_the_audit_chain_holds_no_word_of_the_document(filled: FilledLedger) -> None:
    filled.decided(name="secret-name.pdf", verdict=make_verdict(passage="secret passage"))
    told = str(list(filled.ledger.events()))
    assert "secret passage" not in told


def test_the_second_with_the_same_bytes_names_the_first(filled: FilledLedger) -> None:
    first, second, third = (filled.decided(content="same") for _ in range(3))
    assert (first.duplicate_of, second.duplicate_of, third.duplicate_of) == (None, 1, 1)


def test_attempts_are_counted(filled: FilledLedger) -> None:
    document = filled.claimed()
    for number in (1, 2, 3):
        document = filled.ledger.attempt(document)
        assert document.attempts == number


def test_what_happens_to_the_box_itself_is_in_the_chain(filled: FilledLedger) -> None:
    filled.ledger.note("clock_set", {"by": 3})
    [event] = filled.ledger.events()
    assert (event["document"], event["kind"], event["detail"]) == (None, "clock_set", '{"by":3}')


@pytest.mark.parametrize("statement", ["UPDATE events SET kind = 'x'", "DELETE FROM events"])
def test_events_are_append_only(filled: FilledLedger, statement: str) -> None:
    filled.claimed()
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        filled.ledger._db.execute(statement)
    assert len(list(filled.ledger.events())) == 1


def test_a_row_of_the_ledger_cannot_go_while_events_tell_of_it(filled: FilledLedger) -> None:
    filled.claimed()
    with pytest.raises(sqlite3.IntegrityError):
        filled.ledger._db.execute("DELETE FROM documents")


def test_a_number_is_never_used_again(filled: FilledLedger) -> None:
    filled.claimed()
    filled.ledger._db.execute("PRAGMA foreign_keys = OFF")
    filled.ledger._db.execute("DELETE FROM documents")
    assert filled.claimed().id == 2


def test_commits_are_durable_and_readers_never_wait(filled: FilledLedger) -> None:
    asked = ("journal_mode", "synchronous", "foreign_keys")
    told = [filled.ledger._db.execute(f"PRAGMA {name}").fetchone()[0] for name in asked]
    assert told == ["wal", 2, 1]


# Several at once


def _work(ledger: Ledger, name: str, times: int) -> None:
    for _ in range(times):
        arrival = Arrival(name, "", Path("/in") / name, inode=1, links=1, size=1)
        document = ledger.claim(arrival, lambda number: f"var/holding/{number}/{name}")
        decided = ledger.decide(
            document, make_verdict(), Fingerprint(1, 1, name), destination=f"var/filed/{document.id}"
        )
        ledger.rest(decided)


def test_threads_that_write_at_once_keep_the_chain_whole(filled: FilledLedger) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: _work(filled.ledger, name, 20), "abcd"))
    assert list(broken_links(filled.ledger.events())) == []
    assert filled.ledger.counts()[State.FILED] == 80
    assert list(filled.ledger.rows_that_differ_from_their_history()) == []


def test_processes_that_write_at_once_keep_the_chain_whole(memory: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from appliance.ledger import Ledger\n"
        "from tests.ledger.test_ledger import _work\n"
        "with Ledger(Path(sys.argv[1])) as ledger: _work(ledger, sys.argv[2], 25)"
    )
    path = memory / "ledger.db"
    writers = [subprocess.Popen([sys.executable, "-c", code, path, name], cwd=CHECKOUT) for name in "ab"]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    with Ledger(path) as ledger:
        assert list(broken_links(ledger.events())) == []
        assert ledger.counts()[State.FILED] == 50
        assert len(list(ledger.events())) == 200


def test_of_threads_that_move_one_document_exactly_one_wins(filled: FilledLedger) -> None:
    document = filled.decided()

    def rest(_: int) -> Document | None:
        try:
            return filled.ledger.rest(document)
        except Exception as error:  # noqa: BLE001 - whatever is raised is looked at below
            assert type(error).__name__ == "StateError"  # noqa: PT017
            return None

    with ThreadPoolExecutor(8) as pool:
        won = [rested for rested in pool.map(rest, range(8)) if rested]
    assert len(won) == 1
    assert [event["kind"] for event in filled.ledger.history(document.id)].count("filed") == 1


def test_a_reader_sees_nothing_of_an_unfinished_change(filled: FilledLedger, memory: Path) -> None:
    document = filled.claimed()
    with Queries.read_only(memory / "var" / "ledger.db") as reader:
        with filled.ledger._writing():
            filled.ledger._db.execute("UPDATE documents SET state = 'withdrawn'")
            assert reader.document(document.id).state is State.CLAIMED
        assert reader.document(document.id).state is State.WITHDRAWN


# Opening


def test_a_ledger_that_is_not_there_is_explained(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="There is no ledger"):
        Queries.read_only(tmp_path / "ledger.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", [b"no database at all", b"SQLite format 3\0" + b"\xff" * 5000], ids=["text", "torn"]
)
def test_a_file_that_is_no_ledger_is_explained_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(content)
    with pytest.raises(LedgerError, match="cannot be opened"):
        Ledger(path)
    assert path.read_bytes() == content


@pytest.mark.usefixtures("filled")
def test_questions_alone_cannot_write(memory: Path) -> None:
    with Queries.read_only(memory / "var" / "ledger.db") as reader, pytest.raises(sqlite3.OperationalError):
        reader._db.execute("DELETE FROM documents")


@pytest.mark.parametrize("name", ["with space", "with ?mode=memory", "with %41", "with #", "ünï"])
def test_a_root_of_any_name_has_its_ledger_where_it_should_be(tmp_path: Path, name: str) -> None:
    path = tmp_path / name / "ledger.db"
    with Ledger(path) as ledger:
        ledger.note("started", {})
    assert path.exists()


def test_a_number_that_is_not_there_is_explained(filled: FilledLedger) -> None:
    with pytest.raises(NoSuchDocumentError, match="no document 7"):
        filled.ledger.document(7)


def test_the_clock_is_the_one_that_was_given(filled: FilledLedger) -> None:
    filled.turn(days=1)
    filled.claimed()
    assert (filled.ledger.last_move(1) - START).days == 1


def found(path: Path, why: Why = Why.QUEUED, inode: int = 7) -> Found:
    return Found(path, path.name, "", why, inode)


def test_a_file_that_waits_has_a_receipt_until_it_is_claimed(filled: FilledLedger) -> None:
    path = Path("/inbox/a.pdf")
    filled.ledger.note_waiting([found(path)], [])
    assert [each.why for each in filled.ledger.waiting("a.pdf")] == [Why.QUEUED]
    filled.ledger.claim(Arrival("a.pdf", "", path, 7, 1, 4), lambda number: f"var/holding/{number}/a.pdf")
    assert filled.ledger.waiting("a.pdf") == []


def test_a_file_claimed_since_it_was_seen_gets_no_second_receipt(filled: FilledLedger) -> None:
    path = Path("/inbox/a.pdf")
    filled.ledger.claim(Arrival("a.pdf", "", path, 2**64 - 7, 1, 4), lambda number: f"var/holding/{number}/a.pdf")
    filled.ledger.note_waiting([found(path, inode=2**64 - 7)], [])
    assert filled.ledger.waiting() == []
    filled.ledger.note_waiting([found(path, inode=8)], [])
    assert [each.path for each in filled.ledger.waiting()] == [path]


def test_what_goes_away_untaken_is_remembered_by_name_alone(filled: FilledLedger) -> None:
    path = Path("/inbox/a.tmp")
    filled.ledger.note_waiting([found(path, Why.TEMPORARY)], [])
    filled.ledger.note_waiting([], [path])
    assert filled.ledger.waiting() == []
    assert filled.ledger.waiting("a.tmp")[0].gone
    filled.ledger.note_waiting([found(path, Why.TEMPORARY)], [])
    assert filled.ledger.waiting("a.tmp")[0].gone is None
