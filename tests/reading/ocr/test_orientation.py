"""A page is turned the right way up, and only where that is certain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from appliance.reading.ocr.orientation import (
    Reading,
    half_turned,
    is_upside_down,
    lies_on_its_side,
    probes,
    quarter_turned,
)
from tests.reading.ocr.test_lines import box

if TYPE_CHECKING:
    from collections.abc import Callable

LYING = np.stack([box(30 * n, 10, 20, 400) for n in range(5)])
STANDING = np.stack([box(10, 30 * n, 400, 20) for n in range(5)])
GOOD, POOR, BAD = Reading("Invoice", 0.99), Reading("Invo1ce", 0.8), Reading("eo!oAuI", 0.6)
FIGURES = Reading("0691 8061", 0.99)


def test_a_page_lies_on_its_side_where_more_text_runs_down_than_across() -> None:
    assert lies_on_its_side(LYING)
    assert not lies_on_its_side(STANDING)
    assert not lies_on_its_side(np.concatenate([STANDING, LYING[:2]]))
    assert not lies_on_its_side(np.stack([box(0, 0, 20, 20)]))


@pytest.mark.parametrize("corner", range(4))
def test_boxes_are_turned_with_their_pixels(corner: int) -> None:
    pixels = np.zeros((60, 100), np.uint8)
    found = np.array([[[20, 10], [49, 10], [49, 19], [20, 19]]], np.float32)
    across, down = found[0, corner].astype(int)
    pixels[down, across] = 1
    for turned, boxes in (
        (np.rot90(pixels), quarter_turned(found, 100)),
        (pixels[::-1, ::-1], half_turned(found, 100, 60)),
    ):
        assert [turned[int(y), int(x)] for x, y in boxes[0]].count(1) == 1
        left, top = boxes[0].min(axis=0)
        assert boxes[0, 0].tolist() == [left, top]


def test_short_lines_are_the_probes() -> None:
    page = np.stack([box(0, 0, 800), box(0, 40, 30), box(0, 80, 120), box(0, 120, 100)])
    assert probes(page)[:2] == [2, 3]


def tries(*pairs: tuple[Reading, Reading]) -> tuple[list[tuple[Callable[[], Reading], ...]], list[Reading]]:
    read: list[Reading] = []

    def later(reading: Reading) -> Callable[[], Reading]:
        return lambda: read.append(reading) or reading

    return [(later(lying), later(turned)) for lying, turned in pairs], read


@pytest.mark.parametrize(
    ("pairs", "turned", "lines"),
    [
        ([(GOOD, BAD)], False, 1),
        ([(BAD, GOOD)], True, 2),
        ([(POOR, BAD)], False, 2),
        ([(BAD, POOR)], True, 2),
        ([(FIGURES, FIGURES), (BAD, GOOD)], True, 4),
        ([(BAD, BAD), (GOOD, BAD)], False, 3),
        ([(BAD, BAD)] * 3, False, 6),
        ([], False, 0),
    ],
    ids=[
        "upright",
        "turned",
        "poor",
        "poor and turned",
        "figures do not tell",
        "the next one tells",
        "none",
        "no line",
    ],
)
def test_the_first_telling_line_decides(pairs: list[tuple[Reading, Reading]], turned: bool, lines: int) -> None:  # noqa: FBT001
    planned, read = tries(*pairs)
    assert is_upside_down(planned) is turned
    assert len(read) == lines
