"""What a reading worker gives up before it meets a document; the kernel holds it to all of it.

Limits and the strict filter of system calls are the worker's own doing, so they
hold where no namespaces are to be had as well. None of it can be taken back.
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import resource
import signal
import socket
from dataclasses import asdict, dataclass
from typing import Self

MEMORY_BYTES = 2 * 1024**3
OPEN_FILES = 64
THREADS = 256
WALLED_OFF = ("/etc/passwd", "/proc/self", "/sys/kernel", "/dev/null", "/var/log")
"""What no worker behind whole walls sees."""

COUNTS_THREADS_APART = (5, 14)
"""From this kernel on a limit of threads counts a user namespace's own, not all that the user runs."""

_SET_SECCOMP, _FILTER = 22, 2
_HAS_FILTER, _SET_NO_NEW_PRIVILEGES, _HAS_NO_NEW_PRIVILEGES = 21, 38, 39
_INSTRUCTION_BYTES = 8


@dataclass(frozen=True, slots=True)
class Terms:
    """What a worker is told when it starts.

    Attributes:
        channel: The number of its socket.
        seconds: The parent's limit for one document.
        memory_bytes: Of address space.
        syscalls: The number of a file with its filter of system calls; None where none can be compiled.
        apart: Whether it has a user namespace of its own.
    """

    channel: int
    seconds: float
    memory_bytes: int = MEMORY_BYTES
    syscalls: int | None = None
    apart: bool = False

    def encode(self) -> str:
        """Return the terms as one argument."""
        return json.dumps(asdict(self))

    @classmethod
    def decode(cls, argument: str) -> Self:
        """Return the terms that an argument holds."""
        return cls(**json.loads(argument))


def confine(terms: Terms) -> None:
    """Give everything up.

    Raises:
        OSError: The kernel refuses; the worker must not go on.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    for what, most in (
        (resource.RLIMIT_AS, terms.memory_bytes),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    if terms.apart and _kernel() >= COUNTS_THREADS_APART:
        resource.setrlimit(resource.RLIMIT_NPROC, (THREADS, THREADS))
    _prctl(_SET_NO_NEW_PRIVILEGES, 1)
    if terms.syscalls is not None:
        _take_filter(terms.syscalls)


def tell(argument: str) -> None:
    """Stand in for a worker: give everything up, say what then holds, and end.

    Args:
        argument: The worker's terms.
    """
    terms = Terms.decode(argument)
    confine(terms)
    limits = {"memory": resource.RLIMIT_AS, "open files": resource.RLIMIT_NOFILE, "output": resource.RLIMIT_FSIZE}
    libc = ctypes.CDLL(None)
    held = {
        "limits": {name: resource.getrlimit(what)[1] for name, what in limits.items()},
        "no new privileges": libc.prctl(_HAS_NO_NEW_PRIVILEGES, 0, 0, 0, 0) == 1,
        "filtered": libc.prctl(_HAS_FILTER, 0, 0, 0, 0) == _FILTER,
        "process": os.getpid(),
        "sees": [place for place in WALLED_OFF if os.path.exists(place)],  # noqa: PTH110 - cheaper, and the box's own words
    }
    with socket.socket(fileno=terms.channel) as channel:
        channel.sendall(json.dumps(held).encode())


def limit_processor(seconds: float) -> None:
    """Allow this process so many more seconds of processor time before the kernel ends it."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(usage.ru_utime + usage.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _kernel() -> tuple[int, ...]:
    return tuple(int(part) for part in platform.release().split("-")[0].split(".")[:2])


def _take_filter(descriptor: int) -> None:
    """Go under the filter that a file holds as the kernel takes it, with every thread started from now on."""
    with open(descriptor, "rb") as file:
        program = file.read()
    instructions = ctypes.create_string_buffer(program, len(program))
    described = _Program(len(program) // _INSTRUCTION_BYTES, ctypes.addressof(instructions))
    _prctl(_SET_SECCOMP, _FILTER, ctypes.addressof(described))


class _Program(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def _prctl(option: int, argument: int, address: int = 0) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    none = ctypes.c_ulong(0)
    if libc.prctl(option, ctypes.c_ulong(argument), ctypes.c_ulong(address), none, none) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
