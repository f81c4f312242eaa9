"""What a USB stick offers: bundles that lie at its top, each looked at where it lies and none believed.

A stick is mounted read-only by the system and looked at by a user of its own,
without a network (``installer/``). Showing an offer changes nothing; importing
copies the bundle first and proves the copy.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.errors import ApplianceError
from appliance.names import clean_name
from appliance.updates.archive import Archive, open_bundle
from appliance.updates.verifier import verify

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from appliance.updates.trust import Trust

SUFFIX = ".bundle"
MOST_OFFERS = 32
MOST_LOOKED_AT = 10_000
"""Names looked at in one folder; a stick may hold any number."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A bundle on a stick.

    Attributes:
        path: Where it lies.
        size: In bytes.
        model: Id of its model, where it is one this box would take; else None.
        said: One sentence for the admin.
    """

    path: Path
    size: int
    model: str | None
    said: str

    @property
    def shown(self) -> str:
        """Its path as a terminal may show it."""
        return "/".join(clean_name(os.fsencode(part)) for part in str(self.path).split("/"))

    def as_dict(self) -> dict[str, object]:
        """Return it as JSON; the path is what the file system calls it."""
        path = os.fsencode(self.path).decode(errors="backslashreplace")
        return {"path": path, "size": self.size, "model": self.model, "said": self.said}


def offers(folders: Iterable[Path], trust: Trust, floor: int) -> list[Offer]:
    """Look at the bundles in folders and in those directly below them; links are not followed.

    Args:
        folders: Mounted sticks, or the folder they are mounted in.
        trust: Whose bundles this box takes.
        floor: The highest release accepted so far.
    """
    found = (path for folder in folders for path in _bundles(folder))
    return [_looked_at(path, trust, floor) for path, _ in zip(found, range(MOST_OFFERS), strict=False)]


def _bundles(folder: Path, depth: int = 1) -> Iterator[Path]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted((entry for entry, _ in zip(listing, range(MOST_LOOKED_AT), strict=False)), key=_name)
    except OSError:  # a stick that was pulled out offers nothing
        return
    for entry in entries:
        if entry.is_file(follow_symlinks=False) and entry.name.endswith(SUFFIX):
            yield Path(entry.path)
    for entry in entries:
        if depth and entry.is_dir(follow_symlinks=False):
            yield from _bundles(Path(entry.path), depth - 1)


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _looked_at(path: Path, trust: Trust, floor: int) -> Offer:
    size = 0
    try:
        with open_bundle(path) as file, Archive(file) as archive, tempfile.TemporaryDirectory() as work:
            size = os.fstat(file.fileno()).st_size
            found = verify(archive, trust, floor=floor, now=datetime.now(UTC), work=Path(work))
    except ApplianceError as error:
        return Offer(path, size, None, f"{error.what} {error.why}")
    except OSError as error:
        return Offer(path, size, None, f"It cannot be read: {error.strerror}.")
    model = f"{found.model} {found.release}"
    said = f"{model}, signed as it should be; `appliance model import` proves it on this box."
    return Offer(path, size, model, said)
