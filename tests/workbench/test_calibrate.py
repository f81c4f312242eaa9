from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from appliance.classify.decision import Status
from appliance.classify.manifest import parse_calibration
from appliance.classify.policy import Glance, WindowScore
from appliance.workbench.calibrate import (
    STRANGER,
    Sample,
    _above,
    answers,
    calibrate,
    find_threshold,
    measure,
    run_policy,
    strangers_threshold,
)
from appliance.workbench.steps import choose_form
from tests.classify.builders import LABELS, make_calibration, make_score

if TYPE_CHECKING:
    from appliance.classify.evaluation import Evaluation
    from appliance.classify.policy import Calibration

SURE, UNSURE = make_score(0.97, 0.01, 0.01, 0.01), make_score(0.4, 0.3, 0.2, 0.1)


def make_samples(count: int, noise: float) -> list[Sample]:
    """Documents whose scores point at the truth, more or less."""
    random = np.random.default_rng(5)
    samples = []
    for number in range(count):
        truth = number % len(LABELS)
        rows = random.normal(size=(2, len(LABELS))) * noise
        rows[:, truth] += 6
        logs = rows - np.log(np.exp(rows).sum(axis=1, keepdims=True))
        near = float(np.clip(random.normal(0.8, 0.1), -1, 1))
        samples.append(Sample(LABELS[truth], tuple(WindowScore(row, near) for row in logs)))
    return samples


@pytest.fixture(scope="module")
def good() -> list[Sample]:
    return make_samples(600, 2.0)


@pytest.fixture(scope="module")
def found(good: list[Sample]) -> Calibration:
    return calibrate(good, LABELS, 128, 0.01)


def test_what_strangers_look_like_keeps_the_threshold_above_them(found: Calibration) -> None:
    fairly_sure = [Sample(STRANGER, (make_score(0.9, 0.05, 0.03, 0.02),))] * 10
    strangers = [Sample(STRANGER, (UNSURE,))] * 190
    alike = dataclasses.replace(found, temperatures=(1.0,) * 4, floor=0.0, glance=None)
    assert strangers_threshold(alike, strangers, LABELS) < 0.9
    assert strangers_threshold(alike, [*strangers, *fairly_sure], LABELS) > 0.9
    assert strangers_threshold(alike, fairly_sure, LABELS) == 0, "ten are too few to tell"
    certain = [Sample(STRANGER, (make_score(1.0, 0.0, 0.0, 0.0),))] * 200
    assert strangers_threshold(alike, certain, LABELS) > 1, "nothing keeps them out"


def test_a_budget_that_would_change_nothing_is_not_offered() -> None:
    table = ((0.005, 0.99), (0.01, 0.9), (0.02, 0.8), (0.05, 0.7))
    assert _above(table, 0.95, 0.01) == ((0.005, 0.99), (0.01, 0.95))
    assert _above(table, 0.75, 0.01) == (*table[:3], (0.05, 0.75))


def test_where_hardly_a_document_is_long_enough_there_is_no_glance(good: list[Sample]) -> None:
    assert calibrate(good, LABELS, 128, 0.01, glance_tokens=64).glance is None


def test_the_threshold_keeps_its_promise(good: list[Sample], found: Calibration) -> None:
    figures = measure(good, LABELS, found)
    assert (figures.error_bound <= found.error_budget == 0.01, figures.coverage > 0.8) == (True, True)


def test_the_loosest_threshold_that_holds_is_taken(good: list[Sample]) -> None:
    def figures_at(threshold: float) -> Evaluation:
        return measure(good, LABELS, make_calibration(threshold=threshold))

    strict, loose = (find_threshold(figures_at, budget) or 2 for budget in (0.006, 0.05))
    assert loose <= strict


def test_a_budget_that_cannot_be_kept_is_said_not_hidden() -> None:
    found = calibrate(make_samples(200, 2.0), LABELS, 128, 0.01)
    assert found.error_budget > 0.01


def test_every_offered_budget_is_kept_by_its_own_threshold(good: list[Sample], found: Calibration) -> None:
    assert [budget for budget, _ in found.thresholds] == [0.01, 0.02, 0.05]
    for budget, threshold in found.thresholds:
        at_it = dataclasses.replace(found, threshold=threshold)
        assert measure(good, LABELS, at_it).error_bound <= budget
    assert dict(found.thresholds)[found.error_budget] == found.threshold


def test_a_table_goes_into_a_manifest_and_comes_back(found: Calibration) -> None:
    fields = json.loads(json.dumps(dataclasses.asdict(found)))
    assert parse_calibration(fields) == found


def test_a_model_that_knows_nothing_files_nothing() -> None:
    random = np.random.default_rng(1)
    samples = [
        Sample(LABELS[random.integers(4)], (WindowScore(np.log(random.dirichlet([50] * 4)), 0.9),)) for _ in range(200)
    ]
    found = calibrate(samples, LABELS, 128, 0.01)
    assert measure(samples, LABELS, found).coverage == 0.0


def test_a_stranger_that_would_be_filed_makes_it_stricter(good: list[Sample], found: Calibration) -> None:
    strangers = [Sample(STRANGER, (SURE,))] * 30
    assert calibrate(good, LABELS, 128, 0.01, strangers).threshold > found.threshold


def test_about_three_in_a_hundred_known_documents_are_below_the_floor(good: list[Sample], found: Calibration) -> None:
    assert np.mean([s.scores[0].similarity < found.floor for s in good]) == pytest.approx(0.03, abs=0.005)


def test_calibrating_twice_gives_the_same(good: list[Sample], found: Calibration) -> None:
    assert calibrate(good, LABELS, 128, 0.01) == found


def test_the_policy_stops_at_the_first_sure_window() -> None:
    verdict = run_policy(Sample("paper", (SURE, UNSURE)), LABELS, make_calibration())
    assert verdict is not None
    assert verdict.confidence == pytest.approx(0.97)


def test_a_document_without_text_is_never_filed() -> None:
    [answer] = answers([Sample("paper", ())], LABELS, make_calibration())
    assert (answer.status, answer.best) == (Status.UNKNOWN, None)


FORMS = {"better": (0.1, "int8-full"), "the same": (0.2, "int8-reduced"), "hardly better": (0.1999, "int8-reduced")}


@pytest.mark.parametrize(("full", "form"), FORMS.values(), ids=FORMS.keys())
def test_the_reduced_range_ships_unless_it_costs(full: float, form: str) -> None:
    assert choose_form({"int8-full": full, "int8-reduced": 0.2}) == form


def test_glances_are_fitted_and_the_whole_policy_keeps_its_budget(good: list[Sample]) -> None:
    glanced = [dataclasses.replace(sample, glance=sample.scores[-1]) for sample in good]
    found = calibrate(glanced, LABELS, 128, 0.01, glance_tokens=64)
    assert found.glance is not None
    assert found.glance.tokens == 64
    assert measure(glanced, LABELS, found).error_bound <= found.error_budget == 0.01


def test_a_glance_that_is_sure_spares_the_windows() -> None:
    calibration = make_calibration(glance=Glance(5, 1.0, 0.3))
    at_a_glance = run_policy(Sample("paper", (UNSURE,), SURE), LABELS, calibration)
    assert at_a_glance is not None
    assert at_a_glance.confidence == pytest.approx(0.97)
    assert run_policy(Sample("paper", (UNSURE,), UNSURE), LABELS, calibration) is not at_a_glance
