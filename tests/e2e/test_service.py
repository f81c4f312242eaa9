"""How the service starts, stops and survives."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.builders import make_pdf
from tests.e2e.conftest import APPLIANCE, wait_for
from tests.e2e.texts import CONTRACT, OPINION, PRIVACY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Box

pytestmark = pytest.mark.e2e

KILLS = int(os.environ.get("APPLIANCE_KILLS", "8"))


def test_a_second_box_on_one_root_is_refused(box: Box) -> None:
    box.start()
    done = box.command("run", "--once")
    assert done.returncode == 1
    assert "already running" in done.stderr


def test_sigterm_ends_it_and_every_child_in_time(box: Box) -> None:
    box.start()
    family = psutil.Process(box.running[0].pid).children(recursive=True)
    began = time.monotonic()
    assert box.end(signal.SIGTERM) == 0
    assert time.monotonic() - began < 6
    assert wait_for(lambda: not any(child.is_running() for child in family), 5)


def test_children_end_with_a_killed_box(box: Box) -> None:
    box.start()
    family = psutil.Process(box.running[0].pid).children(recursive=True)
    assert len(family) >= 2
    box.end(signal.SIGKILL)
    assert wait_for(lambda: not any(child.is_running() for child in family), 5)


def test_without_bubblewrap_one_line_says_so_and_documents_are_still_read(box: Box, tmp_path: Path) -> None:
    box.drop(make_pdf(PRIVACY), "policy.pdf")
    done = run_once(box, tmp_path)
    assert done.returncode == 0
    assert done.stderr.count("without a whole sandbox") == 1
    assert "policy.pdf" in box.command("documents").stdout


def test_without_bubblewrap_a_box_that_requires_it_refuses_in_three_sentences(box: Box, tmp_path: Path) -> None:
    (box.home / "appliance.toml").write_text('sandbox = "require"\n')
    document = box.drop(make_pdf(PRIVACY), "policy.pdf")
    done = run_once(box, tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("The box may not read documents here. Its settings require a whole sandbox")
    assert "apt install bubblewrap" in done.stderr
    assert "Traceback" not in done.stderr
    assert document.exists()


def run_once(box: Box, path: Path) -> subprocess.CompletedProcess[str]:
    """Work off the inbox with programs looked for in one folder."""
    environment = {**box.environment, "PATH": str(path)}
    return subprocess.run(
        [APPLIANCE, "run", "--once"], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_systemd_hears_ready_alive_and_stopping(box: Box, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30)
        environment = {**box.environment, "NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "2000000"}
        with subprocess.Popen(
            [APPLIANCE, "run"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            assert b"READY=1" in manager.recv(4096)
            assert manager.recv(4096) == b"WATCHDOG=1"
            process.terminate()
            said = b""
            while b"STOPPING=1" not in said:
                said = manager.recv(4096)
        assert process.returncode == 0


def test_log_lines_hold_no_name_and_no_text(box: Box) -> None:
    box.drop(make_pdf(PRIVACY), "Muster-gegen-Beispiel.pdf")
    done = box.command("run", "--once")
    assert "document=1" in done.stderr
    assert "Muster" not in done.stderr
    assert "personal information" not in done.stderr


def test_nothing_is_lost_or_doubled_by_kill_9_at_random_instants(box: Box) -> None:
    """A short seeded run; ``bench/kill.py`` does it a thousand times."""
    chance = random.Random(7)
    texts = (CONTRACT, PRIVACY, OPINION)
    dropped = 0
    for _ in range(KILLS):
        box.start()
        until = time.monotonic() + chance.uniform(0.05, 0.8)
        while time.monotonic() < until:
            text = f"{texts[dropped % 3]}\nCopy {dropped}."
            (box.home / "new").write_bytes(make_pdf(text))
            (box.home / "new").rename(box.inbox / f"{dropped:05}.pdf")
            dropped += 1
            time.sleep(chance.uniform(0, 0.03))
        box.end(signal.SIGKILL)
    box.once()
    rows = [row for row in box.lines("documents") if row["state"] != "withdrawn"]
    assert sorted(row["name"] for row in rows) == [f"{number:05}.pdf" for number in range(dropped)]
    assert len(box.files()) == dropped
    assert box.is_clean()
