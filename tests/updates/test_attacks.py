"""Every attack that TUF names, and some of our own: refused by name, in a sentence, with nothing changed.

The attacks: theupdateframework.io/security, and the specification, section 1.5.2.
:class:`tests.updates.forger.Judge` holds that a refusal leaves every file as it was.
"""

from __future__ import annotations

import io
import random
import tracemalloc
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tuf.api.metadata import DelegatedRole, Delegations, MetaFile, TargetFile

from appliance.errors import ApplianceError
from appliance.updates.archive import Archive
from appliance.updates.errors import (
    BundleDamagedError,
    BundleError,
    BundleExpiredError,
    BundleFormError,
    BundleTimeError,
    BundleTooLargeError,
    ForeignRootError,
    JumpError,
    MixedError,
    ReplayError,
    TrustError,
    UntrustedError,
)
from appliance.updates.verifier import verify
from tests.updates.forger import EXPIRES, FILES, NOW, Forger, Judge, make_signer, packed, sha256, signed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuf.api.metadata import Snapshot, Targets, Timestamp

LATER = timedelta(days=400)


def test_tampering_with_a_model_file(forger: Forger, judge: Judge) -> None:
    entries = forger.entries()
    name = next(name for name in entries if name.endswith(".model.onnx"))
    with pytest.raises(BundleDamagedError):
        judge.verify({**entries, name: b"not a grapH"})


def test_tampering_with_a_model_file_and_its_name(forger: Forger, judge: Judge) -> None:
    entries = forger.entries()
    del entries[f"targets/{sha256(FILES['model.onnx'])}.model.onnx"]
    entries[f"targets/{sha256(b'evil')}.model.onnx"] = b"evil"
    with pytest.raises(MixedError, match=r"model\.onnx"):
        judge.verify(entries)


@pytest.mark.parametrize("role", ["timestamp", "3.snapshot", "3.targets"])
def test_tampering_with_metadata(forger: Forger, judge: Judge, role: str) -> None:
    entries = forger.entries()
    name = f"metadata/{role}.json"
    with pytest.raises(BundleError):
        judge.verify({**entries, name: entries[name].replace(b'"2027-', b'"2037-')})


def test_sixty_damaged_copies(forger: Forger, judge: Judge) -> None:
    chance, good = random.Random(60), forger.bundle()
    for number in range(60):
        bad = bytearray(good)
        if number % 3 == 0:
            bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
        elif number % 3 == 1:
            del bad[chance.randrange(len(bad)) :]
        else:
            bad += chance.randbytes(chance.randrange(1, 5000))
        with pytest.raises(BundleError):
            judge.verify(bytes(bad))


def test_truncation_of_a_model_file(forger: Forger, judge: Judge) -> None:
    entries = forger.entries()
    name = next(name for name in entries if name.endswith(".tokenizer.json"))
    with pytest.raises(BundleDamagedError):
        judge.verify({**entries, name: entries[name][:-1]})


def test_endless_stream(forger: Forger, judge: Judge) -> None:
    """A part that is longer than was signed is not read to its end."""
    entries = forger.entries()
    name = next(name for name in entries if name.endswith(".model.onnx"))
    with pytest.raises(BundleTooLargeError):
        judge.verify({**entries, name: entries[name] + bytes(10_000_000)})


@pytest.mark.parametrize("role", ["1.root", "timestamp", "3.snapshot", "3.targets"])
def test_endless_metadata(forger: Forger, judge: Judge, role: str) -> None:
    with pytest.raises(BundleTooLargeError):
        judge.verify({**forger.entries(), f"metadata/{role}.json": b"{" + b" " * 1_000_000})


def test_a_bundle_of_any_size_takes_the_same_memory(forger: Forger, judge: Judge) -> None:
    peaks = []
    for size in (1 << 20, 1 << 25):
        data = forger.bundle(files={**FILES, "big.bin": bytes(size)})
        tracemalloc.start()
        judge_archive = Archive(io.BytesIO(data))
        verify(judge_archive, judge.trust, floor=2, now=NOW, work=judge.folder)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + (4 << 20)


def test_json_that_is_nested_without_end(forger: Forger, judge: Judge) -> None:
    with pytest.raises(BundleFormError):
        judge.verify({**forger.entries(), "metadata/timestamp.json": b"[" * 16_000})


def test_replay_of_an_older_release(forger: Forger, judge: Judge) -> None:
    with pytest.raises(ReplayError, match="release 4"):
        judge.verify(forger.bundle(release=3), floor=4)


def test_freeze_at_an_expired_bundle(forger: Forger, judge: Judge) -> None:
    with pytest.raises(BundleExpiredError, match="2027-11-28"):
        judge.verify(forger.bundle(), now=EXPIRES)
    assert judge.verify(forger.bundle(), now=EXPIRES - timedelta(seconds=1)).release == 3


