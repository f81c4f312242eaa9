"""The factory model's folder: graph, tokenizer, card and evaluation under one manifest."""

from __future__ import annotations

import importlib.metadata
import json
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import appliance
from appliance.classify import policy
from appliance.classify.manifest import FORMAT, parse_calibration
from appliance.workbench import measure, variants
from appliance.workbench.card import write_card
from appliance.workbench.export import OPSET
from appliance.workbench.golden import TEXTS, golden_entry
from appliance.workbench.pack import REDUCED
from appliance.workbench.work import TOKENIZER, load_tokenizer
from appliance.workbench.writer import write_model

if TYPE_CHECKING:
    from appliance.workbench.pack import Packed
    from appliance.workbench.steps import Steps

NAME = "factory"
LANGUAGES = ("en",)
"""What it reads; a few of the corpus's policies are French, too few to promise anything."""

OLDEST_RUNTIME = "1.20"
TOLERANCES = {True: 0.02, False: 0.1}
"""Largest difference of a golden probability, by whether the range is reduced: only then do all CPUs add up alike."""

LIBRARIES = ("torch", "transformers", "optimum", "onnx", "onnxruntime", "scikit-learn", "tokenizers", "numpy")


def write_factory(
    steps: Steps, packed: Packed, folder: Path, *, release: int = 1, providers: tuple[str, ...] = ()
) -> None:
    """Write the model folder from what the steps made and measured.

    Args:
        steps: Calibrated and evaluated.
        packed: The network to ship.
        folder: Replaced if it is there.
        release: The model's number.
        providers: Beside the CPU, ``tensorrt`` and ``cuda``; they share an encoder and the rest of the graph.
    """
    figures = steps.figures()
    labels = steps.labels
    graph = packed.graph(figures["form"])
    manifest = _manifest(steps, figures, release)
    manifest["golden"] = golden_answers(steps, graph, labels, figures)
    tokenizer = load_tokenizer(steps.work.folder / TOKENIZER)
    report = {key: value for key, value in figures.items() if key != "calibration"}
    targets = {
        "model.onnx": graph.read_bytes(),
        "tokenizer.json": tokenizer.to_str().encode(),
        "evaluation.json": (json.dumps(report, indent=1) + "\n").encode(),
    }
    if providers:
        manifest["variants"] += variants.entries(providers, steps.build.recipe.window_tokens)
        targets |= steps.part_final().files()
    targets["model-card.md"] = write_card(manifest, figures, steps.work.corpus).encode()
    write_model(folder, manifest, targets)


def golden_answers(steps: Steps, graph: Path, labels: tuple[str, ...], figures: dict[str, Any]) -> list[dict[str, Any]]:
    """What the graph answers for the public inputs, on this machine."""
    calibration = parse_calibration(figures["calibration"])
    tokenizer = load_tokenizer(steps.work.folder / TOKENIZER)
    network = measure.open_graph(graph, len(labels))
    tokens, most = calibration.window_tokens, calibration.max_windows
    scores = measure.scores_of(network, TEXTS, tokenizer, tokens=tokens, most=most, name="golden")
    pairs = zip(TEXTS, scores, strict=True)
    return [golden_entry(text, labels, policy.pool(row, calibration)) for text, row in pairs]


def _manifest(steps: Steps, figures: dict[str, Any], release: int) -> dict[str, Any]:
    reduced = figures["form"] == REDUCED
    return {
        "format": FORMAT,
        "model": NAME,
        "release": release,
        "min_release": 0,
        "issued": datetime.now(UTC).replace(microsecond=0).isoformat(),
        "appliance": {"minimum": appliance.__version__, "below": "1"},
        "runtime": {"onnxruntime": OLDEST_RUNTIME, "opset": OPSET},
        "variants": [
            {
                "provider": "cpu",
                "precision": "int8",
                "reduce_range": reduced,
                "cpu_features": ["avx2"] if platform.machine() == "x86_64" else [],
                "model": "model.onnx",
                "tolerance": TOLERANCES[reduced],
                "memory_bytes": 4 * figures["size"]["file"],
                "p95_ms": figures["speed"][f"{figures['form']}_p95_ms"],
                "measured_on": cpu_name(),
            }
        ],
        "tokenizer": "tokenizer.json",
        "labels": list(steps.labels),
        "languages": list(LANGUAGES),
        "label_map": {},
        "calibration": {**figures["calibration"], "max_windows": len(figures["calibration"]["weights"])},
        "acceptance": {
            "golden": "same best label and every probability within the variant's tolerance",
            "latency_ratio": 1.5,
            "accuracy_margin": 0.01,
        },
        "evaluation": "evaluation.json",
        "card": "model-card.md",
        "built_with": versions(),
        "recipe": recipe_fields(steps),
        "summary": summary(figures),
        "licence": "Apache-2.0 (base encoder); sources and attributions stand in the model card",
        "notes": "Reads English.",
    }


def summary(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures a page shows first."""
    chosen = ("documents", "accuracy", "macro_f1", "coverage", "error", "error_bound", "calibration_error")
    return {
        "test": {key: figures["test"][key] for key in (*chosen, "contract_accuracy")},
        "test_fp32": {key: figures["test_fp32"][key] for key in ("accuracy", "contract_accuracy")},
        "out_of_fold": {key: figures["out_of_fold"][key] for key in chosen},
        "strangers": figures["strangers"],
        "with_strangers": figures["with_strangers"],
        "size": figures["size"],
        "speed": figures["speed"],
    }


def recipe_fields(steps: Steps) -> dict[str, Any]:
    """Every number of the training."""
    from dataclasses import asdict

    return {**asdict(steps.build.recipe), "folds": steps.build.folds, "glance_tokens": steps.build.glance}


def versions() -> dict[str, str]:
    """Python and the libraries a build depends on."""
    found = {"python": platform.python_version()}
    for library in LIBRARIES:
        found[library] = importlib.metadata.version(library)
    return found


def cpu_name() -> str:
    """The processor as the kernel names it."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.machine()
    names = [line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()
