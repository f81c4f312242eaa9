"""Whom the box trusts is one file, replaced whole, and proven whenever it is read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from appliance.updates.errors import TrustError
from appliance.updates.house import House
from appliance.updates.trust import BEGINNING, Trust, _dumped, fingerprint, pin_root
from tests.updates.forger import NOW, Forger, make_signer, signed

if TYPE_CHECKING:
    from pathlib import Path


def test_the_packaged_root_serves_until_the_site_pins_its_own(tmp_path: Path, forger: Forger) -> None:
    trust, own = Trust(tmp_path, forger.root), Forger()
    assert (trust.root, trust.is_packaged, trust.newest_time) == (forger.root, True, BEGINNING)
    trust.pin(own.root, "anna")
    again = Trust(tmp_path, Forger().root)
    assert (again.root, again.is_packaged) == (own.root, False)
    assert again.described()["pinned"]["by"] == "anna"
    assert again.described()["root"] == fingerprint(own.root)


def test_accepted_roots_and_times_are_kept(tmp_path: Path, forger: Forger) -> None:
    second, third = forger.rotate(release=make_signer()), forger.rotate(roots=[make_signer() for _ in range(3)])
    trust = Trust(tmp_path, forger.root)
    trust.accept([second, third], NOW)
    again = Trust(tmp_path, forger.root)
    assert again.known == {1: forger.root, 2: second, 3: third}
    assert (again.current, again.newest_time) == (third, NOW)


def test_accepting_twice_is_accepting_once(tmp_path: Path, forger: Forger) -> None:
    second = forger.rotate(release=make_signer())
    for _ in range(2):
        Trust(tmp_path, forger.root).accept([second], NOW)
    assert Trust(tmp_path, forger.root).known == {1: forger.root, 2: second}


def test_time_never_goes_back(tmp_path: Path, forger: Forger) -> None:
    trust = Trust(tmp_path, forger.root)
    trust.accept([], NOW)
    trust.accept([], NOW.replace(year=2020))
    assert Trust(tmp_path, forger.root).newest_time == NOW


def test_pinning_forgets_the_roots_and_the_time_of_the_one_before(tmp_path: Path, forger: Forger) -> None:
    trust, own = Trust(tmp_path, forger.root), Forger()
    trust.accept([forger.rotate(release=make_signer())], NOW)
    trust.pin(own.root, "anna")
    again = Trust(tmp_path, forger.root)
    assert (again.known, again.newest_time) == ({1: own.root}, BEGINNING)


def test_another_packaged_root_does_not_inherit_what_followed_the_old(tmp_path: Path, forger: Forger) -> None:
    Trust(tmp_path, forger.root).accept([forger.rotate(release=make_signer())], NOW)
    other = Forger()
    assert Trust(tmp_path, other.root).known == {1: other.root}


def test_a_root_that_does_not_follow_is_not_kept(tmp_path: Path, forger: Forger) -> None:
    trust, stranger = Trust(tmp_path, forger.root), Forger()
    with pytest.raises(TrustError):
        trust.accept([stranger.rotate(release=make_signer())], NOW)
    assert (trust.known, list(tmp_path.iterdir())) == ({1: forger.root}, [])


@pytest.mark.parametrize("data", [b"", b"{}", b"[" * 100_000, b"{" + b" " * 70_000 + b"}"])
def test_what_is_no_root_is_not_pinned(tmp_path: Path, forger: Forger, data: bytes) -> None:
    with pytest.raises(TrustError):
        Trust(tmp_path, forger.root).pin(data, "anna")
    assert list(tmp_path.iterdir()) == []


def test_signed_metadata_of_another_kind_is_not_pinned(tmp_path: Path, forger: Forger) -> None:
    with pytest.raises(TrustError):
        Trust(tmp_path, forger.root).pin(forger.entries()["metadata/timestamp.json"], "anna")


def test_a_root_with_too_few_signatures_is_not_pinned(tmp_path: Path, forger: Forger) -> None:
    alone = signed(forger.make_root(1), forger.root_signers[0])
    with pytest.raises(TrustError, match="1/2"):
        Trust(tmp_path, forger.root).pin(alone, "anna")


def test_a_root_that_a_single_key_could_change_is_not_pinned(tmp_path: Path, forger: Forger) -> None:
    with pytest.raises(TrustError, match="single key"):
        Trust(tmp_path, forger.root).pin(Forger(threshold=1).root, "anna")


@pytest.mark.parametrize("spoil", ["", "{}", "[]", "nonsense", '{"pinned": 3}'])
def test_a_spoilt_file_is_told_and_never_passed_over(tmp_path: Path, forger: Forger, spoil: str) -> None:
    Trust(tmp_path, forger.root).accept([], NOW)
    (tmp_path / "trust.json").write_text(spoil)
    with pytest.raises(TrustError):
        Trust(tmp_path, forger.root)


def test_every_altered_byte_of_the_file_is_told(tmp_path: Path, forger: Forger) -> None:
    Trust(tmp_path, forger.root).accept([forger.rotate(release=make_signer())], NOW)
    good = (tmp_path / "trust.json").read_bytes()
    for place in range(0, len(good), 7):
        bad = bytearray(good)
        bad[place] ^= 1
        (tmp_path / "trust.json").write_bytes(bad)
        if bytes(bad).split() != good.split():
            with pytest.raises(TrustError):
                Trust(tmp_path, forger.root)


def test_a_stored_root_that_somebody_swapped_is_told(tmp_path: Path, forger: Forger) -> None:
    trust = Trust(tmp_path, forger.root)
    trust.accept([forger.rotate(release=make_signer())], NOW)
    weak = signed(forger.make_root(2), forger.root_signers[0])
    (tmp_path / "trust.json").write_bytes(_dumped(replace(trust._kept, roots=(weak,))))
    with pytest.raises(TrustError, match="1/2"):
        Trust(tmp_path, forger.root)


def test_a_file_that_cannot_be_written_leaves_what_was_trusted(tmp_path: Path, forger: Forger) -> None:
    trust = Trust(tmp_path / "file" / "trust", forger.root)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OSError, match="file"):
        trust.accept([], NOW)
    assert trust.newest_time == BEGINNING


def test_pinning_anew_mends_a_spoilt_file(tmp_path: Path, forger: Forger) -> None:
    Trust(tmp_path, forger.root).accept([], NOW)
    (tmp_path / "trust.json").write_text("nonsense")
    with pytest.raises(TrustError):
        pin_root(tmp_path, b"{}", "anna")
    pin_root(tmp_path, forger.root, "anna")
    assert Trust(tmp_path, Forger().root).root == forger.root


def test_a_box_pins_over_a_spoilt_file(tmp_path: Path, forger: Forger) -> None:
    house = House(tmp_path / "models", tmp_path / "none.bundle")
    house.pin(forger.root, "anna")
    (tmp_path / "models" / "trust" / "trust.json").write_text("nonsense")
    house.pin(forger.root, "anna")
    assert house.trust().root == forger.root


def test_a_root_that_skips_one_is_not_kept(tmp_path: Path, forger: Forger) -> None:
    third = signed(forger.make_root(3), *forger.root_signers)
    with pytest.raises(TrustError, match="does not follow"):
        Trust(tmp_path, forger.root).accept([third], NOW)
