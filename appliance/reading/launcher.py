"""How a worker process is started and ended: the seam where the walls go.

A launcher owns nothing else. The protocol, the limits on what a worker may say
and how long it may take, and the order in which one is ended are the pool's,
whatever walls a launcher builds around the child.
"""

from __future__ import annotations

import os
import subprocess
import sys
from abc import ABC, abstractmethod
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.reading.confine import MEMORY_BYTES, Terms

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[2]
INTERPRETER = Path(sys.executable).resolve()
PROGRAM = "import sys; sys.path += sys.argv[2:]; from appliance.reading.worker import main; main(sys.argv[1])"
"""What a worker runs: isolated from the caller's folder and environment, with the packages found where they lie."""

ENVIRONMENT = {"LC_ALL": "C.UTF-8"}


def library_folders() -> list[Path]:
    """Return where this process's third-party packages lie, in the order in which they are looked for."""
    return [Path(each) for each in sys.path if Path(each).name in ("site-packages", "dist-packages")]


class Launcher(ABC):
    """Starts and kills the workers of one pool, which closes it.

    Args:
        memory_bytes: Address space of each worker.
        syscalls: The filter of system calls each worker takes on; empty for none.
        program: What a worker runs, where it is not the ordinary one.

    Attributes:
        program: The Python a worker runs; its arguments are the worker's terms and the folders of packages.
        packages: Our own packages in ``ROOT`` that it may import.
    """

    program = PROGRAM
    packages: tuple[str, ...] = ("appliance",)

    def __init__(self, memory_bytes: int = MEMORY_BYTES, syscalls: bytes = b"", program: str | None = None) -> None:
        self.memory_bytes = memory_bytes
        self.syscalls = syscalls
        if program is not None:
            self.program = program

    @abstractmethod
    def start(self, channel: socket.socket, seconds: float) -> subprocess.Popen[bytes]:
        """Start one worker that serves ``channel`` and gives up by itself some time after ``seconds``."""

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a worker at once and leave no zombie."""
        process.kill()
        process.wait()

    def close(self) -> None:  # noqa: B027 - most launchers keep nothing
        """Let go of what the launcher keeps; no worker is left."""

    def _run(self, before: Sequence[str], terms: Terms, also: Sequence[int] = ()) -> subprocess.Popen[bytes]:
        """Start a worker in a session of its own, so that a terminal's Ctrl-C does not reach it.

        Args:
            before: The program that starts the interpreter, with its arguments; empty for none.
            terms: What the worker is told.
            also: Descriptors that the program before it needs.
        """
        folders = [str(folder) for folder in (ROOT, *library_folders())]
        return subprocess.Popen(
            [*before, str(INTERPRETER), "-I", "-S", "-c", self.program, terms.encode(), *folders],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT,
            cwd="/",
            pass_fds=(terms.channel, *(() if terms.syscalls is None else (terms.syscalls,)), *also),
            start_new_session=True,
        )


class PlainLauncher(Launcher):
    """Starts workers with what a process can take on by itself: limits and the filter of system calls."""

    def start(self, channel: socket.socket, seconds: float) -> subprocess.Popen[bytes]:
        """Start one worker."""
        with handed(self.syscalls) as syscalls:
            return self._run((), Terms(channel.fileno(), seconds, self.memory_bytes, syscalls))


@contextmanager
def handed(content: bytes) -> Iterator[int | None]:
    """Put bytes into a file without a name, to be inherited; None where there are none."""
    if not content:
        yield None
        return
    with open(os.memfd_create("handed"), "w+b") as file:  # noqa: PTH123 - a descriptor, not a path
        file.write(content)
        file.seek(0)
        yield file.fileno()
