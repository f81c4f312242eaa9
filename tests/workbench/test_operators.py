from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.needs import needs_module

needs_module("onnx", "the workbench extra")

import onnx  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from appliance.workbench.operators import faults  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.workbench


def node(kind: str, *inputs: str, domain: str = "", **attributes: Any) -> onnx.NodeProto:
    return helper.make_node(kind, inputs, ["y"], name="asked", domain=domain, **attributes)


def write(folder: Path, asked: onnx.NodeProto, constants: dict[str, Any] | None = None, opset: int = 18) -> Path:
    """A graph of one node, with floats ``x``, whole numbers ``n`` and doubles ``d`` to take."""
    kinds = {"x": TensorProto.FLOAT, "n": TensorProto.INT64, "d": TensorProto.DOUBLE}
    inputs = [helper.make_tensor_value_info(name, kind, [2, 3]) for name, kind in kinds.items()]
    inputs.append(helper.make_tensor_value_info("places", TensorProto.INT64, [1]))
    tensors = [numpy_helper.from_array(value, name) for name, value in (constants or {}).items()]
    graph = helper.make_graph([asked], "g", inputs, [onnx.ValueInfoProto(name="y")], tensors)
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets[: 2 if asked.domain else 1]), folder / "x.onnx")
    return folder / "x.onnx"


SCALE, ZERO, OTHER = np.float32(0.1), np.int8(0), np.int8(3)

RUNS = {
    "a sum of floats": (node("Add", "x", "x"), {}),
    "a lookup by whole numbers": (node("Gather", "x", "n"), {}),
    "a symmetric scale": (node("QuantizeLinear", "x", "s", "z"), {"s": SCALE, "z": ZERO}),
    "a sum over a known axis": (node("ReduceSum", "x", "axis"), {"axis": np.asarray([1])}),
}


@pytest.mark.parametrize(("asked", "constants"), RUNS.values(), ids=RUNS.keys())
def test_runs_on_tensorrt(tmp_path: Path, asked: onnx.NodeProto, constants: dict[str, Any]) -> None:
    assert faults(write(tmp_path, asked, constants)) == []


CANNOT = {
    "Microsoft's own": (node("FastGelu", "x", domain="com.microsoft"), {}, "FastGelu (asked) is of com.microsoft"),
    "counting n-grams": (
        node("TfIdfVectorizer", "n", mode="TF", min_gram_length=1, max_gram_length=1, max_skip_count=0),
        {},
        "TfIdfVectorizer (asked) is no operator",
    ),
    "a shape that depends on values": (node("NonZero", "x"), {}, "NonZero (asked) is no operator"),
    "doubles": (node("Add", "d", "d"), {}, "Add (asked) takes DOUBLE"),
    "whole numbers in a root": (node("Sqrt", "n"), {}, "Sqrt (asked) takes INT64"),
    "an uneven scale": (node("QuantizeLinear", "x", "s", "z"), {"s": SCALE, "z": OTHER}, "zero point other than 0"),
    "unsigned": (node("QuantizeLinear", "x", "s", "z"), {"s": SCALE, "z": np.uint8(0)}, "zero point other than 0"),
    "an axis that comes late": (node("ReduceSum", "x", "places"), {}, "places, which must be a constant"),
}


@pytest.mark.parametrize(("asked", "constants", "said"), CANNOT.values(), ids=CANNOT.keys())
def test_cannot_run_on_tensorrt(tmp_path: Path, asked: onnx.NodeProto, constants: dict[str, Any], said: str) -> None:
    assert said in " ".join(faults(write(tmp_path, asked, constants)))


def test_an_operator_set_beyond_the_last_is_said(tmp_path: Path) -> None:
    assert "operator set 21" in faults(write(tmp_path, node("Add", "x", "x"), opset=21))[0]
