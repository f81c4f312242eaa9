from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from appliance.filing import follow_first
from tests.builders_ledger import FilledLedger, make_verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def filled(home: Path) -> Iterator[FilledLedger]:
    made = FilledLedger(home)
    yield made
    made.close()


@pytest.mark.parametrize("rule", ["beside", "hold"])
def test_without_a_first_the_verdict_stands(rule: str) -> None:
    verdict = make_verdict()
    assert follow_first(verdict, None, rule) is verdict  # type: ignore[arg-type]


def test_beside_takes_the_place_of_the_first(filled: FilledLedger) -> None:
    first = filled.rested(label="paper")
    followed = follow_first(make_verdict(), first, "beside")
    assert (followed.status, followed.label) == ("auto", "paper")
    assert f"document {first.id}" in followed.reason


def test_beside_one_that_waits_for_a_person_waits_too(filled: FilledLedger) -> None:
    followed = follow_first(make_verdict(), filled.rested(status="review"), "beside")
    assert (followed.status, followed.label) == ("review", None)


def test_hold_leaves_it_to_a_person(filled: FilledLedger) -> None:
    followed = follow_first(make_verdict(), filled.rested(), "hold")
    assert (followed.status, followed.label) == ("review", None)


@pytest.mark.parametrize("rule", ["beside", "hold"])
def test_a_first_that_is_still_in_work_says_nothing(filled: FilledLedger, rule: str) -> None:
    verdict = make_verdict()
    assert follow_first(verdict, filled.decided(), rule) is verdict  # type: ignore[arg-type]


def test_a_first_that_was_taken_back_says_nothing(filled: FilledLedger) -> None:
    verdict = make_verdict()
    assert follow_first(verdict, filled.ledger.withdraw(filled.claimed()), "beside") is verdict


@pytest.mark.parametrize("rule", ["beside", "hold"])
def test_what_cannot_be_read_now_stays_unreadable(filled: FilledLedger, rule: str) -> None:
    verdict = make_verdict("unreadable")
    assert follow_first(verdict, filled.rested(), rule) is verdict  # type: ignore[arg-type]


def test_a_first_that_could_not_be_read_does_not_keep_the_second_from_being_filed(filled: FilledLedger) -> None:
    verdict = make_verdict()
    assert follow_first(verdict, filled.rested(status="unreadable"), "beside") is verdict


def test_what_was_seen_in_the_document_is_kept(filled: FilledLedger) -> None:
    verdict = make_verdict(passage="the passage")
    followed = follow_first(verdict, filled.rested(label="paper"), "beside")
    assert replace(followed, status=verdict.status, label=verdict.label, reason=verdict.reason) == verdict
