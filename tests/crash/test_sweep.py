"""Cut at a system call, whatever it is, the walk of a document is gone on with by the next start."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.crash.cutting import WAYS, Bench, Call, Case, Cut
from tests.crash.powercut import Plant
from tests.crash.recording import UNTRACKED, Names, Sync
from tests.crash.scenarios import HELD, SCENARIOS
from tests.fakes import in_memory
from tests.needs import needs_program

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.crash.recording import Step

STRACE = needs_program("strace", "Debian package strace")
KILL = WAYS[0]
CHANGES = ("linkat", "unlink", "mkdir", "rename", "renameat2", "rmdir", "fsync")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with in_memory(tmp_path) as folder:
        yield Bench(folder, STRACE)


def test_a_walk_cut_at_any_of_a_sample_of_system_calls_is_gone_on_with() -> None:
    command = [sys.executable, "-m", "tests.crash.sweep", "--sample", "120", "--seed", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout
    assert "total: 120 cuts, 0 findings" in done.stdout


def test_a_walk_makes_the_same_calls_each_time(bench: Bench) -> None:
    case = Case(SCENARIOS["linked"])
    assert bench.calls(case) == bench.calls(case)


def test_a_kill_leaves_the_document_where_the_call_found_it(bench: Bench) -> None:
    case = Case(SCENARIOS["linked"])
    [link] = [call for call in bench.calls(case) if call.name == "linkat"]
    assert bench.cut(Cut(case, link, KILL)) == []
    bench.lay_out(Case(SCENARIOS["linked"], "again", (link.name, link.number)))
    assert (bench.root / "home/inbox/a.txt").exists()
    assert list((bench.root / "home/var/holding/1").iterdir()) == []


def test_a_disk_that_does_not_tell_is_no_reason_to_let_a_document_go(bench: Bench) -> None:
    calls = bench.calls(Case(SCENARIOS["linked"]))
    [gone] = [place for place, call in enumerate(calls) if call.name == "unlink" and call.text.endswith("inbox/a.txt")]
    after = calls[gone + 1]
    again = Case(SCENARIOS["linked"], "again", (after.name, after.number))
    looks = [call for call in bench.calls(again) if call.name == "newfstatat" and call.text.endswith(HELD)]
    assert looks
    assert [bench.cut(Cut(again, look, way)) for look in looks for way in WAYS[1:3]] == [[]] * len(looks) * 2


def test_a_cut_that_does_not_come_about_is_a_finding(bench: Bench) -> None:
    case = Case(SCENARIOS["linked"])
    never = Call("linkat", 99, "linkat /nowhere", ())
    assert [found[:6] for found in bench.cut(Cut(case, never, KILL))] == ["no cut"]


@pytest.mark.parametrize("name", ["linked", "copied", "far", "plain", "unsure"])
def test_what_the_recorder_sees_is_what_strace_sees(bench: Bench, name: str, tmp_path: Path) -> None:
    case = Case(SCENARIOS[name])
    bench.lay_out(case)
    seen = list(_seen(bench, bench.walk(case, [])))
    with in_memory(tmp_path) as folder:
        recording = Plant(folder, 1).record(SCENARIOS[name])
    assert list(_told(recording.steps[recording.found :])) == seen


def _seen(bench: Bench, lines: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield what strace says of each change: the places, a sync of a file as just that."""
    for line in lines:
        name = line.split("(")[0]
        creates = name == "openat" and "O_CREAT" in line
        places = re.findall(rf'[<"]{bench.root}/([^">]*)[">](?=[,)]|\(deleted)', line.split(" = ")[0] + ")")
        if not (name in CHANGES or creates) or re.search(r" = -1", line) or not places:
            continue
        if places[-1].rpartition("/")[2] in UNTRACKED:
            continue
        if name == "fsync" and places[0].endswith((".txt", "/.partial")):
            yield ("a file",)
        else:
            yield tuple(places[-1:] if name == "linkat" else places)


def _told(steps: Sequence[Step]) -> Iterator[tuple[str, ...]]:
    """Yield the same of what was recorded, as far as it is no data and no commit."""
    for step in steps:
        if isinstance(step, Names):
            yield tuple(f"{entry.folder}/{entry.name}" for entry in reversed(step.entries))
        elif isinstance(step, Sync):
            yield (step.folder or "a file",)
