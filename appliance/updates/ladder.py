"""The ladder: how a bundle becomes the model that answers. Each rung is told as it is climbed, with its figures.

Nothing but a staged copy exists before the last rung; a refused bundle leaves a
record (who, when, which rung, why) and nothing else. The slot is whole and
durable before the pointer names it, and the pointer is the only commit point:
a power cut leaves the old model or the new, never neither.

A bundle on a stick is read once, into staging, and never trusted again.
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
import sqlite3
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from appliance.classify.line import RUNTIME_ERRORS
from appliance.errors import ApplianceError
from appliance.ledger import Attempt
from appliance.updates import rungs
from appliance.updates.archive import MOST_BYTES, PIECE_BYTES, Archive, open_bundle
from appliance.updates.bundled import BundledModel
from appliance.updates.errors import BundleTooLargeError
from appliance.updates.inferiority import compare
from appliance.updates.pointer import PointerError
from appliance.updates.rungs import Limits, Outcome, Result, Rung
from appliance.updates.verifier import TARGETS, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from appliance.classify import Classifier
    from appliance.classify.store import ModelFiles
    from appliance.ledger import Ledger
    from appliance.updates.house import House
    from appliance.updates.inferiority import Pair
    from appliance.updates.slots import Slot
    from appliance.updates.verifier import Verified

log = logging.getLogger(__name__)

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


class RefusedError(ApplianceError):
    """A bundle was refused; nothing was changed.

    Args:
        outcome: Of the rung that refused.
        remedy: What the rung says to do.
        active: Id of the model that goes on answering.
    """

    def __init__(self, outcome: Outcome, remedy: str, active: str) -> None:
        what = f"The bundle was refused on rung {int(outcome.rung)}, {outcome.rung.name.lower()}."
        super().__init__(what, outcome.why, f"Nothing changed; {active} is still active. {remedy}".strip())
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Means:
    """What the ladder needs beside the bundle.

    Attributes:
        limits: The box's own.
        reserve_bytes: Room that must stay free on the disk.
        kept: How many slots are kept.
        load: Loads a model as the service would.
        answer: Both models' answers on the documents reviewed here, given the new model and the active one.
        now: What the clock says, in UTC.
    """

    limits: Limits
    reserve_bytes: int
    kept: int
    load: Callable[[ModelFiles], Classifier]
    answer: Callable[[Classifier, Classifier], list[Pair]]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to.

    Attributes:
        model: Id of the new model.
        slot: Where it lies.
        active: Id of the model that answers now.
    """

    model: str
    slot: str
    active: str


