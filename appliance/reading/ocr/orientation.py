"""Which way up a page lies, told from the shape of its lines and from how well a short one can be read. Pure.

Turning pixels is one line of numpy, and boxes are turned along with them, so
that a page that lies on its side is searched for lines only once. The
recogniser's own direction classifier is not asked: see
docs/decisions/0010-ocr.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from appliance.reading.ocr.lines import heights_of, widths_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from appliance.reading.ocr.lines import Boxes

UPRIGHT = 1.5
"""A box so many times as high as wide is a line of a page that lies on its side, as the recogniser sees it too."""

PROBED_SHAPE = 6.0
"""Times as wide as high: a word or two, long enough to tell and short enough to read twice in 80 ms."""

PROBES = 3

SURE = 0.92
"""Measured on 54 turned pages: the right way up a probe is read with 0.95 and more, upside down with 0.84 and less."""

TELLING_LETTERS = 4
"""Figures can be read either way up (8069, 6908), letters cannot."""

MARGIN = 0.1


class Reading(NamedTuple):
    """What the recogniser made of one line.

    Attributes:
        text: Its characters.
        sureness: 0 to 1.
    """

    text: str
    sureness: float


def lies_on_its_side(boxes: Boxes) -> bool:
    """Tell a page turned by a quarter, either way: more of its text runs down than across."""
    widths, heights = widths_of(boxes), heights_of(boxes)
    down = heights > UPRIGHT * widths
    across = widths > UPRIGHT * heights
    return bool(heights[down].sum() > widths[across].sum())


def quarter_turned(boxes: Boxes, width: int) -> Boxes:
    """Return where the boxes of a page are once it is turned by a quarter against the clock.

    Args:
        boxes: Of the page as it lies.
        width: Of the page as it lies, in pixels.
    """
    turned = np.stack([boxes[:, :, 1], width - 1 - boxes[:, :, 0]], axis=2)
    return turned[:, [1, 2, 3, 0]]  # the corner that was at the upper right is now at the upper left


def half_turned(boxes: Boxes, width: int, height: int) -> Boxes:
    """Return where the boxes of a page are once it is turned upside down."""
    turned = np.array([width - 1, height - 1], boxes.dtype) - boxes
    return turned[:, [2, 3, 0, 1]]


def probes(boxes: Boxes) -> list[int]:
    """The places of the lines that tell best which way up the page lies."""
    shapes = widths_of(boxes) / np.maximum(heights_of(boxes), 1)
    order: list[int] = np.argsort(np.abs(np.log(np.maximum(shapes, 0.01) / PROBED_SHAPE)), kind="stable").tolist()
    return order[:PROBES]


def is_upside_down(tries: Iterable[tuple[Callable[[], Reading], Callable[[], Reading]]]) -> bool:
    """Tell a page that stands on its head.

    Args:
        tries: For each probe, how to read it as it lies and how to read it turned; the first telling one decides.
    """
    for as_it_lies, turned in tries:
        upright = as_it_lies()
        if _tells(upright):
            return False
        other = turned()
        if _tells(other) or other.sureness > upright.sureness + MARGIN:
            return other.sureness > upright.sureness
        if upright.sureness > other.sureness + MARGIN:
            return False
    return False


def _tells(reading: Reading) -> bool:
    return reading.sureness >= SURE and sum(map(str.isalpha, reading.text)) >= TELLING_LETTERS
