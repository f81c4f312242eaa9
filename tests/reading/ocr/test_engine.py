"""The recogniser is pinned to what came with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from appliance.reading.ocr.engine import MODELS, PAGE_SIDE, SETTINGS, STRIP_SIDE, searched_side


def test_every_model_is_a_file_of_the_package() -> None:
    named = [Path(str(value)) for key, value in SETTINGS.items() if key.endswith("model_path")]
    assert len(named) == 2
    assert all(path.is_file() and path.parent == MODELS for path in named)


def test_it_has_one_thread_and_reads_one_line_at_a_time() -> None:
    assert {value for key, value in SETTINGS.items() if "num_threads" in key} == {1}
    assert SETTINGS["Rec.rec_batch_num"] == 1


@pytest.mark.parametrize(
    ("height", "width", "side"),
    [(2000, 1414, PAGE_SIDE), (1414, 2000, PAGE_SIDE), (900, 900, PAGE_SIDE), (1000, 450, STRIP_SIDE)],
    ids=["A4", "A4 on its side", "square", "receipt"],
)
def test_a_page_is_searched_in_a_larger_picture_than_a_receipt(height: int, width: int, side: int) -> None:
    assert searched_side(np.empty((height, width, 3), np.uint8)) == side
