"""One box at a time for one root, held by ``flock`` for as long as the process lives."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from appliance.errors import ApplianceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class AlreadyRunningError(ApplianceError):
    """Another box works on this root."""


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold the lock file; the kernel lets go of it however the process ends, and no child inherits it.

    Raises:
        AlreadyRunningError: Somebody else holds it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "unknown"
            raise AlreadyRunningError(
                f"The box is already running on {path.parent.parent}.",
                f"Process {holder} holds it.",
                "Stop that one first, or choose another root with APPLIANCE_HOME.",
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
