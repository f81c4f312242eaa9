"""Small predicates on names and files: ``assert_…`` refuses to start, ``is_…`` judges a file.

A file is judged by ``lstat``, never ``stat``: links, FIFOs, sockets and devices
are never followed or opened. What remains: a folder inside the inbox that is
swapped for a link between two looks is caught by comparing inodes at the claim,
not here.
"""

from __future__ import annotations

import fnmatch
import stat
from typing import TYPE_CHECKING

from appliance.errors import UsageError

if TYPE_CHECKING:
    import os
    from pathlib import Path

TEMPORARY = ("~$*", ".~lock*", "*.tmp", "*.part", "*.filepart", "*.crdownload")
"""Names that programs give to files they have not finished; they wait. So does every other dot file."""

LITTER = frozenset({"thumbs.db", "desktop.ini", ".ds_store"})
"""What file managers leave behind; it is left alone."""


class InboxError(UsageError):
    """An inbox that cannot be watched safely."""


def is_litter(name: str) -> bool:
    """Say whether a file manager left this behind."""
    return name.lower() in LITTER or name.startswith("._")


def is_temporary(name: str) -> bool:
    """Say whether a name is one that programs give to unfinished files."""
    lowered = name.lower()
    return name.startswith(".") or any(fnmatch.fnmatchcase(lowered, pattern) for pattern in TEMPORARY)


def is_in_dot_folder(path: Path, inbox: Path) -> bool:
    """Say whether a file lies in a dot folder of an inbox: there other programs keep what is their own."""
    return any(folder.startswith(".") for folder in path.parent.relative_to(inbox).parts)


def is_regular(status: os.stat_result) -> bool:
    """Say whether an ``lstat`` shows a plain file."""
    return stat.S_ISREG(status.st_mode)


def assert_inbox_apart(inbox: Path, var: Path) -> None:
    """Refuse an inbox that holds, or lies in, the folder the box files into.

    Raises:
        InboxError: The box would file into its own inbox, again and again.
    """
    real_inbox, real_var = inbox.resolve(), var.resolve()
    if real_inbox.is_relative_to(real_var) or real_var.is_relative_to(real_inbox):
        raise InboxError(
            f"The inbox {inbox} and the box's own folder {var} overlap.",
            "What is filed would arrive again.",
            "Set `inboxes` in appliance.toml to a folder apart from it.",
        )


def assert_inbox_usable(inbox: Path) -> None:
    """Refuse an inbox that is not a folder.

    Raises:
        InboxError: It exists and is something else.
    """
    if not inbox.is_dir():
        raise InboxError(
            f"The inbox {inbox} is not a folder.",
            "Something else has that name.",
            "Remove it, or set `inboxes` in appliance.toml to another folder.",
        )
