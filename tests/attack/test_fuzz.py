"""Whatever is done to a file, it is answered within its limit, and the next document is read as ever."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from appliance.classify import Status
from tests.attack.fuzz import PICTURES, cases, fuzz, let_loose
from tests.attack.ground import Ground, model_at_hand
from tests.attack.seeds import made_seeds
from tests.fakes import FakeModel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from appliance.answer import Model
    from appliance.classify import Decision

SECONDS, SEED, LIMIT = 20, 1, 5.0


@pytest.fixture(scope="module")
def model() -> Model:
    """What decides; onnxruntime keeps files of its own open from here on."""
    return model_at_hand()


def test_every_seed_is_a_healthy_document(model: Model) -> None:
    with Ground(LIMIT, model) as ground:
        for name, content in made_seeds().items():
            if name not in PICTURES:
                outcome = let_loose(ground, content)
                assert outcome.verdict is not None, name
                assert (outcome.verdict.status, outcome.faults) != (Status.UNREADABLE, []), name


def test_a_spoilt_file_is_answered_and_leaves_nothing(model: Model, tmp_path: Path) -> None:
    with Ground(LIMIT, model) as ground:
        report = fuzz(ground, cases(SEED, made_seeds()), SECONDS, tmp_path)
        assert report.faults + ground.close() == []
    assert report.cases > 20
    assert len(report.endings) > 3


def test_a_seed_makes_the_same_files_again() -> None:
    once, twice = (list(islice(cases(SEED, made_seeds()), 40)) for _ in range(2))
    assert once == twice
    assert once != list(islice(cases(SEED + 1, made_seeds()), 40))


class Failing(FakeModel):
    """Fails on every document but the first, by which health is told."""

    asked = 0

    def decide(self, pages: Iterator[str]) -> Decision:
        self.asked += 1
        if self.asked == 2:
            raise OSError(5, "the disk")
        return super().decide(pages)


class Leaking(FakeModel):
    """Keeps a descriptor at each document."""

    def __init__(self) -> None:
        self.kept: list[int] = []

    def decide(self, pages: Iterator[str]) -> Decision:
        self.kept.append(os.pipe()[0])
        self.kept.append(self.kept[-1] + 1)
        return super().decide(pages)


def test_a_broken_promise_is_found_and_its_file_kept(tmp_path: Path) -> None:
    with Ground(LIMIT, Failing()) as ground:
        report = fuzz(ground, islice(cases(SEED, {"text": b"Words."}), 1), SECONDS, tmp_path)
    [fault] = report.faults
    assert "raised OSError" in fault
    [kept] = tmp_path.iterdir()
    assert kept.read_bytes() == next(cases(SEED, {"text": b"Words."})).content


def test_a_descriptor_that_is_left_is_found(tmp_path: Path) -> None:
    model = Leaking()
    try:
        with Ground(LIMIT, model) as ground:
            report = fuzz(ground, islice(cases(SEED, {"text": b"Words."}), 1), SECONDS, tmp_path)
    finally:
        for descriptor in set(model.kept):
            os.close(descriptor)
    assert "more descriptors than before" in report.faults[0]
