"""Watches the inboxes in one thread: by events where they come, by polling where they do not, by a sweep always.

watchdog says which path changed; what to make of it is the lookout's. The
sweep finds whatever an event did not tell: a missed one, an overflow, a file
that could not be read a minute ago.
"""

from __future__ import annotations

import logging
import queue
import stat
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
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
from appliance.intake.probe import Mode, mode_of

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver, ObservedWatch

    from appliance.intake.lookout import Lookout
    from appliance.intake.mounts import Area

log = logging.getLogger(__name__)

EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileClosedEvent,
    FileMovedEvent,
    DirCreatedEvent,
    DirMovedEvent,
]
"""What is asked of the kernel; deletions and writes are not, so a busy copy costs nothing."""


class WatchError(ApplianceError):
    """The inboxes cannot be watched at all."""


@dataclass(frozen=True, slots=True)
class _Watched:
    """One area as it was when it began to be watched."""

    identity: tuple[int, int, str]
    mode: Mode
    handle: ObservedWatch | None


class Watch:
    """Runs a lookout: on events, when a settle time is over, and on every sweep.

    Each sweep also looks whether the inboxes are still what they were: one that
    was unmounted, replaced or came back is watched anew.

    Args:
        lookout: Judges the files; called from this thread alone.
        sweep_seconds: How often everything is looked at.
        poll_seconds: How often the areas that send no events are looked at.

    Raises:
        WatchError: The kernel gives no inotify at all.
    """

    def __init__(self, lookout: Lookout, sweep_seconds: float, poll_seconds: float = 2.0) -> None:
        self._lookout = lookout
        self._sweep_seconds = sweep_seconds
        self._poll_seconds = poll_seconds
        self._paths: queue.SimpleQueue[Path | None] = queue.SimpleQueue()
        self._handler = _Handler(self._paths)
        self._watched: dict[Path, _Watched] = {}
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._stopping = threading.Event()
        self._observer = _new_observer()

    def start(self) -> None:
        """Begin to watch; everything that is there already is looked at first."""
        self._observer.start()
        self._survey()
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

    @property
    def modes(self) -> dict[Path, Mode]:
        """How each area that is there is watched."""
        return {folder: watched.mode for folder, watched in self._watched.items()}

    def _run(self) -> None:
        next_sweep = next_poll = time.monotonic()
        while not self._stopping.is_set():
            now = time.monotonic()
            if now >= next_sweep:
                self._survey()
                self._lookout.sweep()
                next_sweep = next_poll = time.monotonic() + self._sweep_seconds
            elif now >= next_poll:
                self._poll()
            next_poll = min(next_poll, time.monotonic() + self._poll_seconds)
            self._lookout.look_at_due()
            self._wait(next_sweep, next_poll)

    def _poll(self) -> None:
        for folder, mode in self.modes.items():
            if mode is Mode.POLLING:
                self._lookout.look_below(folder)

    def _survey(self) -> None:
        """Watch what has come or changed since the last look, and let go of what is gone."""
        areas = {area.folder: area for area in self._lookout.survey()}
        there = {folder: identity for folder, area in areas.items() if (identity := _identity(area))}
        for folder, watched in list(self._watched.items()):
            if there.get(folder) != watched.identity:
                log.warning("an inbox is gone or another one", extra={"mode": watched.mode})
                self._let_go(folder)
        for folder, identity in there.items():
            if folder not in self._watched:
                self._watched[folder] = self._begin(areas[folder], identity)

    def _begin(self, area: Area, identity: tuple[int, int, str]) -> _Watched:
        mode, handle = mode_of(area), None
        if mode is Mode.EVENTS:
            try:
                handle = self._observer.schedule(self._handler, str(area.folder), recursive=True, event_filter=EVENTS)
            except OSError as error:  # most often fs.inotify.max_user_watches
                log.warning("an inbox cannot be watched by events", extra={"error": error.strerror})
                mode = Mode.POLLING
        log.info("watching", extra={"mode": mode, "mount": area.mount.kind})
        return _Watched(identity, mode, handle)

    def _let_go(self, folder: Path) -> None:
        handle = self._watched.pop(folder).handle
        if handle is not None:
            with suppress(KeyError, OSError):  # the emitter ends by itself when its folder is deleted
                self._observer.unschedule(handle)

    def _wait(self, next_sweep: float, next_poll: float) -> None:
        polling = Mode.POLLING in self.modes.values()
        times = [next_sweep, self._lookout.tracker.next_look(), next_poll if polling else None]
        until = min(moment for moment in times if moment is not None)
        try:
            path = self._paths.get(timeout=max(until - time.monotonic(), 0.001))
        except queue.Empty:
            return
        if path is not None and _is_folder(path):
            self._lookout.look_below(path)
        elif path is not None:
            self._lookout.look(path)


def _new_observer() -> BaseObserver:
    try:
        return Observer()
    except OSError as error:
        raise WatchError(
            "The inboxes cannot be watched.",
            f"The kernel says: {error.strerror}.",
            "Raise fs.inotify.max_user_instances, or end what else is watching on this machine.",
        ) from error


def _identity(area: Area) -> tuple[int, int, str] | None:
    """Tell one folder from another that takes its place; None where there is none."""
    try:
        status = area.folder.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino, area.mount.kind) if stat.S_ISDIR(status.st_mode) else None


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
