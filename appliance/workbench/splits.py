"""Which document teaches and which one judges, decided by its content alone.

A split is recomputed from the corpus at any time: documents of one label stand
in the order of a seeded hash of their content, and their places in that order
decide. Nothing is written down, file names play no part, and a test that knows
the corpus finds the same unseen documents without any extra installed. This
module imports the standard library only.
"""

from __future__ import annotations

import csv
import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SEED = "factory-1"
TEST_SHARE = 0.12


@dataclass(frozen=True, slots=True)
class Document:
    """One labelled document of a corpus.

    Attributes:
        path: Relative to the corpus folder, with forward slashes.
        label: What it is, a path such as ``contract/distributor``.
        sha256: Hex digest of its content.
    """

    path: str
    label: str
    sha256: str


def read_corpus(folder: Path) -> list[Document]:
    """List the documents of a labelled folder.

    Args:
        folder: Holds ``labels.csv`` with the columns ``path`` and ``label``.

    Returns:
        One document a row, in the order of the table.
    """
    with (folder / "labels.csv").open(newline="", encoding="utf-8") as table:
        rows = [(row["path"], row["label"]) for row in csv.DictReader(table)]
    return [Document(path, label, digest_of(folder / path)) for path, label in rows]


def digest_of(path: Path) -> str:
    """Hex SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def held_out_documents(documents: list[Document], *, share: float = TEST_SHARE, seed: str = SEED) -> list[Document]:
    """The documents that no training and no tuning ever sees.

    The first ``share`` of each label in the seeded order, at least one where
    the label has four documents or more.
    """
    kept: list[Document] = []
    for members in _ordered(documents, seed).values():
        count = int(len(members) * share + 0.5)
        if count == 0 and len(members) >= 4:  # noqa: PLR2004 - below four, one less to learn from costs more
            count = 1
        kept += members[:count]
    return kept


def dev_documents(documents: list[Document], *, share: float = TEST_SHARE, seed: str = SEED) -> list[Document]:
    """Every document that is not a test document, in the given order."""
    held_out = {document.sha256 for document in held_out_documents(documents, share=share, seed=seed)}
    return [document for document in documents if document.sha256 not in held_out]


def fold_of(documents: list[Document], folds: int, *, seed: str = SEED) -> dict[str, int]:
    """Deal documents over folds, stratified by label.

    Returns:
        From each document's sha256 to its fold, 0 to ``folds - 1``.
    """
    return {
        document.sha256: place % folds
        for members in _ordered(documents, seed + "/folds").values()
        for place, document in enumerate(members)
    }


def _ordered(documents: list[Document], seed: str) -> dict[str, list[Document]]:
    """Group documents by label (labels sorted), each group in the seeded order of content."""
    groups: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        groups[document.label].append(document)
    return {label: sorted(groups[label], key=lambda document: _rank(document.sha256, seed)) for label in sorted(groups)}


def _rank(sha256: str, seed: str) -> str:
    return hashlib.sha256(f"{seed}:{sha256}".encode()).hexdigest()
