"""A document that has taken its parser over gets nowhere: each attempt is stopped, and for the right reason.

Reading, connecting, forking, signalling, running and emptying a file are tried once more by a worker without
walls, where they must succeed: a test of a wall that nothing runs against proves nothing.
"""

from __future__ import annotations

import errno
import os
import platform
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from appliance.reading import PlainLauncher, ReaderPool, Trouble, UnreadableError, unreadable
from appliance.reading.confine import OPEN_FILES, THREADS
from appliance.reading.sandbox import sandbox
from tests import builders
from tests.needs import needs_sandbox
from tests.reading.hostile import taken_over

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Opened = Callable[[bytes], int]

needs_sandbox()

GONE, REFUSED, READ_ONLY, NO_SUCH_CALL = (
    f"stopped: {number}" for number in (errno.ENOENT, errno.EPERM, errno.EROFS, errno.ENOSYS)
)
UNSHARE = {"x86_64": 272, "aarch64": 97}[platform.machine()]
NEW_USER = 0x10000000


@pytest.fixture(scope="module")
def walled() -> Iterator[ReaderPool]:
    with ReaderPool(1, seconds=5, launcher=taken_over(sandbox().launcher())) as pool:
        yield pool


@pytest.fixture(scope="module")
def bare() -> Iterator[ReaderPool]:
    with ReaderPool(1, seconds=5, launcher=taken_over(PlainLauncher())) as pool:
        yield pool


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "var" / "ledger.db"
    path.parent.mkdir()
    path.write_bytes(b"SQLite format 3\0")
    return path


def attempt(pool: ReaderPool, opened: Opened, what: str) -> str:
    with pool.open(opened(what.encode())) as session:
        return "\n".join(page.text for page in iter(session.next, None))


@pytest.mark.parametrize("path", ["/etc/passwd", "/proc/self/maps", "/sys/kernel/notes", "/dev/null"])
def test_no_file_of_the_machine_can_be_read(path: str, walled: ReaderPool, bare: ReaderPool, opened: Opened) -> None:
    assert attempt(walled, opened, f"reads {path}") == GONE
    assert attempt(bare, opened, f"reads {path}").startswith("got ")


def test_the_ledger_can_be_neither_read_nor_emptied(
    ledger: Path, walled: ReaderPool, bare: ReaderPool, opened: Opened
) -> None:
    assert attempt(walled, opened, f"reads {ledger}") == GONE
    assert attempt(walled, opened, f"empties {ledger}") == REFUSED
    assert attempt(bare, opened, f"reads {ledger}") == "got 16 bytes"
    assert attempt(bare, opened, f"empties {ledger}") == "got it empty"


@pytest.mark.parametrize("folder", ["/", "/tmp", "/usr/lib", "inbox"])
def test_nothing_can_be_written_anywhere(folder: str, tmp_path: Path, walled: ReaderPool, opened: Opened) -> None:
    place = tmp_path if folder == "inbox" else Path(folder)
    for verb in ("writes", "makes", "links", "makes-memory"):
        assert attempt(walled, opened, f"{verb} {place / 'escaped'}") == REFUSED
    assert not (place / "escaped").exists()


def test_without_walls_a_file_could_be_made(tmp_path: Path, bare: ReaderPool, opened: Opened) -> None:
    assert attempt(bare, opened, f"writes {tmp_path / 'escaped'}") == f"stopped: {errno.EFBIG}"
    assert (tmp_path / "escaped").stat().st_size == 0


def test_the_walls_hold_without_the_filter(tmp_path: Path, opened: Opened) -> None:
    launcher = taken_over(sandbox().launcher())
    launcher.syscalls, launcher._starting = b"", b""
    with ReaderPool(1, launcher=launcher) as pool, socket.create_server(("127.0.0.1", 0)) as server:
        assert attempt(pool, opened, "writes /escaped") == READ_ONLY
        assert attempt(pool, opened, "makes /usr/escaped") == READ_ONLY
        assert attempt(pool, opened, f"reads {tmp_path}") == GONE
        assert attempt(pool, opened, f"connects {server.getsockname()[1]}") == f"stopped: {errno.ECONNREFUSED}"
        assert not select.select([server], [], [], 0)[0]


