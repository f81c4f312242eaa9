"""Is this bundle what a publisher this box trusts has signed? python-tuf answers; nothing is changed.

python-tuf's own updater (:mod:`appliance.updates.client`) does the verifying,
over a carrier that reads the zip: signatures and thresholds, the chain of
roots, expiry, lengths and hashes. Beside it stand only the rules of
:mod:`appliance.updates.rules`.

python-tuf's local metadata folder is fresh each time, because an error in
reading it skips the check of versions without a word; the floor is kept
elsewhere.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

from tuf.api import exceptions
from tuf.ngclient import FetcherInterface

from appliance.updates import rules
from appliance.updates.client import Client, Source
from appliance.updates.errors import (
    BundleDamagedError,
    BundleError,
    BundleExpiredError,
    BundleFormError,
    BundleTooLargeError,
    MixedError,
    UntrustedError,
)
from appliance.updates.trust import BEGINNING, LARGEST_ROOT_BYTES, parse_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from typing import IO

    from appliance.classify.manifest import Target
    from appliance.updates.archive import Archive
    from appliance.updates.trust import Trust

METADATA, TARGETS = "metadata/", "targets/"
_MEMORY_DISK = Path("/dev/shm")  # noqa: S108 - a fresh folder of a random name is made in it


@dataclass(frozen=True, slots=True)
class Verified:
    """What a bundle was proven to be.

    Attributes:
        manifest: Its bytes.
        release: Its number.
        model: Its name.
        targets: The model's other files by the name they are stored under; each hash has been checked.
        roots: Newer roots than the box knew, verified, oldest first.
        proven: When it was issued; by its signature this time has come.
        expires: Until when it may be imported.
    """

    manifest: bytes
    release: int
    model: str
    targets: Mapping[str, Target]
    roots: tuple[bytes, ...]
    proven: datetime
    expires: datetime


def verify(archive: Archive, trust: Trust, *, floor: int, now: datetime, work: Path) -> Verified:
    """Prove a bundle against what this box trusts.

    Args:
        archive: A copy that nobody else can change.
        trust: Not changed; give it ``roots`` and ``proven`` once the bundle is accepted.
        floor: The highest release accepted so far, 0 before the first.
        now: What the clock says; the newest time ever proven counts where it is later.
        work: An existing folder for a few small files, which are gone again afterwards.

    Raises:
        BundleError: Why it is refused.
        OSError: The bundle cannot be read, or ``work`` not written.
    """
    return _verify(archive, trust.known, floor, max(now.astimezone(UTC), trust.newest_time), work)


def verify_packaged(archive: Archive, root: bytes) -> Verified:
    """Prove the bundle the box came with against the root that came with it: any release, at any time.

    Works on a full or read-only disk: what python-tuf writes goes to memory where the system offers it.

    Raises:
        BundleError: Why it cannot be trusted.
        TrustError: The packaged root does not hold.
        OSError: The bundle cannot be read.
    """
    work = _MEMORY_DISK if os.access(_MEMORY_DISK, os.W_OK) else Path(tempfile.gettempdir())
    return _verify(archive, {parse_root(root).version: root}, None, BEGINNING, work)


class ArchiveFetcher(FetcherInterface):
    """Carries from a zip to python-tuf, without a copy."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._names = frozenset(archive.names)

    def _fetch(self, url: str) -> Iterator[bytes]:
        self._assert_there(url)
        return self._archive.pieces(url, self._archive.length(url))

    @contextmanager
    def download_file(self, url: str, max_length: int) -> Iterator[IO[bytes]]:
        """Open an entry.

        Raises:
            DownloadHTTPError: 404: there is none.
            DownloadLengthMismatchError: It is longer than it may be; nothing of it was read.
        """
        self._assert_there(url)
        if self._archive.length(url) > max_length:
            raise exceptions.DownloadLengthMismatchError(f"{url} has more than {max_length} bytes")
        with self._archive.open(url) as file:
            yield file

    def _assert_there(self, url: str) -> None:
        if url not in self._names:
            raise exceptions.DownloadHTTPError(f"{url} is missing", 404)


def _verify(archive: Archive, known: Mapping[int, bytes], floor: int | None, now: datetime, work: Path) -> Verified:
    layout = rules.layout_of(archive.names)
    archive.prove()
    newest = max(known)
    ours = {
        version: archive.read(rules.root_name(version), LARGEST_ROOT_BYTES) for version in range(1, layout.roots + 1)
    }
    rules.check_roots(known, ours)
    with tempfile.TemporaryDirectory(prefix="verify-", dir=work) as folder:
        client = Client(Source(ArchiveFetcher(archive), METADATA, TARGETS), known[newest], Path(folder), now)
        with _refusing(client, now):
            client.refresh()
        trusted = client.trusted
        versions = (trusted.timestamp.version, trusted.snapshot.version, trusted.targets.version)
        rules.check_metadata(trusted.root, trusted.targets, versions, layout)
        data = _manifest(client, Path(folder, rules.MANIFEST), now)
        manifest = rules.check_manifest(data, trusted.targets)
        if floor is not None:
            rules.check_release(manifest, floor)
        expires = min(trusted.timestamp.expires, trusted.snapshot.expires, trusted.targets.expires)
        proven = rules.check_issued(manifest, expires)
        with _refusing(client, now):
            for target in trusted.targets.targets.values():
                client.fetch(target, Path(os.devnull))
        roots = tuple(ours[version] for version in range(newest + 1, trusted.root.version + 1))
    return Verified(data, manifest.release, manifest.model, rules.files_of(manifest), roots, proven, expires)


def _manifest(client: Client, file: Path, now: datetime) -> bytes:
    target = rules.manifest_file(client.trusted.targets)
    with _refusing(client, now):
        client.fetch(target, file)
    return file.read_bytes()


@contextmanager
def _refusing(client: Client, now: datetime) -> Iterator[None]:
    """Turn python-tuf's refusals into the house's own."""
    try:
        yield
    except exceptions.ExpiredMetadataError as error:
        raise BundleExpiredError(_expired(client, now)) from error
    except (exceptions.RepositoryError, exceptions.DownloadError) as error:
        raise _refusal(error) from error


def _refusal(error: Exception) -> BundleError:
    said = str(error).rstrip(".")
    if isinstance(error, exceptions.UnsignedMetadataError):
        return UntrustedError(f"Too few of its signatures count: {said}.")
    if isinstance(error, exceptions.LengthOrHashMismatchError):
        return BundleDamagedError("The content of a part of it is not what was signed.")
    if isinstance(error, exceptions.DownloadLengthMismatchError):
        return BundleTooLargeError(f"A part of it is larger than was signed or is allowed: {said}.")
    if isinstance(error, (exceptions.BadVersionNumberError, exceptions.DownloadError)):
        return MixedError(f"The check of its signed metadata says: {said}.")
    return BundleFormError("Its signed metadata cannot be understood.")


def _expired(client: Client, now: datetime) -> str:
    over = [signed.expires for signed in client.trusted if signed.is_expired(now)]
    when = f"on {min(over):%Y-%m-%d}" if over else "for its list of files"
    return f"Its signatures ended {when}, and for this box it is {now:%Y-%m-%d}."
