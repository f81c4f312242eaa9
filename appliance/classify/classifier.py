"""Text to decision: windows are scored one by one until the policy is satisfied.

A :class:`Classifier` is a pure function of (text, model), shared by all threads
of the box. It pulls pages only while it is unsure, never sees a document's
name, and opens nothing but the model folder it was loaded from.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime

import appliance
from appliance.classify import policy
from appliance.classify.budget import calibration_for
from appliance.classify.decision import Alternative, Decision, Passage, Status
from appliance.classify.errors import ModelDisagreesError, ModelUnfitError
from appliance.classify.line import RUNTIME_ERRORS, Line, PassedOver, Serving
from appliance.classify.network import Scorer, open_tokenizer
from appliance.classify.providers import PROVIDERS, Provider
from appliance.classify.store import ModelFolder
from appliance.classify.why import weigh_words
from appliance.classify.windows import Window, cut_windows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokenizers import Tokenizer

    from appliance.classify.decision import Word
    from appliance.classify.manifest import Manifest, Variant
    from appliance.classify.store import ModelFiles

ALTERNATIVES = 5
PASSAGE_CHARACTERS = 300


class Classifier:
    """A loaded model; made by :func:`load_classifier`.

    Args:
        manifest: Of the model.
        variant: The one that serves here.
        network: Loaded.
        tokenizer: Neither truncating nor padding.
        max_windows: How many windows to look at, where fewer than the model's own are wanted.
        line: What may serve in its place; None for nothing.
    """

    def __init__(  # noqa: PLR0913 - the parts of a model
        self,
        manifest: Manifest,
        variant: Variant,
        network: Scorer,
        tokenizer: Tokenizer,
        max_windows: int | None = None,
        *,
        line: Line | None = None,
    ) -> None:
        self.manifest = manifest
        self.model_id = manifest.model_id
        self.labels = manifest.labels
        self.languages = manifest.languages
        self.calibration = manifest.calibration
        self._serving = Serving(network, variant)
        self._line = line
        self._tokenizer = tokenizer
        most = self.calibration.max_windows
        self._max_windows = max(1, min(most, max_windows or most))

    @property
    def variant(self) -> Variant:
        """The file that serves."""
        return self._serving.variant

    @property
    def provider(self) -> str:
        """The execution provider that serves."""
        return self._serving.variant.provider

    @property
    def passed_over(self) -> tuple[PassedOver, ...]:
        """Better providers that do not serve, each with its reason."""
        return self._line.passed_over if self._line else ()

    def decide(self, pages: Iterator[str]) -> Decision:
        """Decide what a document is.

        Args:
            pages: Texts of its pages; the next is pulled only while the box is unsure.

        Returns:
            The decision. Whatever the iterator raises passes through.
        """
        windows, verdict, scores = self._look(pages)
        if verdict is None:
            return self._nothing_to_read()
        order = np.argsort(-verdict.probabilities, kind="stable")[:ALTERNATIVES]
        return Decision(
            status=verdict.status,
            label=verdict.label,
            confidence=verdict.confidence,
            alternatives=tuple(Alternative(self.labels[i], float(verdict.probabilities[i])) for i in order),
            passage=self._passage(windows, scores, verdict),
            reason=policy.reason_of(verdict, self.labels),
            windows=len(scores),
            similarity=verdict.similarity,
            model=self.model_id,
        )

    def words(self, passage: str, start: int, label: str) -> tuple[Word, ...]:
        """Find the words of a passage that spoke loudest for a label; takes some 30 runs of the network.

        Args:
            passage: As a decision gives it.
            start: Its first character in the text that was read.
            label: A leaf of the model or a parent of leaves; of another, no word spoke.

        Returns:
            The weightiest first.
        """
        places = self._leaves(label)
        if not places:
            return ()
        temperature = self.calibration.temperatures[0]

        def odds(window: Window) -> float:
            return policy.log_odds(self._serving.network.score_aside(window), places, temperature)

        return weigh_words(passage, start, self._tokenizer, self.calibration.window_tokens, odds)

    def prove(self) -> None:
        """Answer every golden input of the manifest and compare with what it answered where it was made.

        Where a provider answers otherwise, the next one serves; to be called before the first document.

        Raises:
            ModelDisagreesError: On the last provider, a best label differs, or a probability by more than allowed.
        """
        while (why := self._disagreement()) is not None:
            following = None
            if self._line is not None:
                self._line.pass_over(self.variant, f"does not prove itself: {why}")
                following = self._line.next()
            if following is None:
                raise ModelDisagreesError(why)
            self._serving = following

    def _disagreement(self) -> str | None:
        """What the serving file answers otherwise than it should; None when it agrees."""
        for number, golden in enumerate(self.manifest.golden, start=1):
            try:
                probabilities = self.probabilities(golden.text)
            except RUNTIME_ERRORS as error:
                return f"Golden input {number} gave no answer: {str(error)[:200]}"
            label = self.labels[int(probabilities.argmax())]
            off = float(np.abs(probabilities - np.asarray(golden.probabilities)).max())
            allowed = self.variant.tolerance
            if label != golden.label or not off <= allowed:
                return (
                    f"Golden input {number} gave {label} and should give {golden.label}; "
                    f"its probabilities differ by {off:.3f}, {allowed:.3f} is allowed."
                )
        return None

    def probabilities(self, text: str) -> policy.Floats:
        """Calibrated probabilities (one a leaf) after all windows of a text; all alike without text."""
        windows = cut_windows(iter([text]), self._tokenizer, self.calibration.window_tokens)
        network = self._serving.network
        scores = [network.score(w) for _, w in zip(range(self.calibration.max_windows), windows, strict=False)]
        if not scores:
            return np.full(len(self.labels), 1 / len(self.labels))
        return policy.pool(scores, self.calibration)

    def _look(self, pages: Iterator[str]) -> tuple[list[Window], policy.Verdict | None, list[policy.WindowScore]]:
        """Score windows until the policy decides; no verdict when there was no text."""
        windows: list[Window] = []
        scores: list[policy.WindowScore] = []
        verdict: policy.Verdict | None = None
        glance, network = self.calibration.glance, self._serving.network
        for window in cut_windows(
            pages, self._tokenizer, self.calibration.window_tokens, glance.tokens if glance else None
        ):
            score = network.score(window)
            if window.is_glance:
                verdict = policy.judge_glance(score, self.labels, self.calibration)
                if verdict is not None:
                    return [window], verdict, [score]
                continue
            windows.append(window)
            scores.append(score)
            last = len(scores) >= self._max_windows
            verdict = policy.judge(scores, self.labels, self.calibration, exhausted=last)
            if verdict is not None:
                break
        if verdict is None and scores:
            verdict = policy.judge(scores, self.labels, self.calibration, exhausted=True)
        return windows, verdict, scores

    def _passage(
        self, windows: Sequence[Window], scores: Sequence[policy.WindowScore], verdict: policy.Verdict
    ) -> Passage:
        """The beginning of the window that spoke loudest for the label (or for the best leaf)."""
        places = self._places(verdict)
        shares = [
            w * np.exp(s.log_probabilities)[places].sum()
            for w, s in zip(self.calibration.weights, scores, strict=False)
        ]
        window = windows[int(np.argmax(shares))]
        text = window.text
        if len(text) > PASSAGE_CHARACTERS:
            blank = text.rfind(" ", PASSAGE_CHARACTERS // 2, PASSAGE_CHARACTERS)
            text = text[: blank if blank > 0 else PASSAGE_CHARACTERS]
        return Passage(text, window.start, window.start + len(text))

    def _places(self, verdict: policy.Verdict) -> list[int]:
        """The places of the leaves that a verdict's label stands for."""
        if verdict.label is None:
            return [int(verdict.probabilities.argmax())]
        return self._leaves(verdict.label)

    def _leaves(self, label: str) -> list[int]:
        """The places of a leaf, or of the leaves below a parent; none for a label the model does not know."""
        if label in self.labels:
            return [self.labels.index(label)]
        return list(policy.parents_of(self.labels).get(label, ()))

    def _nothing_to_read(self) -> Decision:
        return Decision(
            status=Status.UNKNOWN,
            label=None,
            confidence=0.0,
            alternatives=(),
            passage=None,
            reason="Unknown: there is no text to go by.",
            windows=0,
            similarity=0.0,
            model=self.model_id,
        )


