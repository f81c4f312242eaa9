"""How much a model loses when the same documents come in other formats than those it was taught in.

Each document's opening is rendered in every format it does not stand in, read
by the box's own readers and answered by the box's own policy; beside it stand
the answers on the documents as they are. Pure of training: a model is anything
that decides.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.answer import Reading
from appliance.classify import Status
from appliance.classify.evaluation import Answer
from appliance.workbench.formats import NATIVE, RENDERERS, SCANNED, render
from appliance.workbench.formats.hearing import Replay
from appliance.workbench.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from appliance.answer import Model
    from appliance.workbench.formats.hearing import Hearings
    from appliance.workbench.splits import Document

UNHURRIED_SECONDS = 3600.0
"""Reading time; what was heard is played back, so none passes."""

NATIVE_NAME, SHIFTED_NAME = "native", "all shifted"
SCANNED_SHARE = 0.2
CONTRACTS = "contract/"
HEADER = ("format", "documents", "accuracy", "as they are", "contracts", "filed", "wrong of filed")


@dataclass(frozen=True, slots=True)
class Shifted:
    """One document in one format, and what the box would do with it.

    Attributes:
        document: Its content hash.
        name: Of the format, or ``NATIVE_NAME``.
        answer: Its label and what the box said.
    """

    document: str
    name: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one format; shares, and None where there is nothing to take a share of.

    Attributes:
        name: Of the format.
        documents: How many.
        accuracy: Share whose best leaf is right.
        native: The same share for the same documents as they are.
        contracts: Share of contracts whose best leaf is right.
        filed: Share filed unasked, under a leaf or a parent.
        wrong: Share of those that is wrong.
    """

    name: str
    documents: int
    accuracy: float
    native: float
    contracts: float | None
    filed: float
    wrong: float

    def cells(self) -> tuple[str, ...]:
        """The same for a table."""
        shares = (self.accuracy, self.native, self.contracts, self.filed)
        percents = ("" if share is None else f"{share:.3f}" for share in shares)
        return (self.name, str(self.documents), *percents, f"{self.wrong:.4f}")


def answered(
    corpus: Path,
    documents: Sequence[tuple[Document, str]],
    hearings: Hearings,
    model_of: Callable[[Document], Model],
    most_scans: int,
) -> list[Shifted]:
    """Answer every document as it is and in every format it does not stand in.

    Args:
        corpus: Its folder.
        documents: Each with its opening.
        hearings: What was read before; added to.
        model_of: The model that may be asked about a document, because it was not taught it.
        most_scans: Of each format of pictures so many are rendered.
    """
    progress = Progress("formats", len(documents))
    scanned = {document.sha256 for document in sampled([document for document, _ in documents], most_scans)}
    found = []
    for document, text in documents:
        model = model_of(document)
        heard = hearings.of(f"{document.sha256}/{NATIVE_NAME}", (corpus / document.path).read_bytes)
        found.append(Shifted(document.sha256, NATIVE_NAME, answer_of(document.label, Replay(heard), model)))
        for name in RENDERERS:
            if (
                name == NATIVE.get(heard.kind)
                or not text.strip()
                or (name in SCANNED and document.sha256 not in scanned)
            ):
                continue
            key = f"{document.sha256}/{name}"
            heard_so = hearings.of(key, lambda name=name: render(text, name, document.sha256))  # type: ignore[misc]  # noqa: B023
            found.append(Shifted(document.sha256, name, answer_of(document.label, Replay(heard_so), model)))
        progress.step()
    return found


def answer_of(truth: str, reader: Replay, model: Model) -> Answer:
    """What the box would do with a document that was heard."""
    verdict = Reading(reader, model, UNHURRIED_SECONDS).answer(-1)
    best, confidence = verdict.alternatives[0] if verdict.alternatives else (None, 0.0)
    return Answer(truth, Status(verdict.status), verdict.label, best, confidence)


def sampled(documents: Iterable[Document], count: int) -> list[Document]:
    """So many documents, the same ones every time, of any label."""
    return sorted(documents, key=lambda each: hashlib.sha256(f"sample/{each.sha256}".encode()).digest())[:count]


def table(found: Sequence[Shifted]) -> list[Row]:
    """The figures: the documents as they are, each format, and all of them with a fifth scans."""
    native = {each.document: each.answer for each in found if each.name == NATIVE_NAME}
    groups: dict[str, list[Shifted]] = defaultdict(list)
    for each in found:
        groups[each.name].append(each)
    rows = [_row(name, groups[name], native) for name in (NATIVE_NAME, *RENDERERS) if name in groups]
    foreign = [each for each in found if each.name != NATIVE_NAME]
    if foreign:
        rows.append(_weighed(SHIFTED_NAME, list(_with_shares(foreign)), native))
    return rows


def _row(name: str, group: Sequence[Shifted], native: dict[str, Answer]) -> Row:
    return _weighed(name, [(each, 1.0) for each in group], native)


def _with_shares(foreign: Sequence[Shifted]) -> Iterator[tuple[Shifted, float]]:
    """Weigh answers so that scans are a fifth, where there are scans and others."""
    scans = sum(each.name in SCANNED for each in foreign)
    others = len(foreign) - scans
    both = scans and others
    for each in foreign:
        is_scan = each.name in SCANNED
        yield each, ((SCANNED_SHARE / scans if is_scan else (1 - SCANNED_SHARE) / others) if both else 1.0)


def _weighed(name: str, group: Sequence[tuple[Shifted, float]], native: dict[str, Answer]) -> Row:
    def share(which: Callable[[Shifted], bool], of: Callable[[Shifted], bool] = lambda _: True) -> float | None:
        whole = sum(weight for each, weight in group if of(each))
        return sum(weight for each, weight in group if of(each) and which(each)) / whole if whole else None

    return Row(
        name=name,
        documents=len(group),
        accuracy=share(lambda each: each.answer.best == each.answer.truth) or 0.0,
        native=share(lambda each: native[each.document].best == native[each.document].truth) or 0.0,
        contracts=share(
            lambda each: each.answer.best == each.answer.truth, lambda each: each.answer.truth.startswith(CONTRACTS)
        ),
        filed=share(lambda each: each.answer.label is not None) or 0.0,
        wrong=share(lambda each: not each.answer.filed_right, lambda each: each.answer.label is not None) or 0.0,
    )


def misses(found: Sequence[Shifted]) -> list[Shifted]:
    """Answers in a foreign format that are wrong or unsure, where the document as it is was filed rightly."""
    native = {each.document: each.answer for each in found if each.name == NATIVE_NAME}
    return [
        each
        for each in found
        if each.name != NATIVE_NAME
        and native[each.document].filed_right
        and (not each.answer.filed_right or each.answer.best != each.answer.truth)
    ]


def told(each: Shifted) -> str:
    """One miss on one line."""
    answer = each.answer
    said = f"{answer.status} {answer.label or ''}".strip()
    return f"{each.name} {each.document[:12]} {answer.truth}: best {answer.best} ({answer.confidence:.3f}), {said}"
