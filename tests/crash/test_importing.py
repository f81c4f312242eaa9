"""Cut anywhere, a change of models leaves a box that answers by a whole one and takes the next."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from appliance.classify.store import MANIFEST
from tests.crash.importing import MODELS, SCENARIOS, house_at, lay_out, perform, start
from tests.crash.importing_judge import Ended, faults
from tests.crash.importing_mutants import MUTANTS
from tests.crash.importing_powercut import record
from tests.crash.importing_recording import LEDGER
from tests.crash.importing_sweep import Case, ImportBench
from tests.crash.mutants import CHECKOUT, Mutant, source_of
from tests.crash.recording import Names, Sync
from tests.fakes import in_memory
from tests.needs import needs_program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STRACE = needs_program("strace", "Debian package strace")
SECOND = SCENARIOS["second"]
SAMPLED = ("--scenario", "second", "--scenario", "broken", "--seed", "1")


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    with in_memory(tmp_path) as folder:
        yield folder / "root"


@pytest.mark.parametrize(("proof", "sample"), [("sweep", "24"), ("powercut", "40")])
def test_a_sample_of_the_proof_finds_nothing(proof: str, sample: str) -> None:
    command = [sys.executable, "-m", f"tests.crash.importing_{proof}", "--sample", sample, *SAMPLED]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 findings" in done.stdout


@pytest.mark.parametrize("name", SCENARIOS)
def test_an_act_that_nobody_cuts_passes(root: Path, name: str) -> None:
    lay_out(root, SCENARIOS[name])
    perform(root, SCENARIOS[name])
    assert faults(root, SCENARIOS[name], Ended.DONE) == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutation_fits_the_code_and_leaves_python(mutant: Mutant) -> None:
    compile(source_of(CHECKOUT, mutant), mutant.file, "exec")
    assert mutant.scenario in SCENARIOS


def test_a_seeded_bug_is_caught() -> None:
    command = [sys.executable, "-m", "tests.crash.importing_mutants", "--quick", "--sample", "1", "--seed", "4"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 1 mutants caught" in done.stdout


def test_what_the_recorder_sees_is_what_strace_sees(root: Path) -> None:
    bench = ImportBench(root.parent, STRACE)
    bench.lay_out(Case(SECOND))
    lines = bench.walk(Case(SECOND), [])
    recording = record(root, SECOND)
    steps = recording.steps[recording.since :]
    assert sum(isinstance(step, Names) for step in steps) == sum(map(_changes_a_name, lines))
    seen = [line for line in lines if re.match(r"fsync\(", line) and LEDGER not in line]
    assert sum(isinstance(step, Sync) for step in steps) == len(seen)


def _changes_a_name(line: str) -> bool:
    """Whether a call changes a name among the models, as far as a recording keeps it."""
    creates = line.startswith("openat(") and "O_CREAT|O_EXCL" in line
    changes = creates or re.match(r"(rename|mkdir|unlink|unlinkat|rmdir)\(", line)
    return bool(changes) and " = -1" not in line and MODELS in line and "staging/import" not in line


# The judge itself


def test_a_slot_that_is_half_there_is_found_out(root: Path) -> None:
    lay_out(root, SECOND)
    perform(root, SECOND)
    (house_at(root).slots.all()[0].folder / MANIFEST).unlink()
    assert any("a slot is not whole" in fault for fault in faults(root, SECOND, Ended.DONE))


def test_a_model_that_went_is_found_out(root: Path) -> None:
    lay_out(root, SECOND)
    perform(root, SECOND)
    house_at(root).slots.discard(house_at(root).slots.all()[0])
    assert "release 1 is gone" in faults(root, SECOND, Ended.DONE)


def test_another_model_than_the_imported_one_is_found_out(root: Path) -> None:
    lay_out(root, SECOND)
    assert faults(root, SECOND, Ended.DONE)[:2] == [
        "release 1 serves and not 2, the act being done",
        "the floor fell to 1",
    ]


def test_a_box_that_cannot_import_is_found_out(root: Path) -> None:
    lay_out(root, SECOND)
    start(root)
    (root / "root.json").write_text("no root")
    assert [fault[:9] for fault in faults(root, SECOND, Ended.CUT)] == ["it failed"]
