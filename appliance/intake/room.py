"""Whether the disk has room for another document; without it intake pauses, says so, and goes on by itself."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""How long one look at the disk counts."""


@dataclass(slots=True)
class Room:
    """Watches the free space of one folder's disk.

    Attributes:
        folder: A folder on the disk.
        reserve_bytes: Less than this is too little.
        clock: Seconds that never go back.
    """

    folder: Path
    reserve_bytes: int
    clock: Callable[[], float]
    _short: bool = False
    _looked: float = float("-inf")

    def is_short(self) -> bool:
        """Say whether there is too little room; a change is logged once."""
        now = self.clock()
        if now - self._looked >= LOOK_SECONDS:
            self._looked = now
            free = shutil.disk_usage(self.folder).free
            short = free < self.reserve_bytes
            if short and not self._short:
                log.error("the disk is full: intake pauses, files stay in the inbox", extra={"free": free})
            elif self._short and not short:
                log.warning("the disk has room again: intake goes on", extra={"free": free})
            self._short = short
        return self._short
