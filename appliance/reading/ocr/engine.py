"""The recogniser, pinned: models by their path inside the package, one thread, one line at a time.

Promises never to ask a network for anything: a model that is not where it
should be is an error, not a download. Lines are read one by one, because a
batch is as wide as its widest line: six at once took 1.3 GB and twice the time.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np
import rapidocr
from rapidocr.main import RapidOCRError

from appliance.reading.ocr.lines import in_reading_order, off_the_edge, unread
from appliance.reading.ocr.orientation import (
    Reading,
    half_turned,
    is_upside_down,
    lies_on_its_side,
    probes,
    quarter_turned,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from appliance.reading.ocr.images import Pixels
    from appliance.reading.ocr.lines import Boxes

MODELS = Path(rapidocr.__file__).parent / "models"
STRIP_SIDE, PAGE_SIDE = 736, 960
"""The longer side of the picture in which lines are searched for, in pixels: a receipt's, and a page's small print."""

PAGE_SHAPE = 0.6
"""A page is at least this wide for its height, or the other way round; A4 is 0.71, most receipts are below 0.5."""

HEAD_SHARE = 0.4
"""How much of a page is searched for lines first; the first four lines nearly always stand in it and often decide."""

LEGIBLE = 0.5
"""What the recogniser is less sure of than this is no text."""

SMALLEST_SIDE = 16
"""Pixels; in less there is no line."""

NO_BOXES = np.empty((0, 4, 2), np.float32)

SETTINGS = {
    "Global.log_level": "critical",
    "Global.model_root_dir": str(MODELS),
    "Det.model_path": str(MODELS / "PP-OCRv6_det_small.onnx"),
    "Rec.model_path": str(MODELS / "PP-OCRv6_rec_small.onnx"),
    "Det.limit_type": "max",
    "Det.limit_side_len": PAGE_SIDE,
    "Rec.rec_batch_num": 1,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


class Lines(NamedTuple):
    """Where the lines of a page are.

    Attributes:
        pixels: The page, the right way up.
        boxes: In reading order, once the page is the right way up.
    """

    pixels: Pixels
    boxes: Boxes


def searched_side(pixels: Pixels) -> int:
    """How large the picture is made in which lines are searched for; a larger one is never made of a small one."""
    height, width = pixels.shape[:2]
    return PAGE_SIDE if min(height, width) >= PAGE_SHAPE * max(height, width) else STRIP_SIDE


class Engine:
    """The two networks, one that finds lines and one that reads them, loaded once; used by one thread."""

    def __init__(self) -> None:
        cv2.setNumThreads(1)
        self._ocr = rapidocr.RapidOCR(params=SETTINGS)
        blank = np.full((64, 320, 3), 255, np.uint8)
        with suppress(RapidOCRError):  # there is nothing on it
            self._ocr.detect_and_crop(blank, {})
        self._read(blank)

    def parts_of(self, pixels: Pixels) -> Iterator[Lines]:
        """Find the lines of a page's head, and those below it only once they are asked for.

        Yields:
            Lines in reading order, the right way up; none of a blank page, or one too small to say anything.
        """
        head = self._head_of(pixels)
        if head is None:
            yield self.lines_of(pixels)
            return
        yield head
        below = self._found(pixels, PAGE_SIDE)
        yield Lines(below.pixels, in_reading_order(unread(below.boxes, head.boxes)))

    def lines_of(self, pixels: Pixels) -> Lines:
        """Find all lines of a page and turn it so that they can be read.

        Returns:
            In reading order; none for a blank page, or one too small to say anything.
        """
        pixels, boxes = self._found(pixels, searched_side(pixels))
        if lies_on_its_side(boxes):
            boxes = quarter_turned(boxes, pixels.shape[1])
            pixels = np.ascontiguousarray(np.rot90(pixels))
        if self._is_upside_down(pixels, boxes):
            boxes = half_turned(boxes, pixels.shape[1], pixels.shape[0])
            pixels = np.ascontiguousarray(pixels[::-1, ::-1])
        return Lines(pixels, in_reading_order(boxes))

    def _head_of(self, pixels: Pixels) -> Lines | None:
        """Find the lines in the upper part of an upright page; None where all of the page must be looked at."""
        height, width = pixels.shape[:2]
        if height <= width or searched_side(pixels) != PAGE_SIDE:
            return None
        upper = pixels[: round(height * HEAD_SHARE)]
        found = self._found(upper, round(PAGE_SIDE * max(upper.shape[:2]) / height))
        boxes = off_the_edge(found.boxes, upper.shape[0])
        if len(boxes) == 0 or lies_on_its_side(boxes) or self._is_upside_down(found.pixels, boxes):
            return None
        return Lines(found.pixels, in_reading_order(boxes))

    def _found(self, pixels: Pixels, side: int) -> Lines:
        """Search a picture as it lies, made so large on its longer side."""
        if min(pixels.shape[:2]) < SMALLEST_SIDE:
            return Lines(pixels, NO_BOXES)
        self._ocr.text_det.limit_side_len = side
        try:
            _, found = self._ocr.detect_and_crop(pixels, {})
        except RapidOCRError:  # nothing was found
            return Lines(pixels, NO_BOXES)
        return Lines(found.img, found.boxes)  # a strip comes back with its margin widened

    def text_of(self, lines: Lines, place: int) -> str:
        """Read one line; "" where it is no text after all."""
        read = self._read(self._cut(lines.pixels, lines.boxes[place]))
        return read.text if read.sureness >= LEGIBLE else ""

    def _is_upside_down(self, pixels: Pixels, boxes: Boxes) -> bool:
        crops = (self._cut(pixels, boxes[place]) for place in probes(boxes))
        return is_upside_down(
            (partial(self._read, crop), partial(self._read, np.ascontiguousarray(crop[::-1, ::-1]))) for crop in crops
        )

    def _read(self, crop: Pixels) -> Reading:
        read = self._ocr.recognize_txt([crop])
        return Reading(str(read.txts[0]), float(read.scores[0]))

    def _cut(self, pixels: Pixels, box: NDArray[np.float32]) -> Pixels:
        crop: Pixels = self._ocr.crop_text_regions(pixels, box[None])[0]
        return crop
