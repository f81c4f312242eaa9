"""Runs every benchmark, one after another; a table for people, JSON lines when piped."""

from __future__ import annotations

import subprocess
import sys

BENCHMARKS = ("bench.latency", "bench.int8")


def main() -> int:
    """Run each benchmark as its own process, so that none warms up another.

    Returns:
        0 when every benchmark ran; bars that were missed are in the rows.
    """
    codes = [subprocess.run([sys.executable, "-m", name], check=False).returncode for name in BENCHMARKS]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
