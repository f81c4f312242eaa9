"""The model's files for GPUs: an encoder in INT8 and in FP16, and the rest of the graph for the CPU.

They are made only when asked for, because they are more than three times the
size of the CPU's file: a bundle for boxes with a GPU carries them. None is
written that uses an operator TensorRT does not run, or that does not answer the
golden inputs within its tolerance on this machine's CPU.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from appliance.classify.classifier import Classifier
from appliance.classify.errors import ModelUnfitError
from appliance.classify.line import Line
from appliance.classify.network import open_tokenizer
from appliance.classify.providers import Provider
from appliance.classify.store import ModelFolder
from appliance.errors import ApplianceError
from appliance.workbench import alone
from appliance.workbench.assemble import assemble_rest
from appliance.workbench.export import export_plain
from appliance.workbench.operators import faults
from appliance.workbench.pack import head_of, learn_lexicon
from appliance.workbench.training import windows_of
from appliance.workbench.work import TOKENIZER, load_tokenizer

if TYPE_CHECKING:
    from pathlib import Path

    from appliance.workbench.work import Build

PRECISIONS = ("int8", "fp16")
"""In the order in which they are tried."""

TOLERANCE = 0.05
"""Largest difference of a golden probability; the answers they are held to are those of the CPU's INT8 file."""

BATCH, LEAST_TOKENS, MOST_TOKENS = (1, 1, 32), 16, 256
CALIBRATION_WINDOWS = 200
REST = "rest.onnx"


@dataclass(frozen=True, slots=True)
class Parted:
    """The graphs of one network for GPUs.

    Attributes:
        folder: Of the network in the work folder.
    """

    folder: Path

    def encoder(self, precision: str) -> Path:
        """The encoder in one of ``PRECISIONS``."""
        return self.folder / f"encoder-{precision}.onnx"

    @property
    def rest(self) -> Path:
        """What goes on from it."""
        return self.folder / REST

    def files(self) -> dict[str, bytes]:
        """All of them, by the names that a manifest gives them."""
        paths = (*map(self.encoder, PRECISIONS), self.rest)
        return {path.name: path.read_bytes() for path in paths}


def part_network(build: Build, name: str, taught: set[str]) -> Parted:
    """Make the graphs of a network for GPUs that are not there yet.

    Args:
        build: Its work folder holds the network under ``name``.
        name: ``fold-N`` or ``final``.
        taught: Hashes of the documents it was taught; scales are measured on some of them.

    Raises:
        ApplianceError: TensorRT does not run an operator of theirs.
    """
    folder = build.work.folder / name
    parted = Parted(folder)
    floats = folder / "encoder-alone.onnx"
    if not floats.exists():
        alone.part(export_plain(folder, build.encoder, folder), floats)
    int8, fp16 = map(parted.encoder, PRECISIONS)
    if not int8.exists():
        alone.quantise_static(floats, int8, calibration_windows(build, taught))
    if not fp16.exists():
        alone.halve(floats, fp16)
    if not parted.rest.exists():
        assemble_rest(head_of(build.work, name, taught, learn_lexicon(build.work, taught, build.recipe)), parted.rest)
    refuse_faults(int8, fp16)
    return parted


def calibration_windows(build: Build, taught: set[str]) -> list[tuple[int, ...]]:
    """Some first windows of taught documents, drawn by the build's seed."""
    part = build.work.dev()
    texts = [text for document, text in zip(part.documents, part.texts, strict=True) if document.sha256 in taught]
    chosen = Random(build.recipe.seed).sample(texts, min(CALIBRATION_WINDOWS, len(texts)))  # noqa: S311 - no secret
    tokenizer = load_tokenizer(build.work.folder / TOKENIZER)
    return [cut[0] for cut in windows_of(chosen, tokenizer, build.recipe.window_tokens, 1) if cut]


def refuse_faults(*graphs: Path) -> None:
    """Refuse graphs that hold what TensorRT does not run.

    Raises:
        ApplianceError: One does; the operator is named.
    """
    for graph in graphs:
        found = faults(graph)
        if found:
            raise ApplianceError(
                f"{graph.name} cannot run on TensorRT.",
                found[0],
                "Export the encoder with operators of the table in workbench/operators.py.",
            )


def entries(providers: tuple[str, ...], window_tokens: int) -> list[dict[str, Any]]:
    """What a manifest says of these files.

    Args:
        providers: Which they are for.
        window_tokens: The most a full window holds.
    """
    profile = {"batch": list(BATCH), "tokens": [LEAST_TOKENS, max(LEAST_TOKENS, window_tokens), MOST_TOKENS]}
    return [
        {
            "provider": provider,
            "precision": precision,
            "model": f"encoder-{precision}.onnx",
            "rest": REST,
            "profile": profile,
            "tolerance": TOLERANCE,
            "p95_ms": None,
            "measured_on": None,
        }
        for provider in providers
        for precision in PRECISIONS
    ]


def prove_files(folder: Path) -> None:
    """Let every file of a model answer the golden inputs on this machine's CPU, whatever provider it is for.

    Raises:
        ModelError: One does not load, or answers otherwise.
    """
    model = ModelFolder(folder)
    names = dict.fromkeys(variant.provider for variant in model.manifest.variants)
    line = Line(model, providers=[Provider(name, "CPUExecutionProvider") for name in names])
    tokenizer = open_tokenizer(model.read(model.manifest.tokenizer))
    while (serving := line.next()) is not None:
        Classifier(model.manifest, serving.variant, serving.network, tokenizer).prove()
    if line.passed_over:
        raise ModelUnfitError(f"{line.passed_over[0].provider}: {line.passed_over[0].why}")
