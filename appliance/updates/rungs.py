"""The rungs on which a model proves itself on this very box: what is measured, and the limit it is held to.

Each is a function of what it judges and gives one :class:`Outcome`; none
changes anything. What a bundle may set (its acceptance rule) can only tighten
the box's own limits, never loosen them.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from appliance.classify import ModelDisagreesError, ModelError
from appliance.classify.classifier import check_fit
from appliance.classify.line import RUNTIME_ERRORS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from appliance.classify import Classifier
    from appliance.classify.manifest import Manifest
    from appliance.updates.inferiority import Comparison

ROUNDS = 3
"""How often each text is answered by both models; the best of them counts, because noise only ever adds."""

TEXTS = 16
"""How many different texts are timed at most."""

TIMING_SECONDS = 5.0
"""No new round of timing is begun after this long."""

MEGABYTE = 1_000_000


class Rung(IntEnum):
    """The steps of the ladder, in order."""

    COPIED = 1
    SIGNED = 2
    FITS = 3
    LOADS = 4
    GOLDEN = 5
    SPEED = 6
    REVIEWED = 7
    SHADOWED = 8
    ACTIVATED = 9
    WATCHED = 10


class Result(StrEnum):
    """How a rung ended."""

    PASSED = "passed"
    SKIPPED = "skipped"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rung found.

    Attributes:
        rung: Which.
        result: passed, skipped or refused.
        measured: What was found, for a person: a phrase with its figures.
        limit: What it was held to.
        why: One sentence of why it was refused; "" otherwise.
        figures: The same for a program.
    """

    rung: Rung
    result: Result
    measured: str
    limit: str
    why: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """Return it as it stands in the ledger and in JSON."""
        return {
            "rung": int(self.rung),
            "name": self.rung.name.lower(),
            "result": str(self.result),
            "measured": self.measured,
            "limit": self.limit,
            "why": self.why,
            "figures": dict(self.figures),
        }


@dataclass(frozen=True, slots=True)
class Limits:
    """What a model is held to on this box.

    Attributes:
        latency_ratio: Most of the active model's time it may take.
        memory_bytes: Most it may add to a process.
        accuracy_margin: How much worse on reviewed documents is still not worse, as a share.
    """

    latency_ratio: float
    memory_bytes: int
    accuracy_margin: float

    def tightened(self, manifest: Manifest) -> Limits:
        """Return the stricter of each: these, or the model's own acceptance rule."""
        rule = manifest.document.get("acceptance")
        own = rule if isinstance(rule, dict) else {}
        return Limits(
            latency_ratio=_lower(self.latency_ratio, own.get("latency_ratio")),
            memory_bytes=int(_lower(self.memory_bytes, own.get("memory_bytes"))),
            accuracy_margin=_lower(self.accuracy_margin, own.get("accuracy_margin")),
        )


def _lower(limit: float, own: object) -> float:
    """The lower of two limits; what is no positive number limits nothing."""
    if isinstance(own, int | float) and not isinstance(own, bool) and 0 < own < limit:
        return float(own)
    return limit


def fits(candidate: Manifest, active: Manifest) -> Outcome:
    """Rung 3: made for this version of the box and its runtime, and every label in use is still known or mapped."""
    lost = unmapped(candidate, active)
    limit = "this version of the box, its runtime, and every label in use"
    measured = f"{candidate.model_id}, format {candidate.document.get('format')}, {len(candidate.labels)} labels"
    try:
        check_fit(candidate)
    except ModelError as error:
        return Outcome(Rung.FITS, Result.REFUSED, measured, limit, error.why)
    if lost:
        named = ", ".join(lost[:3]) + (f" and {len(lost) - 3} more" if len(lost) > 3 else "")  # noqa: PLR2004 - enough
        why = f"It does not know the labels {named}, which {active.model_id} uses, and its label_map does not say why."
        return Outcome(Rung.FITS, Result.REFUSED, measured, limit, why, {"lost": len(lost)})
    return Outcome(Rung.FITS, Result.PASSED, measured, limit, figures={"labels": len(candidate.labels), "lost": 0})


def unmapped(candidate: Manifest, active: Manifest) -> list[str]:
    """Return the active model's labels that the new one neither knows nor maps to one of its own, or to null."""
    known = {prefix for label in candidate.labels for prefix in _prefixes(label)}
    table = candidate.document.get("label_map")
    mapped = table if isinstance(table, dict) else {}
    good = {old for old, new in mapped.items() if new is None or new in known}
    return [label for label in active.labels if label not in known and label not in good]


def renamed(label: str, candidate: Manifest) -> str | None:
    """Return what a label that a person gave is called by the new model; None where it no longer speaks of it."""
    table = candidate.document.get("label_map")
    mapped = table if isinstance(table, dict) else {}
    if label in {prefix for known in candidate.labels for prefix in _prefixes(known)}:
        return label
    new = mapped.get(label)
    return new if isinstance(new, str) else None


