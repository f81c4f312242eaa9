"""Whatever a document does to its parser costs that document and no other."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from appliance.reading import ReaderBusyError, ReaderError, ReaderPool, Trouble, UnreadableError
from appliance.reading.pool import DOCUMENTS
from appliance.reading.sandbox import sandbox
from tests import builders
from tests.reading.planted import CRASH, HANG, HANG_LATER, OVERSIZED, TWO_FRAMES, UNASKED, UNFORESEEN, PlantedLauncher
from tests.reading.planted import planted as in_walls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from appliance.reading.launcher import Launcher

    Opened = Callable[[bytes], int]

PLAIN = b"Plain words."


@pytest.fixture(params=["plain", "walls"])
def planted(request: pytest.FixtureRequest) -> Iterator[ReaderPool]:
    launcher = PlantedLauncher() if request.param == "plain" else in_walls(sandbox().launcher())
    with ReaderPool(1, seconds=0.5, launcher=launcher) as pool:
        pool.warm()
        yield pool


def trouble_of(pool: ReaderPool, descriptor: int) -> Trouble:
    with pytest.raises(UnreadableError) as caught:
        says(pool, descriptor)
    return caught.value.trouble


def says(pool: ReaderPool, descriptor: int) -> str:
    with pool.open(descriptor) as session:
        return "".join(page.text for page in iter(session.next, None))


def youngest(pool: ReaderPool) -> int:
    """The worker itself, which bubblewrap stands before with two processes."""
    process = psutil.Process(pool.processes[0])
    return [process, *process.children(recursive=True)][-1].pid


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        (CRASH, Trouble.CRASHED),
        (HANG, Trouble.TOO_SLOW),
        (HANG_LATER, Trouble.TOO_SLOW),
        (OVERSIZED, Trouble.CRASHED),
        (TWO_FRAMES, Trouble.CRASHED),
        (UNFORESEEN, Trouble.DAMAGED),
    ],
    ids=["crash", "hang", "hang after the first page", "oversized answer", "two answers", "unforeseen failure"],
)
def test_a_hostile_document_costs_itself_alone(
    content: bytes, trouble: Trouble, planted: ReaderPool, opened: Opened
) -> None:
    assert trouble_of(planted, opened(content)) is trouble
    assert says(planted, opened(PLAIN)) == "Plain words."


def test_a_hang_is_ended_in_about_the_limit(planted: ReaderPool, opened: Opened) -> None:
    planted.warm()
    began = time.monotonic()
    trouble_of(planted, opened(HANG))
    assert 0.5 <= time.monotonic() - began < 1.5


def test_the_callers_own_time_is_not_the_documents(opened: Opened) -> None:
    with ReaderPool(1, seconds=0.2) as pool, pool.open(opened(builders.make_pdf(pages=2))) as session:
        session.next()
        time.sleep(0.3)
        assert session.next().number == 2


def test_an_answer_that_nobody_asked_for_is_a_lost_worker(planted: ReaderPool, opened: Opened) -> None:
    with planted.open(opened(UNASKED)) as session:
        session.next()
        (child,) = planted._children
        select.select([child._channel], [], [], 5)
        with pytest.raises(UnreadableError) as caught:
            session.next()
    assert caught.value.trouble is Trouble.CRASHED


def test_a_worker_that_died_while_idle_costs_no_document(planted: ReaderPool, opened: Opened) -> None:
    planted.warm()
    os.kill(planted.processes[0], signal.SIGKILL)
    os.waitid(os.P_PID, planted.processes[0], os.WEXITED | os.WNOWAIT)
    assert says(planted, opened(PLAIN)) == "Plain words."


@pytest.mark.parametrize(
    ("number", "trouble"),
    [
        (signal.SIGSEGV, Trouble.CRASHED),
        (signal.SIGKILL, Trouble.OUT_OF_MEMORY),
        (signal.SIGXCPU, Trouble.TOO_SLOW),
    ],
)
def test_a_worker_that_dies_between_pages_is_the_documents_trouble(
    number: int, trouble: Trouble, planted: ReaderPool, opened: Opened
) -> None:
    with planted.open(opened(builders.make_pdf(pages=5))) as session:
        session.next()
        os.kill(youngest(planted), number)
        with pytest.raises(UnreadableError) as caught:
            session.next()
        assert caught.value.trouble is trouble
        with pytest.raises(UnreadableError):
            session.next()
    assert says(planted, opened(PLAIN)) == "Plain words."


def test_a_worker_is_used_again(pool: ReaderPool, opened: Opened) -> None:
    before = pool.processes
    for _ in range(3):
        says(pool, opened(PLAIN))
    assert pool.processes == before


def test_a_worker_takes_the_next_document_after_one_half_read(pool: ReaderPool, opened: Opened) -> None:
    before = pool.processes
    with pool.open(opened(builders.make_pdf(pages=50))) as session:
        session.next()
    assert says(pool, opened(PLAIN)) == "Plain words."
    assert pool.processes == before


def test_a_worn_out_worker_is_replaced(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.reading.pool.DOCUMENTS", 2)
    assert DOCUMENTS > 2
    with ReaderPool(1) as pool:
        first = pool.processes
        for _ in range(2):
            says(pool, opened(PLAIN))
        assert pool.processes != first
        assert says(pool, opened(PLAIN)) == "Plain words."


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_ignores_the_signals_that_end_the_box(number: int, pool: ReaderPool, opened: Opened) -> None:
    pool.warm()
    before = pool.processes
    os.kill(before[0], number)
    assert says(pool, opened(PLAIN)) == "Plain words."
    assert pool.processes == before


def test_a_worker_ends_when_its_parent_is_gone() -> None:
    pool = ReaderPool(1)
    pool.warm()
    (child,) = pool._children
    child._channel.close()
    assert child.process.wait(timeout=5) == 0
    pool.close()


def test_the_offset_of_the_callers_descriptor_is_never_moved(pool: ReaderPool, opened: Opened) -> None:
    for content in (PLAIN, builders.make_pdf(), builders.make_docx(), builders.make_xlsx(), builders.make_doc()):
        descriptor = opened(content)
        os.lseek(descriptor, 7, os.SEEK_SET)
        says(pool, descriptor)
        assert os.lseek(descriptor, 0, os.SEEK_CUR) == 7


def test_two_documents_are_read_side_by_side(opened: Opened) -> None:
    with (
        ReaderPool(2) as pool,
        pool.open(opened(builders.make_pdf("One", pages=2))) as one,
        pool.open(opened(builders.make_pdf("Two", pages=2))) as two,
    ):
        texts = [session.next().text for session in (one, two, one, two)]
    assert [text.split()[0] for text in texts] == ["One", "Two", "One", "Two"]


def test_who_does_not_want_to_wait_is_told_that_no_worker_is_free(pool: ReaderPool, opened: Opened) -> None:
    session = pool.open(opened(builders.make_pdf()), wait=False)
    with pytest.raises(ReaderBusyError, match="as soon as one is free"):
        pool.open(opened(PLAIN), wait=False)
    session.close()
    pool.open(opened(PLAIN), wait=False).close()


def test_a_third_document_waits_for_a_free_worker(pool: ReaderPool, opened: Opened) -> None:
    done = threading.Event()
    thread = threading.Thread(target=lambda: (says(pool, opened(PLAIN)), done.set()))
    with pool.open(opened(builders.make_pdf())):
        thread.start()
        assert not done.wait(0.1)
    assert done.wait(5)
    thread.join()


def test_nothing_is_left_behind(opened: Opened) -> None:
    descriptors = [opened(PLAIN), opened(HANG)]
    before = {path.name for path in Path("/proc/self/fd").iterdir()}
    pool = ReaderPool(2, seconds=0.3, launcher=PlantedLauncher())
    says(pool, descriptors[0])
    trouble_of(pool, descriptors[1])
    workers = pool.processes
    pool.close()
    assert {path.name for path in Path("/proc/self/fd").iterdir()} == before
    assert not [worker for worker in workers if Path(f"/proc/{worker}").exists()]


def test_closing_the_pool_is_never_the_documents_trouble(opened: Opened) -> None:
    pool = ReaderPool(1)
    session = pool.open(opened(builders.make_pdf(pages=5)))
    pool.close()
    session.next()
    with pytest.raises(ReaderError):
        session.next()
    session.close()
    with pytest.raises(ReaderError):
        pool.open(opened(PLAIN))
    pool.close()


def test_a_reader_that_cannot_start_is_the_boxs_trouble(opened: Opened) -> None:
    class Broken(PlantedLauncher):
        program = "raise SystemExit(3)"

    broken: Launcher = Broken()
    with ReaderPool(1, launcher=broken) as pool, pytest.raises(ReaderError, match="ended with"):
        pool.open(opened(PLAIN))


def test_a_document_too_large_is_refused_unread(opened: Opened) -> None:
    with ReaderPool(1, document_bytes=10) as pool:
        assert trouble_of(pool, opened(PLAIN)) is Trouble.TOO_LARGE


def test_a_worker_cannot_write_a_file_or_dump_its_memory(planted: ReaderPool) -> None:
    planted.warm()
    limits = Path(f"/proc/{youngest(planted)}/limits").read_text(encoding="ascii")
    held = {line[:26].strip(): line[26:].split()[:2] for line in limits.splitlines()}
    assert held["Max file size"] == ["0", "0"]
    assert held["Max core file size"] == ["0", "0"]
    assert held["Max open files"] == ["64", "64"]
    assert held["Max address space"][1].isdigit()