def test_the_filter_holds_without_the_walls(ledger: Path, opened: Opened) -> None:
    with ReaderPool(1, launcher=taken_over(PlainLauncher(syscalls=sandbox().syscalls))) as pool:
        for what in (f"empties {ledger}", f"makes {ledger.parent / 'x'}", "socket AF_INET", "forks", "signals 1"):
            assert attempt(pool, opened, what) == REFUSED


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK", "AF_PACKET"])
def test_no_socket_can_be_made(family: str, walled: ReaderPool, opened: Opened) -> None:
    assert attempt(walled, opened, f"socket {family}") == REFUSED


def test_no_connection_reaches_even_this_machine(walled: ReaderPool, bare: ReaderPool, opened: Opened) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert attempt(walled, opened, f"connects {port}") == REFUSED
        assert not select.select([server], [], [], 0)[0]
        assert attempt(bare, opened, f"connects {port}") == "got a connection"
        assert select.select([server], [], [], 1)[0]


def test_no_process_can_be_made(walled: ReaderPool, bare: ReaderPool, opened: Opened) -> None:
    assert attempt(walled, opened, "forks") == REFUSED
    assert attempt(bare, opened, "forks") == "got a child"


def test_no_program_can_be_run(walled: ReaderPool, opened: Opened) -> None:
    what = f"runs {Path(sys.executable).resolve()}"
    assert attempt(walled, opened, what) == REFUSED
    with ReaderPool(1, launcher=taken_over(PlainLauncher())) as bare, pytest.raises(UnreadableError) as caught:
        attempt(bare, opened, what)  # the worker becomes that program, which says nothing of the document
    assert caught.value.trouble is Trouble.CRASHED


def test_threads_are_bounded(walled: ReaderPool, opened: Opened) -> None:
    said = attempt(walled, opened, "threads")
    assert said.startswith("stopped: ")
    assert int(said.split()[1]) <= THREADS


def test_no_namespace_of_its_own_can_be_made(walled: ReaderPool, opened: Opened) -> None:
    assert attempt(walled, opened, f"calls {UNSHARE} {NEW_USER}") == REFUSED


def test_a_call_that_nobody_named_does_not_exist(walled: ReaderPool, opened: Opened) -> None:
    assert attempt(walled, opened, "calls 4000") == NO_SUCH_CALL
    assert attempt(walled, opened, "calls 435 0 0") == NO_SUCH_CALL


def test_no_other_process_can_be_signalled(walled: ReaderPool, bare: ReaderPool, opened: Opened) -> None:
    assert attempt(walled, opened, f"signals {os.getpid()}") == REFUSED
    assert attempt(bare, opened, f"signals {os.getpid()}") == "got a signal through"


def test_a_limit_cannot_be_raised(walled: ReaderPool, opened: Opened) -> None:
    assert attempt(walled, opened, "raises-limit") == "stopped: the limit stays"


@pytest.mark.parametrize("verb", ["fills", "fills-slowly"])
def test_what_fills_memory_is_ended_and_says_so(verb: str, opened: Opened) -> None:
    with ReaderPool(1, seconds=20, launcher=taken_over(sandbox().launcher(memory_bytes=1 << 29))) as pool:
        before = pool.processes
        with pytest.raises(UnreadableError) as caught:
            attempt(pool, opened, verb)
        assert caught.value.trouble is Trouble.OUT_OF_MEMORY
        assert pool.processes != before
        assert attempt(pool, opened, "raises-limit") == "stopped: the limit stays"


def test_what_spins_is_killed_at_the_limit(opened: Opened) -> None:
    with ReaderPool(1, seconds=0.5, launcher=taken_over(sandbox().launcher())) as pool:
        pool.warm()
        family = everyone(pool)
        began = time.monotonic()
        with pytest.raises(UnreadableError) as caught:
            attempt(pool, opened, "spins")
        assert caught.value.trouble is Trouble.TOO_SLOW
        assert time.monotonic() - began < 2
        assert not [process for process in family if process.is_running()]


