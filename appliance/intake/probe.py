"""Whether a folder tells of changes: tried out, because mounts lie.

The mount table says which file systems others may write to unseen; whether the
rest tell of what happens is found by making a file and waiting for its event.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING

from watchdog.events import FileCreatedEvent, FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from appliance.intake.mounts import Area

EVENT_SECONDS = 1.0
"""How long an event may take before a folder counts as silent; it takes well under a millisecond."""

PROBE = ".appliance-probe"
"""The file that is made and removed. One name for all starts: what a killed one leaves goes with the next."""


class Mode(StrEnum):
    """How an area of an inbox is watched."""

    EVENTS = "events"
    POLLING = "polling"


def mode_of(area: Area) -> Mode:
    """Say how an area has to be watched; takes up to :data:`EVENT_SECONDS` where it is silent."""
    if area.mount.is_remote or not events_come_back(area.folder):
        return Mode.POLLING
    return Mode.EVENTS


def events_come_back(folder: Path) -> bool:
    """Make a file in a folder and say whether its event arrives; False also where none can be made."""
    seen = threading.Event()

    class Handler(FileSystemEventHandler):
        def on_created(self, event: FileSystemEvent) -> None:
            del event
            seen.set()

    try:
        observer = Observer()
    except OSError:
        return False
    try:
        observer.schedule(Handler(), str(folder), event_filter=[FileCreatedEvent])
        observer.start()
        with _made(folder / PROBE):
            return seen.wait(EVENT_SECONDS)
    except OSError:
        return False
    finally:
        observer.stop()  # also one that never started: it has held an inotify descriptor since it was made
        if observer.is_alive():
            observer.join()


@contextmanager
def _made(path: Path) -> Iterator[None]:
    path.unlink(missing_ok=True)
    path.touch(exist_ok=False)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
