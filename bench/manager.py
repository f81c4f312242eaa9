"""A document manager's own recipe on the same documents: how often it is right, and how long it takes.

The recipe of the usual open-source managers: the whole text (pdftotext where it
is installed, else pdfium), lower-cased words, counts of words and pairs of
words, a small multi-layer perceptron. It is taught the documents our model was
taught and judged, like ours, on the held-out ones; scans are left out of both.
Times are reading and deciding, without filing, on one thread each, in turn.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pypdfium2

from appliance.answer import Reading
from appliance.reading import LocalReader
from appliance.settings import Settings
from appliance.updates.bundled import load_factory
from appliance.workbench.splits import held_out_documents, read_corpus
from bench.box import lacks, parser
from bench.corpus import CORPUS, PICTURES
from bench.figures import median_ms, percentile_ms
from bench.rows import note, row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from appliance.ledger import Verdict
    from appliance.workbench.splits import Document

READ_SECONDS = 60


class Manager:
    """The recipe: counts of words and pairs of words, and a perceptron.

    Args:
        taught: The documents it learns from.
    """

    def __init__(self, taught: Sequence[Document]) -> None:
        from sklearn.feature_extraction.text import CountVectorizer
        from sklearn.neural_network import MLPClassifier

        self._counts = CountVectorizer(analyzer="word", ngram_range=(1, 2), min_df=0.01)
        self._network = MLPClassifier(tol=0.01, random_state=1)
        counted = self._counts.fit_transform([words_of(CORPUS / each.path) for each in taught])
        self._network.fit(counted, [each.label for each in taught])

    def answer(self, document: Path) -> str:
        """Say what a document is."""
        return str(self._network.predict(self._counts.transform([words_of(document)]))[0])


def words_of(document: Path) -> str:
    """Return the whole text of a document as lower-case words."""
    text = _pdf_text(document) if document.suffix == ".pdf" else document.read_text(encoding="utf-8", errors="replace")
    return " ".join(re.sub(r"[^\w\s]|_", " ", text.lower()).split())


def _pdf_text(document: Path) -> str:
    if program := shutil.which("pdftotext"):
        done = subprocess.run([program, document, "-"], capture_output=True, check=False, timeout=READ_SECONDS)
        return done.stdout.decode(errors="replace")
    pdf = pypdfium2.PdfDocument(document)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in pdf)
    finally:
        pdf.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the rows."""
    chosen = parser(__doc__).parse_args(arguments)
    if lacks("manager", "sklearn", model=chosen.model):
        return 0
    everything = read_corpus(CORPUS)
    held_out = held_out_documents(everything)
    judged = [document for document in held_out if not document.path.endswith(PICTURES)]
    unseen = {document.sha256 for document in held_out}
    taught = [each for each in everything if each.sha256 not in unseen and not each.path.endswith(PICTURES)]
    tool = "pdftotext" if shutil.which("pdftotext") else "pdfium"
    note(f"manager: learning from {len(taught)} documents, PDFs read by {tool}")
    began = time.perf_counter()
    manager = Manager(taught)
    row("manager: learning", time.perf_counter() - began, "s")
    reading = Reading(LocalReader(), load_factory(chosen.model), Settings.model_fields["read_seconds"].default)
    _print_comparison(judged, manager, reading)
    return 0


def _print_comparison(judged: Sequence[Document], manager: Manager, reading: Reading) -> None:
    theirs, ours = [], []
    for document in judged:
        theirs.append(_timed(manager.answer, CORPUS / document.path))
        ours.append(_timed(lambda path: _verdict(path, reading), CORPUS / document.path))
    labels = [document.label for document in judged]
    row(
        f"manager: right on {len(judged)} held-out documents",
        _share([answer == label for (answer, _), label in zip(theirs, labels, strict=True)]),
        "share",
    )
    row("manager: ours, best leaf, right on the same", _share(_leaves_right(ours, labels)), "share")
    filed = [(verdict.label, label) for (verdict, _), label in zip(ours, labels, strict=True) if verdict.label]
    row("manager: ours, filed unasked", len(filed) / len(judged), "share")
    row("manager: ours, wrong of those", _share([not _covers(ours_, label) for ours_, label in filed]), "share")
    for name, timed in (("the recipe", theirs), ("ours", ours)):
        seconds = [each for _, each in timed]
        row(f"manager: reading and deciding, {name}, median", median_ms(seconds), "ms")
        row(f"manager: reading and deciding, {name}, p95", percentile_ms(seconds, 95), "ms")


def _timed(answer: Any, path: Path) -> tuple[Any, float]:  # noqa: ANN401 - a label or a verdict
    began = time.perf_counter()
    return answer(path), time.perf_counter() - began


def _verdict(path: Path, reading: Reading) -> Verdict:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return reading.answer(descriptor)
    finally:
        os.close(descriptor)


def _leaves_right(ours: Sequence[tuple[Verdict, float]], labels: Sequence[str]) -> list[bool]:
    leaves = [verdict.alternatives[0][0] if verdict.alternatives else None for verdict, _ in ours]
    return [leaf == label for leaf, label in zip(leaves, labels, strict=True)]


def _covers(answer: str, label: str) -> bool:
    """Say whether an answer is the label or its parent, whose leaf was left to a person."""
    return label == answer or label.startswith(f"{answer}/")


def _share(right: Sequence[bool]) -> float:
    return sum(right) / len(right) if right else 0.0


if __name__ == "__main__":
    sys.exit(main())
