"""Watches local inboxes by inotify and sweeps them always, in one thread.

watchdog says which path changed; what to make of it is the lookout's. The
sweep finds whatever an event did not tell: a missed one, an overflow, a file
that could not be read a minute ago.
"""

from __future__ import annotations

import queue
import stat
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from watchdog.events import (
    DirCreatedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from appliance.errors import ApplianceError

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

    from appliance.intake.lookout import Lookout

EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileClosedEvent,
    FileMovedEvent,
    DirCreatedEvent,
    DirMovedEvent,
]
"""What is asked of the kernel; deletions and writes are not, so a busy copy costs nothing."""


class WatchError(ApplianceError):
    """An inbox cannot be watched."""


class Watch:
    """Runs a lookout: on events, when a settle time is over, and on every sweep.

    Args:
        lookout: Judges the files; called from this thread alone.
        sweep_seconds: How often everything is looked at.
    """

    def __init__(self, lookout: Lookout, sweep_seconds: float) -> None:
        self._lookout = lookout
        self._sweep_seconds = sweep_seconds
        self._paths: queue.SimpleQueue[Path | None] = queue.SimpleQueue()
        self._observer: BaseObserver = Observer()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin to watch; everything that is there already is looked at first.

        Raises:
            WatchError: The kernel refuses to watch.
        """
        handler = _Handler(self._paths)
        try:
            for inbox in self._lookout.inboxes:
                self._observer.schedule(handler, str(inbox), recursive=True, event_filter=EVENTS)
            self._observer.start()
        except OSError as error:
            raise WatchError(
                "An inbox cannot be watched.",
                f"The kernel says: {error.strerror}.",
                "Check that the folder exists and raise fs.inotify.max_user_watches if it holds many folders.",
            ) from error
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; returns when no more files will be handed over."""
        self._stopping.set()
        self._paths.put(None)
        self._observer.stop()  # also one that never started: it has held an inotify descriptor since it was made
        if self._observer.is_alive():
            self._observer.join()
        if self._thread.is_alive():
            self._thread.join()

    def is_alive(self) -> bool:
        """Say whether files are still being looked at."""
        return self._thread.is_alive()

    def _run(self) -> None:
        next_sweep = time.monotonic()
        while not self._stopping.is_set():
            now = time.monotonic()
            if now >= next_sweep:
                self._lookout.sweep()
                next_sweep = time.monotonic() + self._sweep_seconds
            self._lookout.look_at_due()
            self._wait(next_sweep)

    def _wait(self, next_sweep: float) -> None:
        next_look = self._lookout.tracker.next_look()
        until = next_sweep if next_look is None else min(next_sweep, next_look)
        try:
            path = self._paths.get(timeout=max(until - time.monotonic(), 0.001))
        except queue.Empty:
            return
        if path is not None and _is_folder(path):
            self._lookout.look_below(path)
        elif path is not None:
            self._lookout.look(path)


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:  # gone, too long, or not to be looked at: the lookout says the same of it
        return False


class _Handler(FileSystemEventHandler):
    """Passes on which path changed, and nothing else."""

    def __init__(self, paths: queue.SimpleQueue[Path | None]) -> None:
        self._paths = paths

    def on_any_event(self, event: FileSystemEvent) -> None:
        if type(event) in EVENTS:
            self._paths.put(Path(str(event.dest_path or event.src_path)))