class Ladder:
    """Climbs one bundle at a time.

    Args:
        house: Where models lie on this box.
        ledger: Keeps the record.
        means: What else is needed.
        say: Told each outcome as it comes.
    """

    def __init__(self, house: House, ledger: Ledger, means: Means, say: Callable[[Outcome], None]) -> None:
        self._house = house
        self._ledger = ledger
        self._means = means
        self._tell = say
        self._told: list[Outcome] = []
        self._model: str | None = None
        self._release: int | None = None

    def climb(self, bundle: Path, who: str, *, hold: bool = False) -> Imported:
        """Import a bundle.

        Args:
            bundle: Its file, on a stick or anywhere.
            who: For the record.
            hold: Leave the model that answers as it is; the new one can be activated later.

        Raises:
            RefusedError: It was refused on some rung; that is recorded, and nothing else was changed.
            BusyError: Another import is under way.
        """
        self._told, self._model, self._release = [], None, None
        with self._house.importing() as staging:
            try:
                imported = self._climb(bundle, staging, hold=hold)
            except RefusedError as refused:
                self._note(bundle, who, refused.outcome)
                raise
            self._note(bundle, who, self._told[-1], imported.slot)
            self._prune()
        return imported

    def _climb(self, bundle: Path, staging: Path, *, hold: bool) -> Imported:
        with self._on(Rung.COPIED, "a regular file, whole, and room for it twice"):
            copy = staging / "copy.bundle"
            self._say(copied(bundle, copy, self._means.reserve_bytes))
        with ExitStack() as stack:
            with self._on(Rung.SIGNED, "signatures, thresholds, floor and expiry"):
                file = open_bundle(copy)
                stack.callback(_let_go, file)
                archive = Archive(file)
                verified = self._verified(archive, staging)
            self._prove(BundledModel(archive, verified.manifest))
            with self._on(Rung.ACTIVATED, "whole and durable before it is named"):
                slot = self._settled(archive, verified, hold=hold)
        self._say(Outcome(Rung.WATCHED, Result.SKIPPED if hold else Result.PASSED, *_WATCHED[hold]))
        return Imported(str(self._model), slot.name, self._house.active_id())

    def _verified(self, archive: Archive, staging: Path) -> Verified:
        floor, trust = self._house.floor(), self._house.trust()
        began = time.perf_counter()
        verified = verify(archive, trust, floor=floor, now=self._means.now(), work=staging)
        seconds = time.perf_counter() - began
        self._model, self._release = f"{verified.model} {verified.release}", verified.release
        self._say(
            Outcome(
                Rung.SIGNED,
                Result.PASSED,
                f"release {verified.release}, valid until {verified.expires:%Y-%m-%d}, all hashes in {seconds:.2f} s",
                f"the trusted root, release {floor} or later, a date that has not passed",
                figures={"release": verified.release, "floor": floor, "seconds": round(seconds, 3)},
            )
        )
        return verified

    def _prove(self, model: BundledModel) -> None:
        """Rungs 3 to 8: the new model beside the one that answers; without one there is nothing to compare with."""
        with self._house.opened_active() as files, self._on(Rung.FITS, ""):
            if files is not None:
                self._say(rungs.fits(model.manifest, files.manifest))
            self._rung = Rung.LOADS
            outcome, loaded = rungs.loads(lambda: self._means.load(model))
            self._say(outcome)
            if loaded is None:
                return
            self._rung = Rung.GOLDEN
            self._say(rungs.golden(loaded.classifier))
            active = None if files is None else self._loaded_active(files)
            if active is not None:
                self._compare(loaded, active)
        self._say(rungs.shadowed())

    def _loaded_active(self, files: ModelFiles) -> Classifier | None:
        """Load the model to compare with; one that does not load is what the import may be the remedy of."""
        try:
            return self._means.load(files)
        except (ApplianceError, MemoryError, *RUNTIME_ERRORS) as error:
            log.warning(
                "the active model does not load; nothing to compare with", extra={"error": type(error).__name__}
            )
            return None

    def _compare(self, loaded: rungs.Loaded, active: Classifier) -> None:
        limits = self._means.limits.tightened(loaded.classifier.manifest)
        self._rung = Rung.SPEED
        pace = rungs.timed(loaded.classifier, active)
        self._say(rungs.fast_enough(pace, loaded.memory_bytes, limits))
        self._rung = Rung.REVIEWED
        pairs = self._means.answer(loaded.classifier, active)
        self._say(rungs.not_worse(compare(pairs, limits.accuracy_margin)))

    def _settled(self, archive: Archive, verified: Verified, *, hold: bool) -> Slot:
        """Rung 9: slot, then trust, then the pointer: each durable before the next."""
        began = time.perf_counter()
        pieces = ((name, archive.pieces(f"{TARGETS}{name}", one.size)) for name, one in verified.targets.items())
        slot = self._house.slots.add(verified.manifest, pieces)
        try:
            self._house.trust().accept(verified.roots, verified.proven)
            self._house.take(slot.name, verified.release, activate=not hold)
        except BaseException:
            with suppress(OSError, PointerError):  # what stays is whole and proven
                if slot.name not in self._house.state().proven:
                    self._house.slots.discard(slot)
            raise
        how = f"held in slot {slot.name}" if hold else f"active from slot {slot.name}"
        measured = f"{how}, written in {time.perf_counter() - began:.2f} s"
        self._say(Outcome(Rung.ACTIVATED, Result.PASSED, measured, "whole and durable before it is named"))
        return slot

    def _say(self, outcome: Outcome) -> None:
        if outcome.result is Result.REFUSED:
            raise RefusedError(outcome, "Ask whoever made it for one that holds here.", self._house.active_id())
        self._told.append(outcome)
        self._show(outcome)

    def _show(self, outcome: Outcome) -> None:
        with suppress(OSError):  # whoever no longer listens neither refuses nor undoes an import
            self._tell(outcome)

    @contextmanager
    def _on(self, rung: Rung, limit: str) -> Iterator[None]:
        """Turn what goes wrong within into the refusal of the rung that stands there by then."""
        self._rung = rung
        try:
            yield
        except RefusedError:
            raise
        except ApplianceError as error:
            raise self._refusal(limit, error.what.rstrip(".").lower(), error.why, error.remedy) from error
        except OSError as error:
            why, remedy = _of_the_system(error)
            raise self._refusal(limit, "the system refused", why, remedy) from error

    def _refusal(self, limit: str, measured: str, why: str, remedy: str) -> RefusedError:
        outcome = Outcome(self._rung, Result.REFUSED, measured, limit, why)
        return RefusedError(outcome, remedy, self._house.active_id())

    def _note(self, bundle: Path, who: str, last: Outcome, slot: str | None = None) -> None:
        """Keep the record; where even the ledger's disk is full the log has it."""
        told = self._told if slot else [*self._told, last]
        if not slot:
            self._show(last)
        attempt = Attempt(
            actor=who,
            bundle=os.fsencode(bundle.name).decode(errors="backslashreplace"),
            outcome="accepted" if slot else "refused",
            model=self._model,
            release=self._release,
            slot=slot,
            rung=int(last.rung),
            why=last.why,
            rungs=[outcome.as_dict() for outcome in told],
        )
        try:
            self._ledger.note_import(attempt)
        except sqlite3.Error as error:
            log.error("an import could not be recorded", extra={"error": type(error).__name__})

    def _prune(self) -> None:
        """Drop the oldest slots beyond those kept; what cannot be dropped today is tried again at the next import."""
        try:
            self._house.prune(self._means.kept)
        except OSError as error:
            log.warning("an old slot could not be dropped", extra={"errno": error.errno})


