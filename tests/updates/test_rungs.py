from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from appliance.updates import rungs
from appliance.updates.inferiority import Pair, compare
from appliance.updates.rungs import Limits, Pace, Result, Rung, fast_enough, fits, golden, loads, not_worse, timed
from tests.classify.builders import LABELS
from tests.updates.tiny import TELLS, make_model

if TYPE_CHECKING:
    from appliance.classify.manifest import Manifest

LIMITS = Limits(latency_ratio=1.5, memory_bytes=10_000_000, accuracy_margin=0.01)
ACTIVE = make_model(release=2)


def manifest(**fields: Any) -> Manifest:
    return make_model(**fields).manifest


def test_a_tiny_model_answers_by_its_words() -> None:
    found = [ACTIVE.load().decide(iter([word])).alternatives[0].label for word in TELLS]
    assert found == list(LABELS)


def test_a_model_of_the_same_labels_fits() -> None:
    assert fits(manifest(), ACTIVE.manifest).result is Result.PASSED


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"appliance": {"minimum": "7", "below": "8"}}, "It is for versions 7"),
        ({"runtime": {"onnxruntime": "99", "opset": 18}}, "It needs onnxruntime 99"),
        ({"labels": ["a", "b"]}, "contract/distributor, contract/reseller, paper and 1 more, which tiny 2 uses"),
        ({"labels": ["contract/distributor", "contract/reseller", "paper", "bill"]}, "labels receipt"),
    ],
    ids=["another version", "a newer runtime", "other labels", "a label renamed silently"],
)  # fmt: skip
def test_what_does_not_fit_says_why(fields: dict[str, Any], said: str) -> None:
    outcome = fits(manifest(tells={}, **fields), ACTIVE.manifest)
    assert (outcome.rung, outcome.result) == (Rung.FITS, Result.REFUSED)
    assert said in outcome.why


@pytest.mark.parametrize(
    ("table", "lost"),
    [
        ({"receipt": "bill"}, []),
        ({"receipt": None}, []),
        ({"receipt": "nowhere"}, ["receipt"]),
        ({}, ["receipt"]),
        ("no table", ["receipt"]),
    ],
    ids=["renamed", "retired", "renamed to nothing known", "not said", "nonsense"],
)
def test_every_label_in_use_is_known_or_mapped(table: object, lost: list[str]) -> None:
    labels = ["contract/distributor", "contract/reseller", "paper", "bill"]
    assert rungs.unmapped(manifest(labels=labels, label_map=table), ACTIVE.manifest) == lost


def test_a_label_may_become_a_parent() -> None:
    labels = ["contract/distributor", "contract/reseller", "paper", "receipt/till", "receipt/fuel"]
    assert rungs.unmapped(manifest(labels=labels), ACTIVE.manifest) == []


def test_a_model_that_loads_tells_where_and_how_long() -> None:
    outcome, loaded = loads(make_model().load)
    assert loaded is not None
    assert (outcome.result, loaded.classifier.model_id) == (Result.PASSED, "tiny 3")
    assert "on cpu in" in outcome.measured


def test_a_graph_that_is_none_does_not_load() -> None:
    broken = make_model()
    broken = type(broken)(broken.data, dict.fromkeys(broken.targets, b"no graph"))
    outcome, loaded = loads(broken.load)
    assert (outcome.rung, outcome.result, loaded) == (Rung.LOADS, Result.REFUSED, None)


def test_the_golden_answers_are_given_again() -> None:
    outcome = golden(make_model().load())
    assert (outcome.result, outcome.figures["inputs"]) == (Result.PASSED, 4)
    assert outcome.figures["largest_difference"] <= 1e-6


@pytest.mark.parametrize(
    "wrong", [{"label": "paper"}, {"probabilities": [0.2, 0.0, 0.0, 0.8]}], ids=["another label", "another share"]
)
def test_another_golden_answer_is_refused(wrong: dict[str, Any]) -> None:
    right = make_model().manifest.document["golden"][0]
    outcome = golden(make_model(golden=[{**right, **wrong}]).load())
    assert (outcome.rung, outcome.result) == (Rung.GOLDEN, Result.REFUSED)
    assert "Golden input 1" in outcome.why


def test_a_model_that_is_as_fast_passes() -> None:
    outcome = fast_enough(Pace((1.0, 2.0), (1.0, 2.0)), 5_000_000, LIMITS)
    assert (outcome.result, outcome.measured) == (Result.PASSED, "1.00 times the active model's time, 5 MB")


@pytest.mark.parametrize(
    ("pace", "memory", "said"),
    [((4.0, 8.0), 5_000_000, "4.00 times as long"), ((1.0, 2.0), 20_000_000, "20 MB of memory; 10 MB is allowed")],
    ids=["slow", "large"],
)
def test_a_model_over_its_budget_is_refused(pace: tuple[float, ...], memory: int, said: str) -> None:
    outcome = fast_enough(Pace(pace, (1.0, 2.0)), memory, LIMITS)
    assert outcome.result is Result.REFUSED
    assert said in outcome.why


def test_a_model_that_works_for_nothing_is_timed_as_slower() -> None:
    pace = timed(make_model(work=200_000).load(), ACTIVE.load())
    assert pace.ratio > 5


def test_a_rule_of_the_model_only_tightens() -> None:
    own = {"latency_ratio": 1.2, "memory_bytes": 10**12, "accuracy_margin": "much"}
    assert LIMITS.tightened(manifest(acceptance=own)) == Limits(1.2, 10_000_000, 0.01)
    assert LIMITS.tightened(manifest(acceptance="none")) == LIMITS


def test_a_worse_model_is_refused_in_words() -> None:
    worse = [Pair(active=True, candidate=False, chance=1.0)] * 30 + [Pair(active=True, candidate=True, chance=1.0)] * 10
    outcome = not_worse(compare(worse, 0.01))
    assert outcome.result is Result.REFUSED
    assert outcome.why.startswith("On 40 documents reviewed here it is right on 25.0% and the active model on 100.0%")


def test_without_reviews_it_passes_and_says_so() -> None:
    outcome = not_worse(compare([], 0.01))
    assert (outcome.result, outcome.measured) == (Result.PASSED, "not enough reviewed documents: there is none")
