from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from appliance.classify import ModelDisagreesError, ModelUnfitError, Status, load_classifier
from appliance.classify.network import open_tokenizer
from tests.classify.builders import Pages, WordNetwork, make_classifier, write_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from appliance.classify import Classifier

FULL = "word " * 30


@pytest.fixture
def network() -> WordNetwork:
    return WordNetwork()


@pytest.fixture
def classifier(network: WordNetwork) -> Classifier:
    return make_classifier(network)


def test_a_sure_document_is_filed(classifier: Classifier) -> None:
    decision = classifier.decide(iter(["total word"]))
    assert (decision.status, decision.label, decision.model) == (Status.AUTO, "receipt", "tiny 3")


def test_a_sure_document_is_read_no_further(classifier: Classifier) -> None:
    pages = Pages(["total " + FULL, FULL, FULL])
    assert (classifier.decide(pages).windows, pages.pulled) == (1, 1)


def test_an_unsure_document_is_read_on(classifier: Classifier) -> None:
    decision = classifier.decide(iter([FULL]))
    assert (decision.status, decision.windows) == (Status.REVIEW, 2)


def test_what_is_pulled_is_bounded(classifier: Classifier) -> None:
    pages = Pages(["word word word word"] * 1000)
    classifier.decide(pages)
    assert pages.pulled < 12


def test_far_from_everything_is_unknown(classifier: Classifier) -> None:
    assert classifier.decide(iter(["stranger total"])).status is Status.UNKNOWN


def test_no_text_is_unknown_and_says_so(classifier: Classifier) -> None:
    decision = classifier.decide(iter(["", " "]))
    assert (decision.status, decision.windows, decision.alternatives, decision.passage) == (Status.UNKNOWN, 0, (), None)


def test_the_chosen_leaf_stands_first_among_the_alternatives(classifier: Classifier) -> None:
    decision = classifier.decide(iter(["abstract"]))
    assert decision.alternatives[0].label == decision.label == "paper"


def test_the_passage_is_the_window_that_decided(network: WordNetwork) -> None:
    loose = make_classifier(network, calibration={**CALIBRATION, "threshold": 0.999})
    decision = loose.decide(iter(["word " * 8 + "resell " * 8]))
    assert decision.passage.text == "resell " * 7 + "resell"


def test_the_passage_stands_where_it_says(classifier: Classifier) -> None:
    text = "word " * 8 + " resell  " * 8
    passage = classifier.decide(iter([text])).passage
    assert " ".join(text.split())[passage.start : passage.end] == passage.text


def test_fewer_windows_can_be_wanted(network: WordNetwork) -> None:
    classifier = make_classifier(network)
    classifier._max_windows = 1
    assert classifier.decide(iter([FULL])).windows == 1


def test_trouble_of_the_reader_passes_through(classifier: Classifier) -> None:
    def pages() -> Iterator[str]:
        yield "word"
        raise OSError("torn")

    with pytest.raises(OSError, match="torn"):
        classifier.decide(pages())


def test_golden_answers_prove_a_model(classifier: Classifier) -> None:
    classifier.prove()


@pytest.mark.parametrize(
    "golden",
    [
        {"text": "total", "label": "paper", "probabilities": [0.01, 0.01, 0.01, 0.97]},
        {"text": "total", "label": "receipt", "probabilities": [0.03, 0.01, 0.01, 0.95]},
        {"text": "total", "label": "receipt", "probabilities": [0.01, 0.01, 0.01, float("nan")]},
    ],
    ids=["another label", "another probability", "no number"],
)
def test_other_answers_disprove_it(network: WordNetwork, golden: dict[str, Any]) -> None:
    with pytest.raises(ModelDisagreesError):
        make_classifier(network, golden=[golden]).prove()


def test_a_graph_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnfitError):
        load_classifier(write_folder(tmp_path / "model"))


def test_a_tokenizer_that_is_none_is_refused() -> None:
    with pytest.raises(ModelUnfitError):
        open_tokenizer(b"{}")


def test_threads_share_a_classifier(classifier: Classifier) -> None:
    texts = ["total", "abstract", "resell", "distribute"] * 25
    alone = [classifier.decide(iter([text])).label for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda text: classifier.decide(iter([text])).label, texts)) == alone


CALIBRATION = {
    "weights": [1.0, 0.5],
    "temperatures": [1.0, 1.0],
    "threshold": 0.9,
    "floor": 0.3,
    "window_tokens": 10,
    "error_budget": 0.01,
}
