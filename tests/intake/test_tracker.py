from __future__ import annotations

from pathlib import Path

import pytest

from appliance.intake import Sighting, Tracker
from appliance.intake.lease import Writers

FILE = Path("/inbox/a.pdf")
SETTLE, EMPTY = 2.0, 60.0


def seen(
    writers: Writers = Writers.UNSEEN, size: int = 10, modified: int = 1, inode: int = 1, path: Path = FILE
) -> Sighting:
    return Sighting(path, inode, 1, size, modified, writers)


@pytest.fixture
def tracker() -> Tracker:
    return Tracker(SETTLE, EMPTY)


NONE, SOME = Writers.NONE, Writers.SOME


@pytest.mark.parametrize(
    ("looks", "taken"),
    [
        ([(0, seen(NONE))], True),
        ([(0, seen(SOME))], False),
        ([(0, seen(SOME)), (9999, seen(SOME))], False),
        ([(0, seen(SOME)), (0.1, seen(NONE))], True),
        ([(0, seen())], False),
        ([(0, seen()), (1.9, seen())], False),
        ([(0, seen()), (2, seen())], True),
        ([(0, seen(size=5)), (1.9, seen(size=10)), (2.1, seen(size=10))], False),
        ([(0, seen(size=5)), (1.9, seen(size=10)), (3.9, seen(size=10))], True),
        ([(0, seen(size=10)), (2, seen(size=5))], False),
        ([(0, seen(modified=1)), (2, seen(modified=2))], False),
        ([(0, seen(modified=2)), (2, seen(modified=1))], False),
        ([(0, seen(inode=1)), (2, seen(inode=2))], False),
        ([(0, seen(SOME)), (9999, seen())], True),
        ([(0, seen(NONE, size=0))], False),
        ([(0, seen(NONE, size=0)), (59.9, seen(NONE, size=0))], False),
        ([(0, seen(NONE, size=0)), (60, seen(NONE, size=0))], True),
        ([(0, seen(size=0)), (60, seen(size=0))], True),
        ([(0, seen(SOME, size=0)), (9999, seen(SOME, size=0))], False),
        ([(0, seen(NONE, size=0)), (1, seen(NONE))], True),
        ([(0, seen(size=0)), (60, seen())], False),
    ],
    ids=[
        "nobody writes it",
        "somebody writes it",
        "somebody writes it for hours",
        "its writer has closed it",
        "a first look where writers cannot be seen",
        "just before the settle time",
        "at the settle time",
        "it grew, and the time begins again",
        "it grew, and then stood still",
        "it shrank",
        "it was written to without growing",
        "its time went back",
        "another file took its name",
        "a writer was seen, then none could be",
        "empty, though nobody writes it",
        "just before the time of an empty file",
        "at the time of an empty file",
        "empty where writers cannot be seen",
        "empty and held open",
        "empty, then filled",
        "empty for long, but filled just now",
    ],
)
def test_a_file_is_taken_when(tracker: Tracker, looks: list[tuple[float, Sighting]], *, taken: bool) -> None:
    answers = [tracker.is_settled(now, sighting) for now, sighting in looks]
    assert answers[-1] is taken
    assert not any(answers[:-1])


def test_a_taken_file_is_forgotten_so_that_its_name_begins_anew(tracker: Tracker) -> None:
    tracker.is_settled(0, seen())
    tracker.is_settled(2, seen())
    assert tracker.next_look() is None
    assert not tracker.is_settled(3, seen())


def test_a_forgotten_file_begins_anew(tracker: Tracker) -> None:
    tracker.is_settled(0, seen())
    tracker.forget(FILE)
    tracker.forget(FILE)
    assert not tracker.is_settled(2, seen())


@pytest.mark.parametrize(
    ("sighting", "due"),
    [(seen(), SETTLE), (seen(SOME), SETTLE), (seen(size=0), EMPTY), (seen(SOME, size=0), EMPTY)],
    ids=["full", "being written", "empty", "empty and being written"],
)
def test_it_is_looked_at_again_once_its_time_is_over(tracker: Tracker, sighting: Sighting, due: float) -> None:
    tracker.is_settled(0, sighting)
    assert tracker.next_look() == due
    assert tracker.due(due - 0.1) == []
    assert tracker.due(due) == [FILE]


def test_a_file_that_never_settles_is_looked_at_again_later_and_never_at_once(tracker: Tracker) -> None:
    for now in (0.0, 2.0, 4.0, 4.0, 7.5):
        assert not tracker.is_settled(now, seen(SOME))
        assert tracker.due(now) == []


def test_each_file_has_a_time_of_its_own(tracker: Tracker) -> None:
    other = Path("/inbox/b.pdf")
    tracker.is_settled(0, seen())
    tracker.is_settled(1, seen(path=other))
    assert tracker.due(2) == [FILE]
    assert tracker.due(3) == [FILE, other]


@pytest.mark.parametrize(
    ("sighting", "settles"),
    [(seen(), True), (seen(SOME), False), (seen(size=0), False), (seen(NONE, size=0), False)],
    ids=["unseen writers", "being written", "empty", "empty and closed"],
)
def test_only_a_full_file_without_a_seen_writer_will_settle_by_itself(
    tracker: Tracker, sighting: Sighting, *, settles: bool
) -> None:
    tracker.is_settled(0, sighting)
    assert tracker.will_settle_by_itself() is settles
