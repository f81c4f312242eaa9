"""Looks at files in the inboxes and hands over each one that has settled.

One look is the same whatever caused it: an event, the sweep, or the settle
time running out. Nothing here has a thread or a clock of its own, and nothing
here changes a file.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.intake.guards import is_regular, is_wanted_name
from appliance.intake.lease import writers_of
from appliance.intake.tracker import Sighting, Tracker
from appliance.names import clean_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A settled file, ready to be claimed.

    Attributes:
        inbox: The inbox it lies in.
        sighting: The look that found it settled.
    """

    inbox: Path
    sighting: Sighting

    @property
    def origin(self) -> str:
        """The sub-folder it lies in, relative to its inbox and as harmless as a name; empty at the top."""
        folders = self.sighting.path.parent.relative_to(self.inbox).parts
        return "/".join(clean_name(os.fsencode(folder)) for folder in folders)


@dataclass(slots=True)
class Lookout:
    """Judges files and remembers which were handed over.

    Attributes:
        inboxes: Absolute drop folders.
        tracker: Knows when a file has settled.
        clock: Seconds that never go back.
        take: Given each settled file, once, until :meth:`release`.
    """

    inboxes: tuple[Path, ...]
    tracker: Tracker
    clock: Callable[[], float]
    take: Callable[[Candidate], None] = lambda _candidate: None
    _handed: set[Path] = field(default_factory=set)

    def look(self, path: Path) -> None:
        """Look at one path, whatever it is, and hand it over if it is a settled document."""
        inbox = self._inbox_of(path)
        if inbox is None or path in self._handed or not _is_wanted(path, inbox):
            return
        try:
            sighting = _sight(path, inbox)
        except OSError as error:
            log.debug("look failed", extra={"error": error.strerror})
            sighting = None
        if sighting is None:
            self.tracker.forget(path)
        elif self.tracker.is_settled(self.clock(), sighting):
            self._handed.add(path)
            self.take(Candidate(inbox, sighting))

    def look_at_due(self) -> None:
        """Look again at every file whose time has come."""
        for path in self.tracker.due(self.clock()):
            self.look(path)

    def sweep(self) -> None:
        """Look at everything in every inbox."""
        for inbox in self.inboxes:
            for path in _files_below(inbox):
                self.look(path)

    def look_below(self, folder: Path) -> None:
        """Look at everything in a folder (never a link to one) that has just appeared."""
        if not folder.is_symlink():
            for path in _files_below(folder):
                self.look(path)

    def hold(self, path: Path) -> None:
        """Leave a path alone until it is released: a document that lay there is still in work."""
        self._handed.add(path)

    def release(self, path: Path) -> None:
        """Let a path be handed over again; its file was dealt with or could not be."""
        self._handed.discard(path)

    def _inbox_of(self, path: Path) -> Path | None:
        return next((inbox for inbox in self.inboxes if path.is_relative_to(inbox)), None)


def _is_wanted(path: Path, inbox: Path) -> bool:
    """Say whether a path is a document's by its names alone: in a dot folder lie other programs' own files."""
    folders = path.parent.relative_to(inbox).parts
    return is_wanted_name(path.name) and not any(folder.startswith(".") for folder in folders)


def _sight(path: Path, inbox: Path) -> Sighting | None:
    status = path.lstat()
    if not is_regular(status) or not _is_reached_without_links(path, inbox):
        return None
    return Sighting(path, status.st_ino, status.st_nlink, status.st_size, status.st_mtime_ns, writers_of(path))


def _is_reached_without_links(path: Path, inbox: Path) -> bool:
    folder = path.parent
    while folder != inbox:
        if folder.is_symlink():
            return False
        folder = folder.parent
    return True


def _files_below(folder: Path) -> Iterator[Path]:
    def complain(error: OSError) -> None:
        log.warning("a folder of the inbox cannot be read", extra={"error": error.strerror})

    for found, folders, names in os.walk(folder, onerror=complain):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            yield Path(found, name)
