"""From exec to ready, as a service manager hears it, and to the first answer of the desk.

A root of its own, started and ended a few times; the first start also makes the
ledger. Ready is the datagram to NOTIFY_SOCKET: documents are being taken.
"""

from __future__ import annotations

import socket
import statistics
import sys
import time
import urllib.request
from typing import TYPE_CHECKING

from bench.box import BoxError, end, fresh_home, lacks, parser, start, wait_ready
from bench.rows import row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

READY_SECONDS = 60.0


def start_seconds(home: Path) -> tuple[float, float]:
    """Start the service on a root, end it, and return the seconds to ready and to the desk's first answer."""
    address = str(home / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.settimeout(READY_SECONDS)
        began = time.perf_counter()
        process = start(home, {"NOTIFY_SOCKET": address})
        try:
            if not manager.recv(4096).startswith(b"READY=1"):
                message = "The box said something else before it was ready."
                raise BoxError(message)
            ready = time.perf_counter() - began
            with urllib.request.urlopen(wait_ready(process, home)) as page:  # noqa: S310 - the box's own, on loopback
                page.read()
            return ready, time.perf_counter() - began
        finally:
            end(process)
            (home / "notify").unlink()


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the rows."""
    known = parser(__doc__)
    known.add_argument("--times", type=int, default=5)
    chosen = known.parse_args(arguments)
    if lacks("start", corpus=False, model=chosen.model):
        return 0
    with fresh_home(chosen.model) as home:
        taken = [start_seconds(home) for _ in range(chosen.times)]
    ready = statistics.median(seconds for seconds, _ in taken)
    row("start: exec to ready, median", ready, "s", bar=2.0, ok=ready <= 2)
    row("start: exec to ready, slowest", max(seconds for seconds, _ in taken), "s")
    row("start: exec to the desk's first answer, median", statistics.median(seconds for _, seconds in taken), "s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
