"""Models for tests: a tokenizer of whole words, and a network that answers by the words it sees."""

from __future__ import annotations

import hashlib
import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from appliance.classify.classifier import Classifier
from appliance.classify.manifest import Manifest, parse_manifest
from appliance.classify.policy import Calibration, WindowScore

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from appliance.classify.windows import Window

LABELS = ("contract/distributor", "contract/reseller", "paper", "receipt")
WORDS = ("distribute", "resell", "abstract", "total", "word", "stranger")


def make_tokenizer() -> Tokenizer:
    """One word, one token; [CLS] and [SEP] at the ends."""
    names = ("[UNK]", "[CLS]", "[SEP]", *WORDS)
    tokenizer = Tokenizer(models.WordLevel({name: i for i, name in enumerate(names)}, "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    return tokenizer


def make_calibration(**fields: Any) -> Calibration:
    """Two windows of ten tokens, plain weights, sure from 0.9."""
    values: dict[str, Any] = {
        "weights": (1.0, 0.5),
        "temperatures": (1.0, 1.0),
        "threshold": 0.9,
        "floor": 0.3,
        "window_tokens": 10,
        "error_budget": 0.01,
    }
    return Calibration(**{**values, **fields})


def make_score(*probabilities: float, similarity: float = 0.9) -> WindowScore:
    """A window's score from its probabilities."""
    return WindowScore([math.log(max(p, 1e-9)) for p in probabilities], similarity)


class WordNetwork:
    """Says the label of the first telling word of a window; honours the network's interface."""

    def __init__(self) -> None:
        self.seen: list[Window] = []

    def score(self, window: Window) -> WindowScore:
        """Sure of the label whose word stands there, else unsure of all; a stranger is far from everything."""
        self.seen.append(window)
        telling = [WORDS.index(word) for word in window.text.split() if word in WORDS[:4]]
        probabilities = [0.01] * 4 if telling else [0.25] * 4
        if telling:
            probabilities[telling[0]] = 0.97
        return make_score(*probabilities, similarity=0.0 if "stranger" in window.text else 0.9)

    score_aside = score


def make_manifest_fields(**fields: Any) -> dict[str, Any]:
    """A manifest as JSON values, without files."""
    values: dict[str, Any] = {
        "format": 1,
        "model": "tiny",
        "release": 3,
        "appliance": {"minimum": "0.0", "below": "99"},
        "runtime": {"onnxruntime": "1.0", "opset": 18},
        "files": [],
        "variants": [{"provider": "cpu", "precision": "fp32", "model": "model.onnx", "tolerance": 0.01}],
        "tokenizer": "tokenizer.json",
        "labels": list(LABELS),
        "calibration": {
            "weights": [1.0, 0.5],
            "temperatures": [1.0, 1.0],
            "threshold": 0.9,
            "floor": 0.3,
            "window_tokens": 10,
            "error_budget": 0.01,
        },
        "golden": [{"text": "total", "label": "receipt", "probabilities": [0.01, 0.01, 0.01, 0.97]}],
    }
    return {**values, **fields}


def write_folder(folder: Path, *, targets: dict[str, bytes] | None = None, **fields: Any) -> Path:
    """A model folder whose files match its manifest."""
    contents = targets or {"model.onnx": b"not a graph", "tokenizer.json": make_tokenizer().to_str().encode()}
    (folder / "targets").mkdir(parents=True)
    files = []
    for name, content in contents.items():
        digest = hashlib.sha256(content).hexdigest()
        (folder / "targets" / f"{digest}.{name}").write_bytes(content)
        files.append({"name": name, "sha256": digest, "size": len(content)})
    manifest = {**make_manifest_fields(files=files), **fields}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def make_manifest(**fields: Any) -> Manifest:
    """A parsed manifest that lists two files."""
    files = [{"name": name, "sha256": "0" * 64, "size": 1} for name in ("model.onnx", "tokenizer.json")]
    return parse_manifest(json.dumps(make_manifest_fields(files=files, **fields)).encode())


def make_classifier(network: WordNetwork, **fields: Any) -> Classifier:
    """A classifier around a network that answers by words."""
    manifest = make_manifest(**fields)
    return Classifier(manifest, manifest.variants[0], network, make_tokenizer())  # type: ignore[arg-type]


class Pages:
    """An iterator of pages that counts how many were pulled."""

    def __init__(self, pages: Sequence[str]) -> None:
        self.pulled = 0
        self._pages = iter(pages)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        page = next(self._pages)
        self.pulled += 1
        return page


def random_scores(random: np.random.Generator, windows: int) -> list[WindowScore]:
    """Scores of any shape: sharp, flat, near and far."""
    rows = random.normal(size=(windows, len(LABELS))) * random.choice([0.5, 3, 12])
    logs = rows - np.log(np.exp(rows).sum(axis=1, keepdims=True))
    return [WindowScore(row, float(random.uniform(-1, 1))) for row in logs]
