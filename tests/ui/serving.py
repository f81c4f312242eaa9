"""The desk as the service starts it: on an inherited socket, kept alive by a pipe."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT_SECONDS = 10.0


class Served:
    """A running desk, and the end of the pipe that keeps it alive."""

    def __init__(self, home: Path, **environment: str) -> None:
        read_end, self.lifeline = os.pipe()
        with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
            self.port = listener.getsockname()[1]
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-m", "ui.server", str(listener.fileno()), str(read_end)],
                pass_fds=(listener.fileno(), read_end),
                env={**os.environ, "APPLIANCE_HOME": str(home), **environment},
                stderr=subprocess.PIPE,
            )
        os.close(read_end)

    def get(self, path: str = "/healthz") -> str:
        address = f"http://127.0.0.1:{self.port}{path}"
        with urllib.request.urlopen(address, timeout=LIMIT_SECONDS) as response:
            return response.read().decode()

    def family(self) -> list[int]:
        """The server and its worker."""
        number = self.process.pid
        children = Path(f"/proc/{number}/task/{number}/children").read_text(encoding="ascii")
        return [number, *map(int, children.split())]

    def said(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read().decode()


@contextmanager
def served(home: Path, **environment: str) -> Iterator[Served]:
    desk = Served(home, **environment)
    try:
        yield desk
    finally:
        os.close(desk.lifeline)
        desk.process.wait(LIMIT_SECONDS)
        assert desk.process.stderr is not None
        desk.process.stderr.close()
