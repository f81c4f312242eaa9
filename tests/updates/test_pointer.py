"""The pointer: what may follow what, and that a write is whole."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest

from appliance.updates.pointer import (
    FILE,
    MOST_TRIES,
    Pointer,
    PointerError,
    PointerState,
    Status,
    accepted,
    activated,
    confirmed,
    rolled_back,
    started,
    stopped,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def served(*slots: str, floor: int = 0) -> PointerState:
    """The state after these slots were activated one after the other."""
    state = PointerState()
    for slot in slots:
        state = activated(state, slot, floor)
    return state


def test_before_the_first_import_the_model_the_box_came_with_answers(tmp_path: Path) -> None:
    assert Pointer(tmp_path).read() == PointerState()


def test_what_was_written_is_read(tmp_path: Path) -> None:
    state = started(served("0001", "0002", floor=7))
    Pointer(tmp_path / "models").write(state)
    assert Pointer(tmp_path / "models").read() == state


def test_the_file_says_what_the_design_says(tmp_path: Path) -> None:
    Pointer(tmp_path).write(served("0001", "0002", floor=7))
    said = json.loads((tmp_path / FILE).read_text())
    assert {name: said[name] for name in ("generation", "active", "fallback", "status", "tries", "floor")} == {
        "generation": 2, "active": "0002", "fallback": "0001", "status": "trial", "tries": 0, "floor": 7,
    }  # fmt: skip


def test_a_model_is_on_trial_once_it_is_activated_and_the_one_before_is_its_fallback() -> None:
    state = served("0001", "0002")
    assert (state.active, state.fallback, state.status, state.tries) == ("0002", "0001", Status.TRIAL, 0)


def test_three_starts_without_being_confirmed_wear_a_trial_out() -> None:
    state = served("0001")
    for _ in range(MOST_TRIES):
        assert not state.is_worn_out
        state = started(state)
    assert state.is_worn_out


def test_a_confirmed_model_is_never_worn_out() -> None:
    state = confirmed(started(served("0001")))
    assert (started(state), state.tries, state.is_worn_out) == (state, 0, False)


def test_a_stop_that_was_asked_for_does_not_count_against_a_model() -> None:
    state = served("0001")
    assert stopped(started(state)).tries == 0


def test_a_model_that_was_left_comes_back_by_itself_only_after_all_others() -> None:
    state = rolled_back(served("0001", "0002", "0003"), "0002")
    assert (state.active, state.fallback, state.order()) == ("0002", "0001", ("0002", "0001", None, "0003"))


def test_a_model_that_was_left_and_is_activated_again_is_as_good_as_any() -> None:
    state = activated(rolled_back(served("0001", "0002"), "0001"), "0002", 0)
    assert (state.active, state.fallback, state.left) == ("0002", "0001", ())


def test_a_person_may_go_back_to_what_was_left() -> None:
    state = rolled_back(served("0001", "0002"), "0001")
    assert rolled_back(state, "0002").active == "0002"


def test_the_model_the_box_came_with_can_be_gone_back_to_and_needs_no_trial() -> None:
    state = rolled_back(served("0001", "0002"), None)
    assert (state.active, state.fallback, state.status) == (None, None, Status.CONFIRMED)
    assert state.order()[0] is None


@pytest.mark.parametrize("to", ["0002", "0009"], ids=["the active one", "one that never was active"])
def test_nobody_goes_back_to(to: str) -> None:
    with pytest.raises(ValueError, match="no model to go back to"):
        rolled_back(served("0001", "0002"), to)


def test_going_back_leaves_the_floor_where_it_is() -> None:
    assert rolled_back(served("0001", "0002", floor=7), "0001").floor == 7


def test_a_held_model_raises_the_floor_and_nothing_else() -> None:
    before = served("0001", floor=3)
    after = accepted(before, 5)
    assert (after.active, after.served, after.floor) == (before.active, before.served, 5)


def test_activating_what_is_active_keeps_its_fallback() -> None:
    assert activated(served("0001", "0002"), "0002", 0).fallback == "0001"


def test_no_way_of_any_length_breaks_what_must_hold() -> None:
    chance = random.Random(1)
    state, newest, newest_release = PointerState(), 0, 0
    for _ in range(3_000):
        step = chance.choice(["import", "hold", "back", "again", "start", "stop", "confirm"])
        before = state
        if step == "import":
            newest, newest_release = newest + 1, newest_release + chance.choice([0, 1, -2])
            state = activated(state, f"{newest:04d}", max(newest_release, 0))
        elif step == "hold":
            state = accepted(state, chance.randrange(9))
        elif step in ("back", "again") and (state.proven or state.active):
            to = chance.choice([each for each in (None, *state.proven) if each != state.active])
            state = rolled_back(state, to) if step == "back" or to is None else activated(state, to, 0)
        elif step in ("start", "stop", "confirm"):
            state = {"start": started, "stop": stopped, "confirm": confirmed}[step](state)
        _hold(before, state)
        if newest > 30:
            state, newest = PointerState(floor=state.floor), 0


def _hold(before: PointerState, after: PointerState) -> None:
    """What must hold after every step, whatever it was."""
    assert after.floor >= before.floor
    assert (after == before) == (after.generation == before.generation)
    assert after.active is None or after.active != after.fallback
    assert after.referenced <= set(after.served)
    assert set(before.proven) <= set(after.proven), "what was once active can always be gone back to"
    order = after.order()
    assert order[0] == after.active
    assert sorted(order, key=str) == sorted([None, *after.proven], key=str)
    assert order.index(None) <= len(after.served)
    assert not (after.tries and after.status is Status.CONFIRMED)
    for to in order[1:]:
        assert rolled_back(after, to).active == to


# What cannot be understood


@pytest.mark.parametrize(
    "spoil",
    [
        lambda said: said | {"active": "../etc"},
        lambda said: said | {"fallback": said["active"]},
        lambda said: said | {"floor": -1},
        lambda said: said | {"tries": True},
        lambda said: said | {"served": []},
        lambda said: said | {"status": "best"},
        lambda said: {name: said[name] for name in said if name != "floor"},
        lambda said: [said],
        lambda _: None,
    ],
    ids=["a path", "its own fallback", "below 0", "a truth", "never active", "a status", "no floor", "a list", "null"],
)
def test_a_pointer_is_refused_that_has(tmp_path: Path, spoil: Callable[[dict[str, object]], object]) -> None:
    Pointer(tmp_path).write(served("0001", "0002"))
    said = json.loads((tmp_path / FILE).read_text())
    (tmp_path / FILE).write_text(json.dumps(spoil(said)))
    with pytest.raises(PointerError, match="cannot tell which model is active"):
        Pointer(tmp_path).read()


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 100_000, b" " * (1 << 20) + b"{}"])
def test_a_pointer_is_refused_that_is_no_json(tmp_path: Path, data: bytes) -> None:
    (tmp_path / FILE).write_bytes(data)
    with pytest.raises(PointerError):
        Pointer(tmp_path).read()


def test_a_broken_pointer_is_kept_beside_the_one_that_takes_its_place(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"torn")
    Pointer(tmp_path).replace_broken(served("0001"))
    assert Pointer(tmp_path).read() == served("0001")
    assert [path.read_bytes() for path in tmp_path.glob(f"{FILE}.broken-*")] == [b"torn"]


def test_a_pointer_that_is_whole_by_now_is_not_replaced(tmp_path: Path) -> None:
    Pointer(tmp_path).write(served("0001"))
    Pointer(tmp_path).replace_broken(PointerState())
    assert Pointer(tmp_path).read() == served("0001")


# Changing it


def test_a_change_that_changes_nothing_writes_nothing(tmp_path: Path) -> None:
    Pointer(tmp_path).write(served("0001"))
    before = (tmp_path / FILE).stat()
    Pointer(tmp_path).change(lambda state: state)
    assert (tmp_path / FILE).stat() == before


def test_a_change_removes_what_writes_that_were_cut_left(tmp_path: Path) -> None:
    (tmp_path / f".{FILE}.0a1b2c3d").write_text("half")
    Pointer(tmp_path).change(lambda state: activated(state, "0001", 1))
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
