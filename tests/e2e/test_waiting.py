"""What cannot be taken yet, or never: it stays where it is with a receipt, and is taken by itself once it can be."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.conftest import Box, wait_for
from tests.e2e.test_oddities import copies, mounted
from tests.needs import needs_program

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.e2e

QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")
WAITING = int(os.environ.get("APPLIANCE_WAITING", "2000"))
PAGES = int(os.environ.get("APPLIANCE_PAGES", "8"))
"""Pages of a slow scan, half a second each."""


@contextmanager
def queue_of(events: int) -> Iterator[None]:
    """Let inotify queues that are made meanwhile hold so few events."""
    usual = QUEUE.read_text()
    try:
        QUEUE.write_text(str(events))
    except OSError as error:
        pytest.skip(f"the length of inotify's queue cannot be set here: {error}")
    try:
        yield
    finally:
        QUEUE.write_text(usual)


def has_gone(path: Path) -> bool:
    return not os.path.lexists(path)


def remount(at: Path, how: str) -> None:
    subprocess.run(["/bin/mount", "-o", f"remount,{how}", str(at)], check=True)


def test_a_scan_written_page_by_page_is_taken_when_the_scanner_closes_it(box: Box) -> None:
    """``APPLIANCE_PAGES=600`` scans for five minutes."""
    box.start()
    path = box.inbox / "scan.txt"
    with path.open("wb") as scanner:
        for page in range(PAGES):
            scanner.write(copies(page))
            scanner.flush()
            time.sleep(0.5)
            assert path.exists(), "it is open for writing"
    assert wait_for(lambda: has_gone(path) and not list((box.home / "var/holding").iterdir()))
    box.end()
    [file] = box.files()
    assert file.read_bytes() == b"".join(map(copies, range(PAGES)))
    assert box.is_clean()


def test_a_file_that_is_renamed_or_removed_while_it_waits_leaves_nothing_behind(box: Box) -> None:
    box.start()
    with (box.inbox / "a.txt").open("wb") as first, (box.inbox / "b.txt").open("wb") as second:
        first.write(copies(1))
        second.write(copies(2))
        (box.inbox / "a.txt").unlink()
        (box.inbox / "b.txt").rename(box.inbox / "c.txt")
    assert wait_for(lambda: has_gone(box.inbox / "c.txt") and not list((box.home / "var/holding").iterdir()))
    box.end()
    assert [row["name"] for row in box.lines("documents")] == ["c.txt"]
    assert box.is_clean()


def test_what_cannot_be_opened_yet_is_taken_once_it_can_be(box: Box) -> None:
    setpriv = needs_program("setpriv", "Debian package util-linux")
    (box.home / "appliance.toml").write_text("sweep_seconds = 0.3\n")
    path = box.drop(copies(1), "private.txt")
    os.chown(path, 12345, 12345)
    path.chmod(0)
    unprivileged = "--bounding-set=-dac_override,-dac_read_search"
    box.start([setpriv, unprivileged, "--inh-caps=-dac_override,-dac_read_search"])
    assert wait_for(lambda: "may not be read" in box.command("show", "private.txt").stdout, 10)
    path.chmod(0o644)
    assert wait_for(lambda: has_gone(path) and not list((box.home / "var/holding").iterdir()))
    box.end()
    assert box.is_clean()


def test_sockets_and_devices_are_never_taken(box: Box) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        folder = os.open(box.inbox, os.O_PATH)
        listener.bind(f"/proc/self/fd/{folder}/socket.pdf")  # a path to a socket may have 107 bytes
        os.close(folder)
        try:
            os.mknod(box.inbox / "device.pdf", stat.S_IFCHR | 0o666, os.makedev(1, 5))
        except PermissionError:
            pytest.skip("a device cannot be made here")
        box.drop(copies(1), "a.txt")
        box.once()
        assert sorted(path.name for path in box.inbox.iterdir()) == ["device.pdf", "socket.pdf"]
        for name in ("device.pdf", "socket.pdf"):
            assert "a pipe or a device" in box.command("show", name).stdout
    assert box.is_clean()


def test_litter_of_explorer_and_finder_stays(box: Box) -> None:
    names = ["Thumbs.db", "desktop.ini", ".DS_Store", "._a.pdf", "~$letter.docx"]
    for name in names:
        box.drop(b"litter", name)
    box.once()
    assert sorted(path.name for path in box.inbox.iterdir()) == sorted(names)
    assert box.lines("documents") == []


def test_an_inbox_that_is_read_only_for_a_while_loses_nothing(box: Box) -> None:
    (box.home / "appliance.toml").write_text("sweep_seconds = 0.3\n")
    with mounted(["mount", "-t", "tmpfs", "-o", "size=8M", "tmpfs", str(box.inbox)], box.inbox):
        box.start()
        path = box.inbox / "a.txt"
        remount(box.inbox, "ro")
        remount(box.inbox, "rw")
        path.write_bytes(copies(1))
        assert wait_for(lambda: has_gone(path) and not list((box.home / "var/holding").iterdir()))
        with path.open("wb") as writer:
            writer.write(copies(2))
        assert wait_for(lambda: has_gone(path) and not list((box.home / "var/holding").iterdir()))
        box.end()
        path.write_bytes(copies(3))
        remount(box.inbox, "ro")
        done = box.command("run", "--once")
        assert path.exists()
        assert done.returncode == 0 or "read" in done.stderr.lower()
        remount(box.inbox, "rw")
        box.once()
        assert has_gone(path)
    assert box.is_clean()


def test_a_read_only_disk_is_said_in_a_sentence_and_not_by_a_traceback(box: Box) -> None:
    small = box.home / "small"
    small.mkdir()
    with mounted(["mount", "-t", "tmpfs", "-o", "size=8M", "tmpfs", str(small)], small):
        inner = Box(small)
        inner.inbox.mkdir()
        inner.drop(copies(1), "a.txt")
        remount(small, "ro")
        done = inner.command("run", "--once")
        assert done.returncode not in (0, -signal.SIGSEGV)
        assert "Traceback" not in done.stderr
        assert "read-only" in done.stderr.lower()
        assert (inner.inbox / "a.txt").exists()


def test_events_that_an_overflowing_queue_lost_are_made_up_for(box: Box) -> None:
    (box.home / "appliance.toml").write_text("sweep_seconds = 1\n")
    staged = box.home / "staged"
    staged.mkdir()
    for number in range(200):
        (staged / f"{number}.txt").write_bytes(copies(number))
    with queue_of(2):
        box.start()
    process = box.running[-1]
    process.send_signal(signal.SIGSTOP)  # nobody empties the queue
    for path in staged.iterdir():
        path.rename(box.inbox / path.name)
    process.send_signal(signal.SIGCONT)
    assert wait_for(lambda: not list(box.inbox.iterdir()) and not list((box.home / "var/holding").iterdir()), 60)
    box.end()
    assert len(box.lines("documents")) == 200
    assert box.is_clean()


def test_very_many_that_wait_each_have_a_receipt_and_hold_nobody_up(box: Box) -> None:
    """``APPLIANCE_WAITING=100000`` tries more."""
    for number in range(WAITING):
        (box.inbox / f"{number}.tmp").touch()
    box.start()
    began = time.monotonic()
    path = box.drop(copies(1), "a.txt")
    assert wait_for(lambda: has_gone(path), 30 + WAITING / 500)
    took = time.monotonic() - began
    assert wait_for(lambda: "unfinished" in box.command("show", f"{WAITING - 1}.tmp").stdout, 30 + WAITING / 500)
    box.end()
    print(f"{WAITING} waiting: a document was taken after {took:.1f} s")  # noqa: T201 - read with -s
    assert box.is_clean()
