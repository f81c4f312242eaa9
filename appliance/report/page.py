"""A report as one page of HTML: no script, no picture from elsewhere, nothing to fetch."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from appliance.classify.budget import odds
from appliance.classify.evaluation import NO_ANSWER, upper_bound
from appliance.report import svg
from appliance.report.charts import FATES, confusion_chart, coverage_chart, fate_bar, reliability_chart
from appliance.report.sheet import fates, mistakes
from appliance.report.style import STYLE
from appliance.words import counted, label_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from appliance.classify.evaluation import Answer
    from appliance.report.sheet import Sheet

MOST_MISTAKES = 12
BAR = 90.0

NO_NETWORK = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser holds the page to: it may load nothing at all."""


def page_of(sheet: Sheet) -> str:
    """Draw a report.

    Args:
        sheet: The evaluation.

    Returns:
        A whole HTML document.
    """
    parts = [_summary(sheet), _trust(sheet), _speed(sheet), _confusion(sheet), _labels(sheet), _strangers(sheet)]
    body = "\n".join(part for part in parts if part)
    title = escape(sheet.title)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{NO_NETWORK}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n{body}\n{_foot(sheet)}\n</main>\n</body>\n"
        "</html>\n"
    )


def verdict_of(sheet: Sheet) -> str:
    """Say in a sentence or two what a reviewer wants to know first."""
    figures = sheet.figures
    said = f"Of {counted(figures.documents, 'document')} {_share(figures.coverage)} would be filed unasked"
    if not figures.coverage:
        return f"{said}: every one waits for a person."
    said += f", {_share(figures.error)} of those wrongly."
    budget = f"The budget, at most {odds(sheet.error_budget)} filed wrongly,"
    if figures.error_bound <= sheet.error_budget:
        return f"{said} {budget} is kept, with 95 % confidence."
    if figures.error <= sheet.error_budget:
        return f"{said} {budget} is not overdrawn, but so few documents do not prove it kept."
    least = 1 - upper_bound(round((1 - figures.error) * _filed(sheet)), _filed(sheet))
    surely = "is overdrawn" if least > sheet.error_budget else "is overdrawn here, but chance alone may do that"
    return f"{said} {budget} {surely}."


def _filed(sheet: Sheet) -> int:
    return round(sheet.figures.coverage * sheet.figures.documents)


def _summary(sheet: Sheet) -> str:
    figures = sheet.figures
    shown = [
        ("Best label right", _share(figures.accuracy), f"macro F1 {figures.macro_f1:.3f}"),
        ("Filed unasked", _share(figures.coverage), f"from a confidence of {sheet.threshold:.3f}"),
        ("Wrong of those", _share(figures.error), f"at most {_share(figures.error_bound)}, 95 % confidence"),
        ("Calibration error", _share(figures.calibration_error), "mean gap of confidence and truth"),
    ]
    cells = "\n".join(f"<div><dt>{name}</dt><dd>{value}<small>{hint}</small></dd></div>" for name, value, hint in shown)
    return (
        f'<p class="quiet">{escape(sheet.made)}</p>\n<p class="verdict">{escape(verdict_of(sheet))}</p>\n'
        f'<dl class="figures">\n{cells}\n</dl>\n{_fate(sheet.answers)}'
    )


def _fate(answers: Sequence[Answer]) -> str:
    counts = fates(answers)
    key = "\n".join(
        f'<li class="{FATES[status][0]}">{count:,} {FATES[status][1]}</li>' for status, count in counts.items() if count
    )
    return f'{fate_bar(counts)}\n<ul class="key">\n{key}\n</ul>'


def _trust(sheet: Sheet) -> str:
    return (
        '<h2>Can its confidence be trusted?</h2>\n<div class="pair">\n'
        f"<figure>\n<h3>Right, against confidence</h3>\n{reliability_chart(sheet.answers)}\n"
        "<figcaption>On the dotted line what is said to be 90 % sure is right nine times in ten. Thin lines: where the "
        "share may lie, 95 % confidence; few answers, long lines.</figcaption>\n</figure>\n"
        f"<figure>\n<h3>Filed wrongly, against filed</h3>\n{coverage_chart(sheet)}\n"
        "<figcaption>Each point of the curve is a threshold: the stricter, the further left. The dot is what the box "
        "does.</figcaption>\n</figure>\n</div>"
    )


