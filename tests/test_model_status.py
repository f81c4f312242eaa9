from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

import appliance.updates.serving
from appliance.classify.providers import PROVIDERS, Provider
from appliance.cli import cli
from tests.needs import needs_module

needs_module("onnx", "the workbench extra")

from tests.classify.graphs import parted, variant, write_model  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A box whose model has a file for a provider that it does not have."""
    model = write_model(tmp_path / "model", [parted("absent"), variant("cpu")])
    (tmp_path / "appliance.toml").write_text(f'factory_model = "{model}"\n', encoding="utf-8")
    monkeypatch.setenv("APPLIANCE_HOME", str(tmp_path))
    listed = (Provider("absent", "NoSuchExecutionProvider"), PROVIDERS[-1])
    real = appliance.updates.serving.load_classifier
    monkeypatch.setattr(appliance.updates.serving, "load_classifier", partial(real, providers=listed))


def test_status_says_which_provider_was_passed_over_and_why() -> None:
    shown = CliRunner().invoke(cli, ["model", "status"])
    assert "on cpu;" in shown.stdout
    assert "Passed over: absent. The runtime on this box does not have it." in shown.stdout


def test_status_in_json_keeps_its_fields_and_adds_what_was_passed_over() -> None:
    state = json.loads(CliRunner().invoke(cli, ["model", "status", "--json"]).stdout)
    assert (state["active"], state["fallback"], state["provider"], state["floor"]) == ("tiny 3", None, "cpu", 3)
    assert [passed["provider"] for passed in state["passed_over"]] == ["absent"]
