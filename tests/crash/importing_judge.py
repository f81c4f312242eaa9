"""What must hold of a box's models when it starts after a cut: one serves, each is whole, the next import goes well."""

from __future__ import annotations

import traceback
from enum import Enum
from typing import TYPE_CHECKING

from appliance.classify import ModelError
from tests.crash.importing import FACTORY, NEXT, climb, house_at, start

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from appliance.updates.house import House
    from tests.crash.importing import Scenario

BELONGS = {"slots", "staging", "trust", "quarantine", "state.json", "lock"}


class Ended(Enum):
    """How the act ended that was cut."""

    CUT = "cut"
    REFUSED = "refused"
    DONE = "done"
    TROUBLED = "done with an error on the way"


def faults(root: Path, scenario: Scenario, ended: Ended, imports: int = 1) -> list[str]:
    """Start a box after a cut, import the next model, and return a sentence for each thing that does not hold.

    Args:
        root: Where the box lies.
        scenario: What was cut.
        ended: How.
        imports: How often it was begun.
    """
    try:
        return list(_faults(root, scenario, ended, imports))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
        where = traceback.extract_tb(error.__traceback__)[-1]
        return [f"it failed: {error!r} at {where.name}:{where.lineno}"]


def _faults(root: Path, scenario: Scenario, ended: Ended, imports: int) -> Iterator[str]:
    house = house_at(root)
    first = start(root).model.manifest.release
    expected = _expected(scenario, ended)
    if first not in expected:
        yield f"release {first} serves and not {' or '.join(map(str, sorted(expected)))}, the act being {ended.value}"
    floor = scenario.release if ended in (Ended.DONE, Ended.TROUBLED) else 0
    if house.state().floor < max(floor, scenario.floor):
        yield f"the floor fell to {house.state().floor}"
    yield from _of_slots(house, scenario, imports)
    if scenario.damaged:
        yield from _of_evidence(house, scenario, ended)
    climb(root, NEXT)
    again = start(root)
    if (again.model.manifest.release, again.passed) != (NEXT, ()):
        yield f"after the next import {again.told}"
    yield from _of_leftovers(house)
    house.roll_back()
    if start(root).model.manifest.release != first:
        yield f"there is no going back to release {first}"


def _expected(scenario: Scenario, ended: Ended) -> set[int]:
    if ended is Ended.DONE or (ended is Ended.TROUBLED and scenario.act != "start"):
        return {scenario.done}
    if ended is Ended.REFUSED:
        return {scenario.cut[0]}
    return {*scenario.cut, *([scenario.done] if ended is Ended.TROUBLED else [])}


def _of_slots(house: House, scenario: Scenario, imports: int) -> Iterator[str]:
    """What was there is there, whole, and so is whatever is new; what was broken is kept as evidence."""
    whole = {FACTORY}
    for slot in house.slots.all():
        try:
            slot.prove()
            whole.add(slot.manifest().release)
        except ModelError as error:
            if not (scenario.damaged and slot.name == f"{len(scenario.before):04d}"):
                yield f"a slot is not whole: {error.why}"
    gone = house.state().referenced - {slot.name for slot in house.slots.all()}
    if gone:
        yield f"the pointer names slots that are gone: {sorted(gone)}"
    for release in scenario.before:
        if release not in whole and release not in scenario.may_be_pruned(imports) and release != scenario.damaged:
            yield f"release {release} is gone"


def _of_evidence(house: House, scenario: Scenario, ended: Ended) -> Iterator[str]:
    """What was broken is kept, with a note of why, except that a failing disk may leave it where it was or unnoted."""
    name = f"{len(scenario.before):04d}"
    aside, there = (house.slots.aside / name).is_dir(), house.slots.get(name) is not None
    if not aside and not there:
        yield "a broken slot is gone"
    if ended is Ended.TROUBLED:
        return
    if aside and not (house.slots.aside / f"{name}.json").is_file():
        yield "nothing says why a slot was put aside"
    if there and scenario.aside:
        yield "a broken slot was not put aside"


def _of_leftovers(house: House) -> Iterator[str]:
    left = {path.name for path in house.folder.iterdir()} - BELONGS
    left |= {path.name for path in house.slots.staging.iterdir()}
    left |= {path.name for path in (house.folder / "trust").iterdir()} - {"trust.json"}
    if left:
        yield f"left behind: {sorted(left)}"
