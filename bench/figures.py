"""What is said of many measurements: a percentile, a ratio of pairs, a slope."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value that so many percent do not exceed, between two neighbours where it falls between.

    Args:
        values: At least one, in any order.
        percent: 0 to 100.
    """
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def median_ms(seconds: Sequence[float]) -> float:
    """Return the median in milliseconds."""
    return statistics.median(seconds) * 1e3


def percentile_ms(seconds: Sequence[float], percent: float) -> float:
    """Return a percentile in milliseconds."""
    return percentile(seconds, percent) * 1e3


def ratio_of_pairs(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the ratios of measurements taken side by side: what disturbed one disturbed both."""
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=True))


def slope(places: Sequence[float], values: Sequence[float]) -> float:
    """Return by how much the values rise where the places rise by one (least squares)."""
    return statistics.linear_regression(places, values).slope
