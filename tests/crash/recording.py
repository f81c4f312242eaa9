"""Records what a walk does to names, data and ledger, in order, with each sync; and ends it after any step.

While a :class:`Recorder` is entered, the functions of ``os`` through which the
appliance (and ``pathlib``) changes the disk, ``io.open`` and the ledger's
transactions pass through it. Paths are kept below the root, files by their
inode. A commit of SQLite is one step that is durable when it returns: that is
SQLite's own promise with ``synchronous=FULL``, and taken as given here.
"""

from __future__ import annotations

import io
import os
import sqlite3
import stat
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from appliance import files
from appliance.ledger import Ledger
from tests.crash.walker import act_once
from tests.fakes import NO_DISK, PowerCut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

    from tests.crash.scenarios import Scenario

FOLDER = -1
"""Stands for a folder where a file's inode would stand."""

UNTRACKED = NO_DISK | {"lock", "acted"}


@dataclass(frozen=True, slots=True)
class Name:
    """One entry of one folder: what it shows now, or None where it is gone."""

    folder: str
    name: str
    shows: int | None


@dataclass(frozen=True, slots=True)
class Names:
    """A change of names: one entry, or a rename's two, the new one first."""

    entries: tuple[Name, ...]
    durable: bool = False

    @property
    def changes(self) -> list[tuple[Name, ...]]:
        """The entries that reach the disk together: those in one folder."""
        folders = dict.fromkeys(entry.folder for entry in self.entries)
        return [tuple(entry for entry in self.entries if entry.folder == folder) for folder in folders]


@dataclass(frozen=True, slots=True)
class Data:
    """What a file says from now on."""

    inode: int
    text: str
    durable: bool = False


@dataclass(frozen=True, slots=True)
class Sync:
    """The names of a folder, or the data of a file, are durable."""

    folder: str | None
    inode: int


@dataclass(frozen=True, slots=True)
class Commit:
    """The ledger as it stands, whole and durable, and the inodes of the documents it says are decided."""

    ledger: bytes = field(repr=False)
    decided: frozenset[int]


@dataclass(frozen=True, slots=True)
class Act:
    """A clerk has acted, by so many steps before this one; durable, because it is another machine's."""

    size: int


Step = Names | Data | Sync | Commit | Act


class Recorder:
    """Writes down the steps under one root while it is entered.

    Args:
        root: Where the box's home lies.
        steps: What was recorded before, to go on from.
        stop: After how many steps the process is killed.
    """

    def __init__(self, root: Path, steps: list[Step], stop: int | None = None) -> None:
        self.root, self.steps, self._stop = root.resolve(), steps, stop
        self._said = {step.inode: step.text for step in steps if isinstance(step, Data)}
        self._watched: dict[int, str] = {}
        self._by_clerk = False

    def __enter__(self) -> Self:
        self._kept = {name: getattr(os, name) for name in _WRAPPED}
        self._open, self._libc, self._writing = io.open, files._LIBC, Ledger._writing
        for name, wrap in _WRAPPED.items():
            setattr(os, name, wrap(self, self._kept[name]))
        io.open = self._opened  # type: ignore[assignment]
        files._LIBC = self  # type: ignore[assignment]  # has the one function that is called
        Ledger._writing = self._transaction(self._writing)  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        for name, call in self._kept.items():
            setattr(os, name, call)
        io.open, files._LIBC = self._open, self._libc
        Ledger._writing = self._writing  # type: ignore[method-assign]

    def act(self, root: Path, scenario: Scenario) -> None:
        """Let a clerk act here and now: the names are durable at once, the data of a file are not."""
        self._by_clerk = True
        before = len(self.steps)
        act_once(root, scenario)
        self.look_at_data()
        self._by_clerk = False
        self._add(Act(len(self.steps) - before))

    def renameat2(self, _from: int, source: bytes, _to: int, target: bytes, flags: int) -> int:
        """Stand in for the C library's."""
        self.about_to()
        code = int(self._libc.renameat2(_from, source, _to, target, flags))
        if code == 0:
            self.names(_moved(self, source, target))
        return code

    def about_to(self) -> None:
        """Be asked before every step; from the moment of the kill on there is no other."""
        if self._stop is not None and len(self.steps) >= self._stop and not self._by_clerk:
            raise PowerCut
        self.look_at_data()

    def look_at_data(self) -> None:
        """Write down what has been written into the files that were opened for it."""
        for inode, path in list(self._watched.items()):
            try:
                with self._open(path, "rb") as file:
                    text = file.read().decode()
                    now = os.fstat(file.fileno()).st_ino
            except FileNotFoundError:
                continue
            if now == inode and self._said.get(inode) != text:
                self._said[inode] = text
                self._add(Data(inode, text, durable=self._by_clerk and "/var/filed/" in path))

    def names(self, entries: tuple[Name, ...]) -> None:
        """Write down a change of names."""
        tracked = tuple(entry for entry in entries if entry.folder.startswith("home") and entry.name not in UNTRACKED)
        if tracked:
            self._add(Names(tracked, self._by_clerk))

    def synced(self, descriptor: int) -> None:
        """Write down a sync."""
        status = os.fstat(descriptor)
        path = str(Path(f"/proc/self/fd/{descriptor}").readlink())
        folder = self.below(path) if stat.S_ISDIR(status.st_mode) else None
        self._add(Sync(folder, FOLDER if folder else status.st_ino))

    def below(self, path: Any) -> str:
        """Return a path below the root, as it is written down; its last component is not followed."""
        told = Path(os.fsdecode(path))
        return os.path.relpath(told.parent.resolve() / told.name, self.root)

    def _add(self, step: Step) -> None:
        self.steps.append(step)

    def _opened(self, path: Any, mode: str = "r", *rest: Any, **named: Any) -> Any:
        writes = isinstance(path, str | bytes | os.PathLike) and set(mode) & set("wax+")
        is_new = writes and not os.path.lexists(path)
        if writes:
            self.about_to()
        file = self._open(path, mode, *rest, **named)
        if writes:
            inode = os.fstat(file.fileno()).st_ino
            self._watched[inode] = os.fspath(path)
            if is_new:
                self.names((_entry(self, path, inode),))
                self._said.pop(inode, None)
            self.look_at_data()
        return file

    def _transaction(self, writing: Callable[[Ledger], Any]) -> Callable[[Ledger], Any]:
        @contextmanager
        def recorded(ledger: Ledger) -> Iterator[str]:
            self.about_to()
            with writing(ledger) as at:
                yield at
            self._add(_committed(ledger._db.conn))

        return recorded


