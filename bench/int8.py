"""INT8 against FP32: size, speed and accuracy of the factory model.

``python -m bench.int8 [--model DIR] [--work DIR] [--corpus DIR]``. Speed is one full
window on one thread each, the two in turn in the same minute; the FP32 side is
the base encoder in PyTorch, which has the same network. With ``--work`` (the
workbench's folder) accuracy is compared with the FP32 graph of the very model.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.classify import load_classifier
from appliance.classify.line import Line
from appliance.classify.network import open_tokenizer
from appliance.classify.providers import PROVIDERS
from appliance.classify.windows import Window
from appliance.settings import CHECKOUT
from appliance.updates.bundled import opened_factory
from bench.rows import note, row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from appliance.classify.store import ModelFiles

ROUNDS, RUNS = 20, 4
FASTER, ENCODER_SHARE, FILE_BYTES, POINTS = 2.5, 0.26, 27_000_000, 0.3


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the rows; 1 when a bar was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=CHECKOUT / "models" / "factory.bundle")
    parser.add_argument("--work", type=Path, help="work folder of the workbench, for the FP32 graph")
    parser.add_argument("--corpus", type=Path, default=CHECKOUT.parent / "shared" / "corpus")
    chosen = parser.parse_args(arguments)
    with opened_factory(chosen.model) as folder:
        held = [*_size(folder), *_speed(folder), *_accuracy(folder, chosen)]
    return 0 if all(held) else 1


def _size(folder: ModelFiles) -> list[bool]:
    recorded = folder.manifest.document["summary"]["size"]
    file = folder.manifest.targets[folder.manifest.variants[0].model].size
    ratio = recorded["encoder_int8"] / recorded["encoder_fp32"]
    held = [ratio <= ENCODER_SHARE, file <= FILE_BYTES]
    row("int8 encoder size to fp32 (recorded when made)", round(ratio, 4), "ratio", ENCODER_SHARE, held[0])
    row("int8 whole cpu file", file / 1e6, "MB", FILE_BYTES / 1e6, held[1])
    return held


def _speed(folder: ModelFiles) -> list[bool]:
    try:
        slow = _torch_run(_full_window(folder), len(folder.manifest.labels))
    except ImportError as error:
        note(f"speed against PyTorch skipped: {error.name} is not installed (extra 'workbench')")
        return []
    network = Line(folder, providers=PROVIDERS[-1:]).first().network
    window = Window(_full_window(folder), "", 0, 0)
    runs: dict[str, Callable[[], object]] = {"fp32": slow, "int8": lambda: network.score(window)}
    times = _alternate(runs)
    medians = {name: statistics.median(seconds) * 1000 for name, seconds in times.items()}
    ratio = medians["fp32"] / medians["int8"]
    row("fp32 pytorch, one window, one thread", round(medians["fp32"], 2), "ms")
    row("int8 onnxruntime, one window, one thread", round(medians["int8"], 2), "ms")
    row("int8 speed to fp32 pytorch", round(ratio, 2), "times", FASTER, ratio >= FASTER)
    return [ratio >= FASTER]


def _full_window(folder: ModelFiles) -> tuple[int, ...]:
    """A full window of real words."""
    tokens = folder.manifest.calibration.window_tokens
    tokenizer = open_tokenizer(folder.read(folder.manifest.tokenizer))
    text = " ".join(golden.text for golden in folder.manifest.golden)
    ids = tokenizer.encode(text).ids
    return (*ids[: tokens - 1], ids[-1])


def _torch_run(window: tuple[int, ...], labels: int) -> Callable[[], object]:
    import torch

    from appliance.workbench.measure import torch_run
    from appliance.workbench.network import Network
    from appliance.workbench.work import encoder_folder

    torch.set_num_threads(1)
    return torch_run(Network.from_folder(encoder_folder(), labels).eval(), window)


def _alternate(runs: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Time the two in turn, a few runs each, so that what disturbs one disturbs both and caches are as in service."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            run()  # brings its weights back into the cache
            for _ in range(RUNS):
                began = time.perf_counter()
                run()
                times[name].append(time.perf_counter() - began)
    return times


def _accuracy(folder: ModelFiles, chosen: argparse.Namespace) -> list[bool]:
    graph = chosen.work / "final" / "fp32.onnx" if chosen.work else None
    if graph is None or not graph.exists() or not chosen.corpus.is_dir():
        note("accuracy against the FP32 graph needs --work and a corpus; the recorded figure is shown")
        summary = folder.manifest.document["summary"]
        lost = (summary["test_fp32"]["accuracy"] - summary["test"]["accuracy"]) * 100
        return _lost("points of accuracy lost by int8 (recorded when made)", lost)
    from appliance.workbench.work import Work

    test = Work(chosen.corpus, chosen.work).test()
    truths = [document.label for document in test.documents]
    ours = _share_right(load_classifier(folder).probabilities, folder, test.texts, truths)
    theirs = _share_right(_float_probabilities(folder, graph), folder, test.texts, truths)
    row("accuracy int8, test split, all windows", round(ours, 4), "share")
    row("accuracy fp32, test split, all windows", round(theirs, 4), "share")
    return _lost("points of accuracy lost by int8", (theirs - ours) * 100)


def _lost(name: str, points: float) -> list[bool]:
    row(name, round(points, 3), "points", POINTS, points <= POINTS)
    return [points <= POINTS]


def _share_right(
    answer: Callable[[str], Any], folder: ModelFiles, texts: Sequence[str], truths: Sequence[str]
) -> float:
    labels = folder.manifest.labels
    right = [labels[int(np.argmax(answer(text)))] == truth for text, truth in zip(texts, truths, strict=True) if text]
    return sum(right) / len(truths)


def _float_probabilities(folder: ModelFiles, graph: Path) -> Callable[[str], Any]:
    """The same classifier around the FP32 graph."""
    from appliance.classify.classifier import Classifier
    from appliance.workbench.measure import open_graph

    manifest = folder.manifest
    network = open_graph(graph, len(manifest.labels))
    tokenizer = open_tokenizer(folder.read(manifest.tokenizer))
    return Classifier(manifest, manifest.variants[0], network, tokenizer).probabilities


if __name__ == "__main__":
    raise SystemExit(main())
