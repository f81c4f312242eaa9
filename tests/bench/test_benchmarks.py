"""Every benchmark can be run, skips in a sentence what a machine lacks, and says what it measured in whole lines."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

import bench.box
from bench.__main__ import BENCHMARKS
from bench.rows import row

ROOT = Path(__file__).resolve().parents[2]
OURS = [name for name in (*BENCHMARKS, "kill") if name != "int8"]
MODULES = {name: importlib.import_module(f"bench.{name}") for name in (*BENCHMARKS, "kill")}
ON_DOCUMENTS = [name for name in OURS if name not in ("start", "ledger", "kill", "importing")]


def test_all_that_can_be_run_is_run_but_the_proof_by_kill() -> None:
    runnable = {path.stem for path in (ROOT / "bench").glob("[a-z]*.py") if "\ndef main(" in path.read_text()}
    assert runnable == {*BENCHMARKS, "kill"}


@pytest.mark.parametrize("name", [*BENCHMARKS, "kill"])
def test_each_says_what_it_measures_and_stands_in_the_docs(name: str) -> None:
    assert callable(MODULES[name].main)
    assert MODULES[name].__doc__
    assert f"`{name}`" in (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", OURS)
def test_without_the_command_each_is_skipped(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench.box, "APPLIANCE", Path("/nowhere/appliance"))
    assert MODULES[name].main([]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"{name} skipped: this machine lacks ")
    assert "/nowhere/appliance" in said.err


@pytest.mark.parametrize("name", ON_DOCUMENTS)
def test_without_the_corpus_what_reads_it_is_skipped(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(bench.box, "CORPUS", tmp_path)
    assert MODULES[name].main([]) == 0
    assert str(tmp_path) in capsys.readouterr().err


def test_without_a_model_a_benchmark_is_skipped(capsys: pytest.CaptureFixture[str]) -> None:
    assert MODULES["start"].main(["--model", "/nowhere"]) == 0
    assert "a model at /nowhere" in capsys.readouterr().err


def test_a_row_is_one_line_of_json_when_piped(capsys: pytest.CaptureFixture[str]) -> None:
    row("walk", 24.5, "ms", bar=35.0)
    row("setting", "2 x 1", "setting")
    bar, none = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert bar == {"name": "walk", "value": 24.5, "unit": "ms", "bar": 35.0, "ok": True}
    assert (none["bar"], none["ok"]) == (None, True)


@pytest.mark.parametrize(
    ("value", "line"), [(5, "desk_port = 5"), (0.5, "desk_port = 0.5"), (Path("/a b"), "desk_port = '/a b'")], ids=str
)
def test_a_root_is_given_its_settings(value: Any, line: str, tmp_path: Path) -> None:
    bench.box.prepare_home(tmp_path, desk_port=value)
    assert line in (tmp_path / "appliance.toml").read_text().splitlines()
