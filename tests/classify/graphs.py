"""Graphs that answer by the words they see, whole and parted: real ONNX of a few hundred bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from appliance.workbench.assemble import Builder
from tests.classify.builders import LABELS, WORDS, make_tokenizer, write_folder

if TYPE_CHECKING:
    from pathlib import Path

SPECIAL = 3
"""Ids before the first word's."""

TELLS = {"distribute": 0, "resell": 1, "abstract": 2, "total": 3}
WRONG = {"distribute": 3, "resell": 2, "abstract": 1, "total": 0}
GOLDEN = [{"text": "total", "label": "receipt", "probabilities": [0.0, 0.0, 0.0, 1.0]}]
SURE = 40.0
PROFILE = {"batch": [1, 1, 32], "tokens": [16, 16, 256]}


def whole(tells: dict[str, int] = TELLS) -> bytes:
    """One graph for everything."""
    graph, builder = _begin(["input_ids"])
    _answer(builder, builder.node("ReduceMean", [_votes(builder, tells), builder.whole("axis", [1])], "x", keepdims=0))
    return _end(graph)


def encoder(tells: dict[str, int] = TELLS, *, rows: int | None = None) -> bytes:
    """The part for a GPU; with fewer rows than there are words it fails on a later word."""
    graph, builder = _begin(["input_ids", "attention_mask"])
    votes = _votes(builder, tells, rows)
    mask = builder.node("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
    kept = builder.node("Mul", [votes, builder.node("Unsqueeze", [mask, builder.whole("last", [2])], "column")], "kept")
    axis = builder.whole("axis", [1])
    total = builder.node("ReduceSum", [kept, axis], "total", keepdims=0)
    builder.node("Div", [total, builder.node("ReduceSum", [mask, axis], "count", keepdims=1)], "pooled")
    builder.outputs([builder.value("pooled", ["batch", len(LABELS)])])
    return _end(graph)


def rest(width: int = len(LABELS)) -> bytes:
    """What goes on from the encoder."""
    graph, builder = _begin([])
    graph.input.append(builder.value("pooled", [1, width]))
    _answer(builder, "pooled")
    return _end(graph)


def variant(provider: str, model: str = "model.onnx", **fields: Any) -> dict[str, Any]:
    """A manifest's entry."""
    return {"provider": provider, "precision": "int8", "model": model, "tolerance": 0.01, **fields}


def parted(provider: str, model: str = "encoder.onnx", **fields: Any) -> dict[str, Any]:
    """A manifest's entry for an encoder and the rest of it."""
    return variant(provider, model, rest="rest.onnx", profile=PROFILE, **fields)


def write_model(folder: Path, variants: list[dict[str, Any]], **graphs: bytes) -> Path:
    """A model folder with these variants; ``graphs`` are written as NAME.onnx beside the good ones."""
    targets = {"model": whole(), "encoder": encoder(), "rest": rest(), **graphs}
    contents = {f"{name}.onnx": content for name, content in targets.items()}
    contents["tokenizer.json"] = make_tokenizer().to_str().encode()
    return write_folder(folder, targets=contents, variants=variants, golden=GOLDEN)


def _begin(inputs: list[str]) -> tuple[Any, Builder]:
    graph = onnx.GraphProto(name="words")
    for name in inputs:
        graph.input.append(helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]))
    return graph, Builder(graph)


def _votes(builder: Builder, tells: dict[str, int], rows: int | None = None) -> str:
    table = np.zeros((SPECIAL + len(WORDS), len(LABELS)), np.float32)
    for word, label in tells.items():
        table[SPECIAL + WORDS.index(word), label] = SURE
    return builder.node("Gather", [builder.tensor("table", table[:rows]), "input_ids"], "votes")


def _answer(builder: Builder, pooled: str) -> None:
    builder.node("LogSoftmax", [pooled], "log_probabilities", axis=-1)
    builder.node("Identity", [builder.tensor("near", np.asarray([0.9], np.float32))], "similarity")
    builder.outputs([builder.value("log_probabilities", [1, len(LABELS)]), builder.value("similarity", [1])])


def _end(graph: Any) -> bytes:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())
