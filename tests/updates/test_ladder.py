from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from appliance.ledger import broken_links
from appliance.updates.house import BusyError, NoSuchSlotError
from appliance.updates.inferiority import Pair
from appliance.updates.inventory import inventory
from appliance.updates.ladder import RefusedError, copied
from appliance.updates.rungs import Result, Rung
from tests.updates.forger import Forger
from tests.updates.tiny import make_graph, make_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.updates.modelbox import ModelBox

WRONG = [{"text": "total", "label": "paper", "probabilities": [0.0, 0.0, 1.0, 0.0]}]
NO_GRAPH = make_model(2).manifest.document["golden"]
WORSE = [Pair(active=True, candidate=False, chance=1.0)] * 20 + [Pair(active=True, candidate=True, chance=1.0)] * 20


def test_a_good_bundle_answers_from_now_on(model_box: ModelBox) -> None:
    imported = model_box.ladder().climb(model_box.bundle(make_model(2)), "ada")
    state = model_box.house.state()
    assert (imported.model, imported.active, imported.slot) == ("tiny 2", "tiny 2", "0001")
    assert (state.active, state.floor) == ("0001", 2)


def test_every_rung_is_told_in_order_with_its_limit(model_box: ModelBox) -> None:
    model_box.take(2)
    assert [outcome.rung for outcome in model_box.told] == list(Rung)
    assert all(outcome.measured and outcome.limit for outcome in model_box.told)
    skipped = [outcome.rung for outcome in model_box.told if outcome.result is Result.SKIPPED]
    assert skipped == [Rung.SHADOWED]


def test_an_import_is_recorded_with_who_and_leaves_staging_empty(model_box: ModelBox) -> None:
    model_box.take(2)
    [row] = model_box.ledger.imports(10)
    assert (row["actor"], row["outcome"], row["model"], row["slot"], row["rung"]) == (
        "ada",
        "accepted",
        "tiny 2",
        "0001",
        10,
    )
    assert list(broken_links(model_box.ledger.events())) == []
    assert list(model_box.house.slots.staging.iterdir()) == []


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)


def of(model: Any, **means: Any) -> Any:
    return lambda box: (box.bundle(model), means)


def damaged(box: ModelBox) -> tuple[Path, dict[str, Any]]:
    path = box.bundle(make_model(3))
    flipped(path)
    return path, {}


def a_link(box: ModelBox) -> tuple[Path, dict[str, Any]]:
    path = box.root / "link.bundle"
    path.symlink_to(box.bundle(make_model(2)))
    return path, {}


def a_pipe(box: ModelBox) -> tuple[Path, dict[str, Any]]:
    os.mkfifo(box.root / "pipe.bundle")
    return box.root / "pipe.bundle", {}


def without_a_graph() -> Any:
    model = make_model(2, golden=NO_GRAPH)
    return type(model)(model.data, {n: c if n.endswith(".json") else b"none" for n, c in model.targets.items()})


REFUSALS: dict[str, tuple[Any, Rung, str]] = {
    "there is none": (lambda box: (box.root / "none.bundle", {}), Rung.COPIED, "No such file"),
    "a folder": (lambda box: (box.root, {}), Rung.COPIED, "is not a regular file"),
    "a link": (a_link, Rung.COPIED, "not a file that can be read"),
    "a pipe": (a_pipe, Rung.COPIED, "is not a regular file"),
    "a stick that fails": (lambda _box: (Path("/proc/self/mem"), {}), Rung.COPIED, "Input/output error"),
    "no room": (of(make_model(2), reserve_bytes=1 << 60), Rung.COPIED, "disk is full"),
    "damaged": (damaged, Rung.SIGNED, ""),
    "other keys": (lambda box: (box.bundle(make_model(3), forger=Forger()), {}), Rung.SIGNED, "root"),
    "older than the floor": (of(make_model(2)), Rung.SIGNED, "release 3 has been accepted"),
    "another version": (of(make_model(2, appliance={"minimum": "7", "below": "8"})), Rung.FITS, "versions 7"),
    "a label lost": (of(make_model(2, labels=["paper", "receipt"], tells={})), Rung.FITS, "contract/distributor"),
    "no graph": (of(without_a_graph()), Rung.LOADS, "loads on no execution provider"),
    "another golden answer": (of(make_model(2, golden=WRONG)), Rung.GOLDEN, "should give paper"),
    "slow": (of(make_model(2, work=300_000)), Rung.SPEED, "times as long as the active model"),
    "slower than its own rule": (of(make_model(2, acceptance={"latency_ratio": 0.01})), Rung.SPEED, "0.01 times is"),
    "worse on what was reviewed": (of(make_model(2), answer=lambda *_: WORSE), Rung.REVIEWED, "On 40 documents"),
}  # fmt: skip


