"""The first, shorter look: it may file, it may never hold back, and it pulls less text than a window does."""

from __future__ import annotations

from typing import Any

import pytest

from appliance.classify import Status
from appliance.classify.policy import Glance, judge_glance
from appliance.classify.windows import cut_windows
from tests.classify.builders import (
    LABELS,
    Pages,
    WordNetwork,
    make_calibration,
    make_classifier,
    make_manifest,
    make_manifest_fields,
    make_score,
    make_tokenizer,
)

GLANCE = Glance(tokens=5, temperature=1.0, floor=0.5)
SURE, UNSURE = make_score(0.97, 0.01, 0.01, 0.01), make_score(0.4, 0.3, 0.2, 0.1)
FIELDS = {"glance": {"tokens": 5, "temperature": 1.0, "floor": 0.5}}


def calibration_fields() -> dict[str, Any]:
    fields: dict[str, Any] = make_manifest_fields()["calibration"]
    return {**fields, **FIELDS}


def test_what_is_sure_at_a_glance_is_filed() -> None:
    verdict = judge_glance(SURE, LABELS, make_calibration(glance=GLANCE))
    assert verdict is not None
    assert (verdict.status, verdict.label) == (Status.AUTO, LABELS[0])


@pytest.mark.parametrize("score", [UNSURE, make_score(0.97, 0.01, 0.01, 0.01, similarity=0.4)], ids=["unsure", "far"])
def test_a_glance_never_says_more_than_that_it_is_sure(score: Any) -> None:
    assert judge_glance(score, LABELS, make_calibration(glance=GLANCE)) is None


def test_without_a_glance_in_the_calibration_there_is_none() -> None:
    assert judge_glance(SURE, LABELS, make_calibration()) is None


def test_a_warmer_glance_is_less_sure() -> None:
    warm = Glance(tokens=5, temperature=3.0, floor=0.5)
    assert judge_glance(SURE, LABELS, make_calibration(glance=warm)) is None


@pytest.mark.parametrize("glance", [(10, 1.0, 0.5), (2, 1.0, 0.5), (5, 0.0, 0.5), (5, 1.0, 1.5)])
def test_a_glance_that_cannot_be_is_refused(glance: tuple[int, float, float]) -> None:
    with pytest.raises(ValueError, match="glance"):
        make_calibration(glance=Glance(*glance))


def test_a_manifest_may_have_a_glance_or_none() -> None:
    assert make_manifest().calibration.glance is None
    assert make_manifest(calibration=calibration_fields()).calibration.glance == GLANCE


def test_the_glance_comes_first_and_the_windows_begin_anew() -> None:
    windows = list(cut_windows(iter(["word " * 12]), make_tokenizer(), 8, 5))
    assert [(window.is_glance, window.start, len(window.ids)) for window in windows] == [
        (True, 0, 5),
        (False, 0, 8),
        (False, windows[1].end + 1, 8),
    ]


def test_the_windows_are_those_without_a_glance() -> None:
    text = "word " * 30
    plain = list(cut_windows(iter([text]), make_tokenizer(), 8))
    assert [w for w in cut_windows(iter([text]), make_tokenizer(), 8, 5) if not w.is_glance] == plain


def test_a_text_that_ends_within_the_glance_gets_none() -> None:
    assert [window.is_glance for window in cut_windows(iter(["word word"]), make_tokenizer(), 8, 5)] == [False]


def test_a_glance_pulls_no_more_than_it_holds() -> None:
    pages = Pages(["word"] * 100)
    next(cut_windows(pages, make_tokenizer(), 10, 5))
    within_a_glance = pages.pulled
    pages = Pages(["word"] * 100)
    next(cut_windows(pages, make_tokenizer(), 10))
    assert within_a_glance < pages.pulled


def test_a_document_that_is_sure_at_a_glance_costs_one_short_look() -> None:
    network = WordNetwork()
    decision = make_classifier(network, calibration=calibration_fields()).decide(iter(["total " + "word " * 30]))
    assert (decision.status, decision.label, decision.windows) == (Status.AUTO, "receipt", 1)
    assert [len(window.ids) for window in network.seen] == [5]
    assert decision.passage is not None


def test_a_document_that_is_not_is_decided_as_if_there_had_been_no_glance() -> None:
    text = "word word word word total " + "word " * 30
    with_glance = make_classifier(WordNetwork(), calibration=calibration_fields()).decide(iter([text]))
    assert with_glance == make_classifier(WordNetwork()).decide(iter([text]))
