"""Children of this process: forked, so that Python's start is paid for once, and ended whatever they do."""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn, Self

START_SECONDS = 60
"""How long one start of the box may take before it is held to hang."""

HANGS = "it hangs"
_LETS_ANY_TRACE = 0x59616D61, -1  # PR_SET_PTRACER, PR_SET_PTRACER_ANY (linux/prctl.h)


class Held:
    """A child that waits to be told to go, so that strace sees all it does.

    Args:
        work: What it does then.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        read, self._write = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            _let_any_trace()
            select.select([read], [], [])  # no call that a walk makes, so none that is counted, whoever comes first
            end_with(work)
        os.close(read)

    def go(self) -> None:
        """Let it go."""
        os.write(self._write, b"x")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._write)


def _let_any_trace() -> None:
    """Let strace attach where only a parent may (Yama, ptrace_scope 1)."""
    ctypes.CDLL(None).prctl(*_LETS_ANY_TRACE, 0, 0, 0)


def end_with(work: Callable[[], object]) -> NoReturn:
    """Do the work in a child and end it there, without what the parent would do at its own end."""
    try:
        work()
    except BaseException:  # noqa: BLE001 - a forked child must never return into its parent's code
        os._exit(1)
    os._exit(0)


def in_child(work: Callable[[], list[str]]) -> list[str]:
    """Do something in a process of its own and return what it finds, or that it hangs or died."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(START_SECONDS)
        end_with(lambda: os.write(write, json.dumps(work()).encode()))
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        said = pipe.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return list(json.loads(said)) if code == 0 else [HANGS if code == -signal.SIGALRM else f"it died: {code}"]
