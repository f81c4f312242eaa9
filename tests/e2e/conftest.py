"""Drives the installed command from outside, as a person and a service manager would."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

APPLIANCE = Path(sys.executable).parent / "appliance"
PATIENCE_SECONDS = 30.0


@dataclass
class Box:
    """One root and the command working on it."""

    home: Path
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "APPLIANCE_HOME": str(self.home)}

    def command(self, *arguments: str | Path, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [APPLIANCE, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def lines(self, *arguments: str | Path) -> list[dict[str, Any]]:
        """Run a command with ``--json`` and return its objects."""
        done = self.command(*arguments, "--json")
        assert done.returncode in (0, 1), done.stderr
        assert done.stdout.isascii()
        return [json.loads(line) for line in done.stdout.splitlines()]

    def drop(self, content: bytes, name: str) -> Path:
        """Put a file into the inbox, as a copy does: open, write, close."""
        path = self.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def once(self) -> None:
        """Work off the inbox."""
        done = self.command("run", "--once")
        assert done.returncode == 0, done.stderr

    def start(self, through: Sequence[str] = ()) -> str:
        """Start the service, through another command if given; return the desk's address once it takes documents."""
        process = subprocess.Popen(
            [*through, APPLIANCE, "run"],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.running.append(process)
        assert process.stdout
        for line in process.stdout:
            if line.startswith("Review desk: "):
                return line.split()[-1]
        pytest.fail("the box ended before it was ready")

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Signal the running service and return its exit code."""
        process = self.running.pop()
        process.send_signal(how)
        code = process.wait(PATIENCE_SECONDS)
        assert process.stdout
        process.stdout.close()
        return code

    def files(self) -> list[Path]:
        """Every document file below the root, wherever it lies."""
        places = (self.inbox, *(self.home / "var" / name for name in ("holding", "filed", "review", "unreadable")))
        return [path for place in places for path in place.rglob("*") if path.is_file()]

    def is_clean(self) -> bool:
        done = self.command("check")
        assert done.returncode == 0, done.stdout
        return True


@pytest.fixture
def box(home: Path) -> Iterator[Box]:
    assert APPLIANCE.exists(), "the command is not installed: make setup"
    made = Box(home)
    made.inbox.mkdir()
    yield made
    while made.running:
        made.end(signal.SIGKILL)
    shutil.rmtree(home)


def wait_for(holds: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> bool:
    """Wait until something holds; say whether it came about in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.02)
    return False
