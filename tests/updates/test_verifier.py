"""A good bundle is proven, by the box's clock and floor, and nothing is changed by the proof."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest
from tuf.api.exceptions import DownloadHTTPError, DownloadLengthMismatchError, ExpiredMetadataError
from tuf.ngclient import Updater

from appliance.updates.client import Client, Source
from appliance.updates.errors import BundleError, BundleExpiredError, ForeignRootError
from appliance.updates.verifier import METADATA, TARGETS, ArchiveFetcher, verify_packaged
from tests.updates.forger import EXPIRES, FILES, ISSUED, NOW, Forger, Judge, make_signer, packed, sha256

if TYPE_CHECKING:
    from pathlib import Path

    from appliance.updates.archive import Archive


def source(archive: Archive) -> Source:
    return Source(ArchiveFetcher(archive), METADATA, TARGETS)


def test_a_good_bundle_is_proven(forger: Forger, judge: Judge) -> None:
    verified = judge.verify(forger.bundle(release=3))
    assert (verified.model, verified.release, verified.roots) == ("tiny", 3, ())
    assert (verified.proven, verified.expires) == (ISSUED, EXPIRES)
    assert set(verified.targets) == {f"{sha256(data)}.{name}" for name, data in FILES.items()}
    assert sha256(verified.manifest) in "".join(forger.entries())


def test_the_release_at_the_floor_is_a_repair(forger: Forger, judge: Judge) -> None:
    assert judge.verify(forger.bundle(release=3), floor=3).release == 3


def test_newer_roots_are_handed_over_and_kept_only_when_accepted(forger: Forger, judge: Judge) -> None:
    second = forger.rotate(release=make_signer())
    assert judge.verify(forger.bundle()).roots == (second,)
    assert judge.trust.current == forger.root
    judge.accept(forger.bundle())
    assert judge.trust.current == second


def test_a_box_that_missed_many_rotations_follows_them_all(forger: Forger, judge: Judge) -> None:
    for _ in range(20):
        forger.rotate(roots=[make_signer() for _ in range(3)], release=make_signer())
    assert len(judge.accept(forger.bundle()).roots) == 20


def test_an_old_bundle_still_counts_after_a_rotation_that_kept_its_key(forger: Forger, judge: Judge) -> None:
    old = forger.bundle(release=3)
    forger.rotate(roots=[make_signer() for _ in range(3)])
    judge.accept(forger.bundle(release=3))
    assert judge.verify(old, floor=3).release == 3


def test_the_sites_own_root_replaces_the_packaged_one(forger: Forger, judge: Judge) -> None:
    own = Forger()
    judge.trust.pin(own.root, "anna")
    assert judge.verify(own.bundle()).release == 3
    with pytest.raises(ForeignRootError):
        judge.verify(forger.bundle())


def test_a_clock_that_fell_back_does_not_bring_a_bundle_back(forger: Forger, judge: Judge) -> None:
    old = Forger(forger.root_signers, forger.release_signer, expires=NOW - timedelta(days=30), roots=forger.roots)
    stale = old.bundle(manifest={"issued": (NOW - timedelta(days=60)).isoformat()})
    in_the_past = NOW - timedelta(days=40)
    assert judge.verify(stale, now=in_the_past).release == 3
    judge.accept(forger.bundle())
    with pytest.raises(BundleExpiredError):
        judge.verify(stale, now=in_the_past)


def test_a_clock_of_1970_takes_a_good_bundle(forger: Forger, judge: Judge) -> None:
    assert judge.verify(forger.bundle(), now=datetime(1970, 1, 1, tzinfo=UTC)).release == 3


def test_the_packaged_bundle_never_expires_and_knows_no_floor(forger: Forger) -> None:
    assert verify_packaged(forger.archive(release=5000), forger.root).release == 5000
    with pytest.raises(ForeignRootError):
        verify_packaged(forger.archive(), Forger().root)


def test_the_packaged_bundle_is_proven_without_a_disk(
    forger: Forger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not os.access("/dev/shm", os.W_OK):
        pytest.skip("needs /dev/shm")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    assert verify_packaged(forger.archive(), forger.root).release == 3


@pytest.mark.parametrize("seed", range(4))
def test_signed_metadata_spoilt_at_random_is_refused_in_a_sentence(forger: Forger, judge: Judge, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(60):
        entries = forger.entries()
        name = chance.choice([name for name in entries if name.startswith("metadata/")])
        data = bytearray(entries[name])
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(len(data))] = chance.choice(b'{}[]",:019aef\x00\xff ')
        if bytes(data).split() != entries[name].split():
            with pytest.raises(BundleError):
                judge.verify({**entries, name: bytes(data)})


def test_pinned_python_tuf_is_the_one_that_was_examined() -> None:
    assert version("tuf") == "7.0.1"


def test_private_name_trusted_set_holds_the_clock_and_the_metadata(forger: Forger, tmp_path: Path) -> None:
    client = Client(source(forger.archive()), forger.root, tmp_path, EXPIRES)
    assert client.trusted is client._updater._trusted_set
    assert client.trusted.root.version == 1
    with pytest.raises(ExpiredMetadataError):
        client.refresh()
    later = Client(source(forger.archive()), forger.root, tmp_path, EXPIRES - timedelta(seconds=1))
    later.refresh()
    assert {signed.type for signed in later.trusted} == {"root", "timestamp", "snapshot", "targets"}


def test_python_tuf_still_skips_the_version_check_on_a_local_error(forger: Forger, tmp_path: Path) -> None:
    """Why the folder is fresh and the floor kept elsewhere."""
    Client(source(forger.archive(release=9)), forger.root, tmp_path, NOW).refresh()
    for name in ("timestamp.json", "snapshot.json", "targets.json"):
        (tmp_path / name).unlink()
        (tmp_path / name).mkdir()
    old = Updater(str(tmp_path), "metadata/", fetcher=ArchiveFetcher(forger.archive(release=3)), bootstrap=forger.root)
    old._trusted_set.reference_time = NOW
    with pytest.raises(IsADirectoryError):
        old.refresh()
    assert old._trusted_set.timestamp.version == 3


def test_the_carrier_refuses_before_it_reads(forger: Forger) -> None:
    fetcher = ArchiveFetcher(forger.archive())
    with pytest.raises(DownloadHTTPError) as missing:
        fetcher.fetch("metadata/2.root.json")
    assert missing.value.status_code == 404
    with pytest.raises(DownloadHTTPError):
        fetcher.download_bytes("metadata/2.root.json", 100)
    with pytest.raises(DownloadLengthMismatchError):
        fetcher.download_bytes("metadata/1.root.json", 10)
    assert b"".join(fetcher.fetch("metadata/1.root.json")) == forger.root


def test_a_bundle_that_the_disk_does_not_give_is_no_refusal(forger: Forger, judge: Judge) -> None:
    from appliance.updates.archive import Archive
    from appliance.updates.verifier import verify

    class Failing(type(__import__("io").BytesIO())):  # type: ignore[misc]
        broken = False

        def read(self, size: int | None = -1) -> bytes:
            if self.broken:
                raise OSError(5, "Input/output error")
            return super().read(size)

    file = Failing(packed(forger.entries()))
    archive = Archive(file)
    file.broken = True
    with pytest.raises(OSError, match="Input/output"):
        verify(archive, judge.trust, floor=2, now=NOW, work=judge.folder)


def test_a_date_far_ahead_locks_later_bundles_out_until_the_root_is_pinned_again(forger: Forger, judge: Judge) -> None:
    far = Forger(forger.root_signers, forger.release_signer, expires=NOW.replace(year=2099), roots=forger.roots)
    judge.accept(far.bundle(manifest={"issued": NOW.replace(year=2098).isoformat()}))
    with pytest.raises(BundleExpiredError, match="2098"):
        judge.verify(forger.bundle())
    judge.trust.pin(forger.root, "anna")
    assert judge.verify(forger.bundle()).release == 3
