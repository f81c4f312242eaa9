"""Which model answers: the active one, else its fallback, else any that once served, else the one the box came with.

A slot is held against its hashes before a byte of it is parsed. One that is
broken goes into quarantine; one that does not load, or has had its starts
without being confirmed, is left for the next in order, and the pointer says so
before that one is tried. What cannot be written on a full or read-only disk is
told and not waited for: the box answers first. It always says which model
serves and which were passed over, and why.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from appliance.classify import ModelError, ModelMissingError
from appliance.classify.line import RUNTIME_ERRORS
from appliance.errors import ApplianceError
from appliance.updates.pointer import MOST_TRIES, PointerError, PointerState, Status, rolled_back, started
from appliance.updates.slots import Slot, SlotBrokenError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from appliance.updates.pointer import Pointer
    from appliance.updates.slots import Slots

log = logging.getLogger(__name__)

Model = TypeVar("Model")
Factory = TypeVar("Factory")

CAME_WITH = "the model the box came with"


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A model that would have come first.

    Attributes:
        slot: Its slot; None for the model the box came with.
        why: One sentence.
        lasting: Whether the box has gone back from it, and does not try it first at the next start.
    """

    slot: str | None
    why: str
    lasting: bool


@dataclass(frozen=True, slots=True)
class Serving(Generic[Model]):
    """What answers from now on.

    Attributes:
        model: As it was loaded.
        slot: Where it lies; None for the model the box came with.
        passed: What was passed over for it, in order.
        troubles: What could not be written or read beside that, a sentence each.
    """

    model: Model
    slot: Slot | None
    passed: tuple[PassedOver, ...] = ()
    troubles: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """One line for a person: which model serves, and instead of which."""
        name = _named(self.slot)
        return " ".join([f"{name} answers.", *(f"{_named(one.slot)} does not: {one.why}" for one in self.passed)])


def choose(slots: Slots, pointer: Pointer, factory: Factory, load: Callable[[Slot | Factory], Model]) -> Serving[Model]:
    """Load the model that is to answer, in boot order.

    Args:
        slots: The imported models.
        pointer: Says which of them is active; what is passed over for good is written there.
        factory: Stands for the model the box came with.
        load: Loads a slot or the factory's, and proves that it answers as it should.

    Raises:
        ModelError: Not even the model the box came with can be loaded.
    """
    start = _Start(slots, pointer)
    failed: ApplianceError | None = None
    for slot in start.candidates():
        source = factory if slot is None else slot
        try:
            if start.may_try(slot):
                return start.serving(load(source), slot)
        except ModelError as error:
            start.pass_over(slot, error.why, lasting=not is_disk(error))
            failed = error if slot is None else failed
        except ApplianceError as error:  # a setting that this model cannot follow: the model is not at fault
            start.pass_over(slot, error.why, lasting=False)
            failed = error if slot is None else failed
        except OSError as error:
            start.pass_over(slot, _unread(error), lasting=False)
        except (MemoryError, *RUNTIME_ERRORS) as error:
            start.pass_over(slot, f"It gives no answer here: {type(error).__name__}.", lasting=False)
    raise failed or ModelMissingError(
        "There is no model to answer with.", start.told, "Import a bundle, or install the box again."
    )


def next_best(slots: Slots, state: PointerState) -> Slot | None:
    """Return the first whole slot after the active one in boot order; None for the model the box came with.

    Raises:
        OSError: The slots cannot be listed.
    """
    found = {slot.name: slot for slot in slots.all()}
    for name in state.order()[1:]:
        if name is None:
            break
        with suppress(KeyError, SlotBrokenError, OSError):
            found[name].prove()
            return found[name]
    return None


