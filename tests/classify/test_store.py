from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from appliance.classify import ManifestError, ModelDamagedError, ModelMissingError, ModelUnfitError, load_classifier
from appliance.classify import classifier as room
from appliance.classify.manifest import Profile, parse_manifest
from tests.classify.builders import make_manifest_fields, write_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "model")


@pytest.fixture(autouse=True)
def _nothing_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail when a file of a refused model reaches a parser."""

    def parsed(*_arguments: object) -> None:
        pytest.fail("a file was parsed before all were proven")

    monkeypatch.setattr(room, "Line", parsed)
    monkeypatch.setattr(room, "open_tokenizer", parsed)


def target(folder: Path, name: str) -> Path:
    return next((folder / "targets").glob(f"*.{name}"))


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


def to_link(path: Path) -> None:
    other = path.parent.parent.parent / "elsewhere"
    path.rename(other)
    path.symlink_to(other)


def to_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


ATTACKS = {
    "a flipped byte in the graph": lambda f: flip(target(f, "model.onnx")),
    "a flipped byte in the tokenizer": lambda f: flip(target(f, "tokenizer.json")),
    "one byte too many": lambda f: lengthen(target(f, "model.onnx")),
    "cut short": lambda f: os.truncate(target(f, "model.onnx"), 3),
    "a missing file": lambda f: target(f, "tokenizer.json").unlink(),
    "a link instead of a file": lambda f: to_link(target(f, "model.onnx")),
    "a pipe instead of a file": lambda f: to_pipe(target(f, "model.onnx")),
    "an unlisted target": lambda f: (f / "targets" / "extra.onnx").write_bytes(b""),
    "an unlisted file beside the manifest": lambda f: (f / "run.py").write_bytes(b""),
    "no targets at all": lambda f: (f / "targets").rename(f.parent / "gone"),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_refused_before_parsing(folder: Path, attack: Callable[[Path], object]) -> None:
    attack(folder)
    with pytest.raises(ModelDamagedError):
        load_classifier(folder)


def test_no_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="Import a bundle"):
        load_classifier(tmp_path / "none")


def without(name: str) -> str:
    fields = make_manifest_fields()
    del fields[name]
    return json.dumps(fields)


def with_variant(**fields: Any) -> str:
    files = [{"name": name, "sha256": "0" * 64, "size": 1} for name in ("model.onnx", "rest.onnx", "tokenizer.json")]
    variant = {"provider": "cuda", "precision": "fp16", "model": "model.onnx", "tolerance": 0.1}
    return json.dumps(make_manifest_fields(files=files, variants=[{**variant, **fields}]))


SHAPES = {"batch": [1, 1, 32], "tokens": [16, 128, 256]}

MANIFESTS = {
    "not JSON": "{",
    "not text": "\udcff",
    "nested too deep": "[" * 100_000,
    "a list": "[]",
    "another format": '{"format": 2}',
    "no labels": without("labels"),
    "no calibration": without("calibration"),
    "no golden input": json.dumps(make_manifest_fields(golden=[])),
    "a label twice": json.dumps(make_manifest_fields(labels=["paper", "paper"])),
    "a label that is a way out": json.dumps(make_manifest_fields(labels=["../etc"])),
    "a file that is a way out": json.dumps(
        make_manifest_fields(files=[{"name": "../x", "sha256": "0" * 64, "size": 1}])
    ),
    "a hash that is a way out": json.dumps(make_manifest_fields(files=[{"name": "x", "sha256": "../../x", "size": 1}])),
    "a variant without a file": json.dumps(make_manifest_fields(files=[])),
    "a threshold that is text": json.dumps(
        make_manifest_fields(calibration={**make_manifest_fields()["calibration"], "threshold": "high"})
    ),
    "a threshold of zero": json.dumps(
        make_manifest_fields(calibration={**make_manifest_fields()["calibration"], "threshold": 0})
    ),
    "a table of thresholds that is none": json.dumps(
        make_manifest_fields(calibration={**make_manifest_fields()["calibration"], "thresholds": [[0.01]]})
    ),
    "a language that has no code": json.dumps(make_manifest_fields(languages=["English"])),
    "a threshold that is no number": json.dumps(
        make_manifest_fields(calibration={**make_manifest_fields()["calibration"], "threshold": float("nan")})
    ),
    "a rest without shapes": with_variant(rest="rest.onnx"),
    "shapes without a rest": with_variant(profile=SHAPES),
    "a rest that is not listed": with_variant(rest="other.onnx", profile=SHAPES),
    "shapes that do not rise": with_variant(rest="rest.onnx", profile={**SHAPES, "tokens": [16, 8, 256]}),
    "shapes of two": with_variant(rest="rest.onnx", profile={**SHAPES, "tokens": [16, 256]}),
    "shapes for several windows only": with_variant(rest="rest.onnx", profile={**SHAPES, "batch": [2, 2, 32]}),
    "shapes shorter than a window": with_variant(rest="rest.onnx", profile={**SHAPES, "tokens": [1, 2, 9]}),
    "too large": " " * 5_000_000,
}


@pytest.mark.parametrize("text", MANIFESTS.values(), ids=MANIFESTS.keys())
def test_a_manifest_that_cannot_be_is_refused(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ManifestError):
        load_classifier(folder)


def test_a_manifest_with_files_for_a_gpu_is_understood() -> None:
    [variant] = parse_manifest(with_variant(rest="rest.onnx", profile=SHAPES).encode()).variants
    assert (variant.files, variant.profile) == (("model.onnx", "rest.onnx"), Profile((1, 1, 32), (16, 128, 256)))


UNFIT = {
    "for a later box": {"appliance": {"minimum": "50", "below": "99"}},
    "for an earlier box": {"appliance": {"minimum": "0", "below": "0.0.1"}},
    "for a later runtime": {"runtime": {"onnxruntime": "99.0", "opset": 18}},
}


@pytest.mark.parametrize("fields", UNFIT.values(), ids=UNFIT.keys())
def test_a_model_for_another_box_is_refused(tmp_path: Path, fields: dict[str, Any]) -> None:
    with pytest.raises(ModelUnfitError):
        load_classifier(write_folder(tmp_path / "model", **fields))
