from __future__ import annotations

import errno
import logging
import sqlite3
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from appliance import backlog as room
from appliance.backlog import Backlog
from appliance.ledger import Ledger, State
from appliance.reading import ReaderBusyError
from tests.fakes import CONTRACT, FILED, PAPER, UNSURE, Box, FakeModel, FakeReader, in_memory, make_mail, open_box

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from appliance.ledger import Document

LIMIT = 10.0


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    with in_memory(tmp_path) as folder:
        yield folder


@pytest.fixture(autouse=True)
def without_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "FIRST_PAUSE_SECONDS", 0.0)


class Working:
    """A box with a backlog, and the names it released."""

    def __init__(self, box: Box, workers: int) -> None:
        self.box = box
        self.released: list[str] = []
        self.backlog = Backlog(box.walk, workers, lambda path: self.released.append(path.name))

    def take(self, *names: str) -> None:
        """Drop files and hand them over, each with words of its own."""
        for name in names:
            self.backlog.take(self.box.drop(name, f"{CONTRACT} {name}"))

    def wait(self) -> None:
        assert self.backlog.wait_idle(LIMIT)

    @property
    def states(self) -> dict[str, State]:
        return {document.name: document.state for document in self.box.ledger.documents()}


@contextmanager
def working(
    root: Path,
    reader: FakeReader | None = None,
    workers: int = 1,
    ledger: type[Ledger] = Ledger,
    *,
    separate: bool = False,
) -> Iterator[Working]:
    with open_box(root, reader=reader, ledger=ledger, separate=separate) as box:
        made = Working(box, workers)
        yield made
        assert made.backlog.stop(LIMIT)


def test_what_is_taken_comes_to_rest_and_is_released(memory: Path) -> None:
    with working(memory, workers=3) as work:
        work.take("a.txt", "b.txt", "c.txt", "d.txt")
        work.wait()
        assert set(work.states.values()) == {State.FILED}
        assert sorted(work.released) == ["a.txt", "b.txt", "c.txt", "d.txt"]
        assert work.backlog.stalled == 0


@pytest.mark.parametrize(
    "error", [OSError(errno.EIO, "x"), MemoryError(), ZeroDivisionError()], ids=lambda e: type(e).__name__
)
def test_one_documents_trouble_costs_that_one_alone_and_it_finishes_later(memory: Path, error: Exception) -> None:
    with working(memory, FakeReader(error)) as work:
        work.take("a.txt", "b.txt")
        work.wait()
        assert work.states == {"a.txt": State.CLAIMED, "b.txt": State.FILED}
        assert (work.released, work.backlog.stalled) == (["b.txt"], 1)
        work.backlog.tick()
        work.wait()
        assert work.states == {"a.txt": State.FILED, "b.txt": State.FILED}
        assert (work.released, work.backlog.stalled) == (["b.txt", "a.txt"], 0)
        assert work.box.problems() == []


def test_a_document_is_tried_again_as_often_as_it_takes(memory: Path) -> None:
    with working(memory, FakeReader(*[OSError(errno.EIO, "x")] * 5)) as work:
        work.take("a.txt")
        for _ in range(5):
            work.wait()
            assert work.backlog.stalled == 1
            work.backlog.tick()
        work.wait()
        assert work.states == {"a.txt": State.FILED}


def test_trying_again_is_no_start_and_counts_no_attempt(memory: Path) -> None:
    with working(memory, FakeReader(*[OSError(errno.EIO, "x")] * 5)) as work:
        work.take("a.txt")
        for _ in range(5):
            work.wait()
            work.backlog.tick()
        work.wait()
        assert work.box.ledger.document(1).attempts == 0


def test_what_is_not_due_is_not_tried(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "FIRST_PAUSE_SECONDS", 3600.0)
    with working(memory, FakeReader(OSError(errno.EIO, "x"))) as work:
        work.take("a.txt")
        work.wait()
        work.backlog.tick()
        work.wait()
        assert (work.backlog.stalled, work.states) == (1, {"a.txt": State.CLAIMED})


