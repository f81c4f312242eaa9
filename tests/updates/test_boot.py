"""Which model answers: boot order, trials, quarantine, and that there always is one."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from appliance.classify import ModelDamagedError, ModelMissingError
from appliance.classify.store import TARGETS
from appliance.updates.boot import Serving, choose, next_best
from appliance.updates.pointer import FILE, MOST_TRIES, Pointer, PointerState, Status, activated, confirmed, rolled_back
from appliance.updates.slots import Slots
from tests.updates.stored import FACTORY, UNFIT, Loader, add_slot

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Box:
    """The models of a box, and its starts."""

    folder: Path
    loader: Loader = field(default_factory=Loader)

    def __post_init__(self) -> None:
        self.slots, self.pointer = Slots(self.folder), Pointer(self.folder)

    def take(self, release: int, network: bytes | None = None, *, confirm: bool = True) -> str:
        """Import a model and activate it."""
        slot = add_slot(self.slots, release, network)
        self.pointer.change(lambda state: activated(state, slot.name, release))
        if confirm:
            self.pointer.change(confirmed)
        return slot.name

    def start(self) -> Serving[int]:
        """Start once."""
        self.loader = Loader()
        return choose(self.slots, self.pointer, FACTORY, self.loader)

    def damage(self, name: str) -> None:
        """Alter a file of a slot."""
        [network] = (self.slots.folder / name / TARGETS).glob("*.model.onnx")
        network.chmod(0o644)
        network.write_bytes(b"altered")


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "models")


def test_a_new_box_answers_with_the_model_it_came_with_and_writes_nothing(box: Box) -> None:
    serving = box.start()
    assert (serving.model, serving.slot, serving.passed, serving.troubles) == (0, None, (), ())
    assert not box.folder.exists()


def test_the_active_model_answers(box: Box) -> None:
    box.take(1)
    box.take(2)
    assert box.start().model == 2
    assert box.loader.loaded == ["0002"]


def test_a_start_of_a_confirmed_model_writes_nothing(box: Box) -> None:
    box.take(1)
    before = (box.folder / FILE).stat()
    box.start()
    assert (box.folder / FILE).stat() == before


def test_a_broken_model_goes_into_quarantine_and_its_fallback_answers(box: Box) -> None:
    box.take(1)
    box.damage(box.take(2))
    serving = box.start()
    assert (serving.model, [(one.slot, one.lasting) for one in serving.passed]) == (1, [("0002", True)])
    assert (box.slots.aside / "0002" / TARGETS).is_dir()
    assert "altered" in (box.slots.aside / "0002.json").read_text()
    assert (box.pointer.read().active, box.pointer.read().floor) == ("0001", 2)


def test_no_byte_of_a_broken_model_is_parsed(box: Box) -> None:
    box.take(1)
    box.damage(box.take(2))
    box.start()
    assert box.loader.loaded == ["0001"]


def test_a_model_that_does_not_load_is_left_for_its_fallback(box: Box) -> None:
    box.take(1)
    box.take(2, UNFIT)
    serving = box.start()
    assert (serving.model, serving.passed[0].why) == (1, "It was made for another box.")
    assert box.pointer.read().active == "0001"
    assert [slot.name for slot in box.slots.all()] == ["0001", "0002"]


def test_any_model_that_once_served_answers_before_the_one_the_box_came_with(box: Box) -> None:
    names = [box.take(release) for release in (1, 2, 3)]
    for name in names[1:]:
        box.damage(name)
    assert box.start().model == 1


def test_a_model_that_was_held_never_answers_by_itself(box: Box) -> None:
    add_slot(box.slots, 1)
    box.damage(box.take(2))
    assert box.start().slot is None


def test_the_model_the_box_came_with_answers_when_all_others_are_broken(box: Box) -> None:
    for release in (1, 2):
        box.damage(box.take(release))
    serving = box.start()
    assert (serving.slot, len(serving.passed), box.pointer.read().active) == (None, 2, None)


def test_a_model_that_is_gone_from_the_disk_is_passed_over(box: Box) -> None:
    box.take(1)
    box.take(2)
    (box.slots.folder / "0002").rename(box.folder / "taken away")
    assert box.start().model == 1
    assert box.pointer.read().active == "0001"


def test_three_unconfirmed_starts_bring_the_fallback_back(box: Box) -> None:
    box.take(1)
    box.take(2, confirm=False)
    assert [box.start().model for _ in range(MOST_TRIES + 1)] == [2, 2, 2, 1]
    assert box.pointer.read().active == "0001"


def test_a_model_that_ends_the_process_is_counted_before_it_is_loaded(box: Box) -> None:
    def ends(_: object) -> int:
        raise KeyboardInterrupt

    box.take(1)
    box.take(2, confirm=False)
    for _ in range(MOST_TRIES):
        with pytest.raises(KeyboardInterrupt):
            choose(box.slots, box.pointer, FACTORY, ends)
    assert box.start().model == 1


def test_models_that_both_wear_out_do_not_take_turns_for_ever(box: Box) -> None:
    box.take(1)
    box.take(2, confirm=False)
    starts = [box.start().model for _ in range(2 * MOST_TRIES + 2)]
    assert starts == [2, 2, 2, 1, 1, 1, 0, 0]


def test_a_confirmed_model_may_be_started_ever_so_often(box: Box) -> None:
    box.take(1)
    assert {box.start().model for _ in range(3 * MOST_TRIES)} == {1}


def test_a_person_may_go_back_to_the_model_the_box_came_with(box: Box) -> None:
    box.take(1)
    box.pointer.change(lambda state: rolled_back(state, None))
    assert box.start().slot is None


def test_where_even_the_model_the_box_came_with_is_broken_one_that_served_answers(box: Box) -> None:
    def load(source: object) -> int:
        if source is FACTORY:
            raise ModelDamagedError("It was altered.")
        return box.loader(source)  # type: ignore[arg-type]

    box.take(1)
    box.pointer.change(lambda state: rolled_back(state, None))
    assert choose(box.slots, box.pointer, FACTORY, load).model == 1


def test_where_there_is_no_model_at_all_the_box_says_so(box: Box) -> None:
    def load(_: object) -> int:
        raise ModelMissingError("There is no model to answer with.", "It is gone.", "Install the box again.")

    with pytest.raises(ModelMissingError):
        choose(box.slots, box.pointer, FACTORY, load)


def test_a_pointer_that_cannot_be_understood_is_put_aside_and_the_newest_whole_model_answers(box: Box) -> None:
    box.take(1)
    box.take(2)
    box.damage(box.take(3))
    (box.folder / FILE).write_bytes(b"\0" * 300)
    serving = box.start()
    assert (serving.model, len(serving.troubles)) == (2, 1)
    state = box.pointer.read()
    assert (state.active, state.floor, state.status) == ("0002", 3, Status.TRIAL)
    assert [path.read_bytes() for path in box.folder.glob("*.broken-*")] == [b"\0" * 300]


def test_a_change_by_somebody_else_meanwhile_stands(box: Box) -> None:
    def load(source: object) -> int:
        if getattr(source, "name", None) == "0002":
            add_slot(box.slots, 3)
            box.pointer.change(lambda state: activated(state, "0003", 3))
        return box.loader(source)  # type: ignore[arg-type]

    box.take(1)
    box.take(2, UNFIT)
    choose(box.slots, box.pointer, FACTORY, load)
    assert box.pointer.read().active == "0003"


def test_it_is_said_loudly_which_model_answers_and_which_does_not(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    box.take(1)
    box.take(2, UNFIT)
    with caplog.at_level(logging.INFO):
        told = box.start().told
    assert told == "slot 0001 answers. slot 0002 does not: It was made for another box."
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]


def test_the_next_best_is_the_first_whole_one_after_the_active(box: Box) -> None:
    names = [box.take(release) for release in (1, 2, 3)]
    box.damage(names[1])
    best = next_best(box.slots, box.pointer.read())
    assert best is not None
    assert best.name == "0001"


def test_after_nothing_but_the_active_comes_the_model_the_box_came_with(box: Box) -> None:
    box.take(1)
    assert next_best(box.slots, box.pointer.read()) is None


def test_a_state_of_its_own_starts_from_nothing() -> None:
    assert PointerState().order() == (None,)


def test_on_a_read_only_disk_the_fallback_answers_for_a_broken_model(box: Box) -> None:
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        pytest.skip("needs the program bwrap, from Debian package bubblewrap")
    box.take(1)
    box.damage(box.take(2))
    script = (
        "import sys; from pathlib import Path; from tests.updates.test_boot import Box;"
        "serving = Box(Path(sys.argv[1])).start(); print(serving.model, len(serving.troubles))"
    )
    walls = [bwrap, "--dev-bind", "/", "/", "--ro-bind", str(box.folder), str(box.folder)]
    command = [*walls, sys.executable, "-c", script, str(box.folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["1", "2"]
    assert box.pointer.read().active == "0002"
    assert (box.start().model, box.pointer.read().active) == (1, "0001")
