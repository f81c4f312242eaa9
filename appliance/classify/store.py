"""A model folder: every file is proven against the manifest before the first byte of any is parsed.

The layout is a bundle's: ``manifest.json`` and ``targets/<sha256>.<name>``, and
nothing else but the ``SHA256SUMS`` of a slot. The very bytes that were proven are handed on, so a file swapped
after the proof is never parsed. Files of other execution providers are proven
as well and then dropped.
"""

from __future__ import annotations

import hashlib
import os
import stat
from typing import TYPE_CHECKING, Protocol

from appliance.classify.errors import ModelDamagedError, ModelMissingError
from appliance.classify.manifest import LARGEST_BYTES, Manifest, Target, parse_manifest

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = "manifest.json"
TARGETS = "targets"
SUMS = "SHA256SUMS"
"""The hashes of all the files, the manifest's among them, where the box itself laid the folder out."""

_PIECE_BYTES = 1024 * 1024


class ModelFiles(Protocol):
    """A proven model, wherever its files lie: what a classifier is loaded from."""

    @property
    def manifest(self) -> Manifest:
        """What it says of itself."""
        ...

    def read(self, name: str) -> bytes:
        """Return the content of a listed file, proven."""
        ...


class ModelFolder:
    """A proven model folder.

    Args:
        folder: In the layout of a bundle.

    Raises:
        ModelMissingError: No manifest there.
        ManifestError: The manifest cannot be understood.
        ModelDamagedError: A file is missing, altered, not regular, or not listed.
    """

    def __init__(self, folder: Path) -> None:
        self.manifest: Manifest = parse_manifest(_read_manifest(folder))
        _refuse_strays(folder, self.manifest)
        self._folder = folder / TARGETS
        for target in self.manifest.targets.values():
            _prove(self._folder, target)

    def read(self, name: str) -> bytes:
        """Return the content of a listed file, proven once more as it is read.

        Raises:
            ModelDamagedError: It changed since.
        """
        return _prove(self._folder, self.manifest.targets[name], keep=True)


def _read_manifest(folder: Path) -> bytes:
    try:
        with (folder / MANIFEST).open("rb") as file:
            return file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise ModelMissingError(
            "There is no model to answer with.",
            f"{folder / MANIFEST} cannot be read: {error.strerror}.",
            "Import a bundle, or install the box again.",
        ) from error


def _refuse_strays(folder: Path, manifest: Manifest) -> None:
    """Refuse a folder in which anything lies that the manifest does not list."""
    listed = {target.stored_name for target in manifest.targets.values()}
    try:
        found = {path.name for path in (folder / TARGETS).iterdir()}
        top = {path.name for path in folder.iterdir()}
    except OSError as error:
        why = f"{folder / TARGETS} cannot be listed: {error.strerror}."
        raise ModelDamagedError(why) from error
    strays = (found - listed) | (top - {MANIFEST, TARGETS, SUMS})
    if strays:
        why = f"{min(strays)} is not listed in the manifest."
        raise ModelDamagedError(why)


def _prove(folder: Path, target: Target, *, keep: bool = False) -> bytes:
    """Compare a file's kind, size and hash with the manifest; return its content if it is to be kept."""
    digest = hashlib.sha256()
    pieces: list[bytes] = []
    size = 0
    try:
        descriptor = os.open(folder / target.stored_name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, so that no link is followed
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_size != target.size:
                why = f"{target.name} is not a regular file of {target.size} bytes."
                raise ModelDamagedError(why)
            while size <= target.size and (piece := file.read(_PIECE_BYTES)):
                digest.update(piece)
                size += len(piece)
                if keep:
                    pieces.append(piece)
    except OSError as error:
        why = f"{target.name} cannot be read: {error.strerror}."
        raise ModelDamagedError(why) from error
    if size != target.size or digest.hexdigest() != target.sha256:
        why = f"{target.name} was altered: its content does not match its hash."
        raise ModelDamagedError(why)
    return b"".join(pieces)
