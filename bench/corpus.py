"""The labelled documents that benchmarks read, always in the same order; they lie beside the checkout, never in it."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.settings import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

CORPUS = CHECKOUT.parent / "shared" / "corpus"
PICTURES = (".jpg", ".jpeg", ".png", ".tif", ".tiff")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A document and what it is."""

    path: Path
    label: str


def born_digital(count: int | None = None) -> list[Labelled]:
    """Return documents of every label but scans, mixed; the first so many, or all."""
    with (CORPUS / "labels.csv").open(newline="", encoding="utf-8") as table:
        rows = [(line["path"], line["label"]) for line in csv.DictReader(table)]
    rows = [row for row in rows if not row[0].lower().endswith(PICTURES)]
    rows.sort(key=lambda row: hashlib.sha256(row[0].encode()).digest())
    return [Labelled(CORPUS / path, label) for path, label in rows[:count]]


def mixed(count: int) -> list[Path]:
    """Return the first so many documents of any label, from the start again where there are fewer."""
    paths = [document.path for document in born_digital(count)]
    return [paths[number % len(paths)] for number in range(count)]


def contracts(count: int) -> list[Path]:
    """Return the first so many contracts, their types mixed; all are born-digital PDFs."""
    return [document.path for document in born_digital() if document.label.startswith("contract/")][:count]
