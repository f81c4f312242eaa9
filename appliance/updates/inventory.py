"""Every model on a box, and what each is to it, for a person to choose from; each file is held against its hash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.classify import ModelError

if TYPE_CHECKING:
    from appliance.updates.house import House
    from appliance.updates.pointer import PointerState
    from appliance.updates.slots import Slot


@dataclass(frozen=True, slots=True)
class Kept:
    """A model on this box.

    Attributes:
        slot: Where it lies; None for the model the box came with.
        model: Its id, or "?" where its manifest cannot be read.
        release: Its number, where known.
        role: active, fallback, kept (answered once), held (never did), factory or broken.
        why: What is wrong with it; "" otherwise.
    """

    slot: str | None
    model: str
    release: int | None
    role: str
    why: str = ""

    def as_dict(self) -> dict[str, object]:
        """Return it as JSON."""
        return {name: getattr(self, name) for name in ("slot", "model", "release", "role", "why")}


def inventory(house: House) -> list[Kept]:
    """Return every model on this box, the newest slot first, the model the box came with last."""
    state = house.state()
    return [*(_kept(slot, state) for slot in reversed(house.slots.all())), _came_with(house, state)]


def _kept(slot: Slot, state: PointerState) -> Kept:
    roles = {state.active: "active", state.fallback: "fallback"}
    role = roles.get(slot.name) or ("kept" if slot.name in state.proven else "held")
    try:
        slot.prove()
        manifest = slot.manifest()
    except (ModelError, OSError) as error:
        return Kept(slot.name, "?", None, "broken", getattr(error, "why", str(error)))
    return Kept(slot.name, manifest.model_id, manifest.release, role)


def _came_with(house: House, state: PointerState) -> Kept:
    try:
        with house.opened(None) as files:
            role = "factory" if state.active else "active"
            return Kept(None, files.manifest.model_id, files.manifest.release, role)
    except ModelError as error:
        return Kept(None, "?", None, "broken", error.why)
