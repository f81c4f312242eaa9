"""The networks of the cross-validation as models that decide, each for the documents it was not taught."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.classify.classifier import Classifier
from appliance.classify.manifest import Manifest, Variant, parse_calibration
from appliance.workbench import measure, splits
from appliance.workbench.factory import LANGUAGES
from appliance.workbench.pack import pack
from appliance.workbench.work import TOKENIZER, load_tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.workbench.splits import Document
    from appliance.workbench.steps import Steps


def fold_model(steps: Steps, fold: int) -> Classifier:
    """The model of one fold, under the calibration of the build.

    Args:
        steps: Trained and calibrated.
        fold: Which.
    """
    figures = steps.calibration()
    name = f"fold-{fold}"
    graph = pack(steps.build, name, steps.work.taught_of(fold, steps.build.folds)).graph(figures["form"])
    manifest = Manifest(
        model=name,
        release=0,
        targets={},
        variants=(),
        tokenizer=TOKENIZER,
        labels=steps.labels,
        languages=LANGUAGES,
        calibration=parse_calibration(figures["calibration"]),
        golden=(),
        appliance=("0", "1"),
        onnxruntime="0",
        document={},
    )
    network = measure.open_graph(graph, len(steps.labels))
    tokenizer = load_tokenizer(steps.work.folder / TOKENIZER)
    return Classifier(manifest, Variant("cpu", figures["form"], graph.name, 0.0), network, tokenizer)


def models_of_folds(steps: Steps) -> Callable[[Document], Classifier]:
    """From a document to tune on to the model that was not taught it."""
    where = splits.fold_of(list(steps.work.dev().documents), steps.build.folds)
    models = [fold_model(steps, fold) for fold in range(steps.build.folds)]
    return lambda document: models[where[document.sha256]]
