"""Tiny models that a runtime really loads: a graph of a few hundred bytes that answers by the words it sees.

The graph is written as protobuf by hand (onnx.proto, field numbers beside each
message), because the library that writes ONNX belongs to the build side.
"""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from appliance.classify import load_classifier
from appliance.classify.manifest import parse_manifest
from tests.classify.builders import LABELS, WORDS, make_manifest_fields, make_tokenizer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from appliance.classify import Classifier
    from appliance.classify.manifest import Manifest

SPECIAL = 3
"""Ids before the first word's."""

TELLS = {"distribute": 0, "resell": 1, "abstract": 2, "total": 3}
"""Which label each word speaks for, by its place."""

SURE = 40.0
"""A telling word's weight; a window holds at most ten tokens, over which it is averaged."""

TEXTS = ("total word word", "resell word", "abstract word word word", "distribute")
FLOAT, INT64 = 1, 7


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes | str) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _tensor(name: str, kind: int, dims: Sequence[int], values: Sequence[float]) -> bytes:
    raw = struct.pack(f"<{len(values)}{'f' if kind == FLOAT else 'q'}", *values)
    shape = b"".join(_number(1, size) for size in dims)
    return shape + _number(2, kind) + _bytes(8, name) + _bytes(9, raw)  # TensorProto


def _value(name: str, kind: int, *dims: str | int) -> bytes:
    shape = b"".join(_bytes(1, _number(1, d) if isinstance(d, int) else _bytes(2, d)) for d in dims)
    return _bytes(1, name) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, shape)))  # ValueInfoProto


def _node(kind: str, inputs: Sequence[str], output: str, **attributes: int) -> bytes:
    told = b"".join(_bytes(5, _bytes(1, k) + _number(3, v) + _number(20, 2)) for k, v in attributes.items())
    return b"".join(_bytes(1, one) for one in inputs) + _bytes(2, output) + _bytes(4, kind) + told  # NodeProto


def make_graph(tells: Mapping[str, int] = TELLS, labels: int = len(LABELS), work: int = 0) -> bytes:
    """An ONNX model: each word's weights averaged over the window.

    Args:
        tells: Which label each word speaks for.
        labels: How many there are.
        work: So many numbers go through 50 sines for nothing, to take time and memory.
    """
    rows = [[SURE if tells.get(word) == label else 0.0 for label in range(labels)] for word in ("",) * SPECIAL + WORDS]
    constants = [
        _tensor("table", FLOAT, [len(rows), labels], [value for row in rows for value in row]),
        _tensor("axis", INT64, [1], [1]),
        _tensor("near", FLOAT, [1], [0.9]),
        _tensor("much", INT64, [1], [max(work, 1)]),
        _tensor("nothing", FLOAT, [1], [0.0]),
    ]
    sines = [_node("Sin", [f"s{i}"], f"s{i + 1}") for i in range(50 if work else 0)]
    nodes = [
        _node("Gather", ["table", "input_ids"], "words"),
        _node("ReduceMax", ["words"], "loudest", keepdims=0),  # of the input, or it would be worked out when loaded
        _node("Expand", ["loudest", "much"], "s0"),
        *sines,
        _node("ReduceMax", [f"s{len(sines)}"], "most", keepdims=1),
        _node("Mul", ["most", "nothing"], "none"),
        _node("Add", ["near", "none"], "similarity"),
        _node("ReduceSum", ["words", "axis"], "sum", keepdims=0),
        _node("LogSoftmax", ["sum"], "log_probabilities"),
    ]
    graph = b"".join(_bytes(1, node) for node in nodes) + _bytes(2, "tiny")
    graph += b"".join(_bytes(5, constant) for constant in constants)
    graph += _bytes(11, _value("input_ids", INT64, "batch", "tokens"))
    graph += _bytes(12, _value("log_probabilities", FLOAT, "batch", labels)) + _bytes(
        12, _value("similarity", FLOAT, 1)
    )
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, _number(2, 17))  # ModelProto: IR 8, graph, opset 17


@dataclass(frozen=True)
class TinyModel:
    """A model in memory, with the face of a model folder.

    Attributes:
        data: Its manifest.
        targets: Its files, by stored name.
    """

    data: bytes
    targets: Mapping[str, bytes]

    @property
    def manifest(self) -> Manifest:
        return parse_manifest(self.data)

    def read(self, name: str) -> bytes:
        return self.targets[self.manifest.targets[name].stored_name]

    def load(self) -> Classifier:
        return load_classifier(self)


def make_model(
    release: int = 3,
    *,
    tells: Mapping[str, int] = TELLS,
    work: int = 0,
    extra: Mapping[str, bytes] | None = None,
    golden: Sequence[Mapping[str, Any]] | None = None,
    **fields: Any,
) -> TinyModel:
    """A tiny model whose golden answers are its own, unless others are given."""
    labels = fields.get("labels", LABELS)
    contents = {
        "model.onnx": make_graph(tells, len(labels), work),
        "tokenizer.json": make_tokenizer().to_str().encode(),
        **(extra or {}),
    }
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    files = [{"name": name, "sha256": hashes[name], "size": len(content)} for name, content in contents.items()]
    targets = {f"{hashes[name]}.{name}": content for name, content in contents.items()}
    document = make_manifest_fields(release=release, files=files, **{"labels": list(labels), **fields})
    unsure = [{"text": "word", "label": labels[0], "probabilities": [1 / len(labels)] * len(labels)}]
    if golden is None:
        anywhere = {name: make_manifest_fields()[name] for name in ("appliance", "runtime")}
        asked = load_classifier(TinyModel(json.dumps({**document, **anywhere, "golden": unsure}).encode(), targets))
        golden = [_answer(asked, text) for text in TEXTS]
    return TinyModel(json.dumps({**document, "golden": list(golden)}, sort_keys=True).encode(), targets)


def _answer(classifier: Classifier, text: str) -> dict[str, Any]:
    probabilities = classifier.probabilities(text)
    label = classifier.labels[int(probabilities.argmax())]
    return {"text": text, "label": label, "probabilities": [round(float(p), 6) for p in probabilities]}
