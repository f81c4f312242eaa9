"""The next provider serves where one is missing, does not load or disagrees: a made-up list on the real runtime."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest

from appliance.classify import ModelDisagreesError, ModelUnfitError, load_classifier
from appliance.classify.line import Line
from appliance.classify.providers import Provider, ProviderAbsentError
from appliance.classify.store import ModelFolder
from appliance.classify.windows import Window
from tests.needs import needs_module

needs_module("onnx", "the workbench extra")

from tests.classify.graphs import WRONG, encoder, parted, rest, variant, whole, write_model  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

CPU = Provider("cpu", "CPUExecutionProvider")
MISSING = Provider("missing", "NoSuchExecutionProvider")
BROKEN, WRONGLY, GOOD = (Provider(name, "CPUExecutionProvider") for name in ("broken", "wrongly", "good"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model with a file for a provider that is missing, one that does not load, one that is wrong, and the CPU."""
    variants = [
        parted("missing"),
        parted("broken", "broken.onnx"),
        parted("wrongly", "wrong.onnx"),
        variant("cpu"),
    ]
    return write_model(tmp_path / "model", variants, broken=b"no graph", wrong=encoder(WRONG))


def test_each_that_cannot_serve_is_passed_over_with_its_reason(folder: Path) -> None:
    classifier = load_classifier(folder, providers=(MISSING, BROKEN, WRONGLY, CPU))
    classifier.prove()
    assert classifier.provider == "cpu"
    assert classifier.decide(iter(["abstract"])).label == "paper"
    reasons = {passed.provider: (passed.failed, passed.why) for passed in classifier.passed_over}
    assert reasons["missing"] == (False, "The runtime on this box does not have it.")
    assert reasons["broken"][0]
    assert reasons["broken"][1].startswith("Its int8 file does not load: ")
    assert reasons["wrongly"][1].startswith("Its int8 file does not prove itself: Golden input 1 gave contract/distrib")
    assert all(why.endswith(".") and not why.endswith("..") for _, why in reasons.values())


def test_what_has_not_proven_itself_still_stands_first(folder: Path) -> None:
    classifier = load_classifier(folder, providers=(MISSING, BROKEN, WRONGLY, CPU))
    assert (classifier.provider, len(classifier.passed_over)) == ("wrongly", 2)


def test_the_last_that_disagrees_disproves_the_model(folder: Path) -> None:
    with pytest.raises(ModelDisagreesError, match="Golden input 1"):
        load_classifier(folder, providers=(BROKEN, WRONGLY)).prove()


def test_none_that_loads_is_said_with_every_reason(folder: Path) -> None:
    with pytest.raises(ModelUnfitError) as caught:
        load_classifier(folder, providers=(MISSING, BROKEN))
    assert "missing: The runtime" in caught.value.why
    assert "broken: Its int8 file does not load" in caught.value.why


def test_the_box_s_own_list_passes_nothing_over_that_neither_it_nor_the_model_has(tmp_path: Path) -> None:
    classifier = load_classifier(write_model(tmp_path / "model", [variant("cpu")]))
    classifier.prove()
    assert (classifier.provider, classifier.passed_over) == ("cpu", ())


def test_a_provider_of_the_box_that_the_model_has_no_file_for_is_said(tmp_path: Path) -> None:
    classifier = load_classifier(write_model(tmp_path / "model", [variant("cpu")]), providers=(GOOD, CPU))
    [passed] = classifier.passed_over
    assert (passed.provider, passed.why, passed.failed) == ("good", "The model has no file for it.", False)


def test_the_second_file_of_a_provider_serves_where_the_first_does_not(tmp_path: Path) -> None:
    files = [parted("good", "wrong.onnx"), parted("good", precision="fp16"), variant("cpu")]
    classifier = load_classifier(write_model(tmp_path / "m", files, wrong=encoder(WRONG)), providers=(GOOD, CPU))
    classifier.prove()
    assert (classifier.provider, classifier.variant.precision, len(classifier.passed_over)) == ("good", "fp16", 1)


