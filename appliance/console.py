"""How the command line shows things: JSON lines for programs, aligned words for people, progress on a terminal."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import click

from appliance.classify.budget import odds
from appliance.history import history_lines
from appliance.words import NBSP, WAITING, counted, label_words, mark_of, note_words, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from click._termui_impl import ProgressBar

    from appliance.classify.evaluation import Judgement
    from appliance.classify.policy import Calibration
    from appliance.ledger import Document, Verdict, Waiting


WORD = ("text", "start", "end", "weight")
"""The fields of a word that weighed much."""


def print_json(value: object) -> None:
    """Print one JSON value on one line, ASCII only."""
    click.echo(json.dumps(value, ensure_ascii=True))


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns as wide as their widest cell."""
    widths = [max(len(cell) for cell in column) for column in zip(header, *rows, strict=True)]
    for row in [header, *rows]:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo(line.rstrip())


@contextmanager
def progress(label: str, length: int | None = None) -> Iterator[Callable[[], None]]:
    """Show progress on a terminal, and nothing elsewhere; yields what to call after each step."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    bar: ProgressBar[int]
    with click.progressbar(length=length, label=label, file=sys.stderr, show_pos=True) as bar:
        yield lambda: bar.update(1)


def verdict_json(path: str, verdict: Verdict) -> dict[str, Any]:
    """Return the fields that ``appliance classify --json`` promises for one file."""
    return {
        "path": path,
        "status": str(verdict.status),
        "label": verdict.label,
        "confidence": round(verdict.confidence, 6),
        "alternatives": [{"label": label, "confidence": round(share, 6)} for label, share in verdict.alternatives],
        "passage": verdict.passage,
        "passage_span": _span(verdict),
        "words": None if verdict.words is None else [dict(zip(WORD, word, strict=True)) for word in verdict.words],
        "pages_read": verdict.pages_read,
        "reason": verdict.reason,
        "kind": verdict.kind,
        "model": verdict.model,
        "language": verdict.language,
        "notes": list(verdict.notes),
        "ms": {"read": round(verdict.read_ms, 3), "classify": round(verdict.classify_ms, 3)},
    }


def document_row(document: Document) -> tuple[str, ...]:
    """Return one document as cells: number, arrived, name, state, label, confidence, where it lies."""
    sure = document.confidence if document.status != "unreadable" else None
    return (
        str(document.id),
        _moment(document.arrived)[:16],
        document.name,
        mark_of(document).word,
        label_words(document.label or ""),
        "" if sure is None else plain(percent(sure)),
        document.path or "",
    )


def print_document(
    document: Document,
    decisions: Sequence[Mapping[str, Any]],
    history: Sequence[Mapping[str, Any]],
    parts: Sequence[Document] = (),
) -> None:
    """Print one document's whole history as sentences, and what was attached to it."""
    click.echo(f"{document.id}  {document.name}: {mark_of(document).word}.")
    click.echo(f"    Lies at {document.path}." if document.path else "    Is not with the box.")
    for line in history_lines(history):
        click.echo(f"    {_moment(line.at)}  {plain(line.text)}")
    for decision in decisions:
        print_words(decision["passage"], decision["words"])
        for note in decision["notes"]:
            click.echo(f"    Note: {note_words(note)}")
    for part in parts:
        click.echo(f"    Attached: {part.id}  {part.name}: {mark_of(part).word}.")


def print_words(passage: str | None, words: Sequence[Sequence[Any]]) -> None:
    """Print the passage that decided, where there is one, and below it the words that weighed most, each once."""
    if passage:
        click.echo(f"    The passage that decided: \u201c{passage}\u201d")
    if words:
        once = {str(word[0]).casefold(): str(word[0]) for word in reversed(words)}
        click.echo(f"    The words that weighed most: {', '.join(reversed(once.values()))}.")


def print_waiting(waiting: Waiting) -> None:
    """Print the receipt of a file that was seen in an inbox and not taken."""
    place = f"{waiting.origin}/{waiting.name}" if waiting.origin else waiting.name
    if waiting.gone:
        click.echo(f"{place}: was taken out of the inbox before the box had it, {_moment(waiting.gone)}.")
    else:
        click.echo(f"{place}: {WAITING[waiting.why]}. Seen {_moment(waiting.since)}.")


def waiting_json(waiting: Waiting) -> dict[str, Any]:
    """Return the receipt of a file that was seen in an inbox and not taken."""
    return {
        "id": None,
        "name": waiting.name,
        "origin": waiting.origin,
        "state": "gone" if waiting.gone else "waiting",
        "why": str(waiting.why),
        "reason": f"It {WAITING[waiting.why]}.",
        "since": waiting.since,
        "gone": waiting.gone,
    }


def plain(text: str) -> str:
    """Return a text with blanks that a terminal can copy."""
    return text.replace(NBSP, " ")


def _moment(at: str) -> str:
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def print_evaluation(judged: Judgement, calibration: Calibration) -> None:
    """Print the figures of a labelled folder for a person."""
    evaluation = judged.figures
    rows = [
        (label_words(label), f"{row.precision:.3f}", f"{row.recall:.3f}", f"{row.f1:.3f}", str(row.support))
        for label, row in sorted(evaluation.labels.items())
    ]
    print_table(("label", "precision", "recall", "F1", "documents"), rows)
    click.echo()
    click.echo(f"{evaluation.documents} documents; the best label is right for {evaluation.accuracy:.3f} of them.")
    click.echo(f"Macro F1 {evaluation.macro_f1:.3f}; calibration error {evaluation.calibration_error:.3f}.")
    click.echo(
        f"Filed unasked: {evaluation.coverage:.3f}, of those wrong: {evaluation.error:.4f} "
        f"(at most {evaluation.error_bound:.4f} with 95 % confidence)."
    )
    click.echo(
        f"Error budget: at most {odds(calibration.error_budget)} filed wrongly, "
        f"hence filed from a confidence of {calibration.threshold:.4f}."
    )
    if judged.strangers:
        filed = sum(answer.label is not None for answer in judged.strangers)
        strangers = plain(counted(len(judged.strangers), "document"))
        click.echo(f"Of {strangers} of no label {filed or 'none'} would be filed unasked.")


def _span(verdict: Verdict) -> list[int] | None:
    """Where a passage stands in the whitespace-collapsed text that was read."""
    if verdict.passage is None or verdict.passage_start is None:
        return None
    return [verdict.passage_start, verdict.passage_start + len(verdict.passage)]
