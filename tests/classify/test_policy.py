from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from appliance.classify.budget import calibration_for, odds
from appliance.classify.decision import Alternative, Decision, Passage, Status
from appliance.classify.errors import BudgetError
from appliance.classify.policy import judge, parents_of, pool, reason_of
from tests.classify.builders import LABELS, make_calibration, make_score, random_scores

if TYPE_CHECKING:
    from appliance.classify.policy import WindowScore

SURE = make_score(0.97, 0.01, 0.01, 0.01)
UNSURE = make_score(0.4, 0.1, 0.3, 0.2)
SURE_OF_PARENT = make_score(0.5, 0.48, 0.01, 0.01)
FAR = make_score(0.97, 0.01, 0.01, 0.01, similarity=0.1)

CASES = {
    "a sure leaf is filed at once": ([SURE], False, Status.AUTO, LABELS[0]),
    "a sure leaf is filed at the end too": ([SURE], True, Status.AUTO, LABELS[0]),
    "unsure asks for more": ([UNSURE], False, None, None),
    "unsure at the end goes to a person": ([UNSURE], True, Status.REVIEW, None),
    "a sure parent still asks for the leaf": ([SURE_OF_PARENT], False, None, None),
    "a sure parent is filed at the end": ([SURE_OF_PARENT], True, Status.AUTO, "contract"),
    "far and sure asks for more": ([FAR], False, None, None),
    "far and sure is unknown at the end": ([FAR], True, Status.UNKNOWN, None),
    "the last window is the end": ([UNSURE, UNSURE], False, Status.REVIEW, None),
    "a second window makes it sure": ([make_score(0.88, 0.04, 0.04, 0.04), SURE], False, Status.AUTO, LABELS[0]),
}


@pytest.mark.parametrize(("scores", "exhausted", "status", "label"), CASES.values(), ids=CASES.keys())
def test_rule(*, scores: list[WindowScore], exhausted: bool, status: Status | None, label: str | None) -> None:
    verdict = judge(scores, LABELS, make_calibration(), exhausted=exhausted)
    assert (verdict and verdict.status, verdict and verdict.label) == (status, label)


@pytest.fixture
def any_scores() -> list[list[WindowScore]]:
    random = np.random.default_rng(7)
    return [random_scores(random, int(random.integers(1, 3))) for _ in range(300)]


def test_the_end_always_has_a_verdict(any_scores: list[list[WindowScore]]) -> None:
    assert all(judge(scores, LABELS, make_calibration(), exhausted=True) for scores in any_scores)


def test_what_is_far_is_never_filed(any_scores: list[list[WindowScore]]) -> None:
    verdicts = [judge(scores, LABELS, make_calibration(), exhausted=True) for scores in any_scores]
    assert not [v for v in verdicts if v.similarity < 0.3 and v.status is not Status.UNKNOWN]


def test_what_is_filed_clears_the_threshold(any_scores: list[list[WindowScore]]) -> None:
    verdicts = [judge(scores, LABELS, make_calibration(), exhausted=True) for scores in any_scores]
    assert all(v.confidence >= 0.9 for v in verdicts if v.status is Status.AUTO)


def test_a_stricter_threshold_files_no_more(any_scores: list[list[WindowScore]]) -> None:
    def filed(threshold: float) -> set[int]:
        calibration = make_calibration(threshold=threshold)
        verdicts = [judge(scores, LABELS, calibration, exhausted=True) for scores in any_scores]
        return {i for i, verdict in enumerate(verdicts) if verdict.status is Status.AUTO}

    assert filed(0.99) <= filed(0.9) <= filed(0.5)


def test_probabilities_sum_to_one(any_scores: list[list[WindowScore]]) -> None:
    assert all(abs(pool(scores, make_calibration()).sum() - 1) < 1e-9 for scores in any_scores)


def test_the_verdict_is_a_pure_function(any_scores: list[list[WindowScore]]) -> None:
    for scores in any_scores[:20]:
        first, second = (judge(scores, LABELS, make_calibration(), exhausted=True) for _ in range(2))
        assert np.array_equal(first.probabilities, second.probabilities)


def test_a_higher_temperature_is_less_sure() -> None:
    cold, warm = (pool([SURE], make_calibration(temperatures=(t, t))).max() for t in (0.5, 2.0))
    assert cold > 0.97 > warm


