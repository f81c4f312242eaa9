"""How a worker process is started and ended: the seam where a sandbox goes.

A launcher owns nothing else. The protocol, the limits on what a worker may say
and how long it may take, and the order in which one is ended are the pool's,
whatever walls a launcher builds around the child.
"""

from __future__ import annotations

import subprocess
import sys
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "import sys; sys.path.append(sys.argv[1]); from appliance.reading.worker import main; main(*sys.argv[2:])"
"""What a worker runs: isolated from the caller's folder and environment, with the package found where it lies."""

ENVIRONMENT = {"LC_ALL": "C.UTF-8"}


class Launcher(ABC):
    """Starts and kills worker processes.

    Args:
        program: What the child runs, where it is not the ordinary worker.

    Attributes:
        program: The Python the child runs; its arguments are the package's folder, the number of its
            socket and its limit in seconds.
    """

    program = PROGRAM

    def __init__(self, program: str | None = None) -> None:
        if program:
            self.program = program

    @abstractmethod
    def start(self, channel: socket.socket, seconds: float) -> subprocess.Popen[bytes]:
        """Start one worker that serves ``channel`` and gives up by itself some time after ``seconds``."""

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a worker at once and leave no zombie."""
        process.kill()
        process.wait()


class PlainLauncher(Launcher):
    """Starts workers with resource limits alone."""

    def start(self, channel: socket.socket, seconds: float) -> subprocess.Popen[bytes]:
        """Start one worker in a session of its own, so that a terminal's Ctrl-C does not reach it."""
        descriptor = channel.fileno()
        return subprocess.Popen(
            [sys.executable, "-I", "-c", self.program, str(ROOT), str(descriptor), str(seconds)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT,
            pass_fds=(descriptor,),
            start_new_session=True,
        )
