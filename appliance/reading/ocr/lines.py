"""The boxes a detector found, in the order in which a person reads them. Pure: numbers in, numbers out.

A box is four corners, clockwise from the one at the upper left. Boxes of one
row stand from left to right, rows from top to bottom, also where the page lies
a few degrees askew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

Boxes: TypeAlias = "NDArray[np.float32]"
"""Lines x 4 corners x 2 (across, down)."""

SAME_ROW = 0.5
"""Boxes whose middles are less than this many of the smaller one's heights apart stand in one row."""

EDGE = 0.3
"""A box that comes nearer to where a picture was cut than so many of its heights may have lost some of its letters."""

FIRST_LOOKS = (4, 8, 16)
LATER_LOOK = 16
"""Lines read before the classifier is asked again: a look costs it 20 ms, a line of a letter 100 ms and more."""


def batches(lines: int, before: int = 0) -> Iterator[range]:
    """Cut so many lines into the batches in which they are read: small at first, because few often say enough.

    Args:
        lines: To be read.
        before: How many lines of the same page were read already.
    """
    start = 0
    while start < lines:
        read = before + start
        look = next((look for look in FIRST_LOOKS if look > read), read + LATER_LOOK)
        end = min(lines, look - before)
        yield range(start, end)
        start = end


def widths_of(boxes: Boxes) -> NDArray[np.float32]:
    """How long the upper edge of each box is."""
    widths: NDArray[np.float32] = np.linalg.norm(boxes[:, 1] - boxes[:, 0], axis=1)
    return widths


def heights_of(boxes: Boxes) -> NDArray[np.float32]:
    """How long the left edge of each box is."""
    heights: NDArray[np.float32] = np.linalg.norm(boxes[:, 3] - boxes[:, 0], axis=1)
    return heights


def skew_of(boxes: Boxes) -> float:
    """By what angle the lines fall to the right, in radians; the long ones count, because they lie most truly."""
    widths = widths_of(boxes)
    long = widths >= np.median(widths)
    edges = boxes[long, 1] - boxes[long, 0]
    return float(np.median(np.arctan2(edges[:, 1], edges[:, 0])))


def in_reading_order(boxes: Boxes) -> Boxes:
    """Return the boxes row by row, from left to right."""
    if len(boxes) == 0:
        return boxes
    skew = skew_of(boxes)
    level = np.array([[np.cos(skew), -np.sin(skew)], [np.sin(skew), np.cos(skew)]])
    middles = boxes.mean(axis=1) @ level
    heights = heights_of(boxes)
    order: list[int] = []
    row: list[int] = []
    for place in np.argsort(middles[:, 1], kind="stable").tolist():
        if row and middles[place, 1] - middles[row[0], 1] > SAME_ROW * min(heights[place], heights[row[0]]):
            order += sorted(row, key=lambda each: float(middles[each, 0]))
            row = []
        row.append(place)
    return boxes[[*order, *sorted(row, key=lambda each: float(middles[each, 0]))]]


def off_the_edge(boxes: Boxes, height: int) -> Boxes:
    """Leave out what the lower edge of a picture may have cut through.

    Args:
        boxes: Found in it.
        height: Of the picture, in pixels.
    """
    kept: Boxes = boxes[boxes[:, :, 1].max(axis=1) < height - EDGE * heights_of(boxes)]
    return kept


def unread(boxes: Boxes, read: Boxes) -> Boxes:
    """Leave out the boxes whose middle lies in one of those that were read already."""
    middles = boxes.mean(axis=1)
    kept: Boxes = boxes[[not any(_holds(other, middle) for other in read) for middle in middles]]
    return kept


def _holds(box: NDArray[np.float32], point: NDArray[np.float32]) -> bool:
    corners = np.ascontiguousarray(box, np.float32)
    return bool(cv2.pointPolygonTest(corners, (float(point[0]), float(point[1])), measureDist=False) >= 0)
