"""Which operators TensorRT runs, and whether a graph keeps to them: asked when a graph is made, not on the box.

Source: github.com/onnx/onnx-tensorrt, ``docs/operators.md`` at tag release/10.1 (commit 96e7811, June 2024), which
describes TensorRT 10.0: operator sets 9 to 20. Newer releases of 10 only add to it. Left out are the operators of
pictures, sound and loops, which no encoder holds: what is not in the table counts as not supported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

OPSETS = range(9, 21)

_FLOATS = frozenset({"FLOAT", "FLOAT16", "BFLOAT16"})
_NUMBERS = _FLOATS | {"INT32", "INT64"}
_ANY = _NUMBERS | {"BOOL"}

_OF_FLOATS = """
Ceil Clip Cos CumSum Dropout Einsum Elu Erf Exp Floor Gemm HardSigmoid HardSwish LayerNormalization LeakyRelu Log
LogSoftmax LpNormalization MatMul Pow Reciprocal Round Selu Sigmoid Sin Softmax Softplus Softsign Sqrt Tanh
ThresholdedRelu
"""
_OF_NUMBERS = """
Abs Add ArgMax ArgMin Div Equal Gelu Greater GreaterOrEqual IsNaN Less LessOrEqual Max Min Mod Mul Neg Range ReduceL1
ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Sign Sub
Sum
"""
_OF_ANY = """
Concat Constant ConstantOfShape Expand Flatten Gather GatherElements GatherND Identity Reshape Shape Size Slice Split
Squeeze Tile Transpose Trilu Unsqueeze Where
"""

TENSORRT: dict[str, frozenset[str]] = {
    **dict.fromkeys(_OF_FLOATS.split(), _FLOATS),
    **dict.fromkeys(_OF_NUMBERS.split(), _NUMBERS),
    **dict.fromkeys(_OF_ANY.split(), _ANY),
    **dict.fromkeys(("And", "Not", "Or", "Xor"), frozenset({"BOOL"})),
    "Cast": _ANY | {"UINT8"},
    "QuantizeLinear": _FLOATS,
    "DequantizeLinear": frozenset({"INT8"}),
}
"""Operators by name, with the types they take; of the two that quantise, the type of what they turn."""

AXES_KNOWN = {"Slice": 3, "Squeeze": 1, "Unsqueeze": 1, "CumSum": 1, "Dropout": 2} | {
    name: 1 for name in TENSORRT if name.startswith("Reduce")
}
"""Operators of which one input, by its place, must be a constant."""

_QUANTISERS = ("QuantizeLinear", "DequantizeLinear")


def faults(path: Path) -> list[str]:
    """Return what TensorRT could not run of a graph, a sentence each, naming the operator; empty where it runs all.

    Args:
        path: An ONNX file.
    """
    import onnx

    model = onnx.load(path)
    opsets = [
        f"It uses operator set {entry.version} of {entry.domain or 'ai.onnx'}; TensorRT reads 9 to 20 of ai.onnx."
        for entry in model.opset_import
        if entry.domain not in {"", "ai.onnx"} or entry.version not in OPSETS
    ]
    return _Looked(onnx.shape_inference.infer_shapes(model)).faults() + opsets


class _Looked:
    """A graph with the types of its values at hand."""

    def __init__(self, model: Any) -> None:  # noqa: ANN401 - an onnx message
        from onnx import TensorProto, numpy_helper

        graph = model.graph
        self._nodes = graph.node
        self._constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        self._constants |= {
            node.output[0]: numpy_helper.to_array(node.attribute[0].t)
            for node in graph.node
            if node.op_type == "Constant" and node.attribute[0].name == "value"
        }
        self._types = {tensor.name: TensorProto.DataType.Name(tensor.data_type) for tensor in graph.initializer}
        for value in (*graph.input, *graph.value_info, *graph.output):
            self._types[value.name] = TensorProto.DataType.Name(value.type.tensor_type.elem_type)

    def faults(self) -> list[str]:
        """What is wrong, node by node."""
        return [
            f"{node.op_type} ({node.name or node.output[0]}) {why}." for node in self._nodes for why in self._of(node)
        ]

    def _of(self, node: Any) -> list[str]:  # noqa: ANN401 - an onnx message
        if node.domain not in {"", "ai.onnx"}:
            return [f"is of {node.domain}, which TensorRT does not know"]
        if node.op_type not in TENSORRT:
            return ["is no operator that TensorRT runs"]
        return [*self._wrong_types(node), *self._wrong_constants(node)]

    def _wrong_types(self, node: Any) -> list[str]:  # noqa: ANN401 - an onnx message
        judged = node.input[:1] if node.op_type in _QUANTISERS else [name for name in node.input if name]
        unknown = [name for name in judged if name not in self._types]
        wrong = {self._types[name] for name in judged if name in self._types} - TENSORRT[node.op_type]
        return [f"takes {kind}, which TensorRT does not take there" for kind in sorted(wrong)] + [
            f"takes {name}, whose type cannot be told" for name in unknown
        ]

    def _wrong_constants(self, node: Any) -> list[str]:  # noqa: ANN401 - an onnx message
        place = AXES_KNOWN.get(node.op_type)
        found = []
        if place is not None and len(node.input) > place and node.input[place] not in {"", *self._constants}:
            found.append(f"takes {node.input[place]}, which must be a constant")
        if node.op_type in _QUANTISERS and len(node.input) > 2 and not self._is_zero(node.input[2]):  # noqa: PLR2004
            found.append("has a zero point other than 0")
        if node.op_type == "LayerNormalization" and len(node.output) > 1:
            found.append("gives more than its first output")
        return found

    def _is_zero(self, name: str) -> bool:
        """Whether a zero point is a constant of zeros of INT8."""
        value = self._constants.get(name)
        return value is not None and value.dtype == np.int8 and not value.any()
