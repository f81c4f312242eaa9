"""Which walls this machine offers, proven by trying, and the launcher that builds all of them.

A layer that is missing is said with what to do about it; whether the box may
work without it is the caller's word (``require`` or ``prefer``). Nothing is
changed, and what was found holds until the process ends.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from appliance.errors import ApplianceError
from appliance.reading.bubblewrap import BubblewrapLauncher, walls
from appliance.reading.confine import MEMORY_BYTES
from appliance.reading.launcher import ENVIRONMENT, INTERPRETER, Launcher, PlainLauncher
from appliance.reading.syscalls import NoFilterError, Stage, compiled

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger(__name__)

TRY_SECONDS = 10.0
KERNEL = Path("/proc/sys")
SWITCHES = {
    "kernel/apparmor_restrict_unprivileged_userns": (
        "1",
        "AppArmor keeps bwrap from making namespaces. Give it a profile that allows `userns`; docs/admin.md has it.",
    ),
    "kernel/unprivileged_userns_clone": (
        "0",
        "The kernel lets no ordinary user make namespaces. Set kernel.unprivileged_userns_clone=1 with sysctl.",
    ),
    "user/max_user_namespaces": (
        "0",
        "The kernel makes no user namespaces. Set user.max_user_namespaces to 1000 or more with sysctl.",
    ),
}
"""Why namespaces may be refused: a switch of the kernel, the value at which it does, and what to do."""


class SandboxError(ApplianceError):
    """Documents may not be read here, because a wall is missing."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What this machine offers.

    Attributes:
        bubblewrap: The program; "" where it is missing or may not do its work.
        starting: The filter for all behind the walls; empty where none can be compiled.
        syscalls: The stricter filter for a worker; likewise.
        missing: Why a layer is missing and what to do, by its name.
    """

    bubblewrap: str
    starting: bytes
    syscalls: bytes
    missing: Mapping[str, str]

    def launcher(self, memory_bytes: int = MEMORY_BYTES, program: str | None = None) -> Launcher:
        """Return what starts workers behind every wall there is.

        Args:
            memory_bytes: Address space of each worker.
            program: What each runs, where it is not the ordinary one.
        """
        if self.bubblewrap:
            return BubblewrapLauncher(self.bubblewrap, self.starting, memory_bytes, self.syscalls, program)
        return PlainLauncher(memory_bytes, self.syscalls, program)


NAMESPACES, SYSTEM_CALLS = "namespaces", "system calls"
NOT_INSTALLED = "The program bwrap is not installed. Debian and Ubuntu have it: apt install bubblewrap."


@cache
def sandbox() -> Sandbox:
    """Try what this machine offers, once; bubblewrap is tried while the filters are compiled."""
    bubblewrap = shutil.which("bwrap") or ""
    trial = _started(bubblewrap) if bubblewrap else None
    starting, syscalls, no_filter = _filters()
    no_walls = _fault_of(trial) if trial else NOT_INSTALLED
    missing = {name: why for name, why in ((NAMESPACES, no_walls), (SYSTEM_CALLS, no_filter)) if why}
    return Sandbox("" if no_walls else bubblewrap, starting, syscalls, missing)


def _filters() -> tuple[bytes, bytes, str]:
    """Return the two filters, and why there are none with what to do; "" where there are."""
    if not (KERNEL / "kernel/seccomp").exists():
        return b"", b"", "The kernel has no seccomp filters. Use one built with CONFIG_SECCOMP_FILTER."
    try:
        return compiled(Stage.START), compiled(Stage.WORK), ""
    except NoFilterError as error:
        return b"", b"", f"No filter can be made ({error}). Install libseccomp: apt install libseccomp2."


def launcher_for(
    wish: Literal["require", "prefer"], memory_bytes: int = MEMORY_BYTES, program: str | None = None
) -> Launcher:
    """Return what starts workers behind every wall this machine offers; each pool has a launcher of its own.

    Args:
        wish: ``require`` refuses where one is missing; ``prefer`` says so, once, in one line of the log.
        memory_bytes: Address space of each worker.
        program: What each runs, where it is not the ordinary one.

    Raises:
        SandboxError: One is missing, and all are required.
    """
    found = sandbox()
    why = " ".join(found.missing.values())
    if why and wish == "require":
        raise SandboxError(
            "The box may not read documents here.",
            f"Its settings require a whole sandbox, and this machine lacks: {', '.join(found.missing)}.",
            f'{why} Or set `sandbox` to "prefer" and take files only from people you know.',
        )
    if why:
        _warn(", ".join(found.missing))
    return found.launcher(memory_bytes, program)


@cache
def _warn(missing: str) -> None:
    log.warning("documents are read without a whole sandbox", extra={"missing": missing})


def _started(bubblewrap: str) -> subprocess.Popen[bytes] | None:
    """Start an interpreter behind the walls that has nothing to do."""
    try:
        return subprocess.Popen(
            [bubblewrap, *walls(), "--", str(INTERPRETER), "-I", "-S", "-c", ""],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=ENVIRONMENT,
        )
    except OSError:
        return None


def _fault_of(trial: subprocess.Popen[bytes]) -> str:
    """Return why nothing could be started behind the walls and what to do; "" where it could."""
    try:
        _, said = trial.communicate(timeout=TRY_SECONDS)
    except subprocess.TimeoutExpired:
        trial.kill()
        trial.communicate()
        said = b"no end"
    if trial.returncode == 0:
        return ""
    switches = {name: _read(KERNEL / name) for name in SWITCHES}
    return explained(said.decode(errors="replace"), switches)


def explained(said: str, switches: Mapping[str, str]) -> str:
    """Return why bubblewrap failed and what to do.

    Args:
        said: What it said on stderr.
        switches: The kernel's switches of :data:`SWITCHES`, "" for one that it lacks.
    """
    for name, (refuses, sentence) in SWITCHES.items():
        if switches.get(name) == refuses:
            return sentence
    return f"bwrap fails with {(said.strip() or 'no word')!r}. Run it by hand to see what this machine refuses."


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""