def load_classifier(  # noqa: PLR0913 - all but one have names
    source: Path | ModelFiles,
    *,
    threads: int = 1,
    max_windows: int | None = None,
    error_budget: float | None = None,
    providers: Sequence[Provider] = PROVIDERS,
    engines: Path | None = None,
) -> Classifier:
    """Load a model; every file is proven before any is parsed.

    Args:
        source: A folder in the layout of a bundle, or files that are proven already.
        threads: For a document that is alone in work; several at once get one each.
        max_windows: How many windows to look at, where fewer than the model's own are wanted.
        error_budget: Largest share of what is filed unasked that may be wrong; None for the model's own.
        providers: Execution providers, the best first.
        engines: Where what a provider builds once is kept; None to keep nothing.

    Returns:
        The classifier, not yet proven: see :meth:`Classifier.prove`.

    Raises:
        ModelError: Missing, damaged, not understood, or not for this box; each its own subclass.
        BudgetError: It was not calibrated for this error budget.
    """
    model: ModelFiles = ModelFolder(source) if isinstance(source, Path) else source
    check_fit(model.manifest)
    manifest = replace(model.manifest, calibration=calibration_for(model.manifest.calibration, error_budget))
    line = Line(model, threads, providers, engines)
    serving = line.first()
    tokenizer = open_tokenizer(model.read(manifest.tokenizer))
    return Classifier(manifest, serving.variant, serving.network, tokenizer, max_windows, line=line)


def check_fit(manifest: Manifest) -> None:
    """Refuse a model made for another version of the box or a newer runtime.

    Raises:
        ModelUnfitError: It is.
    """
    here = _version(appliance.__version__)
    first, beyond = manifest.appliance
    if not _version(first) <= here < _version(beyond):
        why = f"It is for versions {first} up to, but not including, {beyond}; this is {appliance.__version__}."
        raise ModelUnfitError(why)
    if _version(onnxruntime.__version__) < _version(manifest.onnxruntime):
        why = f"It needs onnxruntime {manifest.onnxruntime}; this box has {onnxruntime.__version__}."
        raise ModelUnfitError(why)


def _version(text: str) -> tuple[int, ...]:
    """The leading numbers of a version; letters and what follows them do not count."""
    numbers = []
    for part in text.split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers)
