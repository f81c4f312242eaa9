from __future__ import annotations

import shutil
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from appliance.classify import (
    ModelDamagedError,
    ModelDisagreesError,
    ModelMissingError,
    ModelUnfitError,
    load_classifier,
)
from appliance.updates.keeper import REST_SECONDS, Keeper, Watching
from tests.fakes import FakeClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.classify import Decision
    from appliance.classify.store import ModelFiles
    from tests.updates.modelbox import ModelBox

WATCHING = Watching(confirm_documents=3, confirm_seconds=60, golden_seconds=600)


class Shaky:
    """A real model whose golden answers can be made to drift.

    Args:
        files: Of the model.
        drifting: Ids of the models that no longer give their golden answers.
    """

    def __init__(self, files: ModelFiles, drifting: set[str]) -> None:
        self._model = load_classifier(files)
        self.model_id = self._model.model_id
        self._drifting = drifting

    def decide(self, pages: Iterator[str]) -> Decision:
        return self._model.decide(pages)

    def prove(self) -> None:
        if self.model_id in self._drifting:
            raise ModelDisagreesError("Golden input 1 gave another answer.")
        self._model.prove()


class Service:
    """What a service does with a keeper.

    Attributes:
        broken: Ids of models that do not load.
        drifting: Ids of models whose golden answers drift.
        notes: What the keeper noted.
    """

    def __init__(self, box: ModelBox) -> None:
        self.box = box
        self.clock = FakeClock()
        self.broken: set[str] = set()
        self.drifting: set[str] = set()
        self.notes: list[tuple[str, dict[str, Any]]] = []

    @contextmanager
    def running(self) -> Iterator[Keeper]:
        """One life of the service; it is cut off unless it is asked to stop."""
        with Keeper(self.box.house, self._load, self._note, WATCHING, self.clock) as keeper:
            yield keeper
            keeper.settle()

    def beat(self, keeper: Keeper, *, idle: bool = True) -> None:
        """One beat, and what it began."""
        keeper.tick(idle=idle)
        keeper.settle()

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.notes]

    def _load(self, files: ModelFiles) -> Shaky:
        if files.manifest.model_id in self.broken:
            raise ModelUnfitError("It loads on no execution provider here.")
        model = Shaky(files, self.drifting)
        model.prove()
        return model

    def _note(self, kind: str, detail: dict[str, Any]) -> None:
        self.notes.append((kind, detail))


@pytest.fixture
def service(model_box: ModelBox) -> Service:
    return Service(model_box)


def answer(keeper: Keeper, times: int = 1) -> str:
    """Answer documents and return who answered the last one."""
    decided = [keeper.decide(iter(["total word"])) for _ in range(times)]
    return decided[-1].model


def test_a_box_without_imports_answers_with_what_it_came_with(service: Service) -> None:
    with service.running() as keeper:
        service.beat(keeper)
        assert (answer(keeper), service.notes) == ("tiny 1", [])


def test_a_new_model_answers_the_next_document_without_a_restart(service: Service) -> None:
    with service.running() as keeper:
        begun = keeper.pinned()
        service.box.take(2)
        service.beat(keeper)
        assert (begun.decide(iter(["total"])).model, answer(keeper)) == ("tiny 1", "tiny 2")
        assert service.kinds == ["model_taken_up"]


def test_going_back_is_taken_up_too(service: Service) -> None:
    service.box.take(2)
    with service.running() as keeper:
        service.box.house.roll_back()
        service.beat(keeper)
        assert answer(keeper) == "tiny 1"


def test_nothing_is_loaded_while_the_pointer_stands_still(service: Service) -> None:
    service.box.take(2)
    with service.running() as keeper:
        service.broken = {"tiny 1", "tiny 2"}
        service.beat(keeper)
        assert answer(keeper) == "tiny 2"


@pytest.mark.parametrize(("documents", "seconds"), [(3, 0), (0, 60)], ids=["documents", "time"])
def test_a_model_is_confirmed_after_enough(service: Service, documents: int, seconds: float) -> None:
    service.box.take(2)
    with service.running() as keeper:
        service.beat(keeper)
        assert service.box.house.is_unconfirmed("0001")
        if documents:
            answer(keeper, documents)
        service.clock.turn(seconds)
        service.beat(keeper)
        assert not service.box.house.is_unconfirmed("0001")
        assert service.kinds == ["model_confirmed"]


def test_a_model_that_does_not_load_is_left_and_the_old_one_goes_on(service: Service) -> None:
    service.box.take(2)
    with service.running() as keeper:
        service.broken = {"tiny 3"}
        service.box.take(3)
        service.beat(keeper)
        assert (answer(keeper), service.box.house.active_id()) == ("tiny 2", "tiny 2")
        assert service.kinds == ["model_rolled_back"]


