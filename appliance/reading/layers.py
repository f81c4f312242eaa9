"""Each layer around a reading process: whether it holds, asked of a process behind the walls, and what to do if not."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from appliance.reading.confine import WALLED_OFF
from appliance.reading.sandbox import NAMESPACES, SYSTEM_CALLS, sandbox

if TYPE_CHECKING:
    from appliance.reading.launcher import Launcher

TELL = "import sys; sys.path += sys.argv[2:]; from appliance.reading.confine import tell; tell(sys.argv[1])"
TELL_SECONDS = 10.0
TOLD_BYTES = 65_536
FIRST_PROCESS_OF_ITS_OWN = 2
"""In a process tree of its own a worker comes right after bubblewrap."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One wall around reading processes.

    Attributes:
        name: What it is.
        applied: Whether it holds.
        detail: What it does; where it is missing why, and what to do.
    """

    name: str
    applied: bool
    detail: str


def layers() -> list[Layer]:
    """Start a process as a reading worker is started, and return what holds in it."""
    found = sandbox()
    held = _told(found.launcher(program=TELL))
    if not held:
        return [Layer("reading process", False, "None can be started. Run the box by hand and look at its log.")]
    limits = held["limits"]
    apart = held["process"] == FIRST_PROCESS_OF_ITS_OWN and not held["sees"]
    return [
        Layer(
            NAMESPACES,
            apart,
            "No network, a process tree of its own, and of the disk nothing but the interpreter, to read only."
            if apart
            else found.missing.get(NAMESPACES, f"Of {', '.join(WALLED_OFF)} it sees {', '.join(held['sees'])}."),
        ),
        Layer(
            SYSTEM_CALLS,
            held["filtered"],
            "Only those that parsers need; no socket, no new process, no other program."
            if held["filtered"]
            else found.missing.get(SYSTEM_CALLS, "No filter holds."),
        ),
        Layer(
            "resource limits",
            limits["output"] == 0 and limits["memory"] > 0,
            f"{limits['memory'] / 1e9:.1f} GB of memory, {limits['open files']} open files, "
            f"{limits['output']} bytes of output; processor time by the document.",
        ),
        Layer("no new privileges", held["no new privileges"], "No program that is started may have more rights."),
    ]


def _told(launcher: Launcher) -> dict[str, Any]:
    """Return what a process behind the walls tells of itself; nothing where none can be started."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            process = launcher.start(theirs, TELL_SECONDS)
        ours.settimeout(TELL_SECONDS)
        try:
            told = ours.recv(TOLD_BYTES)
        except OSError:
            told = b""
        launcher.kill(process)
        launcher.close()
    return dict(json.loads(told)) if told else {}
