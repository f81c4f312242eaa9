"""The server as the service starts it: on an inherited socket, ending with the service's pipe."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.builders_ledger import FilledLedger
from tests.ui.serving import LIMIT_SECONDS, served

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + LIMIT_SECONDS
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    return holds()


def is_gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def test_it_answers_on_the_socket_it_was_given(tmp_path: Path) -> None:
    FilledLedger(tmp_path).close()
    with served(tmp_path) as desk:
        assert desk.get() == "ok\n"
        assert "Nothing has arrived yet." in desk.get("/")


def test_it_ends_when_the_lifeline_closes(tmp_path: Path) -> None:
    with served(tmp_path) as desk:
        desk.get()
        family = desk.family()
    assert len(family) == 2
    assert all(eventually(lambda one=one: is_gone(one)) for one in family)


def test_its_worker_ends_when_the_server_is_killed(tmp_path: Path) -> None:
    with served(tmp_path) as desk:
        desk.get()
        worker = desk.family()[1]
        desk.process.kill()
        assert eventually(lambda: is_gone(worker))


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_soon_and_quietly(tmp_path: Path, stop: signal.Signals) -> None:
    with served(tmp_path) as desk:
        desk.get()
        began = time.monotonic()
        desk.process.send_signal(stop)
        assert desk.process.wait(LIMIT_SECONDS) == 0
        assert time.monotonic() - began < 2
        assert desk.said() == ""


def test_it_leaves_no_file_behind(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    for folder in (home, elsewhere):
        folder.mkdir()
    places = {"HOME": str(elsewhere), "TMPDIR": str(elsewhere), "XDG_RUNTIME_DIR": str(elsewhere)}
    with served(home, **places) as desk:
        desk.get("/")
        assert list(elsewhere.iterdir()) == []
        assert list(home.iterdir()) == []


def test_it_does_not_speak_to_systemd_in_the_services_name(tmp_path: Path) -> None:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        manager.setblocking(False)
        with served(tmp_path, NOTIFY_SOCKET=str(path)) as desk:
            desk.get()
        with pytest.raises(BlockingIOError):
            manager.recv(64)


def test_a_request_is_not_logged(tmp_path: Path) -> None:
    with served(tmp_path) as desk:
        desk.get("/?label=secret")
        desk.process.terminate()
        assert "secret" not in desk.said()


@pytest.mark.parametrize("arguments", [[], ["x"], ["1", "2", "3"]])
def test_wrong_use_is_said_in_one_line(arguments: list[str]) -> None:
    command = [sys.executable, "-I", "-m", "ui.server", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("The review desk is started by `appliance run`")


def test_settings_that_cannot_be_used_are_said(tmp_path: Path) -> None:
    (tmp_path / "appliance.toml").write_text("no_such = 1\n")
    done = subprocess.run(
        [sys.executable, "-I", "-m", "ui.server", "0"],
        env={**os.environ, "APPLIANCE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "`no_such`" in done.stderr
    assert "Traceback" not in done.stderr
