"""A built model's report, from the evaluation that the model carries: neither corpus nor work folder is needed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from appliance.classify.decision import Status
from appliance.classify.evaluation import Answer
from appliance.errors import ApplianceError
from appliance.files import write_whole
from appliance.report import Sheet, Speed, facts_of, page_of
from appliance.updates.bundled import opened_factory
from appliance.workbench.calibrate import STRANGER

if TYPE_CHECKING:
    from pathlib import Path

    from appliance.classify.manifest import Manifest

EVALUATION = "evaluation.json"


class NoAnswersError(ApplianceError):
    """A model whose evaluation cannot be drawn."""


def write_report(model: Path, out: Path) -> None:
    """Draw the evaluation of a model.

    Args:
        model: A folder as ``build`` wrote it, or the bundle the box came with; every file is proven first.
        out: The page; replaced whole if it is there.

    Raises:
        NoAnswersError: The model carries no answers.
        ModelError: The folder is damaged or none.
    """
    with opened_factory(model) as files:
        manifest = files.manifest
        figures = json.loads(files.read(EVALUATION)) if EVALUATION in manifest.targets else {}
    if not figures.get("answers"):
        raise NoAnswersError(
            f"The evaluation of {manifest.model_id} cannot be drawn.",
            "The model carries figures but not the answers they were counted from, as older ones do.",
            "Build it again with `appliance workbench build`.",
        )
    write_whole(out, page_of(sheet_of(manifest, figures)).encode())


def sheet_of(manifest: Manifest, figures: dict[str, Any]) -> Sheet:
    """Turn a model's figures into what a report is made of.

    Args:
        manifest: Of the model.
        figures: Its evaluation, with ``answers``.
    """
    rows = [
        Answer(truth, Status(status), label, best, confidence)
        for truth, status, label, best, confidence in figures["answers"]
    ]
    variant, speed = manifest.document["variants"][0], figures["speed"]
    window, form = f"a window of {manifest.calibration.window_tokens} tokens, one thread", figures["form"]
    return Sheet(
        title=f"Model {manifest.model_id}",
        made=f"Issued {str(manifest.document.get('issued', ''))[:10]}. Judged on documents it was neither taught nor "
        "calibrated on.",
        answers=tuple(row for row in rows if row.truth != STRANGER),
        strangers=tuple(row for row in rows if row.truth == STRANGER),
        threshold=manifest.calibration.threshold,
        error_budget=manifest.calibration.error_budget,
        speeds=(
            Speed(window, speed[f"{form}_ms"], speed[f"{form}_p95_ms"]),
            Speed("the same in PyTorch, FP32", speed["torch_ms"]),
        ),
        facts=(*facts_of(manifest, variant["provider"]), ("Timed on", str(variant.get("measured_on", "")))),
    )