def test_a_worker_sees_the_interpreter_and_nothing_else(walled: ReaderPool, opened: Opened) -> None:
    seen = attempt(walled, opened, "sees").split()
    assert "/usr" in seen
    assert not [path for path in seen if path.startswith(("/proc/", "/sys/", "/dev/", "/home/", "/run/", "/var/lib/"))]
    assert [path for path in seen if path.startswith("/etc/")] == ["/etc/ld.so.cache"]


def test_a_worker_knows_nothing_of_its_surroundings(walled: ReaderPool, opened: Opened) -> None:
    names, user, process = attempt(walled, opened, "environment").splitlines()
    assert set(names.split()) <= {"LC_ALL", "PWD", "LD_LIBRARY_PATH"}
    assert (user, process) == ("65534", "2")


def test_a_worker_holds_its_socket_and_the_document_alone(walled: ReaderPool, opened: Opened) -> None:
    held = attempt(walled, opened, "descriptors").split()
    assert held[:3] == ["0", "1", "2"]
    assert len(held) == 5
    assert OPEN_FILES > 5


def everyone(pool: ReaderPool) -> list[psutil.Process]:
    found = [psutil.Process(number) for number in pool.processes]
    return [each for process in found for each in (process, *process.children(recursive=True))]


def test_a_worker_that_is_ended_leaves_no_process() -> None:
    pool = ReaderPool(1, launcher=sandbox().launcher())
    pool.warm()
    family = everyone(pool)
    assert len(family) == 3
    (child,) = pool._children
    child.kill()
    assert not [process for process in family if process.is_running()]
    pool.close()


def test_a_worker_outlives_the_thread_that_asked_for_it(opened: Opened) -> None:
    made: list[ReaderPool] = []
    thread = threading.Thread(target=lambda: made.append(ReaderPool(1, launcher=sandbox().launcher())))
    thread.start()
    thread.join()
    with made[0] as pool:
        pool.warm()
        before = pool.processes
        assert attempt(pool, opened, "Plain words.") == "Plain words."
        assert pool.processes == before


BOX = """
import os, sys
from appliance.reading import ReaderPool
from appliance.reading.sandbox import sandbox
from tests.reading.hostile import taken_over
pool = ReaderPool(1, launcher=taken_over(sandbox().launcher()))
pool.warm()
descriptor = os.memfd_create("document")
os.write(descriptor, b"spins")
print("ready", flush=True)
pool.open(descriptor)
"""


def test_a_worker_that_spins_ends_with_a_box_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", BOX], stdout=subprocess.PIPE, text=True) as box:
        assert box.stdout
        assert box.stdout.readline() == "ready\n"
        family = psutil.Process(box.pid).children(recursive=True)
        assert len(family) == 3
        box.send_signal(signal.SIGKILL)
    assert not psutil.wait_procs(family, timeout=5)[1]


def test_every_thread_of_a_worker_is_under_both_filters(opened: Opened) -> None:
    with ReaderPool(1, launcher=sandbox().launcher()) as pool:
        for content in (builders.make_xlsx(), builders.make_eml(), builders.make_pdf()):
            with pool.open(opened(content)) as session:
                session.next()
        threads = list(Path(f"/proc/{everyone(pool)[-1].pid}/task").iterdir())
        assert len(threads) > 1
        for thread in threads:
            said = dict(line.split(":\t") for line in (thread / "status").read_text().splitlines())
            assert (said["Seccomp"], said["Seccomp_filters"], said["NoNewPrivs"]) == ("2", "2", "1")
            assert int(said["CapBnd"], 16) == int(said["CapEff"], 16) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_stands_before_a_worker_ignores_the_signals_that_end_the_box(
    number: int, walled: ReaderPool, opened: Opened
) -> None:
    walled.warm()
    for process in everyone(walled):
        process.send_signal(number)
    assert attempt(walled, opened, "raises-limit") == "stopped: the limit stays"


def test_its_own_sentence_says_that_memory_ran_out() -> None:
    assert "memory" in unreadable(Trouble.OUT_OF_MEMORY).what
