"""python-tuf's updater with this box's carrier, clock and limits: the one place that touches it.

The public conformance suite drives this module too, over loopback
(``tests/updates/conformance.py``). Learnt of python-tuf 7.0.1, and held by
tests: a trusted root is always given as ``bootstrap``, or a root lying in the
folder would be believed; its clock is set from outside
(``_trusted_set.reference_time``, the one private name used).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuf.ngclient import Updater, UpdaterConfig

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from tuf.api.metadata import TargetFile
    from tuf.ngclient import FetcherInterface

LIMITS = UpdaterConfig(
    max_root_rotations=32,
    max_delegations=0,
    root_max_length=64 * 1024,
    timestamp_max_length=16 * 1024,
    snapshot_max_length=16 * 1024,
    targets_max_length=256 * 1024,
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a repository is.

    Attributes:
        fetcher: Brings what is asked for; raises ``DownloadHTTPError`` with 404 for what is not there.
        metadata: Before the name of each metadata file, in the fetcher's words.
        targets: Before the name of each target.
    """

    fetcher: FetcherInterface
    metadata: str
    targets: str


class Client:
    """python-tuf's updater, with a carrier, a clock and limits of this box.

    Args:
        source: Of what is to be verified.
        root: Trusted; everything follows from it.
        folder: For python-tuf's local metadata. A box gives an empty one.
        now: The reference time.
        limits: Of lengths and numbers.
    """

    def __init__(
        self, source: Source, root: bytes, folder: Path, now: datetime, limits: UpdaterConfig = LIMITS
    ) -> None:
        self._updater = Updater(
            str(folder),
            source.metadata,
            target_base_url=source.targets,
            fetcher=source.fetcher,
            config=limits,
            bootstrap=root,
        )
        self.trusted = self._updater._trusted_set  # noqa: SLF001 - python-tuf has no other way to set its clock
        self.trusted.reference_time = now

    def refresh(self) -> None:
        """Verify root, timestamp, snapshot and targets; raises python-tuf's own errors."""
        self._updater.refresh()

    def find(self, name: str) -> TargetFile | None:
        """Return what is signed of a target, after a refresh if there was none; None where nothing is."""
        return self._updater.get_targetinfo(name)

    def fetch(self, target: TargetFile, file: Path) -> None:
        """Prove a target's length and hashes and then write it; raises python-tuf's own errors."""
        self._updater.download_target(target, str(file))

    def has(self, target: TargetFile, file: Path) -> bool:
        """Say whether a file is what is signed of a target."""
        return self._updater.find_cached_target(target, str(file)) is not None
