"""Where the models of one box lie, and the hands that change which of them answers.

``slots/``, ``trust/``, ``staging/``, ``quarantine/`` and the pointer, all below
``var/models``. An import holds a lock from beginning to end; the pointer is
changed under its own, so that the service and a command never write over each
other. None stands for the model the box came with.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from appliance.classify import ModelError
from appliance.classify.store import ModelFolder
from appliance.errors import ApplianceError, UsageError
from appliance.files import make_folder
from appliance.updates.boot import choose, next_best
from appliance.updates.bundled import FACTORY_ROOT, opened_factory
from appliance.updates.errors import TrustError
from appliance.updates.pointer import (
    Pointer,
    PointerError,
    PointerState,
    Status,
    accepted,
    activated,
    confirmed,
    rolled_back,
    stopped,
)
from appliance.updates.slots import Slots
from appliance.updates.trust import Trust, pin_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from appliance.classify.store import ModelFiles
    from appliance.settings import Settings
    from appliance.updates.boot import Serving
    from appliance.updates.slots import Slot

Loaded = TypeVar("Loaded")

FACTORY = "factory"
"""What people call the model the box came with where a slot's name is asked for."""


class BusyError(ApplianceError):
    """Another import is under way."""

    def __init__(self) -> None:
        super().__init__(
            "Another import is under way.", "One bundle is imported at a time.", "Try again when the other has ended."
        )


class NoSuchSlotError(UsageError):
    """What was asked of a slot cannot be done with it."""


@dataclass(frozen=True, slots=True)
class Change:
    """Another model answers, or one is gone.

    Attributes:
        model: Id of the model that answers from now on, or is gone.
        slot: Where it lies.
        before: The slot that answered before.
    """

    model: str
    slot: str | None
    before: str | None

    def as_dict(self) -> dict[str, object]:
        """Return it as it stands in the audit chain."""
        return {"model": self.model, "to": self.slot, "from": self.before}


