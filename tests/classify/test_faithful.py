"""What is said to have decided did decide: without it the model is less sure than without as much of anything else."""

from __future__ import annotations

import math
import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from appliance.reading import LocalReader, UnreadableError
from appliance.settings import Settings
from appliance.updates.bundled import load_factory
from appliance.workbench.splits import held_out_documents, read_corpus
from tests.needs import CORPUS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from appliance.classify import Classifier

LOOKED_AT = 2_400
"""Four windows are about so many characters."""

HELD_OUT = 40


@dataclass(frozen=True, slots=True)
class Drops:
    """By how much the logarithm of the odds falls without what was named, and without as much chosen by chance."""

    named: list[float]
    chance: list[float]

    @property
    def means(self) -> tuple[float, float]:
        return sum(self.named) / len(self.named), sum(self.chance) / len(self.chance)

    @property
    def share(self) -> float:
        """Of documents in which what was named counts for more."""
        return sum(n > c for n, c in zip(self.named, self.chance, strict=True)) / len(self.named)

    def __str__(self) -> str:
        return f"named {self.means[0]:.2f}, by chance {self.means[1]:.2f}, more in {self.share:.0%}"


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return load_factory(Settings().factory_model)


def openings(count: int) -> Iterator[str]:
    """Openings of held-out documents that have text, in a seeded order."""
    chosen = held_out_documents(read_corpus(CORPUS))
    random.Random(3).shuffle(chosen)
    reader = LocalReader()
    for document in chosen:
        text = ""
        try:
            with (CORPUS / document.path).open("rb") as file, reader.open(file.fileno()) as session:
                while len(text) < LOOKED_AT * 1.5 and (page := session.next()) is not None:
                    text += f"{page.text} "
        except UnreadableError:
            continue
        yield " ".join(text.split())
        count -= 1
        if not count:
            return


def odds(classifier: Classifier, text: str, label: str) -> float:
    share = sum(
        probability
        for leaf, probability in zip(classifier.labels, classifier.probabilities(text), strict=True)
        if leaf == label or leaf.startswith(label + "/")
    )
    share = min(max(float(share), 1e-9), 1 - 1e-9)
    return math.log(share / (1 - share))


def without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]} {text[end:]}"
    return text


def weigh(classifier: Classifier, texts: Iterable[str]) -> tuple[Drops, Drops]:
    """Leave out the passage and some passage, then the words of the passage and some words of it."""
    chance, passages, words = random.Random(5), Drops([], []), Drops([], [])
    for text in texts:
        decision = classifier.decide(iter([text]))
        passage = decision.passage
        assert passage is not None
        assert text[passage.start : passage.end] == passage.text
        label, length = decision.label or decision.alternatives[0].label, passage.end - passage.start
        whole = odds(classifier, text, label)
        some = chance.randrange(max(1, min(len(text), LOOKED_AT) - length))
        passages.named.append(whole - odds(classifier, without(text, [(passage.start, passage.end)]), label))
        passages.chance.append(whole - odds(classifier, without(text, [(some, some + length)]), label))

        found = classifier.words(passage.text, passage.start, label)
        assert all(text[word.start : word.end] == word.text for word in found)
        spans = [(word.start - passage.start, word.end - passage.start) for word in found]
        every = [match.span() for match in re.finditer(r"\w{3,}", passage.text)]
        alone = odds(classifier, passage.text, label)
        words.named.append(alone - odds(classifier, without(passage.text, spans), label))
        picked = chance.sample(every, min(len(spans), len(every)))
        words.chance.append(alone - odds(classifier, without(passage.text, picked), label))
    return passages, words


def test_the_passage_and_the_words_of_our_own_documents_decided(classifier: Classifier) -> None:
    passages, words = weigh(classifier, [" ".join(golden.text.split()) for golden in classifier.manifest.golden])
    assert passages.means[0] > passages.means[1], passages
    assert words.means[0] > 2 * words.means[1], words
    assert words.share >= 0.8, words


@pytest.mark.skipif(not (CORPUS / "labels.csv").is_file(), reason="needs the labelled corpus")
def test_the_passage_and_the_words_of_documents_it_never_saw_decided(classifier: Classifier) -> None:
    passages, words = weigh(classifier, openings(HELD_OUT))
    print(f"{len(words.named)} held-out documents: passages {passages}; words {words}")  # noqa: T201 - the figures
    assert len(words.named) == HELD_OUT
    assert passages.means[0] > 2 * passages.means[1], passages
    assert passages.share >= 0.8, passages
    assert words.means[0] > 2 * words.means[1], words
    assert words.share >= 0.9, words
