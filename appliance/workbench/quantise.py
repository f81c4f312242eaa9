"""FP32 to INT8: every matrix product by channel, every embedding by row, the rest untouched.

onnxruntime's own dynamic quantisation takes an embedding as one tensor with one
scale, and a few rare tokens' large rows then cost all others their precision
(measured: see the model's decision record). Here each row has its own scale.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.workbench.progress import hushed

if TYPE_CHECKING:
    from pathlib import Path

LEAST_ROWS = 2


def quantise(source: Path, target: Path, *, reduce_range: bool) -> None:
    """Quantise an encoder dynamically.

    Args:
        source: FP32 graph.
        target: Where the INT8 graph goes.
        reduce_range: Weights use seven bits, so that sums of products fit 16 bits on a CPU without VNNI.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    model = onnx.load(source)
    quantise_embeddings(model.graph)
    part_norms(model.graph)
    rows = target.with_suffix(".rows.onnx")
    onnx.save(model, rows)
    with hushed():
        quantize_dynamic(
            rows,
            target,
            op_types_to_quantize=["MatMul", "Attention"],
            per_channel=True,
            reduce_range=reduce_range,
            weight_type=QuantType.QInt8,
            extra_options={"DefaultTensorType": 1, "MatMulConstBOnly": True},
        )
    rows.unlink()


def quantise_embeddings(graph: Any) -> None:  # noqa: ANN401 - an onnx message
    """Turn every gathered table of floats into INT8 rows with one scale each, in place."""
    tables = {tensor.name: tensor for tensor in graph.initializer if _is_table(tensor)}
    nodes = []
    for node in graph.node:
        if node.op_type == "Gather" and node.input[0] in tables:
            nodes += _gather_rows(graph, tables[node.input[0]], node)
        else:
            nodes.append(node)
    _replace_nodes(graph, nodes)
    used = {name for node in graph.node for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def part_norms(graph: Any) -> None:  # noqa: ANN401 - an onnx message
    """Part every fused SkipLayerNormalization into sums and a plain LayerNormalization, in place.

    The fused kernel takes 0.30 ms a call on a CPU with AVX2, the parts 0.06 ms, and the bias then joins the
    matrix product before it (measured: 12 calls a window, 3 ms of 26).
    """
    nodes = []
    for node in graph.node:
        nodes += _part(node) if node.op_type == "SkipLayerNormalization" else [node]
    _replace_nodes(graph, nodes)


def _part(node: Any) -> list[Any]:  # noqa: ANN401 - an onnx message
    from onnx import helper

    name = node.output[0]
    value, skip, scale, shift = node.input[:4]
    nodes = []
    if len(node.input) > 4 and node.input[4]:  # noqa: PLR2004 - the optional bias
        nodes.append(helper.make_node("Add", [value, node.input[4]], [f"{name}/biased"]))
        value = f"{name}/biased"
    epsilon = next(attribute.f for attribute in node.attribute if attribute.name == "epsilon")
    nodes.append(helper.make_node("Add", [value, skip], [f"{name}/sum"]))
    normal = helper.make_node("LayerNormalization", [f"{name}/sum", scale, shift], [name], axis=-1, epsilon=epsilon)
    return [*nodes, normal]


def _replace_nodes(graph: Any, nodes: list[Any]) -> None:  # noqa: ANN401 - an onnx message
    del graph.node[:]
    graph.node.extend(nodes)


def _is_table(tensor: Any) -> bool:  # noqa: ANN401 - an onnx message
    import onnx

    return tensor.data_type == onnx.TensorProto.FLOAT and len(tensor.dims) == LEAST_ROWS  # rows x width


def _gather_rows(graph: Any, table: Any, node: Any) -> list[Any]:  # noqa: ANN401 - onnx messages
    """The nodes that read INT8 rows and scale them back."""
    from onnx import helper, numpy_helper

    values = numpy_helper.to_array(table)
    scales = np.maximum(np.abs(values).max(axis=1, keepdims=True), 1e-12).astype(np.float32) / 127
    name = node.output[0]
    graph.initializer.extend(
        [
            numpy_helper.from_array(np.rint(values / scales).astype(np.int8), f"{name}/rows"),
            numpy_helper.from_array(scales, f"{name}/scales"),
        ]
    )
    return [
        helper.make_node("Gather", [f"{name}/rows", node.input[1]], [f"{name}/row"]),
        helper.make_node("Cast", [f"{name}/row"], [f"{name}/float"], to=1),
        helper.make_node("Gather", [f"{name}/scales", node.input[1]], [f"{name}/scale"]),
        helper.make_node("Mul", [f"{name}/float", f"{name}/scale"], [name]),
    ]
