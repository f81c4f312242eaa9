"""Simpler recipes on the same folds, so that what the model costs can be weighed against what it gains.

Each is taught on the documents of the other folds and asked about its own; a
confidence is the margin of what is said over the next best. The recipes are the field's usual ones: TF-IDF with a
linear SVM, and what document managers use, counts of words and pairs before a
small neural network (paperless-ngx, ``documents/classifier.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.classify import policy
from appliance.classify.manifest import parse_calibration
from appliance.workbench import splits
from appliance.workbench.calibrate import Sample
from appliance.workbench.work import Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from appliance.classify.policy import Calibration
    from appliance.workbench.steps import Steps

HEADER = ("what", "right", "contracts right", "could be filed at 1 % wrong")
CONTRACT = "contract/"
WRONG_ALLOWED = 0.01
OPENING_CHARACTERS = 600


@dataclass(frozen=True, slots=True)
class Guess:
    """What one recipe says of one document.

    Attributes:
        truth: Its label.
        label: What is said.
        confidence: Higher is surer; comparable within one recipe only.
    """

    truth: str
    label: str
    confidence: float


def rivals(steps: Steps) -> Iterator[tuple[str, str, str, str]]:
    """Yield a row of :data:`HEADER` for each recipe, the simplest first and the box's own last.

    Args:
        steps: Trained and calibrated.
    """
    for name, make, characters in (
        (f"TF-IDF, linear SVM, first {OPENING_CHARACTERS} characters", _svm, OPENING_CHARACTERS),
        ("the same, first 6,000 characters", _svm, None),
        ("counts of words and pairs, small neural net", _counts_and_net, None),
    ):
        yield _row(name, _out_of_fold(steps, make, characters))
    yield _row("the encoder alone, FP32, first window", _encoder_alone(steps))
    figures = steps.calibration()
    samples, calibration = steps.samples(figures["form"]), parse_calibration(figures["calibration"])
    first = [Sample(sample.truth, sample.scores[:1]) for sample in samples]
    yield _row("encoder and words, INT8, first window", _policy(first, steps.labels, calibration))
    yield _row("the same, up to four windows pooled", _policy(samples, steps.labels, calibration))


def _policy(samples: Sequence[Sample], labels: Sequence[str], calibration: Calibration) -> list[Guess]:
    guesses = []
    for sample in samples:
        row = policy.pool(sample.scores, calibration) if sample.scores else np.zeros(len(labels))
        best = labels[int(row.argmax())] if sample.scores else ""
        guesses.append(Guess(sample.truth, best, _sureness(row)))
    return guesses


def _row(name: str, guesses: Sequence[Guess]) -> tuple[str, str, str, str]:
    contracts = [guess for guess in guesses if guess.truth.startswith(CONTRACT)]
    return name, f"{_right(guesses):.3f}", f"{_right(contracts):.3f}", f"{fileable(guesses):.3f}"


def _right(guesses: Sequence[Guess]) -> float:
    return sum(guess.label == guess.truth for guess in guesses) / max(len(guesses), 1)


def fileable(guesses: Sequence[Guess], allowed: float = WRONG_ALLOWED) -> float:
    """Return the largest share of documents, the surest first, of which no more than so many are wrong."""
    ordered = sorted(guesses, key=lambda guess: -guess.confidence)
    wrong = np.cumsum([guess.label != guess.truth for guess in ordered])
    counts = np.arange(1, len(ordered) + 1)
    held = counts[wrong <= allowed * counts]
    return float(held.max() / len(ordered)) if len(held) else 0.0


def _out_of_fold(steps: Steps, make: Callable[[], Any], characters: int | None) -> list[Guess]:
    part = steps.work.dev()
    where = splits.fold_of(list(part.documents), steps.build.folds)
    folds = np.asarray([where[document.sha256] for document in part.documents])
    texts = [text[:characters] for text in part.texts]
    labels = [document.label for document in part.documents]
    guesses = []
    for fold in range(steps.build.folds):
        inside, outside = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        model = make().fit([texts[i] for i in inside], [labels[i] for i in inside])
        scores = _scores(model, [texts[i] for i in outside])
        best = scores.argmax(axis=1)
        guesses += [
            Guess(labels[i], str(model.classes_[place]), _sureness(row))
            for i, place, row in zip(outside, best, scores, strict=True)
        ]
    return guesses


def _scores(model: Any, texts: Sequence[str]) -> NDArray[np.float64]:  # noqa: ANN401 - scikit-learn has no types
    ask = model.predict_proba if hasattr(model, "predict_proba") else model.decision_function
    return np.asarray(ask(texts))


def _sureness(row: NDArray[np.float64]) -> float:
    """The margin over the next best."""
    second, first = np.sort(row)[-2:]
    return float(first - second)


def _svm() -> Any:  # noqa: ANN401
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    return make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2), LinearSVC(random_state=1))


def _counts_and_net() -> Any:  # noqa: ANN401
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline

    counts = CountVectorizer(ngram_range=(1, 2), min_df=0.01)
    return make_pipeline(counts, MLPClassifier(tol=0.01, random_state=1))


def _encoder_alone(steps: Steps) -> list[Guess]:
    part = steps.work.dev()
    where = splits.fold_of(list(part.documents), steps.build.folds)
    guesses = []
    for fold in range(steps.build.folds):
        seen = Seen.load(steps.work.folder / f"fold-{fold}-dev.npz")
        for owner, logits in zip(seen.owner, seen.logits, strict=True):
            document = part.documents[owner]
            if where[document.sha256] == fold:
                best = steps.labels[int(logits.argmax())]
                guesses.append(Guess(document.label, best, _sureness(logits.astype(np.float64))))
    return guesses
