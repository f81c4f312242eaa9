from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from appliance.intake import Candidate, Lookout, Tracker
from tests.fakes import FakeClock

if TYPE_CHECKING:
    from pathlib import Path


class Looking:
    """An inbox, a clock, and what was handed over."""

    def __init__(self, inbox: Path) -> None:
        self.inbox = inbox
        self.clock = FakeClock()
        self.taken: list[Candidate] = []
        self.lookout = Lookout((inbox,), Tracker(2, 60), self.clock, self.taken.append)

    def write(self, name: str | bytes, content: bytes = b"x") -> Path:
        path = self.inbox / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def swept(self) -> list[str]:
        self.lookout.sweep()
        return [os.path.relpath(candidate.sighting.path, self.inbox) for candidate in self.taken]


@pytest.fixture
def looking(tmp_path: Path) -> Looking:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    return Looking(inbox)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret.txt").write_text("secret")
    return folder


def test_a_settled_file_is_handed_over_with_what_was_seen(looking: Looking) -> None:
    path = looking.write("a.pdf", b"four")
    looking.lookout.look(path)
    [candidate] = looking.taken
    assert candidate.inbox == looking.inbox
    assert (candidate.sighting.path, candidate.sighting.size) == (path, 4)
    assert candidate.sighting.inode == path.stat().st_ino


def test_a_file_is_handed_over_once_until_it_is_released(looking: Looking) -> None:
    path = looking.write("a.pdf")
    for _ in range(3):
        looking.lookout.look(path)
        looking.lookout.sweep()
    assert len(looking.taken) == 1
    looking.lookout.release(path)
    looking.lookout.release(path)
    looking.lookout.sweep()
    assert len(looking.taken) == 2


def test_a_held_path_is_left_alone_until_it_is_released(looking: Looking) -> None:
    path = looking.write("a.pdf")
    looking.lookout.hold(path)
    assert looking.swept() == []
    looking.lookout.release(path)
    assert looking.swept() == ["a.pdf"]


def test_a_file_being_written_is_handed_over_after_its_writer_closes_it(looking: Looking) -> None:
    path = looking.write("a.pdf")
    with path.open("ab"):
        assert looking.swept() == []
    assert looking.swept() == ["a.pdf"]


def test_an_empty_file_is_handed_over_when_its_time_is_over(looking: Looking) -> None:
    looking.write("a.pdf", b"")
    assert looking.swept() == []
    looking.clock.turn(59)
    looking.lookout.look_at_due()
    assert looking.taken == []
    looking.clock.turn(1)
    looking.lookout.look_at_due()
    assert len(looking.taken) == 1


def test_a_file_that_goes_while_it_waits_is_forgotten(looking: Looking) -> None:
    path = looking.write("a.pdf", b"")
    looking.lookout.sweep()
    path.unlink()
    looking.clock.turn(60)
    looking.lookout.look_at_due()
    assert looking.taken == []
    assert looking.lookout.tracker.next_look() is None


@pytest.mark.parametrize("name", [".a.pdf", "a.part", "~$a.docx", "Thumbs.db", "._a.pdf"])
def test_a_name_that_is_no_document_is_not_handed_over(looking: Looking, name: str) -> None:
    looking.lookout.look(looking.write(name))
    assert looking.swept() == []


@pytest.mark.parametrize("folder", [".recycle", ".hidden/deeper", "sub/.Trash-1000/files"])
def test_what_lies_in_a_dot_folder_is_not_handed_over_whoever_tells_of_it(looking: Looking, folder: str) -> None:
    path = looking.write(f"{folder}/a.pdf")
    looking.lookout.look(path)
    looking.lookout.look_below(path.parent)
    assert looking.swept() == []


def test_links_are_never_handed_over(looking: Looking, outside: Path) -> None:
    (looking.inbox / "to-file.txt").symlink_to(outside / "secret.txt")
    (looking.inbox / "to-folder").symlink_to(outside)
    (looking.inbox / "to-nothing").symlink_to("nowhere")
    (looking.inbox / "to-itself").symlink_to("to-itself")
    for path in looking.inbox.iterdir():
        looking.lookout.look(path)
    assert looking.swept() == []


def test_a_file_reached_through_a_linked_folder_is_never_handed_over(looking: Looking, outside: Path) -> None:
    (looking.inbox / "sub").symlink_to(outside)
    looking.lookout.look(looking.inbox / "sub" / "secret.txt")
    (outside / "deeper").mkdir()
    (outside / "deeper" / "b.txt").write_text("b")
    looking.lookout.look(looking.inbox / "sub" / "deeper" / "b.txt")
    assert looking.taken == []


