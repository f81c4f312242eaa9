"""Whatever an office throws at it: each oddity has a defined end, and nothing is lost, overwritten or followed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.builders import make_pdf
from tests.e2e.conftest import APPLIANCE, Box, wait_for
from tests.e2e.texts import PRIVACY
from tests.needs import needs_program

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.e2e

MANY = int(os.environ.get("APPLIANCE_MANY", "300"))


def copies(number: int) -> bytes:
    return f"{PRIVACY}\nCopy {number}.".encode()


@contextmanager
def mounted(command: list[str], at: Path) -> Iterator[None]:
    """Mount something for the length of a test, skipping where the machine forbids it."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"cannot mount here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["/bin/umount", "--lazy", str(at)], check=True)


@pytest.mark.parametrize(
    "raw",
    [b"\xff\xfe\xfd.pdf", b"line\nbreak.pdf", b"esc\x1b[31m.pdf", b"n" * 255, "ü".encode() * 127, b"-rf", b" "],
    ids=["not UTF-8", "newline", "escape", "255 bytes", "254 bytes of two", "an option", "a blank"],
)
def test_odd_names_are_filed_under_harmless_ones(box: Box, raw: bytes) -> None:
    Path(os.fsdecode(os.fsencode(box.inbox) + b"/" + raw)).write_text(PRIVACY)
    box.once()
    (row,) = box.lines("documents")
    assert row["name"].isprintable()
    assert [str(path) for path in box.files()] == [row["path"]]
    assert box.is_clean()


def test_many_at_once_in_folders_moved_in_whole(box: Box) -> None:
    """``APPLIANCE_MANY=10000`` tries more."""
    for number in range(MANY):
        folder = box.home / "outside" / f"{number % 7}" / f"{number % 3}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.txt").write_bytes(copies(number))
    box.start()
    (box.home / "outside").rename(box.inbox / "moved in")
    assert wait_for(lambda: not [path for path in box.inbox.rglob("*") if path.is_file()], 60 + MANY)
    assert wait_for(lambda: not list((box.home / "var/holding").iterdir()), 30)
    box.end()
    rows = box.lines("documents")
    assert len(rows) == MANY
    assert {row["origin"] for row in rows} == {f"moved in/{a}/{b}" for a in range(7) for b in range(3)}
    assert box.is_clean()


def test_the_same_bytes_a_hundred_times_at_once_are_all_kept_under_one_first(box: Box) -> None:
    for number in range(100):
        box.drop(make_pdf(PRIVACY), f"{number}/scan.pdf")
    box.once()
    rows = box.lines("documents")
    assert len(rows) == len(box.files()) == 100
    assert {row["duplicate_of"] for row in rows} == {None, 1}
    assert box.is_clean()


def test_a_file_that_grows_after_the_claim_is_filed_whole(box: Box) -> None:
    """A writer that the lease cannot see: it opened the file before and writes through that after it was taken."""
    path = box.drop(b"Privacy Policy.", "growing.txt")
    with path.open("ab") as file:
        box.start()
        box.drop(copies(1), "other.txt")
        assert wait_for(lambda: len(box.files()) == 2 and not (box.inbox / "other.txt").exists())
        assert path.exists(), "a file that is open for writing is not taken"
        file.write(copies(2))
    assert wait_for(lambda: not path.exists())
    assert wait_for(lambda: not list((box.home / "var/holding").iterdir()))
    box.end()
    assert box.is_clean()


@pytest.mark.parametrize("place", ["var/review", "var", "."], ids=["inside", "the same", "around"])
def test_an_inbox_that_overlaps_the_outbox_is_refused(box: Box, place: str) -> None:
    (box.home / "appliance.toml").write_text(f'inboxes = ["{place}"]\n')
    done = box.command("run", "--once")
    assert done.returncode == 2
    assert "overlap" in done.stderr


def test_every_file_that_waits_has_a_receipt(box: Box) -> None:
    box.drop(b"x", "letter.tmp")
    box.drop(b"", "empty.pdf")
    (box.inbox / "link.pdf").symlink_to("/etc/passwd")
    box.once()
    for name, words in (("letter.tmp", "unfinished"), ("empty.pdf", "empty"), ("link.pdf", "follows none")):
        assert words in box.command("show", name).stdout
    (box.inbox / "letter.tmp").unlink()
    box.once()
    assert "taken out of the inbox" in box.command("show", "letter.tmp").stdout


