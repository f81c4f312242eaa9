"""What a model does with a class it was never taught: a whole group of labels is left out, and its documents come.

Two ways. The cheap one keeps the encoder of the first fold, which has seen the
group, and fits head, lexical view and centres anew without it. The honest one
trains an encoder without it, and is found again on a second run. Either way one
window a document, in floats, of documents that were not taught.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from appliance.classify.policy import WindowScore
from appliance.workbench import calibrate, lexical, measure, splits, training
from appliance.workbench.crossvalidate import look
from appliance.workbench.nearness import learn_centres
from appliance.workbench.pack import LEXICAL_SHARE
from appliance.workbench.unknown import auroc
from appliance.workbench.work import HEAD, TOKENIZER, Build, Seen, load_tokenizer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

HEADER = ("left out", "documents", "filed", "unknown", "unsure", "nearness AUROC", "confidence AUROC")
FOLD = 0
HEAD_STRENGTH = 300.0
"""Inverse of the regularisation; vectors of unit length need little."""


@dataclass(frozen=True, slots=True)
class Row:
    """What became of the documents of a group that was left out.

    Attributes:
        group: The first part of its labels.
        documents: How many there are.
        filed: How many would be filed unasked, which is wrong under any label.
        unknown: How many would be called unknown.
        nearness: How well nearness tells known documents from these: AUROC.
        confidence: The same of confidence.
    """

    group: str
    documents: int
    filed: int
    unknown: int
    nearness: float
    confidence: float

    def cells(self) -> tuple[str, ...]:
        """The same for a table."""
        counts = (self.documents, self.filed, self.unknown, self.documents - self.filed - self.unknown)
        return (self.group, *map(str, counts), f"{self.nearness:.3f}", f"{self.confidence:.3f}")


def groups_of(labels: Sequence[str]) -> list[str]:
    """The first parts of the labels."""
    return sorted({label.split("/", 1)[0] for label in labels})


class LeftOut:
    """One group of labels left out of a build.

    Args:
        build: Its work folder holds the network of the first fold, where that is to be used.
        group: The first part of the labels.
    """

    def __init__(self, build: Build, group: str) -> None:
        self._build, self._group = build, group
        self._part = build.work.dev()
        self._labels = [label for label in build.work.labels() if label.split("/", 1)[0] != group]
        self._where = splits.fold_of(list(self._part.documents), build.folds)
        by_kind = build.work.strangers_by_kind(setting=True, judging=False)
        self._strangers = [text for texts in by_kind.values() for text in texts]

    def row(self, *, retrain: bool = False) -> Row:
        """Leave it out and see what becomes of its documents."""
        seen = self._trained() if retrain else self._as_the_fold_sees()
        cut = self._windows()
        taught = [place for place in np.flatnonzero(seen.owner >= 0) if self._is_taught(int(seen.owner[place]))]
        truths = np.asarray([self._truth(int(seen.owner[place])) for place in taught])
        vectors = seen.embeddings[taught]
        logits = seen.logits if retrain else _refitted(vectors, truths, seen.embeddings, len(self._labels))
        words = self._lexicon(cut).logits([cut[owner][0] for owner in seen.owner])
        logs = (1 - LEXICAL_SHARE) * measure.log_softmax(logits) + LEXICAL_SHARE * measure.log_softmax(words)
        near = learn_centres(vectors, truths).nearness(seen.embeddings)
        scores: list[tuple[WindowScore, ...]] = [() for _ in cut]
        for owner, log, nearness in zip(seen.owner, logs, near, strict=True):
            scores[owner] = (WindowScore(log, float(nearness)),)
        return self._judged(scores)

    def _judged(self, scores: Sequence[tuple[WindowScore, ...]]) -> Row:
        documents = self._part.documents
        outside = [place for place, each in enumerate(documents) if self._where[each.sha256] == FOLD]
        known = [calibrate.Sample(documents[n].label, scores[n]) for n in outside if not self._is_left_out(n)]
        ours = [calibrate.Sample(calibrate.STRANGER, scores[n]) for n in outside if self._is_left_out(n)]
        others = [calibrate.Sample(calibrate.STRANGER, each) for each in scores[len(documents) :]]
        tokens = self._build.recipe.window_tokens
        fitted = calibrate.calibrate(known, self._labels, tokens, self._build.budget, others)
        answers = list(calibrate.answers(ours, self._labels, fitted))
        sure = [each.confidence for each in calibrate.answers(known, self._labels, fitted)]
        return Row(
            group=self._group,
            documents=len(ours),
            filed=sum(each.label is not None for each in answers),
            unknown=sum(each.status.value == "unknown" for each in answers),
            nearness=auroc(_nearness(known), _nearness(ours)),
            confidence=auroc(sure, [each.confidence for each in answers]),
        )

    def _trained(self) -> Seen:
        """What a network says that was trained without the group; trained once."""
        kept = self._build.work.folder / f"without-{self._group}.npz"
        if not kept.exists():
            tokenizer = load_tokenizer(self._build.encoder / TOKENIZER)
            tokenizer.save(str(self._build.work.folder / TOKENIZER))
            chosen = [n for n in range(len(self._part.documents)) if self._is_taught(n)]
            texts, truths = [self._part.texts[n] for n in chosen], [self._truth(n) for n in chosen]
            recipe = dataclasses.replace(self._build.recipe, epochs=min(2, self._build.recipe.epochs))
            documents = training.prepare(texts, truths, tokenizer, recipe.seed)
            network = training.build_network(self._build.encoder, len(self._labels), recipe.seed)
            ids = tokenizer.encode("").ids
            trained = training.train(network, documents, recipe, (ids[0], ids[-1]), name=f"without {self._group}")
            self._look(trained).save(kept)
        return Seen.load(kept)

    def _as_the_fold_sees(self) -> Seen:
        """What the first fold's network says, the group in it."""
        kept = self._build.work.folder / f"fold-{FOLD}-strangers-too.npz"
        if not kept.exists():
            self._look(_network(self._build.work.folder / f"fold-{FOLD}", len(self._build.work.labels()))).save(kept)
        return Seen.load(kept)

    def _look(self, network: Any) -> Seen:  # noqa: ANN401 - a torch module, loaded on demand
        texts = [*self._part.texts, *self._strangers]
        return look(network, texts, self._build.work, self._build.recipe, "looking")

    def _windows(self) -> list[list[tuple[int, ...]]]:
        tokenizer = load_tokenizer(self._build.work.folder / TOKENIZER)
        texts = [*self._part.texts, *self._strangers]
        return training.windows_of(texts, tokenizer, self._build.recipe.window_tokens, 1)

    def _lexicon(self, cut: Sequence[Sequence[tuple[int, ...]]]) -> lexical.Lexicon:
        taught = [n for n in range(len(self._part.documents)) if self._is_taught(n) and cut[n]]
        windows, truths = [cut[n][0] for n in taught], [self._truth(n) for n in taught]
        return lexical.learn(
            windows, taught, truths, [1.0] * len(taught), classes=len(self._labels), share=LEXICAL_SHARE
        )

    def _is_left_out(self, place: int) -> bool:
        return self._part.documents[place].label.split("/", 1)[0] == self._group

    def _is_taught(self, place: int) -> bool:
        if place >= len(self._part.documents) or self._is_left_out(place):
            return False
        return self._where[self._part.documents[place].sha256] != FOLD

    def _truth(self, place: int) -> int:
        return self._labels.index(self._part.documents[place].label)


def _nearness(samples: Sequence[calibrate.Sample]) -> list[float]:
    return [sample.scores[0].similarity if sample.scores else 0.0 for sample in samples]


def _refitted(vectors: Floats, truths: NDArray[np.int64], all_vectors: Floats, classes: int) -> Floats:
    """Logits of a linear head that is fitted anew on frozen vectors."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=HEAD_STRENGTH, max_iter=300)
    model.fit(vectors, truths)
    logits = np.full((len(all_vectors), classes), -20.0, dtype=np.float32)
    logits[:, model.classes_] = all_vectors @ model.coef_.T + model.intercept_
    return logits


def _network(folder: Path, labels: int) -> Any:  # noqa: ANN401 - a torch module, loaded on demand
    import torch

    from appliance.workbench.network import Network

    network = Network.from_folder(folder, labels)
    network.head.load_state_dict(torch.load(folder / HEAD, weights_only=True))
    return network.eval()
