"""A key was lost, or stolen: what the publisher does, and what a box then believes. The steps stand in docs/keys.md."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from appliance.errors import ApplianceError, UsageError
from appliance.updates.errors import ForeignRootError, ReplayError, UntrustedError
from tests.updates.forger import Judge
from tests.workbench.test_bundle import WORDS, call, keys, made, model, root_of

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["keys", "model"]

NOW = datetime.now(UTC)


@pytest.fixture
def box(tmp_path: Path, keys: Path, model: Path) -> Judge:
    """A box that pinned the first root and has accepted release 3."""
    judge = Judge(tmp_path, root_of(keys))
    judge.accept(made(model, keys, tmp_path / "first").read_bytes(), floor=0, now=NOW)
    return judge


def rotate(keys: Path, *options: object) -> None:
    call("rotate-root", keys / "public", *options, "--passphrase-stdin")


def signed_by(release: Path, keys: Path, model: Path, out: Path, number: int) -> bytes:
    """A bundle of the newest roots, signed with the release key of a folder."""
    out.mkdir()
    call("make", model, "--roots", keys / "public", "--out", out, "--release", number)
    [path] = out.glob("*.bundle")
    call("sign", path, "--key", release, "--passphrase-stdin")
    return path.read_bytes()


def test_a_stolen_release_key_is_worth_nothing_once_the_next_bundle_is_in(
    box: Judge, keys: Path, model: Path, tmp_path: Path
) -> None:
    stolen = made(model, keys, tmp_path / "stolen", "--release", 4).read_bytes()
    rotate(keys, "--key", keys / "root-1", "--key", keys / "root-2", "--replace", "release", keys / "release-2")
    assert box.verify(stolen, floor=3, now=NOW).release == 4
    box.accept(signed_by(keys / "release-2", keys, model, tmp_path / "next", 5), floor=3, now=NOW)
    with pytest.raises(UntrustedError):
        box.verify(stolen, floor=3, now=NOW)


def test_a_thief_cannot_lift_the_floor_out_of_reach(box: Judge, keys: Path, model: Path, tmp_path: Path) -> None:
    stolen = made(model, keys, tmp_path / "stolen", "--release", 1003).read_bytes()
    assert box.accept(stolen, floor=3, now=NOW).release == 1003
    rotate(keys, "--key", keys / "root-1", "--key", keys / "root-2", "--replace", "release", keys / "release-2")
    assert box.accept(signed_by(keys / "release-2", keys, model, tmp_path / "n", 1004), floor=1003, now=NOW).release


def test_a_lost_release_key_is_replaced_by_two_root_keys(box: Judge, keys: Path, model: Path, tmp_path: Path) -> None:
    (keys / "release" / "private.pem").unlink()
    rotate(keys, "--key", keys / "root-2", "--key", keys / "root-3", "--replace", "release", keys / "release-2")
    data = signed_by(keys / "release-2", keys, model, tmp_path / "next", 4)
    assert box.accept(data, floor=3, now=NOW).release == 4


@pytest.mark.parametrize("lost", ["root-1", "root-2", "root-3"])
def test_a_lost_root_key_is_replaced_by_the_other_two(
    box: Judge, keys: Path, model: Path, tmp_path: Path, lost: str
) -> None:
    (keys / lost / "private.pem").unlink()
    kept = [keys / name for name in ("root-1", "root-2", "root-3") if name != lost]
    rotate(keys, "--key", kept[0], "--key", kept[1], "--replace", lost, keys / "new")
    box.accept(made(model, keys, tmp_path / "next", "--release", 4).read_bytes(), floor=3, now=NOW)
    rotate(keys, "--key", keys / "new", "--key", kept[1], "--replace", "release", keys / "release-2")
    data = signed_by(keys / "release-2", keys, model, tmp_path / "after", 5)
    assert box.accept(data, floor=4, now=NOW).release == 5


def test_a_lost_root_key_counts_no_more_once_it_is_replaced(keys: Path) -> None:
    rotate(keys, "--key", keys / "root-1", "--key", keys / "root-3", "--replace", "root-2", keys / "new")
    with pytest.raises(ApplianceError, match="1/2"):
        rotate(keys, "--key", keys / "root-1", "--key", keys / "root-2")


def test_one_root_key_alone_changes_nothing(keys: Path) -> None:
    with pytest.raises(ApplianceError, match="would not be believed"):
        rotate(keys, "--key", keys / "root-1", "--replace", "release", keys / "release-2")
    assert not (keys / "public" / "2.root.json").exists()
    assert not (keys / "release-2").exists()


def test_two_lost_root_keys_need_a_new_ceremony_and_a_new_pin(box: Judge, model: Path, tmp_path: Path) -> None:
    call("ceremony", tmp_path / "anew", "--passphrase-stdin")
    data = made(model, tmp_path / "anew", tmp_path / "next", "--release", 4).read_bytes()
    with pytest.raises(ForeignRootError):
        box.verify(data, floor=3, now=NOW)
    box.trust.pin(root_of(tmp_path / "anew"), "anna")
    assert box.accept(data, floor=3, now=NOW).release == 4


def test_a_root_that_is_about_to_expire_is_given_more_time(box: Judge, keys: Path, model: Path, tmp_path: Path) -> None:
    rotate(keys, "--key", keys / "root-1", "--key", keys / "root-2", "--days", 5000)
    box.accept(made(model, keys, tmp_path / "next", "--release", 4).read_bytes(), floor=3, now=NOW)
    assert box.trust.described()["version"] == 2


def test_a_bundle_made_before_a_rotation_is_not_a_way_back(box: Judge, keys: Path, model: Path, tmp_path: Path) -> None:
    before = (tmp_path / "first" / "tiny-3.bundle").read_bytes()
    rotate(keys, "--key", keys / "root-1", "--key", keys / "root-2", "--replace", "release", keys / "release-2")
    box.accept(signed_by(keys / "release-2", keys, model, tmp_path / "next", 4), floor=3, now=NOW)
    with pytest.raises((UntrustedError, ReplayError)):
        box.verify(before, floor=4, now=NOW)


def test_an_unknown_name_is_told_with_the_names_there_are(keys: Path) -> None:
    with pytest.raises(UsageError, match="release, root-1, root-2, root-3"):
        rotate(keys, "--key", keys / "root-1", "--key", keys / "root-2", "--replace", "root-9", keys / "new")


def test_a_missing_root_file_is_told(keys: Path, model: Path, tmp_path: Path) -> None:
    rotate(keys, "--key", keys / "root-1", "--key", keys / "root-2")
    (keys / "public" / "1.root.json").unlink()
    with pytest.raises(UsageError, match=r"each from 1\.root\.json on"):
        call("make", model, "--roots", keys / "public", "--out", tmp_path, lines=WORDS)
