"""One graph from encoder, head, lexical view and centres: window in, log-probabilities and nearness out.

Everything after the encoder stays in floats: it is small and it decides. The
graph is for one unpadded window, so the mean over tokens is a plain mean. What
follows the encoder can also be a graph of its own, beside an encoder on a GPU.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.classify.network import OUTPUTS, POOLED
from appliance.workbench.export import OPSET

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from appliance.workbench.lexical import Lexicon
    from appliance.workbench.nearness import Centres


IR_VERSION = 8
"""Of the file format: as optimum writes it, so that a runtime that reads one graph reads all."""


@dataclass(frozen=True, slots=True)
class Head:
    """What follows the encoder.

    Attributes:
        weight: Labels x width.
        bias: Labels.
        centres: What nearness is measured by.
        lexicon: The lexical view, or None for the encoder alone.
    """

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    centres: Centres
    lexicon: Lexicon | None = None


def assemble(encoder: Path, head: Head, target: Path) -> None:
    """Append pooling, head, lexical view and centres to an encoder.

    Args:
        encoder: Gives ``last_hidden_state``.
        head: What to append.
        target: Where the graph goes; its outputs are ``log_probabilities`` (1 x labels) and ``similarity`` (1).
    """
    import onnx

    model = onnx.load(encoder)
    graph = model.graph
    builder = Builder(graph)
    hidden = graph.output[0].name
    builder.node("ReduceMean", [hidden, builder.whole("pool/axis", [1])], POOLED, keepdims=0)
    _append_rest(builder, head)
    strip_domains(model)
    onnx.save(model, target)


def assemble_rest(head: Head, target: Path) -> None:
    """Make the graph that goes on from an encoder: head, lexical view and centres.

    Args:
        head: What follows the encoder.
        target: Where the graph goes; ``input_ids`` (1 x tokens) and ``pooled`` (1 x width) to the outputs of
            :func:`assemble`.
    """
    import onnx
    from onnx import helper

    graph = onnx.GraphProto(name="rest")
    builder = Builder(graph)
    graph.input.append(builder.value(POOLED, [1, head.weight.shape[1]]))
    if head.lexicon is not None:
        graph.input.append(builder.value("input_ids", [1, "tokens"], whole=True))
    _append_rest(builder, head)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    onnx.checker.check_model(model)
    onnx.save(model, target)


def strip_domains(model: Any) -> None:  # noqa: ANN401 - an onnx message
    """Drop the operator sets that a library declared and the graph does not use, in place."""
    used = {node.domain for node in model.graph.node} | {""}
    keep = [entry for entry in model.opset_import if entry.domain in used]
    del model.opset_import[:]
    model.opset_import.extend(keep)


def _append_rest(builder: Builder, head: Head) -> None:
    """Append everything after the pooled vector, and say what comes out."""
    _append_similarity(builder, POOLED, head.centres)
    _append_labels(builder, POOLED, head)
    labels = head.bias.shape[0]
    builder.outputs([builder.value(OUTPUTS[0], [1, labels]), builder.value(OUTPUTS[1], [1])])


def _append_similarity(builder: Builder, pooled: str, centres: Centres) -> None:
    """Nearness: one over one plus the squared distance to the nearest centre, in halves."""
    length = builder.node("ReduceL2", [pooled, builder.whole("length/axis", [1])], "length", keepdims=1)
    unit = builder.node("Div", [pooled, length], "embedding")
    spread = builder.node("MatMul", [unit, builder.tensor("near/whitening", centres.whitening)], "near/spread")
    offsets = builder.node("Sub", [builder.tensor("near/centres", centres.centres), spread], "near/offsets")
    axis = builder.whole("near/axis", [1])
    squares = builder.node("ReduceSumSquare", [offsets, axis], "near/squares", keepdims=0)
    nearest = builder.node("ReduceMin", [squares, builder.whole("near/labels", [0])], "near/nearest", keepdims=1)
    halves = builder.node("Div", [nearest, builder.tensor("near/half", np.float32(centres.half))], "near/halves")
    more = builder.node("Add", [halves, builder.tensor("near/one", np.float32(1))], "near/more")
    builder.node("Reciprocal", [more], "similarity")


def _append_labels(builder: Builder, pooled: str, head: Head) -> None:
    """Log-probabilities of the head, averaged with the lexical view's where there is one."""
    weight = builder.tensor("head/weight", np.ascontiguousarray(head.weight.T))
    product = builder.node("MatMul", [pooled, weight], "head/product")
    logits = builder.node("Add", [product, builder.tensor("head/bias", head.bias)], "head/logits")
    if head.lexicon is None:
        builder.node("LogSoftmax", [logits], "log_probabilities", axis=-1)
        return
    encoded = builder.node("LogSoftmax", [logits], "head/logs", axis=-1)
    counted = builder.node("LogSoftmax", [_append_lexicon(builder, head.lexicon)], "lexical/logs", axis=-1)
    share = head.lexicon.share
    ours = builder.node("Mul", [encoded, builder.tensor("head/share", np.float32(1 - share))], "head/part")
    theirs = builder.node("Mul", [counted, builder.tensor("lexical/share", np.float32(share))], "lexical/part")
    builder.node("Add", [ours, theirs], "log_probabilities")


