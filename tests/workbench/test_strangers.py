"""What an office drops beside its papers, and how well known and unknown are told apart."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from random import Random

import pytest

from appliance.classify import Decision, Status
from appliance.workbench.strangers import KINDS, office_strangers
from appliance.workbench.strangers.spin import spun
from appliance.workbench.unknown import Group, auroc


def make_decision(status: Status, similarity: float = 0.5) -> Decision:
    return Decision(status, "paper" if status is Status.AUTO else None, 0.9, (), None, "", 1, similarity, "x")


def test_there_are_a_dozen_kinds_and_ten_of_each() -> None:
    counts = Counter(stranger.kind for stranger in office_strangers())
    assert (len(counts) >= 12, min(counts.values()) >= 10) == (True, True)


def test_the_same_seed_makes_the_same_strangers() -> None:
    assert office_strangers(1) == office_strangers(1) != office_strangers(2)


def test_no_text_of_the_judging_half_was_made_from_what_the_other_half_was() -> None:
    strangers = [each for each in office_strangers() if each.kind not in {"garbled", "table", "log"}]
    setting = [each.text for each in strangers if not each.is_for_judging]
    judging = [each.text for each in strangers if each.is_for_judging]
    assert max(_alike(a, b) for a in setting for b in judging) < 0.5


@pytest.mark.parametrize("kind", KINDS)
def test_those_of_a_kind_are_no_copies_of_each_other(kind: str) -> None:
    texts = [stranger.text for stranger in office_strangers() if stranger.kind == kind]
    same = sum(a == b for a, b in combinations(texts, 2))
    assert same <= 2, "a few empty ones may be"


def test_nothing_is_left_to_draw() -> None:
    kinds = {"code", "log", "garbled"}
    assert [s.text for s in office_strangers() if s.kind not in kinds and ("<n" in s.text or "|other" in s.text)] == []


def test_a_choice_a_draw_and_a_paragraph_that_may_go() -> None:
    forms = {spun("[one|two] <n>\n\n? maybe", Random(seed)) for seed in range(60)}
    assert {form[:3] for form in forms} == {"one", "two"}
    assert {form.endswith("maybe") for form in forms} == {True, False}


def test_auroc_is_the_chance_to_stand_higher() -> None:
    assert auroc([3, 4], [1, 2]) == 1
    assert auroc([1, 2], [1, 2]) == 0.5
    assert auroc([2.0], [1.0, 3.0, 2.0]) == 0.5
    with pytest.raises(ValueError, match="nothing"):
        auroc([], [1.0])


def test_a_group_counts_what_is_filed() -> None:
    known = Group("known", (make_decision(Status.AUTO, 0.8),))
    group = Group("x", (make_decision(Status.AUTO, 0.2), make_decision(Status.UNKNOWN, 0.1)))
    assert group.filed == 0.5
    assert group.cells(known) == ("x", "2", "1", "1", "0", "1.000", "0.500")


def _alike(one: str, other: str) -> float:
    """Share of three-word runs that two texts share, of the shorter one's."""
    runs = [set(zip(words, words[1:], words[2:], strict=False)) for words in (one.split(), other.split())]
    return len(runs[0] & runs[1]) / max(1, min(map(len, runs)))
