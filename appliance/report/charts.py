"""The charts of a report: how far confidence can be trusted, what the threshold costs, what is taken for what."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from appliance.classify.budget import odds
from appliance.classify.decision import Status
from appliance.classify.evaluation import NO_ANSWER
from appliance.report import svg
from appliance.report.sheet import coverage_curve, reliability
from appliance.words import label_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from appliance.classify.evaluation import Answer
    from appliance.report.sheet import Bin, Sheet

WIDTH, HEIGHT, LEFT, RIGHT, TOP, SIDE = 472.0, 348.0, 60.0, 18.0, 16.0, 260.0
"""Pixels: the whole chart, what stands left and right of its field and above it, and how high the field is."""

FATES = {
    Status.AUTO: ("filed", "filed unasked"),
    Status.REVIEW: ("waits", "wait for a person"),
    Status.UNKNOWN: ("unknown", "unknown"),
    Status.UNREADABLE: ("unreadable", "could not be read"),
}
"""The colour and the words of each answer."""

FULL = 992.0
"""As wide as the page."""

CELL = 22.0
STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
"""Distances between the grid lines of an axis of errors."""


def reliability_chart(answers: Sequence[Answer]) -> str:
    """Share that is right against confidence, with 95 % intervals, and how many answers stand behind each bar."""
    bins, width, bottom = reliability(answers), WIDTH - LEFT - RIGHT, TOP + SIDE
    step = width / len(bins)
    shapes = [*_grid_up([0, 0.25, 0.5, 0.75, 1], 1, width)]
    for number, each in enumerate(bins):
        x = LEFT + number * step
        shapes += _bar(each, x, step) if each.count else []
        shapes.append(svg.text(x + step / 2, bottom + 36, f"{each.count:,}", "figure", anchor="middle"))
        shapes.append(svg.text(x, bottom + 16, f"{each.low:.1f}", "quiet", anchor="middle"))
    shapes += [
        svg.text(LEFT + width, bottom + 16, "1", "quiet", anchor="middle"),
        svg.line(LEFT, bottom, LEFT + width, TOP, "ideal"),
        svg.text(LEFT - 6, bottom + 36, "answers", "quiet", anchor="end"),
        svg.text(LEFT + width / 2, bottom + 60, "confidence", "quiet", anchor="middle"),
    ]
    return svg.picture(WIDTH, HEIGHT, "Share of answers that are right, for each tenth of confidence", *shapes)


def _bar(each: Bin, x: float, step: float) -> list[str]:
    bottom, middle = TOP + SIDE, x + step / 2
    said = f"{each.count} answers, {each.confidence:.1%} sure on average, {each.right:.1%} right"
    top, least, most = (bottom - SIDE * share for share in (each.right, each.least, each.most))
    return [
        svg.box(x + 3, top, step - 6, bottom - top, "bar", said),
        svg.line(middle, least, middle, most, "interval"),
        svg.line(middle - 4, least, middle + 4, least, "interval"),
        svg.line(middle - 4, most, middle + 4, most, "interval"),
    ]


def coverage_chart(sheet: Sheet) -> str:
    """What is filed against how much of it is wrong, with the budget and the threshold that was chosen."""
    figures, points = sheet.figures, coverage_curve(sheet.answers)
    width, bottom = WIDTH - LEFT - RIGHT, TOP + SIDE
    top = max([sheet.error_budget * 1.6, figures.error_bound if figures.coverage else 0, *(p.error for p in points)])
    step = next((each for each in STEPS if top / each <= 6), STEPS[-1])  # noqa: PLR2004 - so many lines are readable
    top = math.ceil(top / step) * step

    def at(coverage: float, error: float) -> tuple[float, float]:
        return LEFT + coverage * width, bottom - min(error / top, 1) * SIDE

    shapes = _grid_up([number * step for number in range(round(top / step) + 1)], top, width)
    for share in (0, 0.25, 0.5, 0.75, 1):
        shapes.append(svg.text(LEFT + share * width, bottom + 16, f"{share:.0%}", "quiet", anchor="middle"))
    limit = at(0, sheet.error_budget)[1]
    shapes += [
        svg.line(LEFT, limit, LEFT + width, limit, "limit"),
        svg.text(LEFT + 6, limit - 6, f"budget: {odds(sheet.error_budget)}", "limit-text"),
        svg.path([at(point.coverage, point.error) for point in points], "curve"),
        svg.text(LEFT + width / 2, bottom + 40, "share that would be filed unasked", "quiet", anchor="middle"),
        *(_chosen(sheet, at(figures.coverage, figures.error)) if figures.coverage else []),
    ]
    return svg.picture(WIDTH, HEIGHT, "Share filed wrongly, against the share that is filed unasked", *shapes)


def _chosen(sheet: Sheet, place: tuple[float, float]) -> list[str]:
    """Mark what is filed under the threshold that is in use."""
    x, y = place
    shown = f"threshold {sheet.threshold:.3f}"
    side = "end" if x > WIDTH / 2 else "start"
    return [
        svg.line(x, TOP, x, TOP + SIDE, "chosen-line"),
        svg.dot(x, y, 5, "chosen", f"{sheet.figures.coverage:.1%} filed, {sheet.figures.error:.2%} of it wrongly"),
        svg.text(x - 8 if side == "end" else x + 8, TOP + 12, shown, "chosen-text", anchor=side),
    ]


def _grid_up(shares: Sequence[float], most: float, width: float) -> list[str]:
    """Level lines with their shares beside them."""
    digits = 0 if most >= 0.05 else 1  # noqa: PLR2004 - whole percents are told apart from here on
    shapes = []
    for share in shares:
        y = TOP + SIDE - SIDE * share / most
        shapes += [
            svg.line(LEFT, y, LEFT + width, y, "grid"),
            svg.text(LEFT - 8, y + 4, f"{share:.{digits}%}", "quiet", anchor="end"),
        ]
    return shapes


def fate_bar(counts: Mapping[Status, int]) -> str:
    """One bar for all documents, cut by what the box would do with them."""
    total, x, shapes = sum(counts.values()), 0.0, []
    for status, count in counts.items():
        width = FULL * count / total
        shapes.append(svg.box(x, 0, max(width - 2, 0), 16, f"fate-{FATES[status][0]}", f"{count} {FATES[status][1]}"))
        x += width
    return svg.picture(FULL, 16, "; ".join(f"{n} {FATES[s][1]}" for s, n in counts.items() if n), *shapes)


def confusion_chart(confusion: Mapping[str, Mapping[str, int]]) -> str:
    """True labels down, best leaves across; only labels that occur, and the families of labels kept apart."""
    said = {leaf for row in confusion.values() for leaf in row} - {NO_ANSWER}
    rows = sorted(confusion)
    columns = [*sorted(said | set(rows)), *([NO_ANSWER] if any(NO_ANSWER in row for row in confusion.values()) else [])]
    left, top = 8 + 6.4 * max(map(_length, rows)), 16 + 5.6 * max(map(_length, columns))
    shapes = []
    for down, truth in enumerate(rows):
        shapes.append(svg.text(left - 8, top + down * CELL + 15, label_words(truth), "name", anchor="end"))
        total = sum(confusion[truth].values())
        shapes += [
            _cell(left + across * CELL, top + down * CELL, truth, leaf, confusion[truth].get(leaf, 0) / total, total)
            for across, leaf in enumerate(columns)
        ]
    for across, leaf in enumerate(columns):
        shapes.append(svg.text(left + across * CELL + 15, top - 8, label_words(leaf), "name", turn=-60))
    width, height = left + len(columns) * CELL, top + len(rows) * CELL
    shapes += [svg.line(left, top + y, width, top + y, "family") for y in _cuts(rows)]
    shapes += [svg.line(left + x, top, left + x, height, "family") for x in _cuts(columns)]
    lean = 8 + 3.2 * _length(columns[-1])
    return svg.picture(width + lean, height + 2, "What each label is taken for", *shapes)


def _length(label: str) -> int:
    return len(label_words(label))


def _cell(x: float, y: float, truth: str, leaf: str, share: float, total: int) -> str:  # noqa: PLR0913, PLR0917 - a cell
    count = round(share * total)
    kind = "right" if truth == leaf else "wrong"
    if not count:
        return svg.box(x + 1, y + 1, CELL - 2, CELL - 2, "own" if truth == leaf else "empty")
    told = f"{label_words(truth)} taken for {label_words(leaf)}: {count} of {total}"
    strong = " strong" if share > 0.5 else ""  # noqa: PLR2004 - from here on the ground is darker than the text
    return svg.box(x + 1, y + 1, CELL - 2, CELL - 2, kind, told, strength=0.15 + 0.85 * share) + svg.text(
        x + CELL / 2, y + 15, str(count), f"count{strong}", anchor="middle"
    )


def _cuts(labels: Sequence[str]) -> list[float]:
    """Where one family of labels ends and the next begins."""
    families = [label.split("/", 1)[0] for label in labels]
    return [place * CELL for place in range(1, len(families)) if families[place] != families[place - 1]]