def _prefixes(label: str) -> list[str]:
    parts = label.split("/")
    return ["/".join(parts[: count + 1]) for count in range(len(parts))]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A new model at work beside the active one.

    Attributes:
        classifier: It.
        memory_bytes: What loading it and one answer added to this process.
    """

    classifier: Classifier
    memory_bytes: int


def loads(load: Callable[[], Classifier]) -> tuple[Outcome, Loaded | None]:
    """Rung 4: it loads on this hardware. What a provider builds once (engines) is built here."""
    before, began = resident_bytes(), time.perf_counter()
    limit = "one of its execution providers"
    try:
        classifier = load()
        with suppress(ModelDisagreesError):  # the next rung's to say; where a provider gives no answer, the next serves
            classifier.prove()
    except ModelError as error:
        return Outcome(Rung.LOADS, Result.REFUSED, "does not load", limit, error.why), None
    except (MemoryError, *RUNTIME_ERRORS) as error:
        why = f"It gives no answer here: {type(error).__name__}."
        return Outcome(Rung.LOADS, Result.REFUSED, "gives no answer", limit, why), None
    seconds = time.perf_counter() - began
    memory = max(resident_bytes() - before, 0)
    figures = {"seconds": round(seconds, 3)}
    measured = f"loaded on {classifier.provider} in {seconds:.2f} s"
    return Outcome(Rung.LOADS, Result.PASSED, measured, limit, figures=figures), Loaded(classifier, memory)


def resident_bytes() -> int:
    """Return what of this process lies in memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def golden(candidate: Classifier) -> Outcome:
    """Rung 5: it gives the answers it gave where it was made."""
    limit_text = "each best label the same, each probability within the tolerance"
    try:
        candidate.prove()
    except ModelError as error:
        return Outcome(Rung.GOLDEN, Result.REFUSED, "another answer", limit_text, error.why)
    known = candidate.manifest.golden
    off = [float(np.abs(candidate.probabilities(g.text) - np.asarray(g.probabilities)).max()) for g in known]
    tolerance = candidate.variant.tolerance
    return Outcome(
        Rung.GOLDEN,
        Result.PASSED,
        f"{len(known)} of {len(known)} best labels, probabilities at most {max(off):.4f} off",
        f"{tolerance:.4f} off",
        figures={"inputs": len(known), "largest_difference": round(max(off), 6), "tolerance": tolerance},
    )


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast two models answered the same texts, by turns.

    Attributes:
        candidate_ms: The new model's best time for each text.
        active_ms: The active model's.
    """

    candidate_ms: tuple[float, ...]
    active_ms: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The new model's time for all texts as a share of the active one's."""
        return sum(self.candidate_ms) / sum(self.active_ms)


def timed(candidate: Classifier, active: Classifier, clock: Callable[[], float] = time.perf_counter) -> Pace:
    """Let both models answer the golden texts of both by turns, so that what slows one slows the other."""
    texts = list(dict.fromkeys(golden.text for one in (candidate, active) for golden in one.manifest.golden))[:TEXTS]
    best: dict[tuple[int, int], float] = {}
    models = (candidate, active)
    began = clock()
    for turn in range(ROUNDS):
        if turn and clock() - began > TIMING_SECONDS:
            break
        for place, text in enumerate(texts):
            for which in (0, 1) if (turn + place) % 2 else (1, 0):
                start = clock()
                models[which].decide(iter([text]))
                taken = (clock() - start) * 1e3
                best[which, place] = min(taken, best.get((which, place), taken))
    places = range(len(texts))
    return Pace(tuple(best[0, place] for place in places), tuple(best[1, place] for place in places))


def fast_enough(pace: Pace, memory_bytes: int, limits: Limits) -> Outcome:
    """Rung 6: about as fast as the active model, and small enough."""
    ratio, memory = pace.ratio, memory_bytes / MEGABYTE
    measured = f"{ratio:.2f} times the active model's time, {memory:.0f} MB"
    limit = f"{limits.latency_ratio:g} times, {limits.memory_bytes / MEGABYTE:.0f} MB"
    figures = {
        "latency_ratio": round(ratio, 4),
        "p95_ms": round(float(np.percentile(pace.candidate_ms, 95)), 3),
        "memory_bytes": float(memory_bytes),
    }
    why = ""
    if not ratio <= limits.latency_ratio:
        why = f"It takes {ratio:.2f} times as long as the active model; {limits.latency_ratio:g} times is allowed."
    elif memory_bytes > limits.memory_bytes:
        why = f"It takes {memory:.0f} MB of memory; {limits.memory_bytes / MEGABYTE:.0f} MB is allowed."
    return Outcome(Rung.SPEED, Result.REFUSED if why else Result.PASSED, measured, limit, why, figures)


def not_worse(found: Comparison) -> Outcome:
    """Rung 7: not worse than the active model on the documents that people reviewed here."""
    margin = f"at most {found.margin * 100:.1f} points worse"
    figures = {
        "documents": found.documents,
        "effective": round(found.effective, 1),
        "active": round(found.active, 4),
        "candidate": round(found.candidate, 4),
        "lower": round(found.lower, 4),
        "upper": round(found.upper, 4),
        "needed": found.needed,
    }
    if not found.documents:
        return Outcome(
            Rung.REVIEWED, Result.PASSED, "not enough reviewed documents: there is none", margin, "", figures
        )
    measured = (
        f"{found.standing}: {found.documents} documents, right on {found.candidate:.1%} against {found.active:.1%}, "
        f"difference {found.lower * 100:+.1f} to {found.upper * 100:+.1f} points"
    )
    if found.standing.passes:
        return Outcome(Rung.REVIEWED, Result.PASSED, measured, margin, "", figures)
    why = (
        f"On {found.documents} documents reviewed here it is right on {found.candidate:.1%} and the active model on "
        f"{found.active:.1%}; it may be {-found.lower * 100:.1f} points worse and {found.margin * 100:g} are allowed."
    )
    return Outcome(Rung.REVIEWED, Result.REFUSED, measured, margin, why, figures)


def shadowed() -> Outcome:
    """Rung 8: a place for scoring live documents with both models; nothing stands there yet."""
    return Outcome(Rung.SHADOWED, Result.SKIPPED, "no live documents were scored by both", "none asked for")


def best_labels(models: Sequence[Classifier], pages: Sequence[str]) -> list[str | None]:
    """Return what each model holds a text most likely to be; None where it found nothing to go by."""
    decided = [model.decide(iter(pages)) for model in models]
    return [one.alternatives[0].label if one.alternatives else None for one in decided]