def test_a_linked_folder_is_not_even_looked_into(
    looking: Looking, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (looking.inbox / "sub").symlink_to(outside)
    looked: list[Path] = []
    monkeypatch.setattr(Lookout, "look", lambda _self, path: looked.append(path))
    looking.lookout.look_below(looking.inbox / "sub")
    looking.lookout.sweep()
    assert [path for path in looked if path.parent != looking.inbox] == []


def test_a_fifo_is_neither_opened_nor_handed_over(looking: Looking) -> None:
    os.mkfifo(looking.inbox / "a.pdf")
    assert looking.swept() == []


def test_a_socket_is_not_handed_over(looking: Looking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(looking.inbox)  # an address has room for 108 bytes
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("a.pdf")
        assert looking.swept() == []


def test_a_folder_is_not_handed_over(looking: Looking) -> None:
    (looking.inbox / "a.pdf").mkdir()
    looking.lookout.look(looking.inbox / "a.pdf")
    assert looking.swept() == []


def test_a_path_outside_every_inbox_is_not_handed_over(looking: Looking, outside: Path) -> None:
    looking.lookout.look(outside / "secret.txt")
    assert looking.taken == []


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("a.pdf", ""),
        ("Scanner 2/a.pdf", "Scanner 2"),
        ("one/two/a.pdf", "one/two"),
        (b"caf\xe9/a.pdf", "caf\N{REPLACEMENT CHARACTER}"),
        (b"red\x1b[31m/a.pdf", "red\N{REPLACEMENT CHARACTER}[31m"),
        ("two\nlines/a.pdf", "two\N{REPLACEMENT CHARACTER}lines"),
    ],
    ids=["the top", "a sub-folder", "deeper", "not UTF-8", "a terminal's escape", "a line break"],
)
def test_the_origin_is_the_sub_folder_made_harmless(looking: Looking, name: str | bytes, origin: str) -> None:
    looking.write(name)
    looking.lookout.sweep()
    [candidate] = looking.taken
    assert candidate.origin == origin


@pytest.mark.parametrize("name", [b"\xff\xfe.pdf", b"a\nb.pdf", b"\x1b[2J.pdf", "x" * 255, "ü" * 127], ids=repr)
def test_any_name_of_a_file_system_is_handed_over_as_it_is(looking: Looking, name: str | bytes) -> None:
    path = looking.write(name)
    looking.lookout.sweep()
    assert [candidate.sighting.path for candidate in looking.taken] == [path]


def test_each_of_several_inboxes_is_swept(tmp_path: Path) -> None:
    inboxes = (tmp_path / "one", tmp_path / "two")
    taken: list[Candidate] = []
    for inbox in inboxes:
        inbox.mkdir()
        (inbox / "a.pdf").write_text("x")
    Lookout(inboxes, Tracker(2, 60), FakeClock(), taken.append).sweep()
    assert [candidate.inbox for candidate in taken] == list(inboxes)


def test_an_inbox_that_is_gone_costs_the_others_nothing(tmp_path: Path) -> None:
    taken: list[Candidate] = []
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "a.pdf").write_text("x")
    Lookout((tmp_path / "one", tmp_path / "two"), Tracker(2, 60), FakeClock(), taken.append).sweep()
    assert len(taken) == 1


def test_looking_moves_and_changes_nothing(looking: Looking) -> None:
    path = looking.write("sub/a.pdf", b"content")
    before = path.stat()
    looking.lookout.sweep()
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns, after.st_ctime_ns) == (
        before.st_ino,
        before.st_mtime_ns,
        before.st_ctime_ns,
    )
    assert path.read_bytes() == b"content"


def test_files_released_while_it_sweeps_do_not_end_the_sweep(looking: Looking, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [looking.write(f"{number}.pdf") for number in range(3)]
    looking.lookout.sweep()
    exists = os.path.lexists

    def released_meanwhile(path: Path) -> bool:
        looking.lookout.release(paths[-1])
        return exists(path)

    monkeypatch.setattr("appliance.intake.lookout.os.path.lexists", released_meanwhile)
    looking.lookout.sweep()
    looking.lookout.release(paths[0])
    assert looking.swept().count("0.pdf") == 2
