from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import pytest

from appliance.classify import load_classifier
from appliance.classify.providers import PROVIDERS, Provider
from appliance.health import Finding, Level, doctor, examine
from appliance.intake import Mount
from appliance.ledger import Ledger
from appliance.reading import Layer
from appliance.settings import Settings
from appliance.updates import serving
from tests.needs import needs_module

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def settings(home: Path) -> Settings:
    """A root whose model is missing, so that none has to be loaded."""
    return Settings(home=home, factory_model=home / "no model")


def found(settings: Settings, name: str) -> Finding:
    [finding] = [finding for finding in examine(settings) if finding.name.startswith(name)]
    return finding


def test_every_probe_says_something_in_whole_sentences(settings: Settings) -> None:
    findings = list(examine(settings))
    assert len(findings) >= len(doctor.PROBES)
    assert all(finding.detail.endswith(".") for finding in findings)


@pytest.mark.parametrize(("wish", "level"), [("prefer", Level.WARNING), ("require", Level.PROBLEM)])
def test_each_layer_of_the_sandbox_is_shown_and_a_missing_one_is_as_bad_as_the_settings_say(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, wish: str, level: Level
) -> None:
    shown = [Layer("namespaces", False, "The program bwrap is not installed."), Layer("system calls", True, "Few.")]
    monkeypatch.setattr(doctor, "layers", lambda: shown)
    chosen = settings.model_copy(update={"sandbox": wish})
    assert found(chosen, "sandbox, namespaces") == Finding("sandbox, namespaces", level, shown[0].detail)
    assert found(chosen, "sandbox, system calls").level is Level.OK


def test_the_model_that_is_missing_is_a_problem(settings: Settings) -> None:
    assert found(settings, "model").level is Level.PROBLEM


def test_a_better_provider_that_does_not_serve_is_said_and_is_no_more_than_a_warning(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_module("onnx", "the workbench extra")
    from tests.classify.graphs import parted, variant, write_model

    files = [parted("torn", "torn.onnx"), parted("absent"), variant("cpu")]
    listed = (Provider("absent", "NoSuch"), Provider("torn", "CPUExecutionProvider"), PROVIDERS[-1])
    monkeypatch.setattr(serving, "load_classifier", partial(load_classifier, providers=listed))
    chosen = settings.model_copy(update={"factory_model": write_model(tmp_path / "m", files, torn=b"no graph")})
    assert found(chosen, "model, on absent").level is Level.OK
    assert found(chosen, "model, on torn").level is Level.WARNING
    assert "on cpu" in next(f.detail for f in examine(chosen) if f.name == "model")


def test_an_inbox_that_is_not_there_yet_is_no_problem(settings: Settings) -> None:
    finding = found(settings, "inbox")
    assert finding.level is Level.WARNING
    assert "makes it" in finding.detail


def test_an_inbox_that_is_a_file_is_a_problem(settings: Settings) -> None:
    (settings.home / "inbox").touch()
    finding = found(settings, "inbox")
    assert finding.level is Level.PROBLEM
    assert "not a folder" in finding.detail


def test_an_inbox_whose_events_come_back_is_watched_and_nothing_is_left_in_it(settings: Settings) -> None:
    (settings.home / "inbox").mkdir()
    assert found(settings, "inbox").level is Level.OK
    assert list((settings.home / "inbox").iterdir()) == []


def test_an_inbox_on_a_remote_mount_is_polled(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox = settings.home / "inbox"
    inbox.mkdir()
    monkeypatch.setattr(doctor, "read_mounts", lambda: [Mount(inbox, "nfs4", read_only=False)])
    finding = found(settings, "inbox")
    assert finding.level is Level.OK
    assert f"nfs4; it is looked through every {settings.poll_seconds:g} s" in finding.detail


def test_whether_scans_are_read_is_said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(settings, "scans").level is Level.OK
    none = settings.model_copy(update={"scan_workers": 0})
    assert "`scan_workers` is 0" in found(none, "scans").detail
    monkeypatch.setattr(doctor, "can_read_scans", lambda: False)
    assert "rapidocr is not installed" in found(settings, "scans").detail


@pytest.mark.parametrize(("least", "level"), [(0, Level.OK), (1 << 62, Level.PROBLEM)])
def test_a_disk_is_a_problem_when_little_is_free(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, least: int, level: Level
) -> None:
    monkeypatch.setattr(doctor, "LOW_DISK_BYTES", least)
    finding = found(settings, "disk")
    assert finding.level is level
    assert re.search(r"\d GB are free", finding.detail)


def test_a_clock_before_the_box_was_built_is_said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "EARLIEST", datetime(9999, 1, 1, tzinfo=UTC))
    assert found(settings, "clock").level is Level.WARNING


def test_a_ledger_that_is_not_there_yet_is_fine_and_is_not_made(settings: Settings) -> None:
    assert found(settings, "ledger").level is Level.OK
    assert not settings.ledger_path.exists()


def test_a_ledger_is_counted(settings: Settings) -> None:
    with Ledger(settings.ledger_path):
        assert found(settings, "ledger").detail.startswith("0 documents")


def test_a_broken_ledger_is_a_problem(settings: Settings) -> None:
    settings.var.mkdir()
    settings.ledger_path.write_text("not a ledger")
    assert found(settings, "ledger").level is Level.PROBLEM


def test_a_box_without_events_on_one_inbox_still_says_so_of_the_other(home: Path) -> None:
    (home / "one").mkdir()
    both = Settings(home=home, factory_model=home / "no model", inboxes=("one", "two"))
    levels = [finding.level for finding in examine(both) if finding.name.startswith("inbox")]
    assert levels == [Level.OK, Level.WARNING]