@pytest.mark.parametrize("role", ["targets", "snapshot", "timestamp"])
def test_freeze_of_one_role(forger: Forger, judge: Judge, role: str) -> None:
    def age(content: Any) -> None:
        content.expires = NOW

    with pytest.raises(BundleExpiredError):
        judge.verify(forger.bundle(on={role: age}))


def test_freeze_at_an_expired_root(forger: Forger, judge: Judge) -> None:
    fresh = Forger(forger.root_signers, forger.release_signer, expires=NOW + 2 * LATER, roots=forger.roots)
    with pytest.raises(BundleExpiredError):
        judge.verify(fresh.bundle(), now=EXPIRES)


def test_mix_and_match_of_two_releases(forger: Forger, judge: Judge) -> None:
    old, new = forger.entries(release=3), forger.entries(release=4, files={**FILES, "model.onnx": b"other"})
    for name in [name for name in old.keys() & new.keys() if old[name] != new[name]]:
        with pytest.raises(BundleError):
            judge.verify({**new, name: old[name]})
    for role in ("snapshot", "targets"):
        mixed = {name: data for name, data in new.items() if role not in name}
        with pytest.raises(BundleError):
            judge.verify({**mixed, f"metadata/3.{role}.json": old[f"metadata/3.{role}.json"]})
        with pytest.raises(BundleError):
            judge.verify({**mixed, f"metadata/4.{role}.json": old[f"metadata/3.{role}.json"]})


def test_mix_and_match_of_two_signings_of_one_release(forger: Forger, judge: Judge) -> None:
    one = forger.entries()
    two = forger.entries(files={**FILES, "model.onnx": b"other"})
    for name in ("metadata/timestamp.json", "metadata/3.snapshot.json", "metadata/3.targets.json"):
        with pytest.raises(BundleError):
            judge.verify({**one, name: two[name]})


def test_a_manifest_that_says_another_release_than_was_signed(forger: Forger, judge: Judge) -> None:
    with pytest.raises(MixedError, match="release 3"):
        judge.verify(forger.bundle(release=3, version=4))


def test_a_timestamp_of_another_release(forger: Forger, judge: Judge) -> None:
    def count(timestamp: Timestamp) -> None:
        timestamp.version = 4

    with pytest.raises(MixedError, match="4, 3, 3"):
        judge.verify(forger.bundle(on={"timestamp": count}))


def test_a_manifest_that_lists_other_files_than_were_signed(forger: Forger, judge: Judge) -> None:
    manifest = {"files": [{"name": name, "sha256": "0" * 64, "size": 1} for name in FILES]}
    with pytest.raises(MixedError):
        judge.verify(forger.bundle(manifest=manifest))


def test_no_manifest(forger: Forger, judge: Judge) -> None:
    entries = {"metadata/1.root.json": forger.root} | forger.metadata(FILES, 3, {})
    with pytest.raises(MixedError, match="manifest"):
        judge.verify(entries | {f"targets/{sha256(data)}.{name}": data for name, data in FILES.items()})


def test_a_manifest_that_is_none(forger: Forger, judge: Judge) -> None:
    for data in (b"", b"nonsense", b"[]", b'{"format": 99}', b"[" * 100_000):
        content = {**FILES, "manifest.json": data}
        entries = {"metadata/1.root.json": forger.root} | forger.metadata(content, 3, {})
        with pytest.raises(MixedError):
            judge.verify(entries | {f"targets/{sha256(each)}.{name}": each for name, each in content.items()})


def test_a_stowaway_that_nobody_signed(forger: Forger, judge: Judge) -> None:
    with pytest.raises(MixedError, match=r"evil\.sh"):
        judge.verify({**forger.entries(), f"targets/{sha256(b'evil')}.evil.sh": b"evil"})


@pytest.mark.parametrize("name", ["metadata/2.targets.json", "metadata/evil.json", "metadata/0.root.json", "targets/x"])
def test_a_stowaway_of_another_kind(forger: Forger, judge: Judge, name: str) -> None:
    with pytest.raises((BundleFormError, MixedError)):
        judge.verify({**forger.entries(), name: b"{}"})


def test_a_file_that_was_signed_and_left_out(forger: Forger, judge: Judge) -> None:
    for name in forger.entries():
        entries = forger.entries()
        del entries[name]
        with pytest.raises(BundleError):
            judge.verify(entries)


def test_wrong_release_key(forger: Forger, judge: Judge) -> None:
    thief = Forger(forger.root_signers, roots=forger.roots)
    with pytest.raises(UntrustedError, match="0/1"):
        judge.verify(thief.bundle())


