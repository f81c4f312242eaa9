"""What reads scans is there when a scan comes, gone when none does, and asks nobody for anything."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from appliance.reading import (
    SCAN_MEMORY_BYTES,
    SCAN_PROGRAM,
    LayeredReader,
    PlainLauncher,
    ReaderError,
    ReaderPool,
    Trouble,
    UnreadableError,
    launcher_for,
)
from bench.memory import family
from tests.builders_scans import LETTER, draw_page, make_picture, make_scan_pdf

if TYPE_CHECKING:
    from collections.abc import Callable

    Opened = Callable[[bytes], int]

ROOT = Path(__file__).resolve().parents[3]
SCAN = make_picture("png", draw_page("NOTICE"))
READ_ONE = """
import os, sys
from appliance.reading import SCAN_MEMORY_BYTES, SCAN_PROGRAM, ReaderPool, launcher_for
walls = launcher_for("prefer", SCAN_MEMORY_BYTES, SCAN_PROGRAM)
with ReaderPool(1, launcher=walls, idle_seconds=60, by_line=True) as pool:
    with pool.open(os.open(sys.argv[1], os.O_RDONLY)) as session:
        print(*[page.text for page in iter(session.next, None)])
"""


def on_demand(idle_seconds: float = 600) -> ReaderPool:
    walls = launcher_for("prefer", SCAN_MEMORY_BYTES, SCAN_PROGRAM)
    return ReaderPool(1, launcher=walls, idle_seconds=idle_seconds, by_line=True)


def modules_of(process: int) -> str:
    """What a worker and what stands before it have loaded."""
    return "".join(Path(f"/proc/{each}/maps").read_text(encoding="utf-8") for each in family(process))


def test_a_worker_for_scans_starts_with_the_first_one_and_ends_when_it_has_rested(opened: Opened) -> None:
    with on_demand(idle_seconds=0) as pool:
        assert pool.processes == []
        with pool.open(opened(SCAN)) as session:
            (first,) = pool.processes
            pool.rest()
            assert pool.processes == [first], "one that is at work is not idle"
            assert session.waited > 0
        pool.rest()
        assert pool.processes == []
        assert not Path(f"/proc/{first}").exists()
        pool.open(opened(SCAN)).close()
        assert pool.processes != [first]


def test_a_worker_that_was_needed_a_moment_ago_stays(scans: ReaderPool) -> None:
    before = scans.processes
    scans.rest()
    assert scans.processes == before


def test_one_that_is_lost_is_started_anew_for_the_next_scan(opened: Opened) -> None:
    with on_demand() as pool:
        with pool.open(opened(SCAN)) as session:
            os.kill(list(family(pool.processes[0]))[-1], 9)  # the kernel does so where memory ends
            session.next()  # what came with the opening
            with pytest.raises(UnreadableError) as caught:
                session.next()
        assert caught.value.trouble is Trouble.OUT_OF_MEMORY
        assert pool.processes == []
        pool.open(opened(SCAN)).close()
        assert len(pool.processes) == 1


def test_ordinary_workers_and_the_service_load_nothing_of_it(box: LayeredReader) -> None:
    code = "import sys, appliance.service; print(sorted({'cv2', 'rapidocr', 'PIL', 'pi_heif'} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT)
    assert said.stdout == "[]\n"
    loaded = modules_of(box.texts.processes[0])
    assert not [name for name in ("cv2", "onnxruntime", "PIL", "pi_heif") if f"/{name}" in loaded]
    assert "/cv2" in modules_of(box.scans.processes[0])


@pytest.mark.parametrize("scans", [None, "broken"])
def test_a_box_that_cannot_read_scans_says_so(scans: str | None, opened: Opened) -> None:
    broken = ReaderPool(1, launcher=PlainLauncher(program="raise SystemExit(3)"), idle_seconds=60) if scans else None
    with LayeredReader(ReaderPool(1), broken) as box:
        with pytest.raises(UnreadableError, match="this box cannot read scans") as caught:
            box.open(opened(SCAN))
        assert caught.value.trouble is Trouble.SCAN
        with box.open(opened(make_scan_pdf(draw_page(), "Some text."))) as session:
            assert session.next().text == "Some text."
            with pytest.raises(UnreadableError):
                session.next()


def test_closing_the_box_is_never_the_scans_trouble(opened: Opened) -> None:
    box = LayeredReader(ReaderPool(1), on_demand())
    session = box.open(opened(make_scan_pdf(draw_page(), "Some text.")))
    session.next()
    box.scans.close()
    with pytest.raises(ReaderError):
        session.next()
    session.close()
    box.close()


def test_a_scan_is_held_to_what_is_left_of_the_documents_time(opened: Opened) -> None:
    with ReaderPool(1, seconds=0.05) as texts, on_demand() as scans, LayeredReader(texts, scans) as box:
        scans.open(opened(SCAN)).close()
        texts.warm()
        with pytest.raises(UnreadableError) as caught:
            box.open(opened(make_picture("png", draw_page("\n".join([LETTER] * 4)))))
        assert caught.value.trouble is Trouble.TOO_SLOW


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "scan"
    path.write_bytes(SCAN)
    return path


def test_a_scan_is_read_where_there_is_no_network_at_all(scan: Path) -> None:
    walls = ["unshare", "--user", "--map-root-user", "--net"]
    if subprocess.run([*walls, "true"], check=False, capture_output=True).returncode:
        pytest.skip("needs a kernel that lets this user have a network namespace")
    inside = [sys.executable, "-c", "import socket; print(socket.if_nameindex())\n" + READ_ONE, str(scan)]
    said = subprocess.run([*walls, *inside], check=True, capture_output=True, text=True, cwd=ROOT, timeout=120)
    assert said.stdout.splitlines() == ["[(1, 'lo')]", "NOTICE"]


def test_no_connection_is_tried(scan: Path, tmp_path: Path) -> None:
    if not (strace := shutil.which("strace")):
        pytest.skip("needs the program strace, from the Debian package strace")
    traced = tmp_path / "calls"
    calls = ["-f", "-e", "trace=socket,connect,sendto,execve", "-o", str(traced)]
    command = [strace, *calls, sys.executable, "-c", READ_ONE, str(scan)]
    said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, timeout=240)
    assert said.stdout == "NOTICE\n"
    lines = traced.read_text(encoding="utf-8", errors="replace").splitlines()
    assert any("execve" in line for line in lines)
    beyond = [line for line in lines if "AF_INET" in line and ("connect(" in line or "sendto(" in line)]
    assert beyond == []
