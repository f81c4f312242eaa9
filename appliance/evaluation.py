"""Judges the box on a firm's own labelled folder, before anybody trusts it. Files nothing, writes nothing."""

from __future__ import annotations

import csv
import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.classify import Status
from appliance.classify.evaluation import Answer, Evaluation, evaluate
from appliance.errors import UsageError
from appliance.files import open_regular

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from appliance.answer import Reading
    from appliance.ledger import Verdict

LABELS_FILE = "labels.csv"


class LabelledFolderError(UsageError):
    """A folder that cannot be judged on."""


@dataclass(frozen=True, slots=True)
class Example:
    """A document and the label people gave it."""

    path: Path
    label: str


def read_examples(folder: Path) -> list[Example]:
    """Read ``labels.csv`` of a labelled folder: the columns ``path`` (relative) and ``label``.

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
    bad = next((n for n, each in enumerate(examples, 2) if not each.label or not _is_file_of(folder, each.path)), None)
    if bad is not None or not examples:
        raise LabelledFolderError(
            f"{table} cannot be used.",
            f"Line {bad} names no file of the folder, or no label." if examples else "It names no document.",
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


def evaluate_folder(
    folder: Path, reading: Reading, workers: int, progress: Callable[[], None] = lambda: None
) -> Evaluation:
    """Answer every labelled document and work out the figures.

    Args:
        folder: Holds ``labels.csv`` and the documents.
        reading: Answers a document.
        workers: Documents at once.
        progress: Told after each document.

    Raises:
        LabelledFolderError: The folder cannot be judged on.
    """
    examples = read_examples(folder)
    answers = []
    verdicts = answers_for((example.path for example in examples), reading, workers)
    for example, verdict in zip(examples, verdicts, strict=True):
        answers.append(_answer(example, verdict))
        progress()
    return evaluate(answers)


def _answer(example: Example, verdict: Verdict) -> Answer:
    best, confidence = verdict.alternatives[0] if verdict.alternatives else (None, 0.0)
    return Answer(example.label, Status(verdict.status), verdict.label, best, confidence)