_WATCHED = {
    False: (
        "from its first document on",
        "back by itself when it fails to load, after three unconfirmed starts, or when a golden answer drifts",
    ),
    True: ("not yet: it is held", "`appliance model activate`"),
}


def copied(bundle: Path, copy: Path, reserve_bytes: int) -> Outcome:
    """Rung 1: copy a bundle off its stick, durable when this returns.

    Raises:
        BundleError: It is no regular file, or larger than any bundle.
        OSError: It cannot be read, was pulled out, changed under the copy, or the disk has no room.
    """
    began = time.perf_counter()
    with open_bundle(bundle) as source:
        size = os.fstat(source.fileno()).st_size
        if size > MOST_BYTES:
            raise BundleTooLargeError(f"It has {size} bytes; a bundle has at most {MOST_BYTES}.")
        free = shutil.disk_usage(copy.parent).free
        if free < 2 * size + reserve_bytes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        with copy.open("xb") as target:
            written = _pour(source, target, size)
            target.flush()
            os.fsync(target.fileno())
        if written != size or os.fstat(source.fileno()).st_size != size:
            raise OSError(errno.EIO, "The file ended early or changed while it was copied")
    seconds = time.perf_counter() - began
    megabytes = size / rungs.MEGABYTE
    return Outcome(
        Rung.COPIED,
        Result.PASSED,
        f"{megabytes:.1f} MB in {seconds:.2f} s, {free / rungs.MEGABYTE:.0f} MB were free",
        f"{2 * megabytes + reserve_bytes / rungs.MEGABYTE:.0f} MB free",
        figures={"bytes": size, "seconds": round(seconds, 3), "free_bytes": free},
    )


def _let_go(file: BinaryIO) -> None:
    """Close what was only read; an error in that takes nothing back that was committed."""
    with suppress(OSError):
        file.close()


def _pour(source: BinaryIO, target: BinaryIO, size: int) -> int:
    written = 0
    while written <= size and (piece := source.read(PIECE_BYTES)):
        target.write(piece)
        written += len(piece)
    return written


def _of_the_system(error: OSError) -> tuple[str, str]:
    """Say why the system refused, and what to do about it."""
    if error.errno in FULL:
        return "The box's disk is full or read-only.", "Make room on it, then import again."
    said = (error.strerror or str(error)).rstrip(".")
    return f"The system says: {said}.", "Put the stick in again, or copy the bundle anew, then import again."
