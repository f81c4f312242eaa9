"""Which folders tell of changes, read from the mount table.

inotify sees what this kernel does to a file system, so a file that another
machine puts into a network share makes no event here. Every mount at or below
an inbox is an area of its own, local or remote.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

MOUNT_TABLE = Path("/proc/self/mountinfo")

REMOTE = frozenset({
    "9p", "afs", "ceph", "cifs", "coda", "fuse", "gfs2", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2",
    "orangefs", "prl_fs", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs",
})  # fmt: skip
"""File systems that others may write to unseen; ``fuse.*`` counts too, while ``fuseblk`` is a local disk."""

_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of the mount table (man 5 proc, "mountinfo").

    Attributes:
        point: Where it is mounted.
        kind: The file system's type.
        read_only: Whether it refuses writes.
    """

    point: Path
    kind: str
    read_only: bool

    @property
    def is_remote(self) -> bool:
        """Whether changes may come without an event."""
        return self.kind in REMOTE or self.kind.startswith("fuse.")


@dataclass(frozen=True, slots=True)
class Area:
    """A part of an inbox that lies on one mount.

    Attributes:
        folder: Its top folder.
        mount: What it lies on.
    """

    folder: Path
    mount: Mount


def read_mounts(table: Path = MOUNT_TABLE) -> list[Mount]:
    """Read the mount table as it is now."""
    return parse_mounts(table.read_text(encoding="utf-8", errors="surrogateescape"))


def parse_mounts(text: str) -> list[Mount]:
    """Parse a mount table; of several mounts on one point the last one counts, because it hides the others."""
    mounts: dict[Path, Mount] = {}
    for line in text.splitlines():
        before, separator, after = line.partition(" - ")
        fields = before.split(" ")
        if not separator or len(fields) < 6:  # noqa: PLR2004 - the sixth holds the options
            continue
        point = Path(_OCTAL.sub(lambda digits: chr(int(digits[1], 8)), fields[4]))
        mounts.pop(point, None)
        mounts[point] = Mount(point, after.split(" ")[0], "ro" in fields[5].split(","))
    return list(mounts.values())


def areas_of(inbox: Path, mounts: list[Mount]) -> list[Area]:
    """Divide an inbox by what it lies on: first the inbox itself, then each mount below it."""
    covering = [mount for mount in mounts if inbox.is_relative_to(mount.point)]
    own = max(covering, key=lambda mount: len(mount.point.parts), default=Mount(Path("/"), "unknown", read_only=False))
    below = [mount for mount in mounts if mount.point != inbox and mount.point.is_relative_to(inbox)]
    return [Area(inbox, own), *(Area(mount.point, mount) for mount in sorted(below, key=lambda mount: mount.point))]
