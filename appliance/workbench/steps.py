"""The steps of a build in their order; each finds again what it made before.

texts -> train (folds, then the final network) -> export and quantise -> calibrate (out of fold) -> evaluate (the
untouched test split) -> write the model folder. Figures go into JSON files in the work folder and from there into
the manifest and the card; none is typed by hand.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.classify.manifest import parse_calibration
from appliance.classify.policy import Calibration, WindowScore, judge_glance
from appliance.workbench import calibrate, crossvalidate, measure, splits
from appliance.workbench.calibrate import Sample
from appliance.workbench.pack import FLOATS, FULL, REDUCED, Packed, pack
from appliance.workbench.training import windows_of
from appliance.workbench.variants import Parted, part_network
from appliance.workbench.work import TOKENIZER, Build, Seen, load_tokenizer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SPEED_ROUNDS = 20


class Steps:
    """The steps of one build.

    Args:
        build: What to make, of what, and how.
    """

    def __init__(self, build: Build) -> None:
        self.build = build
        self.work = build.work
        self.labels = build.work.labels()

    def train(self) -> None:
        """Train a network a fold and the final one."""
        crossvalidate.train_folds(self.build)
        crossvalidate.train_final(self.build)

    def pack_final(self) -> Packed:
        """Export, quantise and assemble the final network."""
        taught = {document.sha256 for document in self.work.dev().documents}
        return pack(self.build, "final", taught)

    def part_final(self) -> Parted:
        """Export the final network once more for GPUs, quantise and halve it."""
        return part_network(self.build, "final", {document.sha256 for document in self.work.dev().documents})

    def samples(self, form: str) -> list[Sample]:
        """What each fold's graph says of the documents it was not taught."""
        part = self.work.dev()
        where = splits.fold_of(list(part.documents), self.build.folds)
        samples = []
        for fold in range(self.build.folds):
            outside = [(d, t) for d, t in zip(part.documents, part.texts, strict=True) if where[d.sha256] == fold]
            samples += self._fold_samples(fold, form, [(d.label, text) for d, text in outside], "documents")
        return samples

    def strangers(self, form: str) -> list[Sample]:
        """What the folds' graphs say of strangers, one graph each: every other one, the rest is for the evaluation."""
        kinds = self.work.strangers_by_kind(setting=True, judging=False)
        texts = [text for members in kinds.values() for text in members]
        name = f"strangers-{hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:8]}"
        samples = []
        for fold in range(self.build.folds):
            few = [(calibrate.STRANGER, text) for text in texts[fold :: self.build.folds]]
            samples += self._fold_samples(fold, form, few, name)
        return samples

    def calibrate(self) -> dict[str, Any]:
        """Choose the INT8 form and fit the calibration on out-of-fold answers; returns and keeps the figures."""
        forms = {form: self.samples(form) for form in (FULL, REDUCED)}
        strangers = {form: self.strangers(form) for form in forms}
        fitted = {
            form: calibrate.calibrate(
                samples,
                self.labels,
                self.build.recipe.window_tokens,
                self.build.budget,
                strangers[form],
                self.build.glance,
            )
            for form, samples in forms.items()
        }
        figures = {form: calibrate.measure(forms[form], self.labels, fitted[form]) for form in forms}
        losses = {form: calibrate.loss(forms[form], self.labels, fitted[form]) for form in forms}
        chosen = choose_form(losses)
        return self._keep(
            "calibration",
            {
                "form": chosen,
                "calibration": dataclasses.asdict(fitted[chosen]),
                "out_of_fold": figures[chosen].as_dict(),
                "with_strangers": _filed_figures([*forms[chosen], *strangers[chosen]], self.labels, fitted[chosen]),
                "forms": {
                    form: {
                        "loss": losses[form],
                        "accuracy": figures[form].accuracy,
                        "coverage": figures[form].coverage,
                        "error": figures[form].error,
                    }
                    for form in forms
                },
            },
        )

    def evaluate(self, *, rounds: int = SPEED_ROUNDS) -> dict[str, Any]:
        """Measure the final graphs on documents and strangers nothing was fitted to; returns and keeps the figures.

        Args:
            rounds: How often each graph is timed.
        """
        found = self.calibration()
        calibration = parse_calibration(found["calibration"])
        packed, labels, test = self.pack_final(), self.labels, self.work.test()
        truths = [document.label for document in test.documents]
        figures: dict[str, Any] = {}
        for form in (found["form"], FLOATS):
            samples = self._samples(packed.graph(form), list(zip(truths, test.texts, strict=True)), f"test {form}")
            key = "test_fp32" if form == FLOATS else "test"
            figures[key] = calibrate.measure(samples, labels, calibration).as_dict()
            figures[key]["contract_accuracy"] = _accuracy_of(samples, labels, calibration, "contract/")
            if form != FLOATS:
                figures["glance"] = _glance_figures(samples, labels, calibration)
                figures["answers"] = _rows(samples, labels, calibration)
        kinds = self.work.strangers_by_kind(setting=False, judging=True)
        strangers = [(calibrate.STRANGER, text) for texts in kinds.values() for text in texts]
        samples = self._samples(packed.graph(found["form"]), strangers, "strangers")
        figures["strangers"] = _stranger_figures(samples, labels, calibration)
        figures["answers"] += _rows(samples, labels, calibration)
        figures["size"] = _sizes(packed, found["form"])
        figures["speed"] = self._speed(packed, rounds)
        return self._keep("evaluation", figures)

    def calibration(self) -> dict[str, Any]:
        """What :meth:`calibrate` kept."""
        return self._load("calibration")

    def figures(self) -> dict[str, Any]:
        """All figures of the steps that have been made."""
        return {**self.calibration(), **self._load("evaluation")}

    def _fold_samples(self, fold: int, form: str, documents: Sequence[tuple[str, str]], kind: str) -> list[Sample]:
        """Answers of a fold's graph on documents (truth and text each), kept in the work folder."""
        kept = self.work.folder / f"fold-{fold}-{form}-{kind}.npz"
        glances = self.work.folder / f"fold-{fold}-{form}-{kind}-glance{self.build.glance}.npz"
        if not (kept.exists() and glances.exists()):
            packed = pack(self.build, f"fold-{fold}", self.work.taught_of(fold, self.build.folds))
            samples = self._samples(packed.graph(form), documents, f"fold {fold} {form} {kind}")
            _save_scores([sample.scores for sample in samples], kept)
            _save_scores([(sample.glance,) if sample.glance else () for sample in samples], glances)
        rows = zip(documents, _load_scores(kept, len(documents)), _load_scores(glances, len(documents)), strict=True)
        return [Sample(truth, scores, next(iter(looks), None)) for (truth, _), scores, looks in rows]

    def _samples(self, graph: Path, documents: Sequence[tuple[str, str]], name: str) -> list[Sample]:
        network = measure.open_graph(graph, len(self.labels))
        tokenizer = load_tokenizer(self.work.folder / TOKENIZER)
        tokens, most = self.build.recipe.window_tokens, self.build.windows
        truths, texts = [truth for truth, _ in documents], [text for _, text in documents]
        scores = measure.scores_of(network, texts, tokenizer, tokens=tokens, most=most, name=name)
        glances = measure.glances_of(network, texts, tokenizer, tokens=self.build.glance, name=f"{name}, a glance")
        return [Sample(*row) for row in zip(truths, scores, glances, strict=True)]

    def _speed(self, packed: Packed, rounds: int) -> dict[str, Any]:
        """One full window on one thread: PyTorch, and each form in onnxruntime, in turn."""
        import torch

        from appliance.classify.windows import Window
        from appliance.workbench.network import Network

        torch.set_num_threads(1)
        labels = len(self.labels)
        window = Window(self._full_window(), "", 0, 0)
        runs: dict[str, Any] = {
            "torch": measure.torch_run(Network.from_folder(packed.folder, labels).eval(), window.ids)
        }
        for form in (FLOATS, FULL, REDUCED):
            network = measure.open_graph(packed.graph(form), labels)
            runs[form] = lambda network=network: network.score(window)
        times = measure.alternate(runs, rounds)
        figures: dict[str, Any] = {f"{name}_ms": round(measure.median_ms(t), 2) for name, t in times.items()}
        for form in (FULL, REDUCED):
            figures[f"{form}_p95_ms"] = round(float(np.quantile(times[form], 0.95)) * 1000, 2)
            figures[f"{form}_times_faster"] = round(figures["torch_ms"] / figures[f"{form}_ms"], 2)
        return figures

    def _full_window(self) -> tuple[int, ...]:
        """The first full window of a document to tune on, or the longest there is."""
        tokenizer, tokens = load_tokenizer(self.work.folder / TOKENIZER), self.build.recipe.window_tokens
        cuts = windows_of(self.work.dev().texts[:20], tokenizer, tokens, 1)
        return max((cut[0] for cut in cuts if cut), key=len)

    def _keep(self, name: str, figures: dict[str, Any]) -> dict[str, Any]:
        (self.work.folder / f"{name}.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
        return figures

    def _load(self, name: str) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads((self.work.folder / f"{name}.json").read_text(encoding="utf-8"))
        return loaded


def choose_form(losses: dict[str, float], *, margin: float = 0.01) -> str:
    """The INT8 form to ship: the reduced range unless the full one is better by more than a hundredth of the loss.

    With the reduced range no sum overflows on a CPU without VNNI, so every CPU gives the same answer.
    """
    return FULL if losses[FULL] < losses[REDUCED] * (1 - margin) else REDUCED


def _filed_figures(samples: Sequence[Sample], labels: Sequence[str], calibration: Calibration) -> dict[str, Any]:
    """What the threshold was set on: known documents and strangers together."""
    figures = calibrate.measure(samples, labels, calibration)
    return {name: getattr(figures, name) for name in ("documents", "coverage", "error", "error_bound")}


def _accuracy_of(samples: Sequence[Sample], labels: Sequence[str], calibration: Calibration, prefix: str) -> float:
    """Accuracy of the best leaf among the documents whose label begins so."""
    rows = [a for a in calibrate.answers(samples, labels, calibration) if a.truth.startswith(prefix)]
    return sum(a.best == a.truth for a in rows) / len(rows) if rows else 0.0


def _rows(samples: Sequence[Sample], labels: Sequence[str], calibration: Calibration) -> list[list[Any]]:
    """What the box would say of each document, as a report needs it: truth, answer, label, best leaf, confidence."""
    found = calibrate.answers(samples, labels, calibration)
    return [[a.truth, str(a.status), a.label, a.best, round(a.confidence, 5)] for a in found]


def _glance_figures(samples: Sequence[Sample], labels: Sequence[str], calibration: Calibration) -> dict[str, float]:
    """How many documents are filed at a glance, and the share of them that is wrong."""
    pairs = [(s.truth, judge_glance(s.glance, labels, calibration)) for s in samples if s.glance is not None]
    filed = [(truth, verdict.label) for truth, verdict in pairs if verdict is not None]
    wrong = sum(truth != label for truth, label in filed)
    return {"filed": len(filed) / len(samples), "error": wrong / len(filed) if filed else 0.0}


def _stranger_figures(samples: Sequence[Sample], labels: Sequence[str], calibration: Calibration) -> dict[str, int]:
    """How many strangers there are and what the box would do with them."""
    verdicts = [calibrate.run_policy(sample, labels, calibration) for sample in samples]
    counts = {"documents": len(verdicts), "auto": 0, "unknown": 0, "review": 0}
    for verdict in verdicts:
        counts[verdict.status.value if verdict else "unknown"] += 1
    return counts


def _sizes(packed: Packed, form: str) -> dict[str, float]:
    """Bytes of the encoder before and after, and of the whole file."""
    before = (packed.folder / "encoder.onnx").stat().st_size
    after = (packed.folder / f"{form}-encoder.onnx").stat().st_size
    whole = packed.graph(form).stat().st_size
    return {"encoder_fp32": before, "encoder_int8": after, "encoder_ratio": round(after / before, 4), "file": whole}


def _save_scores(scores: Sequence[Sequence[WindowScore]], path: Path) -> None:
    flat = [(owner, score) for owner, row in enumerate(scores) for score in row]
    Seen(
        np.asarray([owner for owner, _ in flat]),
        np.asarray([score.log_probabilities for _, score in flat], dtype=np.float32),
        np.asarray([[score.similarity] for _, score in flat], dtype=np.float32),
    ).save(path)


def _load_scores(path: Path, documents: int) -> list[tuple[WindowScore, ...]]:
    seen = Seen.load(path)
    rows: list[list[WindowScore]] = [[] for _ in range(documents)]
    for owner, logs, near in zip(seen.owner, seen.logits, seen.embeddings, strict=True):
        rows[owner].append(WindowScore(logs.astype(np.float64), float(near[0])))
    return [tuple(row) for row in rows]
