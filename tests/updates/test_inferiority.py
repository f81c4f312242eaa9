from __future__ import annotations

import random

import pytest

from appliance.updates.inferiority import Pair, Standing, compare

MARGIN = 0.01


def make_pairs(both: int = 0, better: int = 0, worse: int = 0, neither: int = 0, chance: float = 1.0) -> list[Pair]:
    kinds = [(True, True)] * both + [(False, True)] * better + [(True, False)] * worse + [(False, False)] * neither
    return [Pair(active, candidate, chance) for active, candidate in kinds]


@pytest.mark.parametrize(
    ("pairs", "standing"),
    [
        ([], Standing.NOT_ENOUGH),
        (make_pairs(both=40), Standing.NOT_ENOUGH),
        (make_pairs(both=90, worse=1), Standing.NOT_ENOUGH),
        (make_pairs(both=20, worse=20), Standing.WORSE),
        (make_pairs(both=5, worse=9), Standing.WORSE),
        (make_pairs(both=900, worse=100, better=40), Standing.WORSE),
        (make_pairs(both=1000), Standing.NOT_WORSE),
        (make_pairs(both=900, better=100, worse=40), Standing.NOT_WORSE),
        (make_pairs(both=8000, worse=60, better=25), Standing.WORSE),
        (make_pairs(both=1946, worse=32, better=22), Standing.NOT_SHOWN),
    ],
    ids=["none", "few", "few, one worse", "half worse", "few but worse", "worse", "equal", "better", "a little worse",
         "enough, not shown"],
)  # fmt: skip
def test_standing(pairs: list[Pair], standing: Standing) -> None:
    assert compare(pairs, MARGIN).standing is standing


def test_what_was_reviewed_by_chance_counts_for_its_like() -> None:
    hard = make_pairs(better=40, chance=1.0)
    easy = make_pairs(worse=30, both=20, chance=0.02)
    assert compare([*hard, *easy], MARGIN).standing is Standing.WORSE
    assert compare(make_pairs(better=40, worse=30, both=20), MARGIN).standing is not Standing.WORSE


def test_shares_are_weighted() -> None:
    made = compare([*make_pairs(both=10, chance=1.0), *make_pairs(better=1, chance=0.1)], MARGIN)
    assert (made.active, made.candidate) == pytest.approx((0.5, 1.0))


def test_unequal_weights_are_worth_fewer_documents() -> None:
    equal = compare(make_pairs(both=100, chance=0.1), MARGIN)
    unequal = compare([*make_pairs(both=99), *make_pairs(both=1, chance=0.01)], MARGIN)
    assert equal.effective == pytest.approx(100)
    assert unequal.effective < 5


@pytest.mark.parametrize("chance", [0.0, -0.5, 1.01, float("nan")])
def test_a_chance_that_is_none_is_refused(chance: float) -> None:
    with pytest.raises(ValueError, match="chance"):
        Pair(active=True, candidate=True, chance=chance)


def drawn(chance: random.Random, count: int, *, worse: float, better: float) -> list[Pair]:
    """Documents of two kinds, of which the easy ones are reviewed one time in five."""
    pairs = []
    while len(pairs) < count:
        review = chance.choice([1.0, 0.2])
        if chance.random() < review:
            kind = chance.random()
            active, candidate = (
                (True, False) if kind < worse else (False, True) if kind < worse + better else (True,) * 2
            )
            pairs.append(Pair(active, candidate, review))
    return pairs


def test_a_model_worse_by_the_margin_passes_as_shown_at_most_one_time_in_twenty() -> None:
    chance = random.Random(1)
    shown = [compare(drawn(chance, 900, worse=0.03, better=0.02), MARGIN).standing for _ in range(400)]
    assert shown.count(Standing.NOT_WORSE) / len(shown) <= 0.075


def test_an_equal_model_is_refused_for_being_worse_at_most_one_time_in_twenty() -> None:
    chance = random.Random(2)
    shown = [compare(drawn(chance, 300, worse=0.04, better=0.04), MARGIN).standing for _ in range(400)]
    assert sum(not standing.passes for standing in shown) / len(shown) <= 0.075


def test_a_much_worse_model_is_nearly_always_refused() -> None:
    chance = random.Random(3)
    shown = [compare(drawn(chance, 300, worse=0.1, better=0.01), MARGIN).standing for _ in range(200)]
    assert sum(standing is Standing.WORSE for standing in shown) / len(shown) >= 0.95