def test_wrong_publisher(judge: Judge) -> None:
    with pytest.raises(ForeignRootError):
        judge.verify(Forger().bundle())


def test_a_root_key_signing_for_the_release_key(forger: Forger, judge: Judge) -> None:
    thief = Forger(forger.root_signers, forger.root_signers[0], roots=forger.roots)
    with pytest.raises(UntrustedError):
        judge.verify(thief.bundle())


def test_no_signatures_at_all(forger: Forger, judge: Judge) -> None:
    entries = forger.entries()
    for name in [name for name in entries if name.startswith("metadata/") and "root" not in name]:
        start, _, rest = entries[name].partition(b'"signatures":[')
        with pytest.raises(BundleError):
            judge.verify({**entries, name: start + b'"signatures":[' + rest[rest.index(b"]") :]})


def test_threshold_one_short(forger: Forger, judge: Judge) -> None:
    forger.rotate(release=make_signer(), by=forger.root_signers[:1])
    with pytest.raises(UntrustedError, match="1/2"):
        judge.verify(forger.bundle())


def test_one_root_key_signing_twice(forger: Forger, judge: Judge) -> None:
    twice = forger.rotate(release=make_signer(), by=forger.root_signers[:1])
    start, _, rest = twice.partition(b'"signatures":[')
    one = rest[: rest.index(b"]")]
    forger.roots[-1] = start + b'"signatures":[' + one + b"," + one + rest[rest.index(b"]") :]
    with pytest.raises(BundleError):
        judge.verify(forger.bundle())


def test_new_root_keys_that_the_old_ones_did_not_sign(forger: Forger, judge: Judge) -> None:
    thieves = [make_signer() for _ in range(3)]
    forger.rotate(roots=thieves, by=thieves)
    with pytest.raises(UntrustedError):
        judge.verify(forger.bundle())


def test_new_root_keys_that_did_not_sign_themselves(forger: Forger, judge: Judge) -> None:
    forger.rotate(roots=[make_signer() for _ in range(3)], by=list(forger.root_signers))
    with pytest.raises(UntrustedError):
        judge.verify(forger.bundle())


def test_a_root_that_lowers_its_own_threshold_to_one(forger: Forger, judge: Judge) -> None:
    forger.threshold = 1
    forger.rotate()
    with pytest.raises(UntrustedError, match="single key"):
        judge.verify(forger.bundle())


def test_a_stale_root_and_the_key_that_was_rotated_away(forger: Forger, judge: Judge) -> None:
    stolen = Forger(forger.root_signers, forger.release_signer, roots=[forger.root])
    forger.rotate(release=make_signer())
    judge.accept(forger.bundle(release=3))
    with pytest.raises(UntrustedError):
        judge.verify(stolen.bundle(release=4), floor=3)


def test_another_root_under_a_known_version(forger: Forger, judge: Judge) -> None:
    twin = Forger(forger.root_signers, forger.release_signer, roots=[forger.root])
    forger.rotate(release=make_signer())
    judge.accept(forger.bundle())
    twin.rotate(release=make_signer())
    with pytest.raises(ForeignRootError):
        judge.verify(twin.bundle())


def test_version_jump_of_the_root(forger: Forger, judge: Judge) -> None:
    forger.roots.append(signed(forger.make_root(3), *forger.root_signers))
    with pytest.raises(MixedError):
        judge.verify(forger.bundle())
    entries = forger.entries()
    entries["metadata/3.root.json"] = entries.pop("metadata/2.root.json")
    with pytest.raises(BundleFormError):
        judge.verify(entries)


def test_version_jump_of_the_release(forger: Forger, judge: Judge) -> None:
    with pytest.raises(JumpError):
        judge.verify(forger.bundle(release=900_000_000), floor=3)
    assert judge.verify(forger.bundle(release=1003), floor=3).release == 1003


def test_a_release_that_asks_for_one_that_was_skipped(forger: Forger, judge: Judge) -> None:
    with pytest.raises(JumpError, match="release 5"):
        judge.verify(forger.bundle(release=6, manifest={"min_release": 5}), floor=4)


@pytest.mark.parametrize("value", [-1, "5", True, 1.5, None])
def test_a_release_that_asks_for_nonsense(forger: Forger, judge: Judge, value: object) -> None:
    with pytest.raises(MixedError):
        judge.verify(forger.bundle(manifest={"min_release": value}))


@pytest.mark.parametrize("issued", [None, 3, "", "yesterday", "2026-11-27", "2026-11-27T00:00:00"])
def test_a_bundle_that_does_not_say_when_it_was_issued(forger: Forger, judge: Judge, issued: object) -> None:
    with pytest.raises(BundleTimeError):
        judge.verify(forger.bundle(manifest={"issued": issued}))