def _append_lexicon(builder: Builder, lexicon: Lexicon) -> str:
    """Logits of the lexical view: damped counts, weighted, of unit length, times a matrix."""
    singles = [gram[0] for gram in lexicon.grams if len(gram) == 1]
    pairs = [token for gram in lexicon.grams if len(gram) > 1 for token in gram]
    counts = builder.node(
        "TfIdfVectorizer",
        ["input_ids"],
        "lexical/counts",
        mode="TF",
        min_gram_length=1,
        max_gram_length=2,
        max_skip_count=0,
        ngram_counts=[0, len(singles)],
        ngram_indexes=list(range(len(lexicon.grams))),
        pool_int64s=singles + pairs,
    )
    one = builder.tensor("lexical/one", np.float32(1))
    damped = builder.node("Log", [builder.node("Add", [counts, one], "lexical/more")], "lexical/damped")
    weighted = builder.node("Mul", [damped, builder.tensor("lexical/rarity", lexicon.rarity)], "lexical/weighted")
    length = builder.node("ReduceL2", [weighted, builder.whole("lexical/axis", [1])], "lexical/length", keepdims=1)
    least = builder.node("Max", [length, builder.tensor("lexical/least", np.float32(1e-6))], "lexical/divisor")
    unit = builder.node("Div", [weighted, least], "lexical/unit")
    half = builder.tensor("lexical/half", lexicon.weight.astype(np.float16))
    product = builder.node("MatMul", [unit, builder.node("Cast", [half], "lexical/weight", to=1)], "lexical/product")
    return builder.node("Add", [product, builder.tensor("lexical/bias", lexicon.bias)], "lexical/logits")


class Builder:
    """Appends nodes and constants to a graph, naming each after its output."""

    def __init__(self, graph: Any) -> None:  # noqa: ANN401 - an onnx message
        self._graph = graph

    def node(self, kind: str, inputs: list[str], name: str, *, outputs: int = 1, **attributes: object) -> str:
        """Append a node and return the name of its first output."""
        from onnx import helper

        names = [name] + [f"{name}/{number}" for number in range(1, outputs)]
        self._graph.node.append(helper.make_node(kind, inputs, names, name=name, **attributes))
        return name

    def tensor(self, name: str, value: NDArray[Any] | np.generic) -> str:
        """Append a constant and return its name."""
        from onnx import numpy_helper

        self._graph.initializer.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def whole(self, name: str, values: list[int]) -> str:
        """Append a constant of whole numbers and return its name."""
        return self.tensor(name, np.asarray(values, dtype=np.int64))

    def value(self, name: str, shape: list[int | str], *, whole: bool = False) -> Any:  # noqa: ANN401 - likewise
        """Describe an input or output: floats, or whole numbers."""
        from onnx import TensorProto, helper

        return helper.make_tensor_value_info(name, TensorProto.INT64 if whole else TensorProto.FLOAT, shape)

    def outputs(self, values: list[Any]) -> None:
        """Let these come out of the graph, and nothing else."""
        del self._graph.output[:]
        self._graph.output.extend(values)