@dataclass(frozen=True, slots=True)
class House:
    """The models of one box.

    Attributes:
        folder: Below which everything lies; made with the first import.
        factory: The model the box came with.
        factory_root: The keys it is signed with.
    """

    folder: Path
    factory: Path
    factory_root: Path = field(default=FACTORY_ROOT)

    @classmethod
    def of(cls, settings: Settings) -> House:
        """Return a box's own."""
        return cls(settings.models, settings.factory_model)

    @property
    def slots(self) -> Slots:
        """The imported models."""
        return Slots(self.folder)

    @property
    def pointer(self) -> Pointer:
        """Which of them answers."""
        return Pointer(self.folder)

    def trust(self) -> Trust:
        """Read whose bundles this box takes."""
        return Trust(self.folder / "trust", self.factory_root.read_bytes())

    def pin(self, root: bytes, who: str) -> None:
        """Take a publisher's bundles from now on; works where what is kept of trust is spoilt."""
        with self.importing():  # a bundle on the ladder was signed for whoever was trusted when it began
            pin_root(self.folder / "trust", root, who)

    def state(self) -> PointerState:
        """Read the pointer."""
        return self.pointer.read()

    def stamp(self) -> tuple[int, int, int] | None:
        """Return what changes whenever the pointer is written; cheap enough to ask twice a second."""
        try:
            status = self.pointer.path.stat()
        except OSError:  # whoever reads it next is told why
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def floor(self) -> int:
        """Return the lowest release that is taken: what was accepted here, or what the box came with.

        A site that pinned a root of its own counts its own releases: the factory's say nothing about them.
        """
        floor = self.state().floor
        try:
            if not self.trust().is_packaged:
                return floor
        except TrustError:  # it trusts nobody until that is mended, so any floor will do
            return floor
        try:
            with opened_factory(self.factory, self.factory_root) as files:
                return max(floor, files.manifest.release)
        except ModelError:
            return floor

    @contextmanager
    def importing(self) -> Iterator[Path]:
        """Hold the one import there may be; yields an empty folder for it, which is empty again afterwards.

        Raises:
            BusyError: Another one is under way.
        """
        make_folder(self.folder)
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BusyError from error
            self.slots.clear_staging()
            work = self.slots.staging / "import"
            work.mkdir()
            try:
                yield work
            finally:
                with suppress(OSError):  # the next import empties it; rmtree's own ignoring leaves fstat out
                    shutil.rmtree(work)
        finally:
            with suppress(OSError):  # an import that was committed is
                os.close(descriptor)

    @contextmanager
    def opened(self, slot: str | None) -> Iterator[ModelFiles]:
        """Open a model, every file of it proven.

        Raises:
            ModelError: It is missing, damaged, or cannot be understood.
        """
        if slot is None:
            with opened_factory(self.factory, self.factory_root) as files:
                yield files
        else:
            found = self._slot(slot)
            found.manifest()
            yield ModelFolder(found.folder)

    @contextmanager
    def opened_active(self) -> Iterator[ModelFiles | None]:
        """Open the first model in boot order whose files hold; None where none does, so that one can be imported."""
        with ExitStack() as stack:
            for slot in self.order():
                try:
                    files = stack.enter_context(self.opened(slot))
                except (ApplianceError, OSError):
                    continue  # the start of the service says so, loudly, and puts it aside
                yield files
                return
            yield None

    def order(self) -> tuple[str | None, ...]:
        """Return what to try, best first; only the model the box came with where the pointer cannot be understood."""
        try:
            return self.state().order()
        except PointerError:
            return (None,)

    def start(self, load: Callable[[ModelFiles], Loaded]) -> Serving[Loaded]:
        """Load what answers from now on, in boot order, counting the start; see :mod:`appliance.updates.boot`."""

        def load_from(source: Slot | House) -> Loaded:
            if isinstance(source, House):
                with self.opened(None) as files:
                    return load(files)
            return load(ModelFolder(source.folder))

        return choose(self.slots, self.pointer, self, load_from)

    def model_id(self, slot: str | None) -> str:
        """Return the id of a model for a person; what cannot be read is called by its slot."""
        try:
            if slot is None:
                with opened_factory(self.factory, self.factory_root) as files:
                    return files.manifest.model_id
            return self._slot(slot).manifest().model_id
        except (ApplianceError, OSError):
            return f"slot {slot}" if slot else "the model the box came with"

    def active_id(self) -> str:
        """Return the id of the model the pointer names, for a person, whatever the disk says."""
        try:
            return self.model_id(self.state().active)
        except (ApplianceError, OSError):
            return "the model before"

    def fallback_id(self, slot: str | None) -> str | None:
        """Return the id of what would answer after the model in a slot; None after the one the box came with."""
        if slot is None:
            return None
        fallback = self.state().fallback
        return self.model_id(fallback if fallback != slot else None)

    def take(self, slot: str, release: int, *, activate: bool) -> None:
        """Commit an import: from here on the model answers, or is held; its release is the floor."""
        if activate:
            self.pointer.change(lambda state: activated(state, slot, release))
        else:
            self.pointer.change(lambda state: accepted(state, release))

    def activate(self, slot: str | None = None) -> Change:
        """Let a kept model answer; without a name the newest that is held.

        Raises:
            NoSuchSlotError: There is none, it answers already, or its release is below the floor.
            ModelError: It is damaged.
        """
        state = self.state()
        name = slot or self._newest_held(state)
        with self.opened(name) as files:
            manifest = files.manifest
        if name == state.active:
            raise NoSuchSlotError(f"{manifest.model_id} answers already.", "It is active.", "Nothing is to be done.")
        if manifest.release < state.floor:
            raise NoSuchSlotError(
                f"{manifest.model_id} is older than what this box has accepted.",
                f"Its release is below {state.floor}.",
                f"To go back to it: `appliance model rollback {name}`.",
            )
        self.pointer.change(lambda now: activated(now, name, manifest.release))
        return Change(manifest.model_id, name, state.active)

    def roll_back(self, slot: str | None = None) -> Change:
        """Go back to the model before, to any slot that answered once, or to the model the box came with.

        Args:
            slot: Its name, or :data:`FACTORY`; None for the one before.

        Raises:
            NoSuchSlotError: There is none, it never answered, or it answers now.
            ModelError: It is damaged.
        """
        state = self.state()
        to = state.fallback if slot is None else None if slot == FACTORY else slot
        with self.opened(to) as files:
            model = files.manifest.model_id
        if to == state.active or (to is not None and to not in state.proven):
            raise NoSuchSlotError(
                f"There is no going back to {model}.",
                "It answers now." if to == state.active else "It never answered on this box.",
                "`appliance model list` shows what is kept; `appliance model activate` lets a held one answer.",
            )
        self.pointer.change(lambda now: rolled_back(now, to))
        return Change(model, to, state.active)

    def turn_back(self, slot: str | None, why: str, *, broken: bool) -> str | None:
        """Leave a slot by the box's own decision; return the one that answers then.

        Args:
            slot: The one to leave; where the pointer names another by now, nothing happens.
            why: One sentence, kept beside a slot that is put aside.
            broken: Put the slot aside.
        """

        def step(state: PointerState) -> PointerState:
            if slot is None or state.active != slot:
                return state
            best = next_best(self.slots, state)
            return rolled_back(state, best.name if best else None)

        after = self.pointer.change(step)
        if broken and slot is not None:
            found = self.slots.get(slot)
            if found is not None:
                self.slots.quarantine(found, why)
        return after.active

    def is_unconfirmed(self, slot: str | None) -> bool:
        """Say whether a slot answers on trial."""
        state = self.state()
        return slot is not None and state.active == slot and state.status is Status.TRIAL

    def confirm(self, slot: str | None) -> bool:
        """End the trial of a slot that answers; say whether there was one."""
        return self._on_trial(slot, confirmed)

    def give_back_try(self, slot: str | None) -> None:
        """Take back the start that was counted."""
        self._on_trial(slot, stopped)

    def _on_trial(self, slot: str | None, step: Callable[[PointerState], PointerState]) -> bool:
        if not self.is_unconfirmed(slot):
            return False
        self.pointer.change(lambda state: step(state) if state.active == slot else state)
        return True

    def discard(self, slot: str) -> Change:
        """Remove a slot that neither answers nor is the fallback.

        Raises:
            NoSuchSlotError: It is one of the two, or not there.
        """
        found, state = self._slot(slot), self.state()
        if slot in state.referenced:
            raise NoSuchSlotError(
                f"Slot {slot} stays.",
                "It is the active model or its fallback.",
                "Activate another one or go back first.",
            )
        model = self.model_id(slot)
        self.slots.discard(found)
        return Change(model, slot, state.active)

    def prune(self, keep: int) -> list[str]:
        """Remove the oldest slots beyond so many; the active one and its fallback stay."""
        return self.slots.prune(keep, self.state().referenced)

    def _slot(self, name: str) -> Slot:
        found = self.slots.get(name)
        if found is None:
            raise NoSuchSlotError(
                f"There is no slot {name!r}.",
                "It was never there, was put aside as broken, or was dropped.",
                "`appliance model list` shows what is kept.",
            )
        return found

    def _newest_held(self, state: PointerState) -> str:
        held = [slot.name for slot in self.slots.all() if slot.name not in state.proven]
        if not held:
            raise NoSuchSlotError(
                "No model is held.", "Every kept one has answered already.", "`appliance model list` shows them."
            )
        return held[-1]
