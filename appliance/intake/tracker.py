"""When a file has settled: a pure machine that is told what was seen and when.

It never looks at a disk or a clock, so every rule of settling is a line in a
table of its tests.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from appliance.intake.lease import Writers

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one look at a file showed.

    Attributes:
        path: Absolute path.
        inode: Its inode.
        links: How many names it has.
        size: Bytes.
        modified_ns: Its modification time.
        writers: Who has it open for writing.
    """

    path: Path
    inode: int
    links: int
    size: int
    modified_ns: int
    writers: Writers


@dataclass(frozen=True, slots=True)
class _Waiting:
    sighting: Sighting
    since: float
    look_again: float


@dataclass(slots=True)
class Tracker:
    """Remembers unsettled files and says when each may be taken.

    Attributes:
        settle_seconds: How long a file must stay unchanged where writers cannot be seen.
        empty_seconds: How long an empty file must stay so: copies often begin with one.
    """

    settle_seconds: float
    empty_seconds: float
    _waiting: dict[Path, _Waiting] = field(default_factory=dict)

    def is_settled(self, now: float, sighting: Sighting) -> bool:
        """Take note of a sighting and say whether the file may be taken now.

        Args:
            now: Seconds on a clock that never goes back.
            sighting: What was seen.
        """
        before = self._waiting.get(sighting.path)
        unchanged = before is not None and _same(before.sighting, sighting)
        since = before.since if before is not None and unchanged else now
        if self._may_be_taken(sighting, now - since):
            self._waiting.pop(sighting.path, None)
            return True
        patience = self.empty_seconds if sighting.size == 0 else self.settle_seconds
        look_again = since + patience if since + patience > now else now + self.settle_seconds
        self._waiting[sighting.path] = _Waiting(sighting, since, look_again)
        return False

    def _may_be_taken(self, sighting: Sighting, unchanged_for: float) -> bool:
        if sighting.writers is Writers.SOME:
            return False
        if sighting.size == 0:
            return unchanged_for >= self.empty_seconds
        return sighting.writers is Writers.NONE or unchanged_for >= self.settle_seconds

    def forget(self, path: Path) -> None:
        """Drop a file that is gone."""
        self._waiting.pop(path, None)

    def due(self, now: float) -> list[Path]:
        """Return the files that are worth another look."""
        return [path for path, waiting in self._waiting.items() if waiting.look_again <= now]

    def next_look(self) -> float | None:
        """Return when the next file is due, or None when none waits."""
        return min((waiting.look_again for waiting in self._waiting.values()), default=None)

    def will_settle_by_itself(self) -> bool:
        """Say whether some waiting file needs no more than the settle time."""
        return any(
            waiting.sighting.writers is Writers.UNSEEN and waiting.sighting.size > 0
            for waiting in self._waiting.values()
        )


def _same(one: Sighting, other: Sighting) -> bool:
    return (one.inode, one.size, one.modified_ns) == (other.inode, other.size, other.modified_ns)
