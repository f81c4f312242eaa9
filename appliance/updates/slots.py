"""Slots: whole models on the disk, each in a folder of its own that is never changed again.

A slot appears in one step, by a rename of a folder in which everything is
durable, and disappears in one. It is hash-listed: ``SHA256SUMS`` names every
file, the manifest among them, in the form ``sha256sum --check`` reads. A
broken one is put aside with a note of why, never deleted.

``slots/NNNN/``, ``staging/`` for what is not whole yet, ``quarantine/``. A
number is not used twice.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import stat
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from appliance.classify import ModelDamagedError
from appliance.classify.manifest import LARGEST_BYTES, Manifest, parse_manifest
from appliance.classify.store import MANIFEST, SUMS, TARGETS
from appliance.files import fsync_folder, make_folder, open_regular, sha256_of, write_whole
from appliance.updates.pointer import Pointer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path
    from typing import NoReturn

_NAME = re.compile(r"[0-9]{4,9}")
_STORED = re.compile(r"([0-9a-f]{64})\.[a-z0-9][a-z0-9._-]{0,63}")
_LINE = re.compile(rf"([0-9a-f]{{64}})  ({re.escape(MANIFEST)}|{TARGETS}/[0-9a-z._-]+)")


class SlotBrokenError(ModelDamagedError):
    """A slot does not hold what was laid into it: a file is missing, altered, not regular, or too many."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One model on the disk.

    Attributes:
        name: Its number, at least four digits.
        folder: In the layout of a model folder, with its ``SHA256SUMS``.
    """

    name: str
    folder: Path

    def manifest(self) -> Manifest:
        """Return what the model says of itself.

        Raises:
            SlotBrokenError: The manifest is not the one that was laid there.
            ManifestError: It cannot be understood.
            OSError: It cannot be read.
        """
        with _telling_broken(self):
            data = _read(self.folder / MANIFEST, LARGEST_BYTES)
            if hashlib.sha256(data).hexdigest() != self._listed().get(MANIFEST):
                raise SlotBrokenError(f"The manifest of slot {self.name} was altered.")
        return parse_manifest(data)

    def prove(self) -> None:
        """Hold every file against its hash.

        Raises:
            SlotBrokenError: One is missing, altered, not regular, or not listed.
            OSError: One cannot be read; that says nothing of what it holds.
        """
        with _telling_broken(self):
            listed = self._listed()
            found = {
                os.path.relpath(os.path.join(at, name), self.folder)  # noqa: PTH118 - strings, as os.walk gives them
                for at, folders, names in os.walk(self.folder, onerror=_raise)
                for name in [*names, *(each for each in folders if each != TARGETS)]
            }
            strays = found - listed.keys() - {SUMS}
            if strays:
                raise SlotBrokenError(f"{min(strays)} in slot {self.name} is not listed.")
            for name, digest in listed.items():
                if _digest(self.folder / name) != digest:
                    raise SlotBrokenError(f"{name} in slot {self.name} was altered.")

    def _listed(self) -> dict[str, str]:
        lines = _read(self.folder / SUMS, LARGEST_BYTES).decode(errors="replace").splitlines()
        matched = [_LINE.fullmatch(line) for line in lines]
        listed = {line[2]: line[1] for line in matched if line}
        if len(listed) != len(lines) or MANIFEST not in listed:
            raise SlotBrokenError(f"{SUMS} in slot {self.name} cannot be understood.")
        return listed


class Slots:
    """The slots of one box.

    Args:
        folder: Below which they lie; made when something is first kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "slots"
        self.staging = folder / "staging"
        self.aside = folder / "quarantine"
        self._pointer = Pointer(folder)

    def all(self) -> list[Slot]:
        """Return every slot, whole or not, the oldest first.

        Raises:
            OSError: They cannot be listed.
        """
        return [Slot(f"{number:04d}", self.folder / f"{number:04d}") for number in _numbers(self.folder)]

    def get(self, name: str) -> Slot | None:
        """Return one slot, or None where there is none of that name."""
        return next((slot for slot in self.all() if slot.name == name), None)

    def add(self, manifest: bytes, files: Iterable[tuple[str, Iterator[bytes]]]) -> Slot:
        """Lay a model into a slot of its own: whole and durable when this returns, or not there at all.

        One import at a time may call this.

        Args:
            manifest: Its bytes.
            files: Each file's stored name, ``<sha256>.<name>``, and its content in pieces.

        Raises:
            ModelDamagedError: A file is not what its name says, or has a name that no file of a model has.
            PointerError: The pointer cannot be understood, so no number is known to be free.
            OSError: The disk refused.
        """
        make_folder(self.folder)
        make_folder(self.staging)
        slot = self._next()
        work = self.staging / f"{slot.name}.{secrets.token_hex(4)}"
        try:
            _lay_out(work, manifest, files)
            work.rename(slot.folder)
        except BaseException:
            with suppress(OSError):  # the next import empties staging
                shutil.rmtree(work)
            raise
        try:
            fsync_folder(self.folder)
        except OSError:
            with suppress(OSError):  # what stays is whole, and nothing names it
                self.discard(slot)
            raise
        return slot

    def quarantine(self, slot: Slot, why: str) -> None:
        """Put a slot aside with a note of why; it is evidence, and never used again.

        Raises:
            OSError: It could not be moved; then it is where it was.
        """
        make_folder(self.aside)
        note = {"slot": slot.name, "why": why, "at": datetime.now(UTC).isoformat(timespec="seconds")}
        with suppress(OSError):  # on a full disk the slot goes aside all the same, and the log has the reason
            write_whole(self.aside / f"{slot.name}.json", (json.dumps(note) + "\n").encode())
        slot.folder.rename(self.aside / slot.name)
        fsync_folder(self.aside)
        fsync_folder(self.folder)

    def discard(self, slot: Slot) -> None:
        """Remove a slot that nothing refers to: in one step for whoever looks, then file by file.

        Raises:
            OSError: It could not be removed; it is then where it was, or in staging.
        """
        make_folder(self.staging)
        gone = self.staging / f"{slot.name}.gone.{secrets.token_hex(4)}"
        slot.folder.rename(gone)
        fsync_folder(self.staging)
        fsync_folder(self.folder)
        shutil.rmtree(gone)

    def prune(self, keep: int, referenced: Collection[str]) -> list[str]:
        """Remove the oldest slots.

        Args:
            keep: How many of the newest stay.
            referenced: Names of slots that stay however old they are.

        Returns:
            The names of those that went.

        Raises:
            OSError: One could not be removed.
        """
        old = self.all()[:-keep] if keep else self.all()
        gone = [slot for slot in old if slot.name not in referenced]
        for slot in gone:
            self.discard(slot)
        return [slot.name for slot in gone]

    def settle(self) -> None:
        """Make durable which slots there are, as whoever moved one may have been killed before the sync.

        Raises:
            OSError: The disk refused.
        """
        for folder in (self.folder, self.aside):
            with suppress(FileNotFoundError):
                fsync_folder(folder)

    def clear_staging(self) -> None:
        """Empty the staging folder of what an earlier import left; only while no other import is under way.

        Raises:
            OSError: Something could not be removed.
        """
        make_folder(self.staging)
        self.settle()
        for left in self.staging.iterdir():
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left)
            else:
                left.unlink()

    def _next(self) -> Slot:
        """Name a slot that never was: not on the disk, not aside, not known to the pointer."""
        known = [int(name) for name in self._pointer.read().proven]
        number = max([0, *_numbers(self.folder), *_numbers(self.aside), *known]) + 1
        return Slot(f"{number:04d}", self.folder / f"{number:04d}")


