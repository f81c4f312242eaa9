"""Judges the box on a firm's own labelled folder, before anybody trusts it. Files nothing, writes nothing."""

from __future__ import annotations

import csv
import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from appliance.classify import Status
from appliance.classify.evaluation import Answer, Judgement
from appliance.errors import UsageError
from appliance.files import open_regular, write_whole
from appliance.report import Sheet, Speed, facts_of, page_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from appliance.answer import Reading
    from appliance.classify import Classifier
    from appliance.ledger import Verdict

LABELS_FILE = "labels.csv"


class LabelledFolderError(UsageError):
    """A folder that cannot be judged on."""


@dataclass(frozen=True, slots=True)
class Example:
    """A document and the label people gave it; an empty one says that it is of no label."""

    path: Path
    label: str


def read_examples(folder: Path) -> list[Example]:
    """Read ``labels.csv`` of a labelled folder: the columns ``path`` (relative) and ``label``.

    A label that is left empty says that a document is of no label: filing it is always wrong.

    Raises:
        LabelledFolderError: It is missing, malformed, empty, or names a file that is not in the folder.
    """
    table = folder / LABELS_FILE
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise LabelledFolderError(
            f"{table} cannot be read.",
            f"{error}.",
            f"Put a file {LABELS_FILE} with the columns path and label beside the documents.",
        ) from error
    examples = [Example(folder / (row.get("path") or ""), row.get("label") or "") for row in rows]
    cells = enumerate(zip(rows, examples, strict=True), 2)
    bad = next((n for n, (row, each) in cells if row.get("label") is None or not _is_file_of(folder, each.path)), None)
    if bad is not None or not any(each.label for each in examples):
        raise LabelledFolderError(
            f"{table} cannot be used.",
            f"Line {bad} names no file of the folder, or has no label." if bad else "It labels no document.",
            "Each line after the first is path,label, the path relative to the folder.",
        )
    return examples


def _is_file_of(folder: Path, path: Path) -> bool:
    """Say whether a path, as it is spelt, names a file below a folder."""
    return path.is_relative_to(folder) and ".." not in path.relative_to(folder).parts and path.is_file()


def answers_for(paths: Iterable[Path], reading: Reading, workers: int, *, why: bool = False) -> Iterator[Verdict]:
    """Answer files in their order, several at once; ``why`` looks for the words that weighed most, too."""

    def answer(path: Path) -> Verdict:
        verdict = answer_file(path, reading)
        return reading.explain(verdict) if why else verdict

    with ThreadPoolExecutor(workers, "answer") as pool:
        yield from pool.map(answer, paths)


def answer_file(path: Path, reading: Reading) -> Verdict:
    """Answer one file; one that cannot be opened is answered ``unreadable``."""
    try:
        descriptor = open_regular(path)
    except OSError as error:
        shown = "it is a link" if error.errno == errno.ELOOP else (error.strerror or "unknown").lower()
        return reading.refuse(f"The file cannot be opened: {shown}.")
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return reading.refuse("The file cannot be opened: it is not a plain file.")
        return reading.answer(descriptor)
    finally:
        os.close(descriptor)


def judge_folder(
    folder: Path, reading: Reading, workers: int, progress: Callable[[], None] = lambda: None
) -> Judgement:
    """Answer every document of a labelled folder.

    Args:
        folder: Holds ``labels.csv`` and the documents.
        reading: Answers a document.
        workers: Documents at once.
        progress: Told after each document.

    Raises:
        LabelledFolderError: The folder cannot be judged on.
    """
    examples = read_examples(folder)
    pairs = []
    for example, verdict in zip(examples, answers_for((each.path for each in examples), reading, workers), strict=True):
        pairs.append((_answer(example, verdict), verdict))
        progress()
    answers = [answer for answer, _ in pairs]
    read = [verdict for _, verdict in pairs if verdict.status != Status.UNREADABLE]
    return Judgement(
        answers=tuple(answer for answer in answers if answer.truth),
        strangers=tuple(answer for answer in answers if not answer.truth),
        read_ms=tuple(verdict.read_ms for verdict in read),
        classify_ms=tuple(verdict.classify_ms for verdict in read),
    )


def write_report(path: Path, title: str, judged: Judgement, classifier: Classifier) -> None:
    """Draw what the box said as one page.

    Args:
        path: Replaced whole if it is there.
        title: Of the page.
        judged: What was said.
        classifier: Who said it.

    Raises:
        OSError: The page cannot be written.
    """
    times = {"reading a document": judged.read_ms, "classifying it": judged.classify_ms}
    sheet = Sheet(
        title=title,
        made=f"Judged on {datetime.now().astimezone():%Y-%m-%d %H:%M}.",
        answers=judged.answers,
        strangers=judged.strangers,
        threshold=classifier.calibration.threshold,
        error_budget=classifier.calibration.error_budget,
        speeds=tuple(Speed.of(what, taken) for what, taken in times.items() if taken),
        facts=facts_of(classifier.manifest, classifier.provider),
    )
    write_whole(path, page_of(sheet).encode())


def _answer(example: Example, verdict: Verdict) -> Answer:
    best, confidence = verdict.alternatives[0] if verdict.alternatives else (None, 0.0)
    return Answer(example.label, Status(verdict.status), verdict.label, best, confidence)
