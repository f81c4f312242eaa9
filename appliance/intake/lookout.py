"""Looks at files in the inboxes and hands over each one that has settled.

One look is the same whatever caused it: an event, the sweep, or the settle
time running out. Nothing here has a thread or a clock of its own, and nothing
here changes a file.
"""

from __future__ import annotations

import logging
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.intake.guards import is_in_dot_folder, is_litter, is_regular, is_temporary
from appliance.intake.lease import Writers, writers_of
from appliance.intake.mounts import areas_of, read_mounts
from appliance.intake.tracker import Sighting, Tracker
from appliance.ledger import Found, Why
from appliance.names import clean_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from appliance.intake.mounts import Area, Mount

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
        return _origin(self.sighting.path, self.inbox)


@dataclass(slots=True)
class Lookout:
    """Judges files, and remembers which were handed over and why the others were not.

    Attributes:
        inboxes: Absolute drop folders.
        tracker: Knows when a file has settled.
        clock: Seconds that never go back.
        take: Given each settled file, once, until :meth:`release`.
        is_paused: Whether nothing is to be taken for now.
        mounts: Reads the mount table.
        report: Told after each sweep which files wait for another reason than before, and which are gone; says
            whether it took note, or is told again.
    """

    inboxes: tuple[Path, ...]
    tracker: Tracker
    clock: Callable[[], float]
    take: Callable[[Candidate], None] = lambda _candidate: None
    is_paused: Callable[[], bool] = lambda: False
    mounts: Callable[[], list[Mount]] = read_mounts
    report: Callable[[list[Found], list[Path]], bool] = lambda _found, _gone: True
    _areas: list[Area] = field(default_factory=list)
    _handed: set[Path] = field(default_factory=set)
    _waiting: dict[Path, Found] = field(default_factory=dict)
    _reported: dict[Path, Found | None] = field(default_factory=dict)

    def look(self, path: Path) -> None:
        """Look at one path, whatever it is, and hand it over if it is a settled document."""
        inbox = next((each for each in self.inboxes if path.is_relative_to(each)), None)
        if inbox is None or path in self._handed:
            return
        try:
            status = path.lstat()
        except OSError:
            status = None
        judged = None if status is None or stat.S_ISDIR(status.st_mode) else self._judge(path, inbox, status)
        if status is None or judged is None:
            self.tracker.forget(path)
            self._waiting.pop(path, None)
            return
        why = Why.QUEUED if isinstance(judged, Sighting) else judged
        name = clean_name(os.fsencode(path.name))
        self._waiting[path] = Found(path, name, _origin(path, inbox), why, status.st_ino)
        if isinstance(judged, Sighting):
            self._handed.add(path)
            self.take(Candidate(inbox, judged))

    def _judge(self, path: Path, inbox: Path, status: os.stat_result) -> Sighting | Why | None:
        """Return the sighting of a settled document, why a file is not one, or None where it is gone by now."""
        try:
            if unwanted := _unwanted(path, inbox, status):
                return unwanted
            writers = writers_of(path)
            if writers is Writers.NONE and self._area_of(path).mount.is_remote:
                writers = Writers.UNSEEN  # a lease says nothing of who writes on another machine
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            log.debug("look failed", extra={"error": error.strerror})
            return Why.CLOSED
        if self.is_paused():
            return Why.PAUSED
        sighting = Sighting(path, status.st_ino, status.st_nlink, status.st_size, status.st_mtime_ns, writers)
        return sighting if self.tracker.is_settled(self.clock(), sighting) else _unsettled(sighting)

    def look_at_due(self) -> None:
        """Look again at every file whose time has come."""
        for path in self.tracker.due(self.clock()):
            self.look(path)

    def survey(self) -> list[Area]:
        """Read what the inboxes lie on now, and return it."""
        mounts = self.mounts()
        self._areas = [area for inbox in self.inboxes for area in areas_of(inbox, mounts)]
        return self._areas

    def _area_of(self, path: Path) -> Area:
        areas = self._areas or self.survey()
        return max(
            (area for area in areas if path.is_relative_to(area.folder)), key=lambda area: len(area.folder.parts)
        )

    def sweep(self) -> None:
        """Look at everything in every inbox, and report what waits."""
        self.survey()
        for inbox in self.inboxes:
            self.look_below(inbox)
        for path in list(self._waiting):  # a copy: the walk's threads release files meanwhile
            if not os.path.lexists(path):
                self._waiting.pop(path, None)
        self._report()

    def _report(self) -> None:
        waiting = dict(self._waiting)
        changed = [found for path, found in waiting.items() if self._reported.get(path) != found]
        gone = [path for path in self._reported if path not in waiting]
        if not (changed or gone) or self.report(changed, gone):
            self._reported = {**waiting}

    def remember(self, paths: Iterable[Path]) -> None:
        """Begin with files that an earlier start reported as waiting, so that those that are gone are told of."""
        self._reported.update(dict.fromkeys(paths))

    def look_below(self, folder: Path) -> None:
        """Look at everything in a folder (never a link to one)."""
        if not folder.is_symlink():
            for path in _files_below(folder):
                self.look(path)

    def hold(self, path: Path) -> None:
        """Leave a path alone until it is released: a document that lay there is still in work."""
        self._handed.add(path)

    def release(self, path: Path) -> None:
        """Let a path be handed over again; its file was dealt with or could not be."""
        self._waiting.pop(path, None)
        self._handed.discard(path)


def _unwanted(path: Path, inbox: Path, status: os.stat_result) -> Why | None:
    """Say why a file is not to be taken whatever becomes of it, as far as names and ``lstat`` tell."""
    if is_litter(path.name):
        return Why.LITTER
    if is_temporary(path.name) or is_in_dot_folder(path, inbox):
        return Why.TEMPORARY
    if not is_regular(status) or not _is_reached_without_links(path, inbox):
        return Why.ODD
    if not os.access(path.parent, os.W_OK | os.X_OK):
        return Why.READ_ONLY
    return None


def _unsettled(sighting: Sighting) -> Why:
    if sighting.writers is Writers.SOME:
        return Why.WRITTEN
    return Why.SETTLING if sighting.size else Why.EMPTY


def _origin(path: Path, inbox: Path) -> str:
    return "/".join(clean_name(os.fsencode(folder)) for folder in path.parent.relative_to(inbox).parts)


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
