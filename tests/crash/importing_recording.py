"""Records by what steps the models of a box change, each file and folder by a number, and ends an act at any step.

As :mod:`tests.crash.recording`, for whole trees of binary files: a folder that
is renamed keeps its number, and so what lies in it.
"""

from __future__ import annotations

import io
import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from appliance.ledger import Ledger
from tests.crash.importing import MODELS
from tests.crash.recording import Act, Commit, Data, Name, Names, Step, Sync
from tests.fakes import PowerCut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

LEDGER = "home/var/ledger.db"
UNTRACKED = (f"{MODELS}/staging/import", f"{MODELS}/lock", LEDGER)


class Recorder:
    """Writes down the steps below a root while it is entered, files and folders by a number of their own.

    Args:
        root: Where the box lies.
        stop: After how many steps the process is killed.
    """

    def __init__(self, root: Path, stop: int | None = None) -> None:
        self.root, self.stop = root.resolve(), stop
        self.steps: list[Step] = []
        self._numbers: dict[int, int] = {}
        self._said: dict[int, str] = {}
        self._watched: dict[int, tuple[int, Path]] = {}
        self._find()
        self.found = len(self.steps)

    def __enter__(self) -> Self:
        self._kept = {name: getattr(os, name) for name in _WRAPPED}
        self._open, self._writing = io.open, Ledger._writing
        for name, wrap in _WRAPPED.items():
            setattr(os, name, wrap(self, self._kept[name]))
        io.open = self._opened  # type: ignore[assignment]
        Ledger._writing = self._transaction(self._writing)  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        for name, call in self._kept.items():
            setattr(os, name, call)
        io.open, Ledger._writing = self._open, self._writing  # type: ignore[method-assign]

    def done(self) -> None:
        """Write down that the act has returned."""
        self.steps.append(Act(0))

    def about_to(self) -> None:
        """Be asked before every step; from the moment of the kill on there is no other."""
        if self.stop is not None and len(self.steps) - self.found >= self.stop:
            raise PowerCut
        for inode, (number, path) in list(self._watched.items()):
            with suppress(FileNotFoundError), self._open(path, "rb") as file:
                text = file.read().decode("latin-1")
                if os.fstat(file.fileno()).st_ino == inode and self._said.get(number) != text:
                    self._said[number] = text
                    self.steps.append(Data(number, text))

    def names(self, *entries: Name | None) -> None:
        """Write down a change of names, as far as it is one of the models'."""
        tracked = tuple(entry for entry in entries if entry is not None)
        if tracked:
            self.steps.append(Names(tracked))

    def entry(self, path: Path, shows: int | None) -> Name | None:
        """Return an entry of a folder, or None where nobody asks."""
        below = os.path.relpath(path, self.root)
        if below.startswith(UNTRACKED):
            return None
        return Name(self._folder(path.parent), path.name, shows)

    def shown(self, path: Path, *, new: bool = False) -> int:
        """Return what an entry shows: a file's number, or a folder's below 0."""
        status = path.lstat()
        if new or status.st_ino not in self._numbers:
            self._numbers[status.st_ino] = len(self._numbers) + len(self.steps) + 2
        number = self._numbers[status.st_ino]
        return -number if stat.S_ISDIR(status.st_mode) else number

    def synced(self, descriptor: int) -> None:
        """Write down a sync."""
        number = self._numbers.get(os.fstat(descriptor).st_ino)
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            self.steps.append(Sync(self._folder(path), 0))
        elif number is not None:
            self.steps.append(Sync(None, number))

    def _folder(self, path: Path) -> str:
        return "." if path == self.root else str(self._numbers.get(path.stat().st_ino))

    def _find(self) -> None:
        """Take what lies there as durable."""
        for at, folders, names in os.walk(self.root):
            for name in [*folders, *names]:
                path = Path(at, name)
                shows = self.shown(path, new=True)
                self.steps.append(Names((Name(self._folder(Path(at)), name, shows),), durable=True))
                if shows > 0 and str(path.relative_to(self.root)) != LEDGER:
                    self.steps.append(Data(shows, path.read_bytes().decode("latin-1"), durable=True))
        self.steps.append(Commit((self.root / LEDGER).read_bytes(), frozenset()))

    def _opened(self, path: Any, mode: str = "r", *rest: Any, **named: Any) -> Any:
        if not (isinstance(path, Path) and set(mode) & set("wax+")):
            return self._open(path, mode, *rest, **named)
        self.about_to()
        is_new = not os.path.lexists(path)
        file = self._open(path, mode, *rest, **named)
        number = self.shown(path, new=is_new)
        entry = self.entry(path, number)
        if entry is not None:
            self._watched[os.fstat(file.fileno()).st_ino] = (number, path)
            self.names(*([entry] if is_new else []))
        return file

    def _transaction(self, writing: Callable[[Ledger], Any]) -> Callable[[Ledger], Any]:
        @contextmanager
        def recorded(ledger: Ledger) -> Iterator[str]:
            self.about_to()
            with writing(ledger) as at:
                yield at
            self.steps.append(Commit(ledger._db.conn.serialize(), frozenset()))

        return recorded


def _at(path: Any, dir_fd: int | None) -> Path:
    return Path(path) if dir_fd is None else Path(f"/proc/self/fd/{dir_fd}").readlink() / os.fsdecode(path)


def _moving(recorder: Recorder, call: Callable[..., None]) -> Callable[..., None]:
    def moved(source: Any, target: Any) -> None:
        recorder.about_to()
        before = recorder.entry(Path(source), None)
        call(source, target)
        recorder.names(recorder.entry(Path(target), recorder.shown(Path(target))), before)

    return moved


def _removing(recorder: Recorder, call: Callable[..., None]) -> Callable[..., None]:
    def removed(path: Any, *, dir_fd: int | None = None) -> None:
        recorder.about_to()
        entry = recorder.entry(_at(path, dir_fd), None)
        call(path, dir_fd=dir_fd)
        recorder.names(entry)

    return removed


def _making(recorder: Recorder, call: Callable[..., None]) -> Callable[..., None]:
    def made(path: Any, *mode: int) -> None:
        recorder.about_to()
        call(path, *mode)
        recorder.names(recorder.entry(Path(path), recorder.shown(Path(path), new=True)))

    return made


def _syncing(recorder: Recorder, call: Callable[[int], None]) -> Callable[[int], None]:
    def synced(descriptor: int) -> None:
        recorder.about_to()
        call(descriptor)
        recorder.synced(descriptor)

    return synced


_WRAPPED: dict[str, Callable[[Recorder, Callable[..., Any]], Callable[..., Any]]] = {
    "rename": _moving,
    "replace": _moving,
    "unlink": _removing,
    "rmdir": _removing,
    "mkdir": _making,
    "fsync": _syncing,
}
