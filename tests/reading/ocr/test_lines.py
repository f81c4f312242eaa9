"""Lines stand in the order in which they are read, and come in batches that grow."""

from __future__ import annotations

import numpy as np
import pytest

from appliance.reading.ocr.lines import batches, in_reading_order, off_the_edge, skew_of, unread


def box(left: float, top: float, width: float = 100, height: float = 20) -> np.ndarray:
    return np.array([[left, top], [left + width, top], [left + width, top + height], [left, top + height]], np.float32)


def askew(boxes: np.ndarray, degrees: float) -> np.ndarray:
    angle = np.radians(degrees)
    return (boxes @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])).astype(np.float32)


PAGE = np.stack([box(0, 0), box(120, 3), box(240, -3), box(0, 30, 300), box(0, 60), box(200, 62)])


@pytest.mark.parametrize("degrees", [0, 3, -5, 8])
def test_rows_are_read_from_the_left_and_from_the_top(degrees: float) -> None:
    page = askew(PAGE, degrees)
    shuffled = page[[5, 2, 0, 3, 1, 4]]
    assert np.allclose(in_reading_order(shuffled), page)


def test_a_heading_beside_small_print_keeps_its_row() -> None:
    page = np.stack([box(0, 0, 200, 60), box(220, 20, 80, 16), box(0, 70)])
    assert np.allclose(in_reading_order(page[::-1]), page)


def test_no_lines_are_no_lines() -> None:
    assert len(in_reading_order(np.empty((0, 4, 2), np.float32))) == 0


def test_the_skew_is_that_of_the_long_lines() -> None:
    page = np.concatenate([askew(np.stack([box(0, 50 * n, 400) for n in range(6)]), 4), box(0, 400, 10, 10)[None]])
    assert np.degrees(skew_of(page)) == pytest.approx(4, abs=0.1)


@pytest.mark.parametrize(
    ("lines", "sizes"),
    [(0, []), (3, [3]), (4, [4]), (9, [4, 4, 1]), (50, [4, 4, 8, 16, 16, 2])],
)
def test_batches_begin_small_and_leave_nothing_out(lines: int, sizes: list[int]) -> None:
    cut = list(batches(lines))
    assert [len(each) for each in cut] == sizes
    assert [place for each in cut for place in each] == list(range(lines))


def test_batches_go_on_below_the_head_where_they_stopped_in_it() -> None:
    assert [len(each) for each in batches(10)] == [4, 4, 2]
    assert [len(each) for each in batches(30, before=10)] == [6, 16, 8]


def test_a_line_that_was_cut_through_is_left_for_the_whole_page() -> None:
    page = np.stack([box(0, 0), box(0, 40), box(0, 85)])
    assert np.allclose(off_the_edge(page, 104), page[:2])
    assert np.allclose(off_the_edge(page, 120), page)


@pytest.mark.parametrize("degrees", [0, 2])
def test_a_line_is_read_once(degrees: float) -> None:
    page = askew(PAGE, degrees)
    found_again = page + np.float32(2)
    assert np.allclose(unread(found_again, page[:3]), found_again[3:])
