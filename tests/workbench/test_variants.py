"""The files for GPUs, made in small and answered on the CPU."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from click.testing import CliRunner

from tests.needs import needs_module

for module in ("torch", "transformers", "optimum", "onnx", "sklearn"):
    needs_module(module, "the workbench extra")

import onnx  # noqa: E402
from onnx import helper  # noqa: E402

from appliance.classify import load_classifier  # noqa: E402
from appliance.classify.line import Line  # noqa: E402
from appliance.classify.manifest import Profile  # noqa: E402
from appliance.classify.network import PartedNetwork  # noqa: E402
from appliance.classify.providers import PROVIDERS, Provider  # noqa: E402
from appliance.classify.store import ModelFolder  # noqa: E402
from appliance.errors import ApplianceError  # noqa: E402
from appliance.workbench import measure, workbench  # noqa: E402
from appliance.workbench.export import NAME  # noqa: E402
from appliance.workbench.factory import write_factory  # noqa: E402
from appliance.workbench.operators import faults  # noqa: E402
from appliance.workbench.pack import FLOATS  # noqa: E402
from appliance.workbench.variants import PRECISIONS, prove_files, refuse_faults  # noqa: E402
from appliance.workbench.work import load_tokenizer  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

    from appliance.workbench.pack import Packed
    from appliance.workbench.steps import Steps
    from appliance.workbench.variants import Parted

pytestmark = pytest.mark.workbench

PROFILE = Profile((1, 1, 32), (16, 32, 256))
STAND_INS = tuple(Provider(name, "CPUExecutionProvider") for name in ("tensorrt", "cuda", "cpu"))


@pytest.fixture(scope="module")
def parted(steps: Steps) -> Parted:
    return steps.part_final()


@pytest.fixture(scope="module")
def both(steps: Steps, packed: Packed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder with files for TensorRT and CUDA."""
    folder = tmp_path_factory.mktemp("model") / "gpu"
    write_factory(steps, packed, folder, providers=("tensorrt", "cuda"))
    return folder


@pytest.mark.parametrize("precision", PRECISIONS)
def test_every_operator_of_an_encoder_for_gpus_runs_on_tensorrt(parted: Parted, precision: str) -> None:
    assert faults(parted.encoder(precision)) == []


def test_the_cpu_s_own_encoder_would_not(packed: Packed) -> None:
    assert any("com.microsoft" in fault for fault in faults(packed.folder / NAME))


def test_a_planted_operator_is_named_and_refused(parted: Parted, tmp_path: Path) -> None:
    model = onnx.load(parted.encoder("int8"))
    model.graph.node.append(helper.make_node("FastGelu", ["pooled"], ["z"], "planted", domain="com.microsoft"))
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    onnx.save(model, tmp_path / "planted.onnx")
    with pytest.raises(ApplianceError, match="TensorRT") as caught:
        refuse_faults(parted.encoder("fp16"), tmp_path / "planted.onnx")
    assert caught.value.why.startswith("FastGelu (planted) is of com.microsoft")


@pytest.mark.parametrize(("precision", "most"), [("fp16", 0.01), ("int8", 0.5)])
def test_an_encoder_for_gpus_answers_as_the_fp32_graph_does(
    steps: Steps, packed: Packed, parted: Parted, precision: str, most: float
) -> None:
    cpu = PROVIDERS[-1]
    encoder, rest = (cpu.open(path.read_bytes(), 1) for path in (parted.encoder(precision), parted.rest))
    ours, theirs = PartedNetwork(encoder, rest, 3, PROFILE), measure.open_graph(packed.graph(FLOATS), 3)
    tokenizer = load_tokenizer(steps.work.folder / "tokenizer.json")
    texts = [*steps.work.test().texts, "rent"]
    rows = [measure.scores_of(one, texts, tokenizer, tokens=32, most=2, name="test") for one in (ours, theirs)]
    pairs = [pair for one, other in zip(*rows, strict=True) for pair in zip(one, other, strict=True)]
    assert max(np.abs(a.log_probabilities - b.log_probabilities).max() for a, b in pairs) < most


def test_every_weight_is_int8_by_channel_and_every_scale_symmetric(parted: Parted) -> None:
    graph = onnx.load(parted.encoder("int8")).graph
    kinds = {tensor.name: tensor.data_type for tensor in graph.initializer}
    products = [node for node in graph.node if node.op_type == "MatMul" and node.input[1] in kinds]
    weights = [node for node in graph.node if node.op_type == "DequantizeLinear" and node.input[0] in kinds]
    assert products == []
    assert len(weights) == 2 * 6
    assert all(kinds[node.input[0]] == onnx.TensorProto.INT8 and node.attribute[0].i == 1 for node in weights)


def test_the_manifest_carries_shapes_and_each_file_proves_itself(both: Path) -> None:
    variants = ModelFolder(both).manifest.variants
    named = [(variant.provider, variant.precision) for variant in variants]
    assert named == [("cpu", "int8"), *[(p, q) for p in ("tensorrt", "cuda") for q in PRECISIONS]]
    assert {variant.profile for variant in variants[1:]} == {PROFILE}
    prove_files(both)


def test_a_box_with_a_gpu_takes_its_file_and_one_without_the_cpu_s(both: Path) -> None:
    taken = load_classifier(both, providers=STAND_INS)
    taken.prove()
    assert (taken.provider, taken.passed_over) == ("tensorrt", ())
    assert load_classifier(both).provider == "cpu"


def test_two_providers_share_their_files(both: Path) -> None:
    manifest = ModelFolder(both).manifest
    assert len({name for variant in manifest.variants for name in variant.files}) == 4


def test_no_file_for_gpus_is_made_unasked(model: Path) -> None:
    line = Line(ModelFolder(model), providers=STAND_INS)
    assert line.first().variant.provider == "cpu"
    assert [passed.why for passed in line.passed_over] == ["The model has no file for it."] * 2


def test_a_provider_that_is_none_is_refused_on_the_command_line(tmp_path: Path) -> None:
    places = ["--corpus", str(tmp_path), "--work", str(tmp_path), "--out", str(tmp_path / "x")]
    shown = CliRunner().invoke(workbench, ["build", *places, "--providers", "tensorrt,abacus"])
    assert (shown.exit_code, "abacus is none of tensorrt, cuda" in shown.output) == (2, True)