def _lay_out(work: Path, manifest: bytes, files: Iterable[tuple[str, Iterator[bytes]]]) -> None:
    """Write a slot's files; every one, and every name, is durable when this returns."""
    (work / TARGETS).mkdir(parents=True)
    listed = {MANIFEST: _write(work / MANIFEST, iter([manifest]))}
    for name, pieces in files:
        named = _STORED.fullmatch(name)
        if named is None:
            raise ModelDamagedError(f"{name[:80]!r} is no name of a model's file.")
        listed[f"{TARGETS}/{name}"] = _write(work / TARGETS / name, pieces)
        if listed[f"{TARGETS}/{name}"] != named[1]:
            raise ModelDamagedError(f"The content of {name} does not match its hash.")
    lines = [f"{digest}  {name}\n" for name, digest in sorted(listed.items())]
    _write(work / SUMS, iter(["".join(lines).encode()]))
    fsync_folder(work / TARGETS)
    fsync_folder(work)


def _write(path: Path, pieces: Iterator[bytes]) -> str:
    """Write a file that nobody may write again and return its SHA-256; durable when this returns."""
    digest = hashlib.sha256()
    with path.open("xb") as file:
        for piece in pieces:
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fchmod(file.fileno(), 0o444)
        os.fsync(file.fileno())
    return digest.hexdigest()


def _numbers(folder: Path) -> list[int]:
    try:
        names = [path.name for path in folder.iterdir() if _NAME.fullmatch(path.name)]
    except FileNotFoundError:
        return []
    return sorted(int(name) for name in names if name == f"{int(name):04d}")


@contextmanager
def _telling_broken(slot: Slot) -> Iterator[None]:
    """Tell a file that is not there, or is no file, from a disk that does not answer."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EISDIR, errno.ENXIO):
            raise
        name = os.path.basename(error.filename or slot.name)  # noqa: PTH119 - text or bytes, as the error has it
        why = f"{name} in slot {slot.name} is missing or not a regular file."
        raise SlotBrokenError(why) from error


def _raise(error: OSError) -> NoReturn:
    raise error


def _read(path: Path, most: int) -> bytes:
    descriptor = _opened(path)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, so that no link is followed
        return file.read(most + 1)


def _digest(path: Path) -> str:
    descriptor = _opened(path)
    try:
        return sha256_of(descriptor)
    finally:
        os.close(descriptor)


def _opened(path: Path) -> int:
    descriptor = open_regular(path)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise SlotBrokenError(f"{path.name} is not a regular file.")
    return descriptor
