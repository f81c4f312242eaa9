"""The pointer: the one small file that says which model answers, and the only commit point of an update.

``state.json`` is written beside, synced, renamed and its folder synced, so a
power cut leaves the old state or the new. What may follow what is decided by
pure functions on :class:`PointerState`; they hold that

- the floor never falls, and no release below it is ever accepted again;
- the fallback is never the active model;
- a model is on trial until it is confirmed, and each start on trial is counted;
- a model that was left is not gone back to by itself, and by a person always.

``None`` stands for the model the box came with, which needs no slot.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from appliance.errors import ApplianceError
from appliance.files import make_folder, sweep_beside, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FILE = "state.json"
MOST_TRIES = 3
"""Starts a model on trial may take without being confirmed."""

_LARGEST_BYTES = 1 << 20
_Value = TypeVar("_Value")
_SLOT = re.compile(r"[0-9]{4,9}")


class PointerError(ApplianceError):
    """The pointer is there and says nothing that can be understood.

    Args:
        why: What is wrong with it, one sentence.
    """

    def __init__(self, why: str) -> None:
        super().__init__(
            "The box cannot tell which model is active.",
            why,
            "Restart the box: it puts the file aside and goes on with the newest model that is whole.",
        )


class Status(StrEnum):
    """How far the active model has come."""

    TRIAL = "trial"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class PointerState:
    """What the pointer says.

    Attributes:
        generation: Counts every change.
        active: The slot that answers.
        fallback: The slot that would answer next.
        status: Of the active model.
        tries: Starts of the active model since it was activated, while it is on trial.
        floor: The highest release ever accepted.
        served: Slots that were once active, the newest last; some may be gone from the disk.
        left: Those that were once active until the box or a person went back from them, the newest last.
    """

    generation: int = 0
    active: str | None = None
    fallback: str | None = None
    status: Status = Status.CONFIRMED
    tries: int = 0
    floor: int = 0
    served: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for what in (each for each in (self.active, self.fallback, *self.proven) if each is not None):
            if not _SLOT.fullmatch(what):
                raise ValueError(f"{what!r} names no slot")
        if self.active is not None and self.active == self.fallback:
            raise ValueError("the fallback is the active model")
        if not self.referenced <= set(self.served) or len(set(self.proven)) != len(self.proven):
            raise ValueError("a slot is named that was never active, or one twice")
        if min(self.generation, self.tries, self.floor) < 0:
            raise ValueError("a number is below 0")

    @property
    def referenced(self) -> frozenset[str]:
        """The slots that must stay on the disk."""
        return frozenset(each for each in (self.active, self.fallback) if each is not None)

    @property
    def proven(self) -> tuple[str, ...]:
        """Every slot that was once active: what a person may go back to."""
        return (*self.left, *self.served)

    @property
    def is_worn_out(self) -> bool:
        """Whether the active model has had all its starts without being confirmed."""
        return self.status is Status.TRIAL and self.tries >= MOST_TRIES

    def order(self) -> tuple[str | None, ...]:
        """Return what to try at a start, best first; None is the model the box came with.

        What was left is tried only after that one, or two models that both end the box would take turns for ever.
        """
        fallback = [self.fallback] if self.fallback is not None else []
        return tuple(dict.fromkeys([self.active, *fallback, *reversed(self.served), None, *reversed(self.left)]))


def activated(state: PointerState, slot: str, floor: int) -> PointerState:
    """Let a slot answer from now on, on trial; the one before it is its fallback.

    Args:
        state: As it is.
        slot: A whole and durable one.
        floor: Its release, where it was just imported; the floor is only ever raised.
    """
    served = (*(each for each in state.served if each != slot), slot)
    after = _with_active(state, slot, state.fallback if state.active == slot else state.active, served)
    return replace(after, floor=max(state.floor, floor))


def accepted(state: PointerState, floor: int) -> PointerState:
    """Take note of the release of a model that is kept and does not answer yet."""
    return replace(state, generation=state.generation + 1, floor=max(state.floor, floor))


def rolled_back(state: PointerState, to: str | None) -> PointerState:
    """Go back to a slot, whatever its release; the one that is left does not come back by itself.

    Args:
        state: As it is.
        to: A slot that was once active, or None for the model the box came with.

    Raises:
        ValueError: It was never active, or is active now.
    """
    if to == state.active or (to is not None and to not in state.proven):
        raise ValueError(f"{to!r} is no model to go back to")
    rest = tuple(each for each in state.served if each not in (to, state.active))
    if to is None:
        after = _with_active(state, None, None, rest)
    else:
        after = _with_active(state, to, rest[-1] if rest else None, (*rest, to))
    now_left = () if state.active is None else (state.active,)
    return replace(after, left=(*(each for each in after.left if each not in now_left), *now_left))


def started(state: PointerState) -> PointerState:
    """Count a start of the active model while it is on trial."""
    if state.status is Status.CONFIRMED:
        return state
    return replace(state, generation=state.generation + 1, tries=state.tries + 1)


def stopped(state: PointerState) -> PointerState:
    """Take back the start that was counted: the box was told to stop before the model could be confirmed."""
    if state.status is Status.CONFIRMED or not state.tries:
        return state
    return replace(state, generation=state.generation + 1, tries=state.tries - 1)


def confirmed(state: PointerState) -> PointerState:
    """End the trial of the active model: it has answered long enough without trouble."""
    if state.status is Status.CONFIRMED:
        return state
    return replace(state, generation=state.generation + 1, status=Status.CONFIRMED, tries=0)


def _with_active(state: PointerState, slot: str | None, fallback: str | None, served: tuple[str, ...]) -> PointerState:
    return replace(
        state,
        generation=state.generation + 1,
        active=slot,
        fallback=fallback,
        status=Status.CONFIRMED if slot is None else Status.TRIAL,
        tries=0,
        served=served,
        left=tuple(each for each in state.left if each not in served),
    )


class Pointer:
    """The pointer of one box.

    Args:
        folder: Where it lies; made with the first write.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = folder / FILE

    def read(self) -> PointerState:
        """Return what it says; before the first import, that the model the box came with answers.

        Raises:
            PointerError: It cannot be understood.
            OSError: It cannot be read.
        """
        try:
            with self.path.open("rb") as file:
                return parse_state(file.read(_LARGEST_BYTES + 1))
        except FileNotFoundError:
            return PointerState()

    def write(self, state: PointerState) -> None:
        """Commit a state; durable when this returns.

        Raises:
            OSError: It could not be written; the one before may stand or this one.
        """
        make_folder(self._folder)
        write_whole(self.path, (json.dumps(asdict(state), indent=1) + "\n").encode())

    def change(self, step: Callable[[PointerState], PointerState]) -> PointerState:
        """Read, decide and commit while nobody else does.

        Args:
            step: Gives the state that follows; nothing is written where it is the same.

        Returns:
            The state that stands now.

        Raises:
            PointerError: What stands there cannot be understood.
            OSError: It could not be read or written; then the state before stands, as far as the disk lets it.
        """
        make_folder(self._folder)
        with self._locked():
            before = self.read()
            after = step(before)
            if after != before:
                sweep_beside(self.path)
                self._commit(before, after)
        return after

    def replace_broken(self, state: PointerState) -> None:
        """Commit a state in place of a pointer that cannot be understood, and keep that one beside it.

        Raises:
            OSError: It could not be written; what stands there is as it was.
        """
        with self._locked():
            with suppress(PointerError):
                self.read()
                return  # somebody else was here first
            os.link(self.path, self.path.with_name(f"{FILE}.broken-{secrets.token_hex(4)}"))
            self.write(state)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the folder itself: a lock that needs no file, and so no disk that can be written."""
        descriptor = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            with suppress(OSError):  # what was committed is
                os.close(descriptor)

    def _commit(self, before: PointerState, after: PointerState) -> None:
        """Write a state; where the disk refuses once the new one has its name, give the name back to the one before."""
        try:
            self.write(after)
        except OSError:
            with suppress(OSError, PointerError):
                if self.read() != before:
                    self.write(before)
            raise


def parse_state(data: bytes) -> PointerState:
    """Understand a pointer.

    Raises:
        PointerError: It is not one, or contradicts itself.
    """
    if len(data) > _LARGEST_BYTES:
        raise PointerError(f"{FILE} is larger than any pointer.")
    try:
        fields = json.loads(data)
        return PointerState(
            generation=_field(fields, "generation", int),
            active=_slot(fields, "active"),
            fallback=_slot(fields, "fallback"),
            status=Status(fields["status"]),
            tries=_field(fields, "tries", int),
            floor=_field(fields, "floor", int),
            served=_slots(fields, "served"),
            left=_slots(fields, "left"),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise PointerError(f"{FILE} cannot be understood: {error}.") from error


def _field(fields: dict[str, Any], name: str, kind: type[_Value]) -> _Value:
    value = fields[name]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(f"{name} is not of the right kind")
    return value


def _slot(fields: dict[str, Any], name: str) -> str | None:
    return None if fields[name] is None else _field(fields, name, str)


def _slots(fields: dict[str, Any], name: str) -> tuple[str, ...]:
    return tuple(_field({name: each}, name, str) for each in _field(fields, name, list))
