"""A worker behind walls: namespaces of its own and nothing of the disk but what an interpreter needs, to read only.

bubblewrap stands before the worker as two small processes: one outside, which
the box started, and the first of the worker's own process tree. The walls fall
with the box: the tree is killed when the launcher, or the box, ends.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.reading.confine import MEMORY_BYTES, Terms
from appliance.reading.launcher import INTERPRETER, ROOT, Launcher, handed, library_folders

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable

NOBODY = "65534"
KILL_SECONDS = 2.0
NAMESPACES = (
    "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try",
)  # fmt: skip
RIGHTS = ("--uid", NOBODY, "--gid", NOBODY, "--cap-drop", "ALL", "--new-session", "--die-with-parent")
LINKS = ("/lib", "/lib32", "/lib64")
LINKERS = "lib*/ld-linux*.so*"
LINKER_CACHE = Path("/etc/ld.so.cache")


class BubblewrapLauncher(Launcher):
    """Starts workers in bubblewrap.

    All are started by one thread of the launcher's own, because the kernel ends
    a process that is to die with its parent when the parent's *thread* ends; it
    holds SIGTERM and SIGINT back, which bubblewrap would die of, and what it starts inherits that.

    Args:
        bubblewrap: The program.
        starting: The filter of system calls that bubblewrap puts on everything behind the walls.
        memory_bytes: Address space of each worker.
        syscalls: The stricter filter each worker takes on.
        program: What a worker runs, where it is not the ordinary one.
    """

    def __init__(
        self,
        bubblewrap: str,
        starting: bytes = b"",
        memory_bytes: int = MEMORY_BYTES,
        syscalls: bytes = b"",
        program: str | None = None,
    ) -> None:
        super().__init__(memory_bytes, syscalls, program)
        self._bubblewrap = bubblewrap
        self._starting = starting
        self._starter = ThreadPoolExecutor(1, "starter", initializer=_hold_back_signals)
        self._insides: dict[int, int] = {}

    def start(self, channel: socket.socket, seconds: float) -> subprocess.Popen[bytes]:
        """Start one worker; what is returned is bubblewrap, which ends as the worker does."""
        return self._starter.submit(self._start, channel, seconds).result()

    def _start(self, channel: socket.socket, seconds: float) -> subprocess.Popen[bytes]:
        told, tells = os.pipe()
        with (
            open(told, "rb") as info,  # noqa: PTH123 - a descriptor, not a path
            handed(self.syscalls) as syscalls,
            handed(self._starting) as starting,
        ):
            before = [self._bubblewrap, *walls(self.packages), "--info-fd", str(tells)]
            if starting is not None:
                before += ["--seccomp", str(starting)]
            terms = Terms(channel.fileno(), seconds, self.memory_bytes, syscalls, apart=True)
            try:
                process = self._run([*before, "--"], terms, [tells, *([] if starting is None else [starting])])
            finally:
                os.close(tells)
            self._insides[process.pid] = _first_inside(info.read())
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a worker and all it started, and leave no zombie.

        The first process inside is killed, with which the kernel ends all others inside before bubblewrap
        is told; so nothing of the worker is left when this returns.
        """
        inside = self._insides.pop(process.pid, 0)
        if process.poll() is None and inside:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(inside, signal.SIGKILL)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(KILL_SECONDS)
        super().kill(process)

    def close(self) -> None:
        """End the thread that starts workers; a worker that were left would end with it."""
        self._starter.shutdown()


def _hold_back_signals() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})


def _first_inside(info: bytes) -> int:
    """Return the process id that bubblewrap tells of the first process inside; 0 where it failed before."""
    try:
        return int(json.loads(info)["child-pid"])
    except (ValueError, KeyError):
        return 0


@cache
def walls(packages: tuple[str, ...] = Launcher.packages) -> tuple[str, ...]:
    """Return the arguments of bubblewrap that make the walls.

    Args:
        packages: Our own packages that may be seen.
    """
    places = [*system_libraries(), *interpreter_places(), *library_folders(), *(ROOT / each for each in packages)]
    seen = [argument for place in outermost(places) for argument in ("--ro-bind", str(place), str(place))]
    links = [place for place in map(Path, LINKS) if place.is_symlink()]
    linked = [argument for link in links for argument in ("--symlink", str(link.readlink()), str(link))]
    return (*NAMESPACES, *RIGHTS, *seen, *linked, "--remount-ro", "/", "--chdir", "/")


def system_libraries() -> list[Path]:
    """Return where the dynamic linker is and where it looks: one folder where the system keeps them by architecture."""
    linkers = [place.parent.resolve() / place.name for place in Path("/").glob(LINKERS)]
    architecture = str(sysconfig.get_config_var("MULTIARCH") or "")
    roots = [Path("/usr/lib"), Path("/usr/lib64"), *(place for place in map(Path, LINKS) if not place.is_symlink())]
    shared = [root / architecture for root in roots if architecture and (root / architecture).is_dir()]
    return [*linkers, *(place for place in (*(shared or roots), LINKER_CACHE) if place.exists())]


def interpreter_places() -> list[Path]:
    """Return what of the disk is the interpreter: its program, its library where it has one, and its modules."""
    library = Path(str(sysconfig.get_config_var("LIBDIR"))) / str(sysconfig.get_config_var("INSTSONAME"))
    modules = [Path(sysconfig.get_path("stdlib")), Path(str(sysconfig.get_config_var("DESTSHARED")))]
    return [INTERPRETER, *(place for place in (library, *modules) if place.exists())]


def outermost(places: Iterable[Path]) -> list[Path]:
    """Return the places that lie in none of the others, parents before children."""
    kept: list[Path] = []
    for place in sorted(set(places)):
        if not any(place.is_relative_to(other) for other in kept):
            kept.append(place)
    return kept
