"""Runs every benchmark, one after another; a table for people, JSON lines when piped.

``bench.kill`` is a proof rather than a benchmark and takes 25 minutes: it is run by hand.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

from bench.rows import note

BENCHMARKS = (
    "latency", "backlog", "usual", "manager", "scans", "formats", "start", "memory", "ledger", "sandbox", "threads",
    "int8", "importing",
)  # fmt: skip
BUSY = 0.25
"""Load a core from which on the figures of a benchmark are another program's as well."""


def main() -> int:
    """Run each benchmark as its own process, so that none warms up another.

    Returns:
        0 when every benchmark ran; bars that were missed are in the rows.
    """
    note(f"on {processor()}, {cores()} cores, Linux {platform.release()}, Python {platform.python_version()}")
    if (load := os.getloadavg()[0]) > BUSY * cores():
        note(f"this machine is not quiet (load {load:.1f}): the figures below will be worse than the box is")
    codes = [subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode for name in BENCHMARKS]
    return max(codes)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0))


def processor() -> str:
    """The name of the processor, as far as the kernel tells it."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.lower().startswith(("model name", "cpu model"))]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    sys.exit(main())
