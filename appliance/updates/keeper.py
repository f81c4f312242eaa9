"""What the service answers with: the model the pointer names, taken up between documents and without a restart.

A new model is loaded and proven beside the old one, then the next document is
its; a document keeps the model it began with. One that fails to load, is not
confirmed by three starts, or no longer gives its golden answers is left for the
one before, by itself and loudly. Nothing here looks at a document.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.classify import ModelDamagedError, ModelError
from appliance.classify.line import RUNTIME_ERRORS
from appliance.closing import Closing
from appliance.errors import ApplianceError
from appliance.updates.boot import is_disk
from appliance.updates.house import NoSuchSlotError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from typing import Any, Protocol

    from appliance.classify import Decision
    from appliance.classify.decision import Word
    from appliance.classify.store import ModelFiles
    from appliance.updates.house import House

    class Proven(Protocol):
        """What the keeper asks of a loaded model."""

        model_id: str
        languages: tuple[str, ...]

        def decide(self, pages: Iterator[str]) -> Decision:
            """Decide."""
            ...

        def words(self, passage: str, start: int, label: str) -> tuple[Word, ...]:
            """Find the words that spoke loudest."""
            ...

        def prove(self) -> None:
            """Answer the golden inputs."""
            ...


log = logging.getLogger(__name__)

REST_SECONDS = 30.0
"""How long nothing is tried again after the disk refused."""


@dataclass(frozen=True, slots=True)
class Watching:
    """How closely a model is watched.

    Attributes:
        confirm_documents: A new one is confirmed after so many documents.
        confirm_seconds: Or after serving so long.
        golden_seconds: How often the golden inputs are answered again while the box is idle.
    """

    confirm_documents: int
    confirm_seconds: float
    golden_seconds: float


class Keeper(Closing):
    """Holds the model that answers.

    Args:
        house: Where models lie.
        load: Loads files as the service wants them, and proves them.
        note: Records what happened in the ledger: kind and detail.
        watching: How closely a new model is watched.
        clock: Gives seconds.

    Raises:
        ModelError: Nothing serves, not even the model the box came with.
    """

    def __init__(
        self,
        house: House,
        load: Callable[[ModelFiles], Proven],
        note: Callable[[str, dict[str, Any]], None],
        watching: Watching,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._house, self._load, self._note_in_ledger = house, load, note
        self._watching, self._clock = watching, clock
        self._stamp = house.stamp()
        serving = house.start(load)
        self._model, self._slot = serving.model, serving.slot.name if serving.slot else None
        self._lock = threading.Lock()
        self._documents = 0
        self._since = self._proven = clock()
        self._confirmed = False
        self._rest_until = clock()
        self._work: Future[None] | None = None
        self._hand = ThreadPoolExecutor(1, "keeper")
        for one in serving.passed:
            detail = {"slot": one.slot, "why": one.why, "lasting": one.lasting, "serving": self.model_id}
            self._note("model_passed_over", detail)

    @property
    def model_id(self) -> str:
        """Of the model that answers now."""
        return self._model.model_id

    @property
    def slot(self) -> str | None:
        """Where it lies; None for the model the box came with."""
        return self._slot

    def pinned(self) -> Proven:
        """Return the model that one document is to be answered by from its first look to its last."""
        with self._lock:
            self._documents += 1
            return self._model

    def decide(self, pages: Iterator[str]) -> Decision:
        """Decide by the model that answers now."""
        return self.pinned().decide(pages)

    @property
    def languages(self) -> tuple[str, ...]:
        """Those that the model reads that answers now."""
        return self._model.languages

    def words(self, passage: str, start: int, label: str) -> tuple[Word, ...]:
        """Find the words of a passage that spoke loudest for a label."""
        return self._model.words(passage, start, label)

    def tick(self, *, idle: bool) -> None:
        """Look whether there is something to do, and have it done beside the documents.

        Args:
            idle: Whether no document is in work.
        """
        if self._work is not None and not self._work.done():
            return
        self._work = None
        if self._clock() < self._rest_until:
            return
        stamp = self._house.stamp()
        if stamp != self._stamp:
            self._stamp = stamp
            self._begin(self._take_up)
        elif self._has_served_enough():
            self._begin(self._confirm)
        elif idle and self._clock() - self._proven >= self._watching.golden_seconds:
            self._begin(self._prove_again)

    def settle(self) -> None:
        """Wait for what is being done beside the documents."""
        if self._work is not None:
            self._work.result()

    def stop_asked(self) -> None:
        """Keep a stop that was asked for from counting against a new model."""
        self._guarded(self._stopped)

    def close(self) -> None:
        """End the thread; the model goes on answering whoever holds it."""
        self._hand.shutdown()

    def _begin(self, task: Callable[[], None]) -> None:
        self._work = self._hand.submit(self._guarded, task)

    def _guarded(self, task: Callable[[], None]) -> None:
        """Do a task; what the disk refuses is tried again, and the model at work goes on meanwhile."""
        try:
            task()
        except (ApplianceError, OSError, sqlite3.Error, MemoryError, *RUNTIME_ERRORS) as error:
            self._rest_until = self._clock() + REST_SECONDS
            log.error(
                "the models could not be looked after", extra={"task": task.__name__, "error": type(error).__name__}
            )
            self._stamp = None

    def _take_up(self) -> None:
        """Take up what the pointer names now; what does not load is left, and the pointer turned back."""
        name = self._house.state().active
        if name == self._slot:
            return
        try:
            with self._house.opened(name) as files:
                model = self._load(files)
        except (ModelError, NoSuchSlotError) as error:
            if name is None or (isinstance(error, ModelError) and is_disk(error)):
                raise
            self._turn_back(name, error.why, broken=isinstance(error, ModelDamagedError))
            return
        self._serve(model, name)
        self._note("model_taken_up", {"model": model.model_id, "slot": name})

    def _serve(self, model: Proven, name: str | None) -> None:
        with self._lock:
            self._model, self._slot, self._documents = model, name, 0
            self._since = self._proven = self._clock()
            self._confirmed = False
        log.info("another model answers", extra={"model": model.model_id})

    def _turn_back(self, name: str | None, why: str, *, broken: bool) -> None:
        """Leave a slot for the one before, without anybody's asking."""
        back = self._house.turn_back(name, why, broken=broken)
        log.error("a model was left for the one before", extra={"slot": name})
        self._note("model_rolled_back", {"from": name, "to": back, "why": why})
        if back != self._slot:
            with self._house.opened(back) as files:
                self._serve(self._load(files), back)

    def _has_served_enough(self) -> bool:
        """Whether a model that may be unconfirmed has served for long enough; the disk is not asked."""
        long_enough = self._clock() - self._since >= self._watching.confirm_seconds
        return not self._confirmed and (long_enough or self._documents >= self._watching.confirm_documents)

    def _confirm(self) -> None:
        if self._house.confirm(self._slot):
            self._note("model_confirmed", {"model": self.model_id, "slot": self._slot, "documents": self._documents})
        self._confirmed = True

    def _stopped(self) -> None:
        """A stop after the first document confirms; one before it proved nothing either way."""
        if self._documents:
            self._confirm()
        else:
            self._house.give_back_try(self._slot)

    def _prove_again(self) -> None:
        """Answer the golden inputs once more: memory, disks and drivers go wrong in years of service."""
        self._proven = self._clock()
        try:
            self._model.prove()
        except ApplianceError as error:
            if self._slot is None:
                log.error("the model the box came with no longer gives its golden answers")
                self._note("model_drifted", {"model": self.model_id, "why": error.why})
                return
            self._turn_back(self._slot, error.why, broken=False)

    def _note(self, kind: str, detail: dict[str, Any]) -> None:
        try:
            self._note_in_ledger(kind, detail)
        except sqlite3.Error as error:
            log.warning("something about the models could not be noted", extra={"error": type(error).__name__})
