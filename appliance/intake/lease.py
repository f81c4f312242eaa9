"""Whether anybody still has a file open for writing, asked of the kernel by a read lease.

``F_SETLEASE`` with ``F_RDLCK`` is refused with EAGAIN while any descriptor is
open for writing (man 2 fcntl, "Leases"); it takes about 11 microseconds. It
needs the file's owner or CAP_LEASE, so EACCES means "cannot be seen".
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
from enum import Enum
from typing import TYPE_CHECKING

from appliance.files import open_regular

if TYPE_CHECKING:
    from pathlib import Path

_F_SETSIG = 10  # linux/fcntl.h; the fcntl module does not name it
_BLOCKED = (errno.EAGAIN, errno.EBUSY)


class Writers(Enum):
    """Who has a file open for writing."""

    NONE = "none"
    SOME = "some"
    UNSEEN = "unseen"


def writers_of(path: Path) -> Writers:
    """Say whether a file is still being written.

    Returns:
        ``UNSEEN`` where the kernel or the file system does not tell.

    Raises:
        OSError: The file cannot be opened for reading.
    """
    descriptor = open_regular(path)
    try:
        return _probe(descriptor)
    finally:
        os.close(descriptor)


def _probe(descriptor: int) -> Writers:
    try:
        # A writer arriving now is told of the lease by this signal; SIGURG is ignored unless somebody asks for it.
        fcntl.fcntl(descriptor, _F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return Writers.SOME if error.errno in _BLOCKED else Writers.UNSEEN
    fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return Writers.NONE