def test_a_damaged_slot_is_put_aside_and_never_deleted(service: Service) -> None:
    with service.running() as keeper:
        service.box.take(2)
        graph = next(service.box.house.slots.folder.glob("0001/targets/*.onnx"))
        graph.chmod(0o644)
        graph.write_bytes(b"other")
        service.beat(keeper)
        assert (answer(keeper), service.box.house.active_id()) == ("tiny 1", "tiny 1")
        assert (service.box.house.slots.aside / "0001" / "manifest.json").exists()


def test_a_model_that_the_disk_does_not_give_is_taken_up_later(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> ModelFiles:
        raise ModelDamagedError("model.onnx cannot be read.") from OSError(5, "Input/output error")

    with service.running() as keeper:
        slot = service.box.take(2)
        with monkeypatch.context() as disk:
            disk.setattr("appliance.updates.house.ModelFolder", failing)
            service.beat(keeper)
        assert (keeper.model_id, service.box.house.state().active) == ("tiny 1", slot)
        service.clock.turn(REST_SECONDS)
        service.beat(keeper)
        assert keeper.model_id == "tiny 2"


def test_a_start_with_a_model_that_does_not_load_goes_back(service: Service) -> None:
    service.box.take(2)
    service.box.take(3)
    service.broken = {"tiny 3"}
    with service.running() as keeper:
        assert (answer(keeper), service.box.house.active_id()) == ("tiny 2", "tiny 2")
        assert service.notes[0][1]["slot"] == "0002"


def test_three_unconfirmed_starts_go_back(service: Service) -> None:
    service.box.take(2)
    for _ in range(3):
        with service.running() as keeper:
            assert answer(keeper) == "tiny 2"
    with service.running() as keeper:
        assert (answer(keeper), service.box.house.active_id()) == ("tiny 1", "tiny 1")
        assert service.kinds == ["model_passed_over"]


def test_a_stop_that_was_asked_for_counts_against_nothing(service: Service) -> None:
    service.box.take(2)
    for _ in range(5):
        with service.running() as keeper:
            keeper.stop_asked()
    with service.running() as keeper:
        assert answer(keeper) == "tiny 2"


def test_a_stop_after_a_document_confirms(service: Service) -> None:
    service.box.take(2)
    with service.running() as keeper:
        answer(keeper)
        keeper.stop_asked()
    assert not service.box.house.is_unconfirmed("0001")


def test_golden_drift_goes_back(service: Service) -> None:
    service.box.take(2)
    with service.running() as keeper:
        service.drifting = {"tiny 2"}
        keeper._model._drifting = service.drifting  # type: ignore[attr-defined]
        service.clock.turn(600)
        for _ in ("the start's change of the pointer", "the confirmation", "its change", "the golden answers"):
            service.beat(keeper)
        assert (answer(keeper), service.box.house.active_id()) == ("tiny 1", "tiny 1")
        assert service.kinds[-1] == "model_rolled_back"
        assert "Golden input 1" in service.notes[-1][1]["why"]


def test_golden_answers_wait_for_an_idle_moment_and_their_time(service: Service) -> None:
    with service.running() as keeper:
        keeper._model._drifting.add("tiny 1")  # type: ignore[attr-defined]
        service.clock.turn(599)
        service.beat(keeper)
        service.clock.turn(1)
        service.beat(keeper, idle=False)
        assert service.notes == []
        service.beat(keeper)
        assert (service.kinds, answer(keeper)) == (["model_drifted"], "tiny 1")


def test_a_ledger_in_trouble_stops_no_model(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with service.running() as keeper:
        monkeypatch.setattr(keeper, "_note_in_ledger", full)
        service.box.take(2)
        service.beat(keeper)
        assert answer(keeper) == "tiny 2"


def test_a_pointer_that_cannot_be_read_changes_nothing_and_is_looked_at_again(service: Service) -> None:
    with service.running() as keeper:
        service.box.take(2)
        good = service.box.house.pointer.path.read_bytes()
        service.box.house.pointer.path.write_bytes(b"{")
        service.beat(keeper)
        assert answer(keeper) == "tiny 1"
        service.box.house.pointer.path.write_bytes(good)
        service.clock.turn(30)
        service.beat(keeper)
        assert answer(keeper) == "tiny 2"


def test_without_any_model_it_does_not_start(service: Service) -> None:
    service.box.house.factory.unlink()
    with pytest.raises(ModelMissingError), service.running():
        pass


def test_a_slot_that_vanishes_while_it_answers_goes_on_answering(service: Service) -> None:
    service.box.take(2)
    with service.running() as keeper:
        shutil.rmtree(service.box.house.slots.folder)
        service.beat(keeper)
        assert answer(keeper) == "tiny 2"


def test_a_pointer_that_cannot_be_read_costs_the_service_nothing(service: Service) -> None:
    service.box.take(2)
    with service.running() as keeper:
        pointer = service.box.house.pointer.path
        pointer.unlink()
        pointer.mkdir()
        service.clock.turn(600)
        service.beat(keeper)
        service.beat(keeper)
        assert answer(keeper) == "tiny 2"