def _committed(connection: sqlite3.Connection) -> Commit:
    decided = connection.execute("SELECT inode FROM documents WHERE sha256 IS NOT NULL").fetchall()
    return Commit(connection.serialize(), frozenset(inode for (inode,) in decided))


def _entry(recorder: Recorder, path: Any, shows: int | None) -> Name:
    folder, _, name = recorder.below(path).rpartition("/")
    return Name(folder, name, shows)


def _moved(recorder: Recorder, source: Any, target: Any) -> tuple[Name, ...]:
    inode = Path(os.fsdecode(target)).lstat().st_ino
    return _entry(recorder, target, inode), _entry(recorder, source, None)


def _wrap(told: Callable[..., tuple[Name, ...]]) -> Callable[[Recorder, Callable[..., Any]], Callable[..., Any]]:
    """Make a wrapper of a function that changes names, given what it has changed once it has."""

    def wrap(recorder: Recorder, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*paths: Any, **named: Any) -> None:
            recorder.about_to()
            call(*paths, **named)
            recorder.names(told(recorder, *paths))

        return wrapped

    return wrap


def _linked(recorder: Recorder, _source: Any, target: Any) -> tuple[Name, ...]:
    return (_entry(recorder, target, Path(target).lstat().st_ino),)


def _gone(recorder: Recorder, path: Any) -> tuple[Name, ...]:
    return (_entry(recorder, path, None),)


def _made(recorder: Recorder, path: Any, *_: int) -> tuple[Name, ...]:
    return (_entry(recorder, path, FOLDER),)


def _wrap_sync(recorder: Recorder, call: Callable[[int], None]) -> Callable[[int], None]:
    def synced(descriptor: int) -> None:
        recorder.about_to()
        call(descriptor)
        recorder.synced(descriptor)

    return synced


_WRAPPED: dict[str, Callable[[Recorder, Callable[..., Any]], Callable[..., Any]]] = {
    "link": _wrap(_linked),
    "unlink": _wrap(_gone),
    "remove": _wrap(_gone),
    "mkdir": _wrap(_made),
    "rmdir": _wrap(_gone),
    "rename": _wrap(_moved),
    "replace": _wrap(_moved),
    "fsync": _wrap_sync,
    "fdatasync": _wrap_sync,
}


def as_found(root: Path) -> list[Step]:
    """Return the steps that lead to a root as it lies there: its names durable, what its inbox says not yet."""
    steps: list[Step] = []
    for at, folders, names in os.walk(root):
        below = os.path.relpath(at, root)
        steps += [Names((Name(below, name, FOLDER),), durable=True) for name in sorted(folders)]
        for name in sorted(set(names) - UNTRACKED):
            path = Path(at, name)
            inode = path.lstat().st_ino
            steps += [Names((Name(below, name, inode),), durable=True)]
            steps += [Data(inode, path.read_text(), durable=below != "home/inbox")]
    connection = sqlite3.connect(root / "home/var/ledger.db")
    steps.append(_committed(connection))
    connection.close()
    return steps