def _speed(sheet: Sheet) -> str:
    rows = [
        (escape(speed.what), f"{speed.median:.1f} ms", "" if speed.p95 is None else f"{speed.p95:.1f} ms")
        for speed in sheet.speeds
    ]
    facts = [(escape(name), escape(value)) for name, value in sheet.facts]
    times = _table(("what", "median", "95 of 100 within"), rows, figures=(1, 2)) if rows else ""
    about = _table(("the model", ""), facts) if facts else ""
    both = f'<div class="pair">\n<div>{times}</div>\n<div>{about}</div>\n</div>'
    return f"<h2>Speed and model</h2>\n{both}" if rows or facts else ""


def _confusion(sheet: Sheet) -> str:
    found = mistakes(sheet.figures)
    rows = [(escape(label_words(truth)), _said(leaf), str(count)) for truth, leaf, count in found[:MOST_MISTAKES]]
    left = sum(count for _, _, count in found[MOST_MISTAKES:])
    more = f'<p class="quiet">And {counted(left, "mistake")} more.</p>' if left else ""
    table = _table(("is", "was taken for", "documents"), rows, figures=(2,)) if rows else "<p>Nothing.</p>"
    return (
        "<h2>What is taken for what?</h2>\n"
        '<p class="quiet">Each line is a true label, each column the best label the box gave, whether it would have '
        "filed the document or not. Blue: right. Red: wrong.</p>\n"
        f'<figure class="wide">\n{confusion_chart(sheet.figures.confusion)}\n</figure>\n'
        f"<h3>Most frequent mistakes</h3>\n{table}\n{more}"
    )


def _said(leaf: str) -> str:
    return "nothing: there was no text" if leaf == NO_ANSWER else escape(label_words(leaf))


def _labels(sheet: Sheet) -> str:
    rows = [
        (
            escape(label_words(label)),
            f"{row.support:,}",
            *(_barred(share) for share in (row.precision, row.recall, row.f1)),
        )
        for label, row in sorted(sheet.figures.labels.items())
    ]
    table = _table(("label", "documents", "precision", "recall", "F1"), rows, figures=(1,))
    return (
        "<h2>Label by label</h2>\n"
        '<p class="quiet">Precision: of the documents that were called so, the share that is. Recall: of the documents '
        "that are, the share that was called so. With fewer than ten documents a share says little.</p>\n"
        f"{table}"
    )


def _barred(share: float) -> str:
    """A share as a figure with a bar before it."""
    bar = svg.picture(BAR, 8, f"{share:.3f}", svg.box(0, 0, BAR, 8, "rest"), svg.box(0, 0, BAR * share, 8, "part"))
    return f"{bar} {share:.3f}"


def _strangers(sheet: Sheet) -> str:
    if not sheet.strangers:
        return ""
    filed = sum(answer.label is not None for answer in sheet.strangers)
    verb = "is" if filed == 1 else "are"
    said = f"{filed} of {len(sheet.strangers)} {verb} filed unasked" if filed else "None of them is filed unasked"
    return (
        "<h2>Documents of no label</h2>\n"
        f"<p>Documents of no class that the model knows; filing one is always wrong. {said}.</p>\n"
        f"{_fate(sheet.strangers)}"
    )


def _foot(sheet: Sheet) -> str:
    return (
        '<h2>How to read this</h2>\n<p class="quiet">Accuracy looks at the best label of every document, whatever was '
        "done with it. Filed and wrong look at what would be filed unasked; there a parent (contract) counts as right "
        "when it is the true label's parent. Upper bounds are one-sided, after Clopper and Pearson. The figures hold "
        f"for documents like these. {sheet.figures.documents:,} documents stand behind this page; it holds the name "
        "and the words of none of them.</p>"
    )


def _table(head: Iterable[str], rows: Iterable[Sequence[str]], *, figures: Sequence[int] = ()) -> str:
    """A table of cells that are HTML already; the columns in ``figures`` stand to the right."""

    def cells(kind: str, row: Iterable[str]) -> str:
        parts = enumerate(row)
        return "".join(f"<{kind}{' class=figure' if n in figures else ''}>{cell}</{kind}>" for n, cell in parts)

    body = "\n".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    table = f"<table>\n<thead><tr>{cells('th', head)}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    return f'<div class="scroll">{table}</div>'


def _share(share: float) -> str:
    """A share in percent, with as many digits as it takes to tell one in a thousand."""
    if not share:
        return "0 %"
    return f"{share:.1%}".replace("%", " %") if share >= 0.1 else f"{share:.2%}".replace("%", " %")  # noqa: PLR2004
