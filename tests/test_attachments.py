"""What is attached to a mail becomes documents of their own, whole and once, wherever the walk is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from appliance import attachments as room
from appliance.ledger import State
from appliance.reading import Piece, Trouble, unreadable
from tests.fakes import CONTRACT, HOW, PAPER, UNSURE, FakeReader, FakeSession, every_cut, in_memory, make_mail, open_box

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.fakes import Box

MAIL = make_mail(CONTRACT, first=PAPER, second=UNSURE)
PLACES = {
    "home/var/filed/contract/distributor/a.txt": MAIL,
    "home/var/filed/paper/first.txt": PAPER,
    "home/var/review/second.txt": UNSURE,
}


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    with in_memory(tmp_path) as folder:
        yield folder


def rows(box: Box) -> dict[str, tuple[int | None, int | None, State]]:
    return {one.name: (one.parent, one.part, one.state) for one in box.ledger.documents()}


def test_each_attachment_is_a_document_whose_parent_is_the_mail(memory: Path) -> None:
    with open_box(memory, separate=True) as box:
        box.file("a.txt", MAIL)
        assert box.files() == PLACES
        assert rows(box) == {
            "a.txt": (None, None, State.FILED),
            "first.txt": (1, 1, State.FILED),
            "second.txt": (1, 2, State.IN_REVIEW),
        }
        assert [part.name for part in box.ledger.parts(1)] == ["first.txt", "second.txt"]
        assert list((memory / "home/var/holding").iterdir()) == []
        assert box.problems() == []


def test_unless_it_is_asked_for_the_mail_is_one_document(memory: Path) -> None:
    with open_box(memory) as box:
        box.file("a.txt", MAIL)
        assert box.files() == {"home/var/filed/contract/distributor/a.txt": MAIL}


@pytest.mark.parametrize("how", HOW)
def test_cut_at_any_step_no_attachment_is_lost_or_doubled(memory: Path, how: str) -> None:
    cuts = 0
    for root, plug in every_cut(memory, how):
        with open_box(root, separate=True) as box:
            candidate = box.drop("a.txt", MAIL)
            with plug:
                box.carry(box.walk.claim(candidate))
        with open_box(root, separate=True) as box:
            assert box.problems() == [], plug
            box.start_again()
            assert box.files() == PLACES, plug
            assert len(rows(box)) == 3, plug
            assert box.problems() == [], plug
        cuts += 1
    assert cuts > 40


def test_a_mail_in_a_mail_is_taken_apart_in_turn_and_no_deeper_than_agreed(
    memory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = FakeReader.open

    def nested(reader: FakeReader, descriptor: int) -> FakeSession:
        session = opened(reader, descriptor)
        session.kind = "eml"
        if reader.opened % 2 == 0:  # the second opening of each mail takes it apart
            session._pieces = iter([Piece(1, "inner.eml", f"{UNSURE} {reader.opened}".encode(), is_last=True)])
        return session

    monkeypatch.setattr(FakeReader, "open", nested)
    with open_box(memory, separate=True) as box:
        box.file("a.txt", UNSURE)
        chain = sorted((one.id, one.parent) for one in box.ledger.documents())
        assert chain == [(1, None), *((number, number - 1) for number in range(2, room.DEEPEST + 2))]
        assert box.ledger.decisions(room.DEEPEST + 1)[-1]["notes"] == ["attachments_left"]
        assert box.ledger.decisions(1)[-1]["notes"] == []


@pytest.mark.parametrize(("limit", "value"), [("MOST", 1), ("MOST_BYTES", len(PAPER))])
def test_more_than_may_be_stays_in_the_mail_and_is_noted(
    memory: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(room, limit, value - (limit == "MOST_BYTES"))
    with open_box(memory, separate=True) as box:
        box.file("a.txt", MAIL)
        assert box.ledger.decisions(1)[-1]["notes"] == ["attachments_left"]
        assert "second.txt" not in rows(box)
        assert box.problems() == []


@pytest.mark.parametrize("trouble", [Trouble.CRASHED, Trouble.DAMAGED])
def test_a_mail_that_breaks_its_reader_midway_keeps_what_came_whole(
    memory: Path, monkeypatch: pytest.MonkeyPatch, trouble: Trouble
) -> None:
    def broken(session: FakeSession) -> Piece:
        piece = next(session._pieces)
        if piece.number == 2 and piece.is_last:
            raise unreadable(trouble, "eml")
        return piece

    monkeypatch.setattr(FakeSession, "next_piece", broken)
    with open_box(memory, separate=True) as box:
        box.file("a.txt", MAIL)
        assert sorted(rows(box)) == ["a.txt", "first.txt"]
        assert box.ledger.decisions(1)[-1]["notes"] == ["attachments_left"]
        assert list((memory / "home/var/holding").iterdir()) == []
        assert box.problems() == []


def test_an_attachment_that_cannot_be_taken_out_is_noted(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = [Piece(1, "", None, is_last=True), Piece(2, "b.txt", PAPER.encode(), is_last=True), None]
    monkeypatch.setattr(FakeSession, "next_piece", lambda _session: pieces.pop(0))
    with open_box(memory, separate=True) as box:
        box.file("a.txt", MAIL)
        assert rows(box)["b.txt"] == (1, 2, State.FILED)
        assert box.ledger.decisions(1)[-1]["notes"] == ["attachments_left"]


def test_a_name_of_a_mail_never_leads_anywhere(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = ["../../../etc/passwd", "C:\\Windows\\evil.txt", ".partial", "..", "", "a\0b\x1b.txt", "x" * 900]
    pieces = [Piece(n, name, f"{PAPER} {n}".encode(), is_last=True) for n, name in enumerate(hostile, 1)]
    monkeypatch.setattr(FakeSession, "next_piece", lambda _session: pieces.pop(0) if pieces else None)
    with open_box(memory, separate=True) as box:
        box.file("a.txt", MAIL)
        assert box.problems() == []
        names = [part.name for part in box.ledger.parts(1)]
    assert names[:5] == ["passwd", "evil.txt", "partial", "attachment 4", "attachment 5"]
    assert names[5:] == ["a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}.txt", "x" * 255]


def test_what_a_crash_left_of_a_split_goes_when_the_setting_was_changed_meanwhile(memory: Path) -> None:
    left = 0
    for root, plug in every_cut(memory, "before"):
        with open_box(root, separate=True) as box:
            candidate = box.drop("a.txt", MAIL)
            with plug:
                box.walk.carry(box.walk.claim(candidate))
            decided = any(row.state is not State.CLAIMED for row in box.ledger.documents())
            left += any("." in folder.name for folder in (root / "home/var/holding").iterdir())
        with open_box(root) as box:
            box.start_again()
            assert box.problems() == [], plug
            assert not any("holding" in place for place in box.files()), plug
            assert len(box.files()) == (3 if decided else 1), plug
    assert left > 5
