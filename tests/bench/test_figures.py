"""What is computed from measurements is right."""

from __future__ import annotations

from xml.dom import minidom

import pytest

from bench.figures import median_ms, percentile, percentile_ms, ratio_of_pairs, slope
from bench.picture import waterfall
from bench.threads import Measured, choices, default_of, table


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([3.0, 1.0, 2.0], 50, 2.0),
        ([1.0, 2.0], 50, 1.5),
        ([7.0], 99, 7.0),
        (list(range(101)), 99, 99),
        (list(range(101)), 0, 0),
        (list(range(101)), 100, 100),
        ([0.0, 10.0], 95, 9.5),
    ],
)
def test_a_percentile_lies_between_its_neighbours(values: list[float], percent: float, expected: float) -> None:
    assert percentile(values, percent) == pytest.approx(expected)


def test_seconds_are_told_in_milliseconds() -> None:
    assert median_ms([0.001, 0.003, 0.002]) == pytest.approx(2)
    assert percentile_ms([0.001, 0.002], 100) == pytest.approx(2)


def test_pairs_are_compared_pair_by_pair() -> None:
    assert ratio_of_pairs([2.0, 30.0, 4.0], [1.0, 10.0, 4.0]) == 2.0


def test_a_slope_is_the_rise_by_one() -> None:
    assert slope([0, 10, 20], [5.0, 6.0, 7.0]) == pytest.approx(0.1)


def test_the_picture_is_well_formed_and_shows_every_stage() -> None:
    drawn = waterfall([("claim", 2.0, 3.0), ("read", 4.5, 90.0)], 100)
    minidom.parseString(drawn)  # noqa: S318 - our own
    assert all(text in drawn for text in ("claim", "read", "6.5 ms", "4.5 ms", "bar 35 ms"))


def _measured(walk: float, rate: float) -> Measured:
    found = Measured()
    found.walks, found.rates = [walk], [rate]
    return found


def test_the_backlog_decides_the_default_and_the_single_document_among_equals() -> None:
    found = {
        (1, 1): _measured(0.020, 50),
        (1, 2): _measured(0.012, 70),
        (2, 1): _measured(0.020, 98),
        (2, 2): _measured(0.015, 100),
    }
    assert default_of(found) == (2, 2)
    assert default_of({**found, (2, 2): _measured(0.015, 90)}) == (2, 1)
    assert "| 2 | 1 | 20.0 ms | 20.0 ms | 98.0 documents/s |" in table(found)


def test_every_choice_is_tried_once_on_any_number_of_cores() -> None:
    assert choices(1) == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert choices(4) == [(1, 1), (1, 2), (4, 1), (4, 2), (5, 1), (5, 2)]