@pytest.mark.parametrize(("pause", "longer"), [(1.0, 2.0), (40.0, 60.0), (60.0, 60.0)])
def test_each_pause_is_twice_the_last_up_to_a_limit(memory: Path, pause: float, longer: float) -> None:
    with working(memory) as work:
        work.backlog._put_back(1, pause)
        assert work.backlog._again[0].pause == longer


def test_a_file_that_cannot_be_claimed_stays_in_the_inbox_and_is_released(memory: Path) -> None:
    class Full(Ledger):
        def claim(self, *given: object, **named: object) -> Document:
            raise OSError(errno.ENOSPC, "no space", given, None, named)

    with working(memory, ledger=Full) as work:
        work.take("a.txt")
        work.wait()
        assert (work.released, work.backlog.stalled) == (["a.txt"], 0)
        assert list(work.box.files()) == ["home/inbox/a.txt"]


def test_a_file_taken_back_is_released(memory: Path) -> None:
    with working(memory) as work:
        candidate = work.box.drop()
        candidate.sighting.path.unlink()
        work.backlog.take(candidate)
        work.wait()
        assert (work.states, work.released) == ({"a.txt": State.WITHDRAWN}, ["a.txt"])


def test_what_an_earlier_start_left_is_counted_and_finished(memory: Path) -> None:
    with working(memory) as work:
        work.backlog.resume(work.box.claim("a.txt"))
        work.backlog.resume(work.box.decide("b.txt"))
        work.wait()
        assert [document.attempts for document in work.box.ledger.documents()] == [1, 1]
        assert set(work.states.values()) == {State.FILED}
        assert sorted(work.released) == ["a.txt", "b.txt"]


def test_resuming_what_is_at_rest_meanwhile_changes_nothing(memory: Path) -> None:
    with working(memory) as work:
        document = work.box.file()
        work.backlog.resume(document)
        work.wait()
        assert (work.states, work.backlog.stalled) == ({"a.txt": State.FILED}, 0)
        assert work.box.files() == {f"{FILED}/a.txt": CONTRACT}