def test_an_issue_after_the_expiry_that_would_lock_the_clock(forger: Forger, judge: Judge) -> None:
    with pytest.raises(BundleTimeError):
        judge.verify(forger.bundle(manifest={"issued": (EXPIRES + LATER).isoformat()}))


def test_signing_handed_on_to_others(forger: Forger, judge: Judge) -> None:
    def hand_on(targets: Targets) -> None:
        key = make_signer().public_key
        role = DelegatedRole("others", [key.keyid], 1, terminating=False, paths=["*"])
        targets.delegations = Delegations({key.keyid: key}, {"others": role})

    with pytest.raises(MixedError, match="hands part"):
        judge.verify(forger.bundle(on={"targets": hand_on}))


@pytest.mark.parametrize("path", ["../../evil", "/etc/passwd", "a/b", "..", "A.onnx", "a\x00b", ""])
def test_a_signed_path_that_leads_elsewhere(forger: Forger, judge: Judge, path: str) -> None:
    def lead(targets: Targets) -> None:
        targets.targets[path] = TargetFile.from_data(path, b"evil", ["sha256"])

    with pytest.raises(MixedError):
        judge.verify(forger.bundle(on={"targets": lead}))


def test_a_path_that_is_signed_under_another_name(forger: Forger, judge: Judge) -> None:
    def swap(targets: Targets) -> None:
        one, two = targets.targets["model.onnx"], targets.targets["tokenizer.json"]
        targets.targets["model.onnx"], targets.targets["tokenizer.json"] = two, one

    with pytest.raises(BundleError):
        judge.verify(forger.bundle(on={"targets": swap}))


def test_a_hash_that_is_no_longer_trusted(forger: Forger, judge: Judge) -> None:
    def weaken(targets: Targets) -> None:
        targets.targets["model.onnx"] = TargetFile.from_data("model.onnx", FILES["model.onnx"], ["md5"])

    with pytest.raises(BundleError):
        judge.verify(forger.bundle(on={"targets": weaken}))


def test_a_length_that_was_signed_wrongly(forger: Forger, judge: Judge) -> None:
    for off in (-1, 1, 10**12):

        def lengthen(targets: Targets, off: int = off) -> None:
            targets.targets["model.onnx"].length += off

        with pytest.raises(BundleError):
            judge.verify(forger.bundle(on={"targets": lengthen}))


def test_a_timestamp_that_points_to_another_snapshot(forger: Forger, judge: Judge) -> None:
    def point(timestamp: Timestamp) -> None:
        timestamp.snapshot_meta = MetaFile(4)

    with pytest.raises(MixedError):
        judge.verify(forger.bundle(on={"timestamp": point}))


def test_a_snapshot_that_points_to_no_targets(forger: Forger, judge: Judge) -> None:
    def forget(snapshot: Snapshot) -> None:
        snapshot.meta = {"other.json": MetaFile(3)}

    with pytest.raises(BundleError):
        judge.verify(forger.bundle(on={"snapshot": forget}))


def test_an_unversioned_repository(forger: Forger, judge: Judge) -> None:
    root = forger.make_root(2)
    root.consistent_snapshot = False
    forger.roots.append(signed(root, *forger.root_signers))
    with pytest.raises(MixedError):
        judge.verify(forger.bundle())


def test_trust_that_was_spoilt_is_never_taken_for_none(forger: Forger, judge: Judge) -> None:
    judge.accept(forger.bundle())
    (judge.folder / "trust" / "trust.json").write_bytes(b"")
    with pytest.raises(TrustError):
        judge.verify(forger.bundle())


@pytest.mark.parametrize("hostile", ["\x1b[2J", "\u202e", "\n", "a" * 10_000])
def test_a_refusal_shows_nothing_that_could_turn_a_terminal(forger: Forger, judge: Judge, hostile: str) -> None:
    bends: list[Callable[[], bytes]] = [
        lambda: forger.bundle(manifest={"format": hostile}),
        lambda: forger.bundle(manifest={"model": hostile}),
        lambda: forger.bundle(on={"targets": lambda targets: setattr(targets, "spec_version", hostile)}),
    ]
    for bend in bends:
        with pytest.raises(ApplianceError) as refused:
            judge.verify(bend())
        assert str(refused.value).isprintable()
        assert len(str(refused.value)) < 1000


def test_each_refusal_is_three_sentences(forger: Forger, judge: Judge) -> None:
    bad = packed(replace(forger).entries())[:-1]
    with pytest.raises(BundleFormError) as refused:
        judge.verify(bad)
    assert all(part.endswith(".") for part in (refused.value.what, refused.value.why, refused.value.remedy))
