"""The encoder alone, for a GPU: ids and mask in, the mean of the token vectors out; in floats, INT8 or FP16.

Only the standard's operators stand in it, because TensorRT knows no others. Its
INT8 form has fixed scales (static QDQ, symmetric), measured on the openings of
documents to tune on, so an answer depends neither on its neighbours nor on the
padding. What cannot be quantised well (norms, softmax, attention's own
products, the embedding) stays in floats, and the GPU runs it in FP16.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime

from appliance.classify.network import POOLED
from appliance.classify.tensorrt import INPUTS
from appliance.workbench.assemble import Builder, strip_domains
from appliance.workbench.progress import hushed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

TYPES = "token_type_ids"


def part(encoder: Path, target: Path) -> None:
    """Turn an exported encoder into one that takes ids and mask and pools by itself.

    Args:
        encoder: Of plain operators; FP32.
        target: Where the graph goes.
    """
    import onnx

    model = onnx.load(encoder)
    graph = model.graph
    _fix_types(graph)
    _append_pooling(graph)
    folded = target.with_suffix(".folded.onnx")
    onnx.save(model, folded)
    _fold_constants(folded, target)
    folded.unlink()
    model = onnx.load(target)
    strip_domains(model)
    onnx.save(model, target)


def quantise_static(source: Path, target: Path, windows: Sequence[Sequence[int]], *, method: str = "MinMax") -> None:
    """Quantise every product with a weight; its input by one fixed scale, its weight by channel.

    Args:
        source: What :func:`part` made.
        target: Where the graph goes.
        windows: Token ids that scales are measured on.
        method: How a scale is taken from what was seen: ``MinMax``, ``Percentile`` or ``Entropy``.
    """
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType
    from onnxruntime.quantization import quantize_static as quantize

    beside = target.with_suffix(".full.onnx")
    with hushed():
        quantize(
            source,
            beside,
            _reader(windows),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["MatMul"],
            nodes_to_exclude=_free_products(source),
            per_channel=True,
            activation_type=QuantType.QInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=getattr(CalibrationMethod, method),
            extra_options={
                "ActivationSymmetric": True,
                "WeightSymmetric": True,
                "OpTypesToExcludeOutputQuantization": ["MatMul"],
                "QDQOpTypePerChannelSupportToAxis": {"MatMul": 1},
            },
        )
    halve_tables(beside, target)
    beside.unlink()


def halve(source: Path, target: Path) -> None:
    """Write the graph in FP16; ids and mask go in as they are, and floats come out."""
    import onnx
    from onnxruntime.transformers.float16 import convert_float_to_float16

    model = onnx.load(source)
    with hushed():
        halved = convert_float_to_float16(model, keep_io_types=True)
    strip_domains(halved)
    onnx.save(halved, target)


def halve_tables(source: Path, target: Path) -> None:
    """Keep every gathered table of floats in FP16 and widen what is read of it: half of the file is such a table."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(source)
    graph = model.graph
    tables = {one.name: one for one in graph.initializer if one.data_type == TensorProto.FLOAT and len(one.dims) > 1}
    nodes = []
    for node in graph.node:
        nodes.append(node)
        table = tables.get(node.input[0]) if node.op_type == "Gather" else None
        if table is None:
            continue
        if table.data_type == TensorProto.FLOAT:
            table.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(table).astype(np.float16), table.name))
        wide, node.output[0] = node.output[0], f"{node.output[0]}/half"
        nodes.append(helper.make_node("Cast", [node.output[0]], [wide], to=TensorProto.FLOAT))
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.value_info[:]
    strip_domains(model)
    onnx.save(model, target)


def _free_products(source: Path) -> list[str]:
    """Names of the products of two values: attention's own, which stay in floats."""
    import onnx

    graph = onnx.load(source).graph
    weights = {tensor.name for tensor in graph.initializer}
    return [node.name for node in graph.node if node.op_type == "MatMul" and node.input[1] not in weights]


def _fix_types(graph: Any) -> None:  # noqa: ANN401 - an onnx message
    """Every token is of type 0 here: read that row once and for all, and take no third input."""
    from onnx import numpy_helper

    tensors = {tensor.name: tensor for tensor in graph.initializer}
    for node in list(graph.node):
        if node.op_type == "Gather" and node.input[1] == TYPES:
            row = numpy_helper.to_array(tensors[node.input[0]])[0]
            graph.initializer.append(numpy_helper.from_array(row, node.output[0]))
            graph.initializer.remove(tensors[node.input[0]])
            graph.node.remove(node)
    for value in list(graph.input):
        if value.name not in INPUTS:
            graph.input.remove(value)


def _append_pooling(graph: Any) -> None:  # noqa: ANN401 - an onnx message
    """The mean of the vectors whose mask is 1."""
    from onnx import TensorProto

    builder = Builder(graph)
    hidden = graph.output[0]
    width = hidden.type.tensor_type.shape.dim[-1].dim_value
    mask = builder.node("Cast", [INPUTS[1]], "pool/mask", to=TensorProto.FLOAT)
    column = builder.node("Unsqueeze", [mask, builder.whole("pool/last", [2])], "pool/column")
    kept = builder.node("Mul", [hidden.name, column], "pool/kept")
    axis = builder.whole("pool/axis", [1])
    total = builder.node("ReduceSum", [kept, axis], "pool/total", keepdims=0)
    count = builder.node("ReduceSum", [mask, axis], "pool/count", keepdims=1)
    builder.node("Div", [total, count], POOLED)
    builder.outputs([builder.value(POOLED, ["batch", width])])


def _fold_constants(source: Path, target: Path) -> None:
    """Let the runtime work out what does not depend on the input; its own operators come with a higher level only."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(target)
    options.log_severity_level = 3
    onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])


def _reader(windows: Sequence[Sequence[int]]) -> Any:  # noqa: ANN401 - the base class is loaded on demand
    from onnxruntime.quantization import CalibrationDataReader

    class Windows(CalibrationDataReader):  # type: ignore[misc]  # untyped to mypy here
        """One window at a time, unpadded."""

        def __init__(self) -> None:
            self._left: Iterator[Sequence[int]] = iter(windows)

        def get_next(self) -> dict[str, NDArray[np.int64]] | None:
            window = next(self._left, None)
            if window is None:
                return None
            ids = np.asarray([window], dtype=np.int64)
            return {INPUTS[0]: ids, INPUTS[1]: np.ones_like(ids)}

    return Windows()
