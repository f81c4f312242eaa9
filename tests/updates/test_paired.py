from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from appliance.updates.inferiority import Standing, compare
from appliance.updates.paired import pairs_of
from tests.fakes import FakeClock, FakeReader, in_memory, open_box
from tests.updates.tiny import TELLS, make_model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from appliance.updates.inferiority import Pair
    from tests.fakes import Box
    from tests.updates.tiny import TinyModel

ACTIVE = make_model(1)
BLIND = make_model(2, tells={**TELLS, "total": 2})
"""Takes every receipt for a paper."""


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    with in_memory(tmp_path) as folder, open_box(folder) as made:
        yield made


def review(box: Box, text: str, label: str, chance: float = 1.0) -> None:
    """Bring in a document, and have a person say what it is."""
    number = len(list(box.ledger.documents()))
    document = box.file(f"{number}.txt", f"{text} {number}")
    box.ledger._db.execute(
        "INSERT INTO reviews (document, at, actor, label, chance) VALUES (?, '2026', 'ada', ?, ?)",
        [document.id, label, chance],
    )


def answers(box: Box, candidate: TinyModel, reader: FakeReader | None = None, seconds: float = 0) -> list[Pair]:
    """What both models make of what was reviewed, a document a step of the clock."""
    clock = FakeClock()

    def ticking() -> float:
        clock.turn(seconds)
        return clock.now

    return pairs_of(
        box.ledger.reviewed(100),
        home=box.root / "home",
        reader=reader or FakeReader(),
        candidate=candidate.load(),
        active=ACTIVE.load(),
        threads=2,
        clock=ticking,
    )


def test_both_models_answer_the_same_documents(box: Box) -> None:
    review(box, "total", "receipt", 0.5)
    review(box, "abstract", "paper")
    found = sorted((pair.active, pair.candidate, pair.chance) for pair in answers(box, BLIND))
    assert found == [(True, False, 0.5), (True, True, 1.0)]


def test_a_model_worse_on_what_people_reviewed_is_found_worse(box: Box) -> None:
    for _ in range(15):
        review(box, "total", "receipt")
    assert compare(answers(box, BLIND), 0.01).standing is Standing.WORSE


def test_a_parent_is_right_for_each_of_its_leaves(box: Box) -> None:
    review(box, "resell", "contract")
    assert [(pair.active, pair.candidate) for pair in answers(box, BLIND)] == [(True, True)]


def test_a_label_is_judged_by_its_new_name_and_a_retired_one_not_at_all(box: Box) -> None:
    labels = ["contract/distributor", "contract/reseller", "paper", "bill"]
    review(box, "total", "receipt")
    for table, pairs in (({"receipt": "bill"}, [(True, True)]), ({"receipt": None}, [])):
        renamed = make_model(2, labels=labels, label_map=table)
        assert [(pair.active, pair.candidate) for pair in answers(box, renamed)] == pairs


def test_what_is_gone_or_says_nothing_is_left_out(box: Box) -> None:
    review(box, "total", "receipt")
    review(box, "abstract", "paper")
    (box.root / "home" / box.ledger.reviewed(2)[0].path).unlink()
    assert len(answers(box, BLIND)) == 1
    assert answers(box, BLIND, FakeReader([" "])) == []


def test_no_document_is_begun_after_the_time(box: Box) -> None:
    for _ in range(6):
        review(box, "total", "receipt")
    assert 0 < len(answers(box, BLIND, seconds=2.0)) < 6