def test_two_inboxes_are_both_worked_off(box: Box) -> None:
    (box.home / "appliance.toml").write_text('inboxes = ["inbox", "scans"]\n')
    box.drop(copies(1), "a.txt")
    (box.home / "scans").mkdir()
    (box.home / "scans" / "b.txt").write_bytes(copies(2))
    box.once()
    assert sorted(row["name"] for row in box.lines("documents")) == ["a.txt", "b.txt"]


def test_a_file_put_behind_a_fuse_mount_is_found_by_polling(box: Box) -> None:
    bindfs = needs_program("bindfs", "Debian package bindfs")
    backing = box.home / "backing"
    backing.mkdir()
    with mounted([bindfs, str(backing), str(box.inbox)], box.inbox):
        box.start()
        (backing / "a.txt").write_bytes(copies(1))
        assert wait_for(lambda: not (backing / "a.txt").exists())
        assert wait_for(lambda: not list((box.home / "var/holding").iterdir()))
        box.end()
        assert [row["state"] for row in box.lines("documents")] in (["filed"], ["in_review"])
        assert box.is_clean()


def test_an_inbox_that_is_unmounted_and_comes_back_is_worked_off_again(box: Box) -> None:
    (box.home / "appliance.toml").write_text("sweep_seconds = 0.3\n")
    box.start()
    box.inbox.rename(box.home / "away")
    box.inbox.mkdir()
    box.drop(copies(1), "a.txt")
    assert wait_for(lambda: not (box.inbox / "a.txt").exists())
    box.inbox.rmdir()
    (box.home / "away").rename(box.inbox)
    box.drop(copies(2), "b.txt")
    assert wait_for(lambda: not (box.inbox / "b.txt").exists())
    box.end()
    assert box.is_clean()


def test_a_full_disk_pauses_intake_and_it_goes_on_by_itself(box: Box) -> None:
    small = box.home / "small"
    small.mkdir()
    with mounted(["mount", "-t", "tmpfs", "-o", "size=48M", "tmpfs", str(small)], small):
        inner = Box(small)
        inner.inbox.mkdir()
        (small / "appliance.toml").write_text("sweep_seconds = 0.3\n")
        inner.start()
        try:
            (small / "ballast").write_bytes(bytes(30 << 20))
            assert wait_for(lambda: paused(inner), 10)
            (small / "ballast").unlink()
            assert wait_for(lambda: not (inner.inbox / "a.txt").exists())
        finally:
            inner.end(signal.SIGTERM)
        assert inner.is_clean()
        assert len(inner.lines("documents")) >= 1


def paused(box: Box) -> bool:
    """Drop a file and say whether it still lies in the inbox, because the disk is full."""
    box.drop(copies(1), "a.txt")
    return "disk is full" in box.command("show", "a.txt").stdout


def test_a_ledger_locked_by_another_process_is_waited_for(box: Box) -> None:
    box.start()
    other = sqlite3.connect(box.home / "var" / "ledger.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    box.drop(copies(1), "a.txt")
    assert not wait_for(lambda: bool(other.execute("SELECT 1 FROM documents").fetchone()), 1)
    other.execute("COMMIT")
    other.close()
    assert wait_for(lambda: not (box.inbox / "a.txt").exists())
    box.end()
    assert box.is_clean()


def test_too_few_open_files_lose_nothing(box: Box) -> None:
    for number in range(40):
        box.drop(copies(number), f"{number}.txt")
    limited = ["sh", "-c", f"ulimit -n 40; exec {APPLIANCE} run --once"]
    subprocess.run(limited, env=box.environment, capture_output=True, check=False, timeout=120)
    box.once()
    assert len(box.lines("documents")) == len(box.files()) == 40
    assert box.is_clean()


def test_a_clock_that_jumps_back_changes_nothing_but_the_times(box: Box) -> None:
    faketime = needs_program("faketime", "Debian package faketime")
    box.drop(copies(1), "a.txt")
    box.once()
    box.drop(copies(2), "b.txt")
    jumped = [faketime, "-f", "-400d", str(APPLIANCE), "run", "--once"]
    done = subprocess.run(jumped, env=box.environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert box.is_clean()
    assert len(box.lines("documents")) == 2
