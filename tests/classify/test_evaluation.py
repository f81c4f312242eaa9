from __future__ import annotations

import json

import pytest

from appliance.classify.decision import Status
from appliance.classify.evaluation import Answer, binomial_tail, calibration_error, evaluate, upper_bound


def filed(truth: str, best: str, confidence: float = 0.95, label: str | None = None) -> Answer:
    return Answer(truth, Status.AUTO, label or best, best, confidence)


def unsure(truth: str, best: str, confidence: float = 0.5) -> Answer:
    return Answer(truth, Status.REVIEW, None, best, confidence)


UNREADABLE = Answer("b", Status.UNREADABLE, None, None, 0.0)
ANSWERS = [filed("a", "a"), filed("a", "b"), filed("b", "b"), unsure("a", "a"), UNREADABLE]


def test_accuracy_counts_the_best_leaf_of_every_document() -> None:
    assert evaluate(ANSWERS).accuracy == 3 / 5


def test_coverage_counts_what_is_filed_unasked() -> None:
    assert evaluate(ANSWERS).coverage == 3 / 5


def test_error_is_the_wrong_share_of_what_is_filed() -> None:
    assert evaluate(ANSWERS).error == 1 / 3


def test_a_label_row_by_hand() -> None:
    row = evaluate(ANSWERS).labels["a"]
    assert (row.precision, row.recall, row.f1, row.support) == (1.0, 2 / 3, 0.8, 3)


def test_macro_f1_by_hand() -> None:
    assert evaluate(ANSWERS).macro_f1 == pytest.approx((0.8 + 0.5) / 2)


def test_the_confusion_counts() -> None:
    assert evaluate(ANSWERS).confusion == {"a": {"a": 2, "b": 1}, "b": {"b": 1, "(none)": 1}}


def test_the_true_parent_counts_as_right() -> None:
    assert evaluate([filed("c/x", "c/y", label="c")]).error == 0.0


def test_another_parent_counts_as_wrong() -> None:
    assert evaluate([filed("c/x", "d/y", label="d")]).error == 1.0


def test_a_label_that_only_begins_alike_is_no_parent() -> None:
    assert evaluate([filed("contract/x", "con", label="con")]).error == 1.0


def test_nothing_filed_bounds_nothing() -> None:
    figures = evaluate([unsure("a", "a")])
    assert (figures.error, figures.error_bound) == (0.0, 1.0)


def test_nothing_to_evaluate_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing"):
        evaluate([])


# the quantile 0.95 of the beta distribution with k + 1 and n - k, from R
BOUNDS = {(0, 299): 0.009969, (0, 59): 0.049508, (7, 1400): 0.009371, (1, 10): 0.394163, (10, 10): 1.0, (0, 0): 1.0}


@pytest.mark.parametrize(("counts", "bound"), BOUNDS.items(), ids=[f"{k} of {n}" for k, n in BOUNDS])
def test_the_upper_bound_is_clopper_and_pearsons(counts: tuple[int, int], bound: float) -> None:
    assert upper_bound(*counts) == pytest.approx(bound, abs=1e-6)


def test_the_binomial_tail_by_hand() -> None:
    assert binomial_tail(1, 3, 0.5) == pytest.approx(0.5)


def test_the_calibration_error_by_hand() -> None:
    pairs = [(0.95, True), (0.95, False), (0.55, True)]
    assert calibration_error(pairs) == pytest.approx((0.9 + 0.45) / 3)


def test_certain_and_right_has_no_calibration_error() -> None:
    assert calibration_error([(1.0, True)] * 5) == 0.0


def test_the_figures_are_plain_json() -> None:
    assert json.loads(json.dumps(evaluate(ANSWERS).as_dict()))["documents"] == 5


def test_an_answer_under_review_has_no_label() -> None:
    with pytest.raises(ValueError, match="auto"):
        Answer("a", Status.REVIEW, "a", "a", 0.5)
