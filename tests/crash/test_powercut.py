"""The power goes anywhere in the walk of a document: one file in one place with one row, once the box was started."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.crash.judge import faults
from tests.crash.powercut import Plant
from tests.crash.scenarios import FIRST, SCENARIOS, STRANGER, TARGET
from tests.crash.walker import start
from tests.fakes import CONTRACT, in_memory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    with in_memory(tmp_path) as folder:
        (folder / "home/inbox").mkdir(parents=True)
        yield folder


def test_a_power_cut_in_any_of_a_sample_of_states_loses_and_doubles_nothing() -> None:
    command = [sys.executable, "-m", "tests.crash.powercut", "--sample", "600", "--seed", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout
    assert "0 findings" in done.stdout.splitlines()[-1]


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_an_undisturbed_walk_passes(tmp_path: Path, name: str) -> None:
    with in_memory(tmp_path) as folder:
        plant = Plant(folder, 1)
        recording = plant.record(SCENARIOS[name])
        *_, last = recording.states(plant.chance)
        assert plant.judge(recording, last) == []


# The judge itself


def test_a_document_that_is_nowhere_is_found_out(root: Path) -> None:
    SCENARIOS["linked"].drop(root)
    start(root, SCENARIOS["linked"])
    (root / TARGET).unlink()
    assert any("has 0 files and not 1" in fault for fault in faults(root, [CONTRACT], {}))


def test_a_document_in_two_places_is_found_out(root: Path) -> None:
    SCENARIOS["linked"].drop(root)
    start(root, SCENARIOS["linked"])
    (root / FIRST).hardlink_to(root / TARGET)
    assert faults(root, [CONTRACT], {}) == [f"{CONTRACT!r} has 2 files and not 1"]


def test_a_document_with_other_bytes_is_found_out(root: Path) -> None:
    SCENARIOS["linked"].drop(root)
    start(root, SCENARIOS["linked"])
    (root / TARGET).write_text("torn")
    assert "Document 1: the bytes of var/filed/contract/distributor/a.txt are not those that were filed." in faults(
        root, [CONTRACT], {}
    )


def test_a_stranger_that_was_written_over_is_found_out(root: Path) -> None:
    start(root, SCENARIOS["linked"])
    assert faults(root, [], {TARGET: STRANGER}) == [f"the stranger at {TARGET} was written over or removed"]
