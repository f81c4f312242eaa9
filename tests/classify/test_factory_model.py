"""The committed model, on this very machine."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from appliance.classify import Status
from appliance.settings import CHECKOUT, Settings
from appliance.updates.bundled import load_factory

if TYPE_CHECKING:
    from appliance.classify import Classifier

FACTORY = Settings().factory_model
CARD_SAYS = ("CC BY 4.0", "ODC-By", "Apache-2.0", "Reads English", "seed")


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return load_factory(FACTORY)


@pytest.fixture(scope="module")
def texts(classifier: Classifier) -> list[str]:
    return [golden.text for golden in classifier.manifest.golden]


def test_it_proves_itself(classifier: Classifier) -> None:
    classifier.prove()


def test_it_proves_itself_on_two_threads() -> None:
    load_factory(FACTORY, threads=2).prove()


def test_it_runs_on_the_cpu(classifier: Classifier) -> None:
    assert (classifier.model_id, classifier.provider) == ("factory 3", "cpu")


def test_an_answer_does_not_depend_on_its_neighbours(classifier: Classifier, texts: list[str]) -> None:
    alone = [classifier.decide(iter([text])) for text in texts]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda text: classifier.decide(iter([text])), texts[::-1])) == alone[::-1]


def test_where_pages_break_does_not_matter(classifier: Classifier, texts: list[str]) -> None:
    for text in texts:
        whole = classifier.decide(iter([text]))
        assert classifier.decide(iter([f"{word} " for word in text.split()])) == whole


def test_invented_documents_get_their_kind(classifier: Classifier, texts: list[str]) -> None:
    best = [classifier.decide(iter([text])).alternatives[0].label for text in texts]
    assert best.count("receipt") == best.count("message") == best.count("paper") == 1


@pytest.mark.parametrize(
    "text",
    ["Kia ora koutou katoa, nau mai ki te whare " * 20, "0 1 2 3 4 5 6 7 8 9 " * 60, "\u6587\u66f8\u5206\u985e " * 90],
    ids=["another language", "numbers", "another script"],
)
def test_what_is_strange_is_never_filed(classifier: Classifier, text: str) -> None:
    assert classifier.decide(iter([text])).status is not Status.AUTO


def test_the_file_is_small_enough_to_carry(classifier: Classifier) -> None:
    variant = classifier.manifest.variants[0]
    assert classifier.manifest.targets[variant.model].size <= 27_000_000


def test_the_card_names_sources_licences_and_limits(classifier: Classifier) -> None:
    card = (CHECKOUT / "models" / "model-card.md").read_bytes()
    assert hashlib.sha256(card).hexdigest() == classifier.manifest.targets["model-card.md"].sha256
    assert [said for said in CARD_SAYS if said not in card.decode()] == []


def test_a_document_alone_and_two_at_once_are_answered_alike() -> None:
    one, several = load_factory(FACTORY), load_factory(FACTORY, threads=2)
    text = one.manifest.golden[0].text
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: several.decide(iter([text])), range(8)))
    assert set(answers) == {one.decide(iter([text]))}
