"""A whole build in small: generated texts, an encoder of two thin layers with random weights."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from click.testing import CliRunner

from tests.needs import needs_module

for module in ("torch", "transformers", "optimum", "onnx", "sklearn"):
    needs_module(module, "the workbench extra")

from appliance.classify import load_classifier  # noqa: E402
from appliance.workbench import measure, workbench  # noqa: E402
from appliance.workbench.factory import write_factory  # noqa: E402
from appliance.workbench.folds import models_of_folds  # noqa: E402
from appliance.workbench.heldout import LeftOut  # noqa: E402
from appliance.workbench.lexical import SHARED_BY, learn  # noqa: E402
from appliance.workbench.pack import FLOATS, FULL, REDUCED  # noqa: E402
from appliance.workbench.training import prepare, windows_of  # noqa: E402
from appliance.workbench.work import Seen, load_tokenizer  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

    from appliance.workbench.pack import Packed
    from appliance.workbench.steps import Steps

pytestmark = pytest.mark.workbench


def test_the_written_model_proves_itself(model: Path) -> None:
    load_classifier(model).prove()


def test_the_manifest_carries_the_figures(model: Path, steps: Steps) -> None:
    summary = json.loads((model / "manifest.json").read_text(encoding="utf-8"))["summary"]
    assert summary["test"]["documents"] == len(steps.work.test().documents) == 3


def test_no_document_stands_in_the_model(model: Path, steps: Steps) -> None:
    written = b"".join(path.read_bytes() for path in model.rglob("*") if path.is_file())
    assert not [text for text in steps.work.dev().texts if text[:40].encode() in written]


def test_the_report_is_drawn_from_the_model_alone(model: Path, steps: Steps, tmp_path: Path) -> None:
    shown = CliRunner().invoke(workbench, ["report", "--model", str(model), "--out", str(tmp_path / "report.html")])
    assert shown.exit_code == 0, shown.output
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert f"{len(steps.work.test().documents)} documents stand behind this page" in page
    assert "Documents of no label" in page


def test_the_manifest_offers_budgets_and_says_what_it_reads(model: Path) -> None:
    manifest = load_classifier(model).manifest
    own = (manifest.calibration.error_budget, manifest.calibration.threshold)
    assert manifest.languages == ("en",)
    assert own in manifest.calibration.thresholds or own[1] > 1


def test_writing_again_replaces_the_model_whole(model: Path, steps: Steps, packed: Packed) -> None:
    write_factory(steps, packed, model, release=2)
    assert load_classifier(model).model_id == "factory 2"
    assert sorted(path.name for path in model.parent.iterdir()) == ["factory"]


def test_the_graph_answers_as_the_network_does(steps: Steps, packed: Packed) -> None:
    """FP32 graph against PyTorch and the lexical view in numpy: the same log-probabilities."""
    import torch

    from appliance.workbench.crossvalidate import look
    from appliance.workbench.network import Network
    from appliance.workbench.pack import learn_lexicon

    build, work = steps.build, steps.work
    network = Network.from_folder(packed.folder, len(steps.labels))
    network.head.load_state_dict(torch.load(packed.folder / "head.pt", weights_only=True))
    texts = work.test().texts
    seen = look(network.eval(), texts, work, build.recipe, "looking")
    lexicon = learn_lexicon(work, {d.sha256 for d in work.dev().documents}, build.recipe)
    tokenizer = load_tokenizer(work.folder / "tokenizer.json")
    windows = [cut[0] for cut in windows_of(texts, tokenizer, 32, 1)]
    expected = 0.5 * measure.log_softmax(seen.logits) + 0.5 * measure.log_softmax(lexicon.logits(windows))
    graph = measure.open_graph(packed.graph(FLOATS), len(steps.labels))
    scores = measure.scores_of(graph, texts, tokenizer, tokens=32, most=1, name="test")
    assert np.allclose([s[0].log_probabilities for s in scores], expected, atol=2e-3)


def test_int8_stays_near_fp32(steps: Steps, packed: Packed) -> None:
    tokenizer = load_tokenizer(steps.work.folder / "tokenizer.json")
    rows = {
        form: measure.scores_of(
            measure.open_graph(packed.graph(form), 3), steps.work.test().texts, tokenizer, tokens=32, most=1, name=form
        )
        for form in (FLOATS, FULL, REDUCED)
    }
    for form in (FULL, REDUCED):
        pairs = zip(rows[form], rows[FLOATS], strict=True)
        assert max(np.abs(a[0].log_probabilities - b[0].log_probabilities).max() for a, b in pairs) < 0.5


def test_a_second_run_finds_everything(steps: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.workbench.training.train", lambda *_a, **_k: pytest.fail("trained again"))
    steps.train()
    assert steps.calibrate()["form"] == steps.figures()["form"]


def test_each_document_is_answered_by_the_fold_that_was_not_taught_it(steps: Steps) -> None:
    document = steps.work.dev().documents[0]
    model = models_of_folds(steps)(document)
    assert document.sha256 not in steps.work.taught_of(int(model.model_id.split("-")[1].split()[0]), 2)
    assert model.decide(iter([steps.work.dev().texts[0]])).windows > 0


@pytest.mark.parametrize("retrain", [False, True], ids=["encoder as it is", "trained without"])
def test_a_group_that_is_left_out_is_judged_by_documents_that_were_not_taught(steps: Steps, *, retrain: bool) -> None:
    row = LeftOut(steps.build, "receipt").row(retrain=retrain)
    assert row.documents in {4, 5}
    assert (row.filed + row.unknown <= row.documents, row.nearness > 0.5) == (True, True)


def test_a_network_trained_without_a_group_is_found_again(steps: Steps, monkeypatch: pytest.MonkeyPatch) -> None:
    first = LeftOut(steps.build, "receipt").row(retrain=True)
    monkeypatch.setattr("appliance.workbench.training.train", lambda *_a, **_k: pytest.fail("trained again"))
    assert LeftOut(steps.build, "receipt").row(retrain=True) == first


def test_the_same_seed_draws_the_same(steps: Steps) -> None:
    tokenizer = load_tokenizer(steps.work.folder / "tokenizer.json")
    first, second = (prepare(["the rent of the lease " * 9], [0], tokenizer, 4) for _ in range(2))
    assert first == second


def test_rare_words_do_not_leave() -> None:
    windows = [(2, 10, 11, 3)] * SHARED_BY + [(2, 12, 3)] * (SHARED_BY - 1) + [(2, 10, 3)]
    owners = list(range(len(windows)))
    lexicon = learn(windows, owners, [n % 2 for n in owners], [1.0] * len(owners), classes=2, share=0.5)
    assert (12,) not in lexicon.grams
    assert (10, 11) in lexicon.grams


def test_what_a_network_says_survives_the_disk(tmp_path: Path) -> None:
    seen = Seen(np.arange(2), np.ones((2, 3), np.float32), np.ones((2, 4), np.float32))
    seen.save(tmp_path / "x.npz")
    assert Seen.load(tmp_path / "x.npz").logits.shape == (2, 3)


@pytest.mark.parametrize(
    "command",
    [
        "texts",
        "train",
        "export",
        "quantise",
        "calibrate",
        "evaluate",
        "build",
        "report",
        "rivals",
        "formats",
        "unknown",
    ],
)
def test_every_command_has_an_example(command: str) -> None:
    shown = CliRunner().invoke(workbench, [command, "--help"])
    assert (shown.exit_code, "Example: appliance workbench" in shown.output) == (0, True)


def test_texts_command_counts(steps: Steps) -> None:
    places = ["--corpus", str(steps.work.corpus), "--work", str(steps.work.folder)]
    shown = CliRunner().invoke(workbench, ["texts", *places])
    assert json.loads(shown.stdout) == {"dev": 27, "test": 3, "strangers": 4}