@pytest.mark.parametrize(("bend", "rung", "said"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refused_bundle_changes_nothing_and_is_recorded(
    model_box: ModelBox, bend: Any, rung: Rung, said: str
) -> None:
    path, means = bend(model_box)
    if rung is Rung.SIGNED:
        model_box.house.take("0001", 3, activate=False)
    before = model_box.files()
    with pytest.raises(RefusedError) as refused:
        model_box.ladder(**means).climb(path, "ada")
    assert (refused.value.outcome.rung, model_box.files()) == (rung, before)
    assert said in refused.value.why
    assert "Nothing changed; tiny 1 is still active." in refused.value.remedy
    [row] = model_box.ledger.imports(10)
    assert (row["outcome"], row["rung"], row["why"]) == ("refused", rung, refused.value.why)


def test_a_bundle_older_than_the_floor_is_refused_and_an_equal_one_repairs(model_box: ModelBox) -> None:
    model_box.take(3)
    with pytest.raises(RefusedError):
        model_box.take(2)
    assert model_box.take(3) == "0002"
    assert (model_box.house.state().active, model_box.house.state().fallback) == ("0002", "0001")


def test_a_site_with_keys_of_its_own_counts_its_own_releases(model_box: ModelBox) -> None:
    beside = replace(model_box.house, folder=model_box.root / "beside")
    assert beside.trust().is_packaged
    assert beside.floor() == 1
    beside.pin(Forger().root, "ada")
    assert beside.floor() == 0


def test_a_held_model_waits_and_raises_the_floor(model_box: ModelBox) -> None:
    slot = model_box.take(2, hold=True)
    assert (model_box.house.state().active, model_box.house.floor()) == (None, 2)
    assert [one.role for one in inventory(model_box.house)] == ["held", "active"]
    assert model_box.house.activate().slot == slot
    assert model_box.house.active_id() == "tiny 2"


def test_one_bundle_is_imported_at_a_time(model_box: ModelBox) -> None:
    path = model_box.bundle(make_model(2))
    with model_box.house.importing(), pytest.raises(BusyError):
        model_box.ladder().climb(path, "bob")
    assert model_box.ladder().climb(path, "ada").active == "tiny 2"


def test_old_slots_go_and_the_active_one_and_its_fallback_stay(model_box: ModelBox) -> None:
    for release in (2, 3, 4, 5, 6):
        model_box.take(release)
    assert [slot.name for slot in model_box.house.slots.all()] == ["0003", "0004", "0005"]


def test_going_back_is_allowed_whatever_the_floor(model_box: ModelBox) -> None:
    for release in (2, 3):
        model_box.take(release)
    assert model_box.house.roll_back().model == "tiny 2"
    assert model_box.house.roll_back("factory").model == "tiny 1"
    assert model_box.house.roll_back("0002").model == "tiny 3"
    assert model_box.house.floor() == 3


@pytest.mark.parametrize(
    "ask",
    [
        lambda house: house.roll_back(),
        lambda house: house.roll_back("0009"),
        lambda house: house.roll_back("0001"),
        lambda house: house.activate("0009"),
        lambda house: house.discard("0009"),
    ],
    ids=["nothing before", "no slot", "never active", "activate none", "discard none"],
)
def test_what_cannot_be_done_with_a_slot_says_why(model_box: ModelBox, ask: Callable[[Any], object]) -> None:
    model_box.take(2, hold=True)
    before = model_box.files()
    with pytest.raises(NoSuchSlotError):
        ask(model_box.house)
    assert model_box.files() == before


def test_what_answers_or_is_the_fallback_is_not_discarded(model_box: ModelBox) -> None:
    first, second, held = model_box.take(2), model_box.take(3), model_box.take(4, hold=True)
    for slot in (first, second):
        with pytest.raises(NoSuchSlotError):
            model_box.house.discard(slot)
    model_box.house.discard(held)
    assert [slot.name for slot in model_box.house.slots.all()] == [first, second]


def test_without_any_model_that_works_a_good_bundle_still_comes_in(model_box: ModelBox) -> None:
    flipped(model_box.house.factory)
    assert model_box.ladder().climb(model_box.bundle(make_model(2)), "ada").active == "tiny 2"
    assert Rung.SPEED not in [outcome.rung for outcome in model_box.told]


def test_a_copy_that_ends_early_is_no_copy(tmp_path: Path) -> None:
    shorter = Path("/sys/kernel/mm/transparent_hugepage/enabled")
    if not shorter.exists():
        pytest.skip("needs a file that is shorter than the system says")
    with pytest.raises(OSError, match="ended early"):
        copied(shorter, tmp_path / "copy", 0)


def test_the_tiny_graph_is_as_it_was() -> None:
    assert len(make_graph()) < 2000