class Gate:
    """Lets a reader wait until a test says so."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.reached.set()
        assert self.opened.wait(LIMIT)


def test_stopping_waits_no_longer_than_it_was_told(memory: Path) -> None:
    gate = Gate()
    with working(memory, FakeReader(while_reading=gate)) as work:
        work.take("a.txt")
        assert gate.reached.wait(LIMIT)
        assert not work.backlog.stop(0.05)
        assert work.states == {"a.txt": State.CLAIMED}
        gate.opened.set()
        assert work.backlog.stop(LIMIT)
        assert work.states == {"a.txt": State.FILED}


def test_stopping_begins_nothing_that_was_still_waiting(memory: Path) -> None:
    gate = Gate()
    with working(memory, FakeReader(while_reading=gate)) as work:
        work.take("a.txt", "b.txt")
        assert gate.reached.wait(LIMIT)
        work.backlog.stop(0)
        gate.opened.set()
        assert work.backlog.stop(LIMIT)
        assert work.states == {"a.txt": State.FILED}
        assert "home/inbox/b.txt" in work.box.files()


def test_waiting_says_when_something_is_still_in_work(memory: Path) -> None:
    gate = Gate()
    with working(memory, FakeReader(while_reading=gate)) as work:
        work.take("a.txt")
        assert gate.reached.wait(LIMIT)
        assert not work.backlog.wait_idle(0.01)
        gate.opened.set()
        work.wait()


def test_no_name_and_no_message_reaches_the_log(memory: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with working(memory, FakeReader(OSError(errno.EIO, "secret message", "secret path"))) as work:
        work.take("secret name.txt")
        work.wait()
        work.backlog.tick()
        work.wait()
    told = [vars(record) for record in caplog.records]
    assert "secret" not in str(told)
    [error] = [record for record in told if record["levelname"] == "ERROR"]
    assert (error["document"], error["error"], error["errno"]) == (1, "OSError", "EIO")
    assert error["at"].startswith("open:")


def test_what_came_to_rest_is_one_line_with_its_time(memory: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with working(memory) as work:
        work.take("a.txt")
        work.wait()
    [record] = caplog.records
    assert (record.getMessage(), vars(record)["label"]) == ("filed", "contract/distributor")
    assert vars(record)["ms"] > 0


def test_what_would_have_to_wait_for_a_reader_is_handed_to_those_who_wait(memory: Path) -> None:
    busy = ReaderBusyError("It cannot be read yet.", "Every reader is at work.", "It is read later.")
    with open_box(memory, reader=FakeReader(busy)) as box:
        reading = replace(box.walk.reading, reader=FakeReader())
        names: list[str] = []
        backlog = Backlog(box.walk, 1, lambda path: names.append(path.name), patient=replace(box.walk, reading=reading))
        backlog.take(box.drop("scan.txt", CONTRACT))
        assert backlog.wait_idle(LIMIT)
        assert names == ["scan.txt"]
        assert backlog.stalled == 0
        assert [document.state for document in box.ledger.documents()] == [State.FILED]
        assert backlog.stop(LIMIT)


def test_a_ledger_that_is_busy_puts_the_words_off_and_not_away(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with working(memory) as work:
        answers = iter([sqlite3.OperationalError("database is locked"), None])
        monkeypatch.setattr(work.box.ledger, "unexplained", lambda: _raised(next(answers)))
        assert not work.backlog.explain()
        assert not work.backlog.explain()
        assert next(answers, "asked twice") == "asked twice"


def _raised(answer: Exception | None) -> None:
    if answer is not None:
        raise answer


def test_what_is_attached_to_a_mail_is_walked_after_it_and_once(memory: Path) -> None:
    mail = make_mail(CONTRACT, first=PAPER, second=UNSURE)
    with working(memory, workers=3, separate=True) as work:
        work.backlog.take(work.box.drop("a.txt", mail))
        work.wait()
        assert work.states == {"a.txt": State.FILED, "first.txt": State.FILED, "second.txt": State.IN_REVIEW}
        assert [document.attempts for document in work.box.ledger.documents()] == [0, 0, 0]
        assert work.box.problems() == []


def test_a_start_that_finds_a_mail_and_its_attachments_in_work_walks_each_once(memory: Path) -> None:
    mail = make_mail(CONTRACT, **{f"part {number}": f"{PAPER} {number}" for number in range(8)})
    with working(memory, workers=4, separate=True) as work:
        work.box.decide("a.txt", mail)
        for document in work.box.ledger.in_flight():
            work.backlog.resume(document)
        work.wait()
        assert set(work.states.values()) == {State.FILED}
        assert len(work.states) == 9
        decided = [len(work.box.ledger.decisions(document.id)) for document in work.box.ledger.documents()]
        assert decided == [1] * 9
        assert (work.backlog.stalled, work.box.problems()) == (0, [])


def test_words_are_looked_for_when_nothing_is_in_work(memory: Path) -> None:
    with working(memory) as work:
        work.backlog.take(work.box.drop("a.txt", UNSURE))
        work.wait()
        work.backlog.tick()
        work.wait()
        assert work.box.ledger.decisions(1)[0]["words"] == [["Words", 0, 5, 1.0]]


def test_trouble_with_the_words_is_logged_and_not_tried_again(
    memory: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with working(memory) as work:
        work.backlog.take(work.box.drop("a.txt", UNSURE))
        work.wait()
        monkeypatch.setattr(FakeModel, "words", lambda *_: 1 / 0)
        assert [work.backlog.explain() for _ in range(2)] == [False, False]
    assert [record.message for record in caplog.records] == ["the words behind an answer could not be found"]
