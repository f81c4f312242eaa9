"""The watch on a real inotify: what is handed over after which event, and what the sweep finds without one."""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from appliance.intake import Candidate, Lookout, Mode, Mount, Tracker, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# watchdog's own, from its own thread, when folders are made one inside the other faster than it can watch them;
# as an error it would end that thread, which it does not in a running box.
pytestmark = pytest.mark.filterwarnings("ignore:Callback with id:RuntimeWarning")

LIMIT = 10.0
NEVER = 3600.0


class Seen:
    """What was handed over, waited for."""

    def __init__(self, inbox: Path) -> None:
        self.inbox = inbox
        self.names: list[str] = []
        self._changed = threading.Condition()

    def __call__(self, candidate: Candidate) -> None:
        with self._changed:
            self.names.append(os.path.relpath(candidate.sighting.path, self.inbox))
            self._changed.notify_all()

    def wait_for(self, *names: str) -> bool:
        """Wait until these names were handed over; a name that was not told of again shows as missing."""
        with self._changed:
            return self._changed.wait_for(lambda: set(names) <= set(self.names), LIMIT)


@contextmanager
def watching(inbox: Path, sweep_seconds: float = NEVER) -> Iterator[tuple[Watch, Seen]]:
    """Run a watch whose first sweep is over, so that from here on only events (or later sweeps) tell it anything."""
    inbox.mkdir(exist_ok=True)
    (inbox / "there at start").write_text("x")
    seen = Seen(inbox)
    watch = Watch(Lookout((inbox,), Tracker(0.2, 60), time.monotonic, seen), sweep_seconds)
    watch.start()
    try:
        assert seen.wait_for("there at start")
        yield watch, seen
    finally:
        watch.stop()
    assert not watch.is_alive()


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return tmp_path / "inbox"


def test_what_is_there_at_start_is_found_in_sub_folders_too(inbox: Path) -> None:
    (inbox / "one" / "two").mkdir(parents=True)
    (inbox / "one" / "two" / "a.pdf").write_text("x")
    with watching(inbox) as (_, seen):
        assert seen.wait_for("one/two/a.pdf")


def test_a_file_is_taken_when_its_writer_closes_it_and_not_before(inbox: Path) -> None:
    with watching(inbox) as (_, seen):
        with (inbox / "a.pdf").open("wb") as file:
            file.write(b"half")
            file.flush()
            (inbox / "b.pdf").write_text("a later event that was seen")
            assert seen.wait_for("b.pdf")
            assert "a.pdf" not in seen.names
        assert seen.wait_for("a.pdf")


def test_a_file_renamed_into_the_inbox_is_taken(inbox: Path, tmp_path: Path) -> None:
    with watching(inbox) as (_, seen):
        (tmp_path / "b.pdf").write_text("x")
        (tmp_path / "b.pdf").rename(inbox / "b.pdf")
        assert seen.wait_for("b.pdf")


def test_a_temporary_name_is_taken_under_its_last_name(inbox: Path) -> None:
    with watching(inbox) as (_, seen):
        (inbox / "a.pdf.part").write_text("x")
        (inbox / "a.pdf.part").rename(inbox / "a.pdf")
        assert seen.wait_for("a.pdf")
        assert "a.pdf.part" not in seen.names


def test_a_folder_moved_in_with_files_gives_each_of_them(inbox: Path, tmp_path: Path) -> None:
    with watching(inbox) as (_, seen):
        (tmp_path / "case" / "deep").mkdir(parents=True)
        (tmp_path / "case" / "a.pdf").write_text("x")
        (tmp_path / "case" / "deep" / "b.pdf").write_text("x")
        (tmp_path / "case").rename(inbox / "case")
        assert seen.wait_for("case/a.pdf", "case/deep/b.pdf")


def test_a_sub_folder_made_later_is_watched(inbox: Path) -> None:
    with watching(inbox) as (_, seen):
        (inbox / "new" / "er").mkdir(parents=True)
        (inbox / "new" / "er" / "a.pdf").write_text("x")
        assert seen.wait_for("new/er/a.pdf")


