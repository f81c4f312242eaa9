"""The states of a disk that a power cut may leave: whatever was not synced may be there or not.

A recorded walk is cut after each of its steps. Of the changes of names whose
folder was not synced since, every subset may have reached the disk (``all
subsets`` up to :data:`WHOLE` changes, seeded samples beyond), in any order
across folders and within one; data that were not synced are there, or as they
were at the last sync, or torn. Four rules hold, and no others: a rename within
one folder is one change; across folders the old name never goes before the new
one is there; a folder never goes before the names in it have gone; and a commit
of SQLite is durable when it returns. Harsher than ext4, XFS or Btrfs, which
keep names in order.
"""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.crash.recording import FOLDER, Act, Commit, Data, Name, Names, Step, Sync

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

WHOLE = 6
"""Up to so many changes pending, every subset of them is tried."""

SAMPLES = 64
"""So many subsets beyond."""

NO_INODE = 1
"""An inode that no file has."""

Key = tuple[int, int]
"""A step and one of its entries."""


@dataclass(frozen=True, slots=True)
class State:
    """A disk after a power cut.

    Attributes:
        tree: What each entry shows, by folder and name, as far as it can be reached from the top.
        texts: What each file that can be reached says.
        ledger: The number of the step that last committed.
        step: After how many steps the power went.
        acted: Whether a clerk had acted.
        in_order: Whether each folder's changes are there up to one of them and none after it.
    """

    tree: frozenset[tuple[str, str, int]]
    texts: tuple[tuple[int, str], ...]
    ledger: int
    acted: bool
    step: int = field(compare=False)
    in_order: bool = field(compare=False)


@dataclass
class Disk:
    """What is durable and what is pending after the first steps of a recording.

    Attributes:
        steps: The steps that were done when the power went.
    """

    steps: Sequence[Step]

    def __post_init__(self) -> None:
        self.durable: set[Key] = set()
        self.pending: list[Key] = []
        self.texts: dict[int, list[str]] = {}
        self.ledger = -1
        self.acted = False
        for number, step in enumerate(self.steps):
            self._take(number, step)

    def _take(self, number: int, step: Step) -> None:
        match step:
            case Names(_, durable):
                keys = [(number, index) for index in range(len(step.changes))]
                self.durable.update(keys if durable else [])
                self.pending += [] if durable else keys
            case Data(inode, text, durable):
                before = [] if durable else self.texts.get(inode, [""])
                self.texts[inode] = [*before, *([] if durable else [text[: len(text) // 2]]), text]
            case Sync(None, inode):
                self.texts[inode] = self.texts.get(inode, [""])[-1:]
            case Sync(folder, _):
                self._sync(str(folder))
            case Commit():
                self.ledger = number
            case Act():
                self.acted = True

    def _sync(self, folder: str) -> None:
        for key in [key for key in self.pending if self.folder(key) == folder]:
            self._settle(key)
        self.pending = [key for key in self.pending if key not in self.durable]

    def _settle(self, key: Key) -> None:
        """Take a change as durable, and with it those that never come later."""
        self.durable.add(key)
        for earlier in self._needed(key):
            if earlier not in self.durable:
                self._settle(earlier)

    def _needed(self, key: Key) -> list[Key]:
        """Return the pending changes without which one cannot be: a rename's new name, and what emptied a folder."""
        number, index = key
        needed = [(number, 0)] if index else []
        gone = {f"{entry.folder}/{entry.name}" for entry in self.changed(key) if entry.shows is None}
        return needed + [each for each in self.pending if each[0] < number and self.folder(each) in gone]

    def changed(self, key: Key) -> tuple[Name, ...]:
        """Return the entries of one change, all in one folder."""
        step = self.steps[key[0]]
        assert isinstance(step, Names)
        return step.changes[key[1]]

    def folder(self, key: Key) -> str:
        """Return the folder of one change."""
        return self.changed(key)[0].folder

    def states(self, chance: random.Random) -> Iterator[State]:
        """Yield every state that a power cut now may leave."""
        for kept in self._subsets(chance):
            tree = self._reached(self._tree(kept))
            seen = sorted({shows for _, _, shows in tree if shows != FOLDER})
            for texts in itertools.product(*(dict.fromkeys(self.texts.get(inode, [""])) for inode in seen)):
                said = tuple(zip(seen, texts, strict=True))
                yield State(tree, said, self.ledger, self.acted, len(self.steps), self._is_in_order(kept))

    def holds(self, inode: int) -> bool:
        """Say whether a file can be reached whatever the power cut does."""
        return any(shows == inode for _, _, shows in self._reached(self._tree(frozenset())))

    def _subsets(self, chance: random.Random) -> Iterator[frozenset[Key]]:
        if len(self.pending) <= WHOLE:
            chosen = itertools.product([False, True], repeat=len(self.pending))
        else:
            chosen = iter([tuple(chance.random() < 0.5 for _ in self.pending) for _ in range(SAMPLES)])
        for each in chosen:
            kept = frozenset(itertools.compress(self.pending, each))
            if all(needed in kept | self.durable for key in kept for needed in self._needed(key)):
                yield kept

    def _is_in_order(self, kept: frozenset[Key]) -> bool:
        missing: set[str] = set()
        for key in self.pending:
            folder = self.folder(key)
            if key in kept and folder in missing:
                return False
            missing |= set() if key in kept else {folder}
        return True

    def _tree(self, kept: frozenset[Key]) -> dict[str, dict[str, int]]:
        tree: dict[str, dict[str, int]] = {".": {}}
        for key in sorted(self.durable | kept):
            folder = tree.setdefault(self.folder(key), {})
            for entry in self.changed(key):
                if entry.shows is None:
                    folder.pop(entry.name, None)
                else:
                    folder[entry.name] = entry.shows
        return tree

    def _reached(self, tree: Mapping[str, Mapping[str, int]]) -> frozenset[tuple[str, str, int]]:
        found: set[tuple[str, str, int]] = set()
        waiting = ["."]
        while waiting:
            folder = waiting.pop()
            for name, shows in tree.get(folder, {}).items():
                found.add((folder, name, shows))
                if shows == FOLDER:
                    waiting.append(name if folder == "." else f"{folder}/{name}")
        return frozenset(found)


def build(state: State, steps: Sequence[Step], root: Path) -> None:
    """Lay out a disk state at a root, in place of what lies there."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    first: dict[int, Path] = {}
    texts = dict(state.texts)
    for folder, name, shows in sorted(state.tree, key=lambda entry: (entry[0].count("/"), entry[0], entry[1])):
        path = root / folder / name
        if shows == FOLDER:
            path.mkdir()
        elif shows in first:
            path.hardlink_to(first[shows])
        else:
            path.write_text(texts[shows])
            first[shows] = path
    if state.acted:
        (root / "acted").touch()
    commit = steps[state.ledger]
    assert isinstance(commit, Commit)
    (root / "home/var/ledger.db").write_bytes(commit.ledger)
    _renumber(root / "home/var/ledger.db", {inode: path.stat().st_ino for inode, path in first.items()})


def _renumber(ledger: Path, inodes: Mapping[int, int]) -> None:
    """Let the rows know the files by the inodes they have on this disk."""
    connection = sqlite3.connect(ledger, isolation_level=None)
    for (inode,) in connection.execute("SELECT DISTINCT inode FROM documents").fetchall():
        new = inodes.get(inode, NO_INODE)
        connection.execute("UPDATE documents SET inode = -? WHERE inode = ?", [new, inode])
    connection.execute("UPDATE documents SET inode = -inode")
    connection.close()
