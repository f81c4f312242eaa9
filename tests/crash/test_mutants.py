"""The crash proof catches the bugs that are seeded for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.crash.mutants import CHECKOUT, MUTANTS, Mutant, MutationError, source_of
from tests.crash.scenarios import SCENARIOS


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutation_fits_the_code_and_leaves_python(mutant: Mutant) -> None:
    compile(source_of(CHECKOUT, mutant), mutant.file, "exec")
    assert mutant.scenario in SCENARIOS


def test_a_mutation_that_fits_no_longer_fails_loudly() -> None:
    with pytest.raises(MutationError, match="stands 0 times"):
        source_of(CHECKOUT, Mutant("gone", "files.py", "no such text", ""))


def test_a_mutation_that_fits_twice_fails_loudly() -> None:
    with pytest.raises(MutationError, match="times in"):
        source_of(CHECKOUT, Mutant("twice", "files.py", "os.fsync", ""))


def test_a_handful_of_seeded_bugs_is_caught() -> None:
    command = [sys.executable, "-m", "tests.crash.mutants", "--quick", "--sample", "3", "--seed", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 of 3 mutants caught" in done.stdout