def test_one_that_fails_while_it_is_proven_is_passed_over(tmp_path: Path) -> None:
    files = [parted("good", "short.onnx"), variant("cpu")]
    classifier = load_classifier(write_model(tmp_path / "m", files, short=encoder(rows=4)), providers=(GOOD, CPU))
    classifier.prove()
    assert (classifier.provider, "gave no answer" in classifier.passed_over[0].why) == ("cpu", True)


def test_an_encoder_that_does_not_fit_the_rest_is_passed_over(tmp_path: Path) -> None:
    files = [parted("good"), variant("cpu")]
    classifier = load_classifier(write_model(tmp_path / "m", files, rest=rest(width=7)), providers=(GOOD, CPU))
    assert "does not give the pooled vector" in classifier.passed_over[0].why


@pytest.mark.parametrize("tokens", [3, 15, 16, 17, 40])
def test_a_parted_network_answers_as_the_whole_one_does(tmp_path: Path, tokens: int) -> None:
    folder = write_model(tmp_path / "m", [parted("good"), variant("cpu")])
    line = Line(ModelFolder(folder), providers=(GOOD, CPU))
    window = Window((1, *(3 + number % 5 for number in range(tokens - 2)), 2), "", 0, 0)
    first, second = line.first().network.score(window), line.next().network.score(window)
    assert np.allclose(first.log_probabilities, second.log_probabilities, atol=1e-4)
    assert first.similarity == second.similarity


def test_a_provider_that_the_runtime_silently_leaves_out_does_not_serve_in_disguise() -> None:
    of_windows = Provider("directml", "DmlExecutionProvider")
    with pytest.warns(UserWarning, match="not in available"), pytest.raises(ProviderAbsentError):
        of_windows.open(whole(), 1)


def test_what_is_built_of_a_file_is_kept_under_its_hash(tmp_path: Path) -> None:
    seen = []

    def options(_profile: object, engines: Path) -> dict[str, str]:
        seen.append((engines, engines.is_dir()))
        return {}

    builder = Provider("good", "CPUExecutionProvider", options, builds=True)
    folder = write_model(tmp_path / "m", [parted("good")])
    classifier = load_classifier(folder, providers=(builder,), engines=tmp_path / "engines")
    sha256 = classifier.manifest.targets["encoder.onnx"].sha256
    assert seen == [(tmp_path / "engines" / "good" / sha256, True)]


def test_what_was_built_and_torn_is_built_again(tmp_path: Path) -> None:
    def options(_profile: object, engines: Path) -> dict[str, str]:
        if (engines / "x.engine").exists():
            raise RuntimeError("TensorRT EP could not deserialize engine from cache")
        return {}

    torn = Provider("good", "CPUExecutionProvider", options, builds=True)
    model = write_model(tmp_path / "m", [parted("good"), variant("cpu")])
    sha256 = load_classifier(model, providers=(GOOD,)).manifest.targets["encoder.onnx"].sha256
    engine = tmp_path / "engines" / "good" / sha256 / "x.engine"
    engine.parent.mkdir(parents=True)
    engine.write_bytes(b"torn")
    classifier = load_classifier(model, providers=(torn, CPU), engines=tmp_path / "engines")
    assert (classifier.provider, classifier.passed_over, engine.exists()) == ("good", (), False)


def test_a_folder_that_cannot_be_made_for_it_lets_the_next_serve(tmp_path: Path) -> None:
    (tmp_path / "engines").write_bytes(b"")
    load = partial(load_classifier, write_model(tmp_path / "m", [parted("good"), variant("cpu")]))
    builder = Provider("good", "CPUExecutionProvider", builds=True)
    assert load(providers=(builder, CPU), engines=tmp_path / "engines").provider == "cpu"