class _Start:
    """One pass through the boot order."""

    def __init__(self, slots: Slots, pointer: Pointer) -> None:
        self._slots, self._pointer = slots, pointer
        self._passed: list[PassedOver] = []
        self._troubles: list[str] = []
        self._writes = True
        self._state = self._read()

    @property
    def told(self) -> str:
        """Why each that was passed over was."""
        return " ".join(f"{_named(one.slot)}: {one.why}" for one in self._passed)

    def candidates(self) -> Iterator[Slot | None]:
        """Yield what is there, in boot order."""
        try:
            found = {slot.name: slot for slot in self._slots.all()}
        except OSError as error:
            self._trouble(f"The slots cannot be listed. {_unread(error)}")
            found, self._writes = {}, False
        for name in self._state.order():
            if name is None:
                yield None
            elif name in found:
                yield found[name]
            elif name in self._state.referenced:
                with suppress(OSError):  # or it might come back, unproven, once the pointer no longer names it
                    self._slots.settle()
                self.pass_over(Slot(name, self._slots.folder / name), "It is gone from the disk.", lasting=True)

    def may_try(self, slot: Slot | None) -> bool:
        """Say whether a model is whole and has a start left; let the pointer name it, and count the start.

        Raises:
            OSError: The disk does not give it.
        """
        if slot is not None and slot.name == self._state.active and self._state.is_worn_out:
            self.pass_over(slot, f"It was started {MOST_TRIES} times and never confirmed.", lasting=True)
            return False
        if slot is not None and not self._is_whole(slot):
            return False
        if all(one.lasting for one in self._passed):  # else the disk may give a better one at the next start
            self._settle_on(slot.name if slot else None)
        return True

    def _is_whole(self, slot: Slot) -> bool:
        try:
            slot.prove()
        except SlotBrokenError as error:
            self.pass_over(slot, error.why, lasting=True)
            self._put_aside(slot, error.why)
            return False
        return True

    def pass_over(self, slot: Slot | None, why: str, *, lasting: bool) -> None:
        """Take note that a model does not serve."""
        self._passed.append(PassedOver(slot.name if slot else None, why, lasting))
        log.error("a model was passed over", extra={"slot": _named(slot), "why": why})

    def _settle_on(self, name: str | None) -> None:
        seen = self._state.active
        self._change(lambda state: _tried(state, seen, name))

    def serving(self, model: Model, slot: Slot | None) -> Serving[Model]:
        """Return the outcome."""
        outcome = Serving(model, slot, tuple(self._passed), tuple(self._troubles))
        log.log(logging.WARNING if self._passed else logging.INFO, "a model serves", extra={"told": outcome.told})
        return outcome

    def _read(self) -> PointerState:
        try:
            return self._pointer.read()
        except PointerError as error:
            self._trouble(error.why)
        except OSError as error:
            self._trouble(f"The pointer cannot be read. {_unread(error)}")
            self._writes = False
            return rebuilt(self._slots)
        return self._pieced_together()

    def _pieced_together(self) -> PointerState:
        """Put a pointer that cannot be understood aside, and go on with what the slots say."""
        state = rebuilt(self._slots)
        try:
            self._pointer.replace_broken(state)
        except OSError as error:
            self._trouble(f"The pointer cannot be written. {_unread(error)}")
            self._writes = False
        return state

    def _change(self, step: Callable[[PointerState], PointerState]) -> None:
        if not self._writes or step(self._state) == self._state:
            return
        try:
            self._state = self._pointer.change(step)
        except (OSError, PointerError) as error:
            self._trouble(f"The pointer cannot be written: {error}.")

    def _put_aside(self, slot: Slot, why: str) -> None:
        try:
            self._slots.quarantine(slot, why)
        except OSError as error:
            self._trouble(f"Slot {slot.name} cannot be put aside. {_unread(error)}")

    def _trouble(self, what: str) -> None:
        self._troubles.append(what)
        log.error("trouble with the models on the disk", extra={"what": what})


def _tried(state: PointerState, seen: str | None, name: str | None) -> PointerState:
    """Count a start of what is tried, and go back to it first where it is not active; somebody else's change stands."""
    if state.active != seen:
        return state
    return started(state if name == seen else rolled_back(state, name))


def rebuilt(slots: Slots) -> PointerState:
    """Return what the slots themselves say where the pointer says nothing: the newest first, each on trial.

    Every slot has climbed the ladder on this box. Their releases give the floor.
    """
    names, floor = [], 0
    for slot in _listed(slots):
        names.append(slot.name)
        try:
            floor = max(floor, slot.manifest().release)
        except (ModelError, OSError):
            continue  # it is looked at again, and passed over, when it is its turn
    first, second, *_ = [*reversed(names), None, None]
    status = Status.TRIAL if first else Status.CONFIRMED
    return PointerState(generation=1, active=first, fallback=second, status=status, floor=floor, served=tuple(names))


def _listed(slots: Slots) -> list[Slot]:
    try:
        return slots.all()
    except OSError:
        return []


def is_disk(error: ModelError) -> bool:
    """Whether a model was not given by the disk, which says nothing of the model."""
    return isinstance(error.__cause__, OSError) and not isinstance(error.__cause__, FileNotFoundError)


def _named(slot: Slot | str | None) -> str:
    if slot is None:
        return CAME_WITH
    return f"slot {slot.name if isinstance(slot, Slot) else slot}"


def _unread(error: OSError) -> str:
    return f"The disk does not give it: {error.strerror or os.strerror(error.errno or 0)}."