def test_a_later_window_counts_less() -> None:
    probabilities = pool([SURE, make_score(0.01, 0.97, 0.01, 0.01)], make_calibration())
    assert probabilities[0] > probabilities[1]


def test_a_parent_needs_two_leaves() -> None:
    assert parents_of(("a/b", "c/d", "c/e", "f")) == {"c": (1, 2)}


BROKEN = {
    "no window": {"weights": (), "temperatures": ()},
    "rising weights": {"weights": (0.5, 1.0)},
    "too few temperatures": {"temperatures": (1.0,)},
    "zero temperature": {"temperatures": (1.0, 0.0)},
    "zero threshold": {"threshold": 0.0},
    "a floor beyond nearness": {"floor": 1.5},
    "no room for text": {"window_tokens": 2},
    "no budget": {"error_budget": 0.0},
}


@pytest.mark.parametrize("fields", BROKEN.values(), ids=BROKEN.keys())
def test_a_calibration_that_cannot_be_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        make_calibration(**fields)


REASONS = {
    "Sure: 97 % contract / distributor.": ([SURE], True),
    "Sure: 98 % contract, its kind left to a person.": ([SURE_OF_PARENT], True),
    "Unsure: 40 % contract / distributor, 30 % paper.": ([UNSURE], True),
    "Unsure: 99.2 % paper.": ([make_score(0.003, 0.003, 0.992, 0.002)], True),
    "Unknown: unlike anything the model was taught.": ([FAR], True),
}


@pytest.mark.parametrize(
    ("sentence", "case"), REASONS.items(), ids=["sure", "parent", "unsure", "nearly sure", "unknown"]
)
def test_the_reason_says(sentence: str, case: tuple[list[WindowScore], bool]) -> None:
    scores, exhausted = case
    verdict = judge(
        scores, LABELS, make_calibration(threshold=0.993 if "99.2" in sentence else 0.9), exhausted=exhausted
    )
    assert reason_of(verdict, LABELS) == sentence


RANKED = (Alternative("a", 0.9), Alternative("b", 0.1))
GOOD = Decision(Status.AUTO, "a", 0.9, RANKED, Passage("x", 2, 3), "", 1, 0.5, "m")


@pytest.mark.parametrize(
    "change",
    [
        {"label": None},
        {"status": Status.REVIEW},
        {"confidence": 1.1},
        {"windows": -1},
        {"alternatives": RANKED[::-1]},
    ],
    ids=["auto without a label", "a label under review", "more than certain", "less than none", "worst first"],
)
def test_a_decision_that_cannot_be_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        dataclasses.replace(GOOD, **change)


def test_a_passage_spans_its_text() -> None:
    with pytest.raises(ValueError, match="offsets"):
        Passage("three", 0, 3)


TABLE = ((0.005, 0.98), (0.01, 0.9), (0.05, 0.7))


@pytest.mark.parametrize(("budget", "threshold"), [(None, 0.9), (0.01, 0.9), (0.005, 0.98), (0.05, 0.7)])
def test_a_budget_picks_its_threshold(budget: float | None, threshold: float) -> None:
    chosen = calibration_for(make_calibration(thresholds=TABLE), budget)
    assert (chosen.threshold, chosen.error_budget) == (threshold, budget or 0.01)


@pytest.mark.parametrize(
    ("table", "said"),
    [(TABLE, "0.005, 0.01, 0.05 and for no other budget"), ((), "threshold was set for 0.01 alone")],
    ids=["a table", "no table"],
)
def test_a_budget_that_nothing_was_measured_for_is_refused(table: tuple[tuple[float, float], ...], said: str) -> None:
    with pytest.raises(BudgetError, match=said) as refused:
        calibration_for(make_calibration(thresholds=table), 0.03)
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    "table", [((0.01, 0.9), (0.005, 0.98)), ((0.005, 0.9), (0.01, 0.98)), ((0.0, 0.9),), ((0.01, 0.0),)],
    ids=["not rising", "looser and stricter", "no share", "no threshold"],
)  # fmt: skip
def test_a_table_of_thresholds_keeps_its_rules(table: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match="budget"):
        make_calibration(thresholds=table)


@pytest.mark.parametrize(("share", "said"), [(0.01, "1 in 100"), (0.005, "5 in 1,000"), (0.0125, "125 in 10,000")])
def test_a_budget_is_said_in_words(share: float, said: str) -> None:
    assert odds(share) == said