def test_a_file_linked_into_the_inbox_is_taken(inbox: Path, tmp_path: Path) -> None:
    with watching(inbox) as (_, seen):
        (tmp_path / "kept").write_text("x")
        os.link(tmp_path / "kept", inbox / "a.pdf")
        assert seen.wait_for("a.pdf")


@pytest.mark.parametrize("name", [b"\xff\xfe.pdf", b"line\nbreak.pdf", "ü.pdf".encode()], ids=repr)
def test_a_name_of_any_bytes_is_taken(inbox: Path, name: bytes) -> None:
    with watching(inbox) as (_, seen):
        Path(os.fsdecode(os.fsencode(inbox) + b"/" + name)).write_text("x")
        assert seen.wait_for(os.fsdecode(name))


def test_an_empty_file_is_taken_when_it_is_filled(inbox: Path) -> None:
    with watching(inbox) as (_, seen):
        (inbox / "a.pdf").touch()
        (inbox / "b.pdf").write_text("a later event that was seen")
        assert seen.wait_for("b.pdf")
        assert "a.pdf" not in seen.names
        (inbox / "a.pdf").write_text("x")
        assert seen.wait_for("a.pdf")


def test_the_sweep_finds_what_no_event_told(inbox: Path) -> None:
    with watching(inbox, sweep_seconds=0.05) as (watch, seen):
        watch._observer.unschedule_all()
        (inbox / "a.pdf").write_text("x")
        assert seen.wait_for("a.pdf")


def test_a_link_to_a_folder_that_appears_is_not_looked_into(inbox: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("secret")
    with watching(inbox) as (_, seen):
        (inbox / "sub").symlink_to(tmp_path / "outside")
        (inbox / "b.pdf").write_text("x")
        assert seen.wait_for("b.pdf")
        assert seen.names == ["there at start", "b.pdf"]


def test_a_path_too_long_to_look_at_does_not_end_the_watch(inbox: Path) -> None:
    with watching(inbox) as (watch, seen):
        deep = inbox
        while (room := 4080 - len(str(deep))) > 1:  # a path has room for 4096 bytes
            deep /= "d" * min(250, room - 1)
            deep.mkdir()
        (deep / "a.pdf").write_text("x")
        assert seen.wait_for(os.path.relpath(deep / "a.pdf", inbox))
        folder = os.open(deep, os.O_DIRECTORY)
        os.close(os.open("x" * 255, os.O_CREAT | os.O_WRONLY, dir_fd=folder))
        os.close(folder)
        (inbox / "b.pdf").write_text("x")
        assert seen.wait_for("b.pdf")
        assert watch.is_alive()


def test_an_inbox_that_is_replaced_is_watched_anew(inbox: Path) -> None:
    with watching(inbox, sweep_seconds=0.2) as (watch, seen):
        inbox.rename(inbox.with_name("taken away"))
        until(lambda: not watch.modes)
        inbox.mkdir()
        until(lambda: watch.modes == {inbox: Mode.EVENTS})
        (inbox / "a.pdf").write_text("x")
        assert seen.wait_for("a.pdf")


def test_an_inbox_that_comes_later_is_found(inbox: Path) -> None:
    seen = Seen(inbox)
    watch = Watch(Lookout((inbox,), Tracker(0.2, 60), time.monotonic, seen), 0.2)
    watch.start()
    try:
        inbox.mkdir()
        (inbox / "a.pdf").write_text("x")
        assert seen.wait_for("a.pdf")
    finally:
        watch.stop()


def test_a_remote_mount_is_polled_and_its_files_settle_by_standing_still(inbox: Path) -> None:
    inbox.mkdir()
    seen = Seen(inbox)
    remote = [Mount(inbox, "cifs", read_only=False)]
    lookout = Lookout((inbox,), Tracker(0.2, 60), time.monotonic, seen, mounts=lambda: remote)
    watch = Watch(lookout, NEVER, poll_seconds=0.05)
    watch.start()
    try:
        assert watch.modes == {inbox: Mode.POLLING}
        (inbox / "a.pdf").write_text("x")
        assert seen.wait_for("a.pdf")
    finally:
        watch.stop()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT
    while not holds():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)
