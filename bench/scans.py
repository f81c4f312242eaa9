"""Scans: from a scanned A4 page to its decision against reading the whole page, and real receipts.

The pages are the openings of documents that the model was not taught, drawn at
200 dots an inch with noise and a little askew; the receipts are real scans of
the corpus, held out likewise. Both are read by the box's own worker, which has
one thread, and each page is read both ways in turn. Then a box is run on
receipts, for what it needs of memory and what it gives back.
"""

from __future__ import annotations

import io
import os
import random
import statistics
import sys
import textwrap
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from appliance.answer import Reading
from appliance.reading import LocalReader
from appliance.service import open_reader
from appliance.settings import Settings
from appliance.updates.bundled import load_factory
from appliance.workbench.splits import held_out_documents, read_corpus
from bench.box import fresh_home, lacks, parser, running_box
from bench.corpus import CORPUS, PICTURES
from bench.figures import ratio_of_pairs
from bench.memory import pss_megabytes
from bench.rows import row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from appliance.ledger import Verdict
    from appliance.reading import LayeredReader
    from appliance.workbench.splits import Document

A4 = (1654, 2339)
"""Pixels at 200 dots an inch."""

LETTER_PIXELS, LINE_PIXELS, MARGIN_PIXELS, LINE_CHARACTERS = 30, 42, 165, 90
MOST_ASKEW = 1.0
IDLE_SECONDS = 3.0
PATIENCE_SECONDS = 30.0


def opening_lines(path: Path) -> list[str]:
    """Return the lines of a document's opening, as many as a page holds."""
    with path.open("rb") as file, LocalReader().open(file.fileno()) as session:
        page = session.next()
    said = page.text.splitlines() if page else []
    lines = [line for each in said for line in textwrap.wrap(each, LINE_CHARACTERS)]
    return lines[: (A4[1] - 2 * MARGIN_PIXELS) // LINE_PIXELS]


def drawn_page(lines: Sequence[str], chance: random.Random) -> bytes:
    """Draw a page as a scanner would see it, as JPEG."""
    page = Image.new("L", A4, 245)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(LETTER_PIXELS)
    for place, line in enumerate(lines):
        pen.text((MARGIN_PIXELS, MARGIN_PIXELS + place * LINE_PIXELS), line, font=font, fill=30)
    page = page.rotate(chance.uniform(-MOST_ASKEW, MOST_ASKEW), Image.Resampling.BICUBIC, fillcolor=245)
    page = Image.blend(page, Image.effect_noise(A4, 60), 0.12)
    out = io.BytesIO()
    page.save(out, "JPEG", quality=75, dpi=(200, 200))
    return out.getvalue()


@contextmanager
def descriptor_of(content: bytes) -> Iterator[int]:
    """Lend a descriptor of these bytes."""
    descriptor = os.memfd_create("scan")
    try:
        os.pwrite(descriptor, content, 0)
        yield descriptor
    finally:
        os.close(descriptor)


def answered(reading: Reading, content: bytes) -> tuple[Verdict, float]:
    """Answer one scan, and return the seconds it took as well."""
    with descriptor_of(content) as descriptor:
        began = time.perf_counter()
        return reading.answer(descriptor), time.perf_counter() - began


def whole_seconds(reader: LayeredReader, content: bytes) -> float:
    """Read every line of one scan, and return the seconds it took."""
    with descriptor_of(content) as descriptor:
        began = time.perf_counter()
        with reader.open(descriptor) as session:
            while session.next():
                pass
        return time.perf_counter() - began


def measure_pages(reading: Reading, documents: Sequence[Document]) -> None:
    """Read drawn pages both ways in turn and print the rows."""
    chance = random.Random(1)  # noqa: S311 - the same pages every time
    decided, whole, verdicts = [], [], []
    for document in documents:
        content = drawn_page(opening_lines(CORPUS / document.path), chance)
        verdict, seconds = answered(reading, content)
        verdicts.append((document.label, verdict))
        decided.append(seconds)
        whole.append(whole_seconds(reading.reader, content))  # type: ignore[arg-type]  # the box's own
    ratio = statistics.median(decided) / statistics.median(whole)
    row("scans: an A4 page to its decision, median", statistics.median(decided), "s")
    row("scans: reading all of the page, median", statistics.median(whole), "s")
    row("scans: decision against the whole page", ratio, "ratio", bar=0.2, ok=ratio <= 0.2)
    row("scans: the same, median of pairs", ratio_of_pairs(decided, whole), "ratio")
    print_answers("pages", verdicts)


def measure_receipts(reading: Reading, documents: Sequence[Document]) -> None:
    """Read real receipts and print the rows."""
    verdicts, seconds = [], []
    for document in documents:
        verdict, took = answered(reading, (CORPUS / document.path).read_bytes())
        verdicts.append((document.label, verdict))
        seconds.append(took)
    row("scans: a receipt to its decision, median", statistics.median(seconds), "s")
    row("scans: a receipt to its decision, slowest", max(seconds), "s")
    print_answers("receipts", verdicts)


def print_answers(what: str, verdicts: Sequence[tuple[str, Verdict]]) -> None:
    """Print how many were right, filed, and filed wrongly."""
    best = sum(verdict.alternatives[:1] != () and verdict.alternatives[0][0] == label for label, verdict in verdicts)
    filed = [(label, verdict.label) for label, verdict in verdicts if verdict.label]
    wrong = sum(label != said and not label.startswith(f"{said}/") for label, said in filed)
    row(f"scans: {what} whose best leaf is right, of {len(verdicts)}", best / len(verdicts), "share")
    row(f"scans: {what} filed unasked", len(filed) / len(verdicts), "share")
    row(f"scans: {what} filed wrongly", wrong, "")


def measure_box(model: Path, receipts: Sequence[Path]) -> None:
    """Run a box on receipts and print what it needs of memory."""
    with fresh_home(model, scan_idle_seconds=IDLE_SECONDS) as home, running_box(home) as box:
        before = pss_megabytes(box.process.pid)
        walks, most = [], 0.0
        for number, path in enumerate(receipts):
            walks.append(box.walk_seconds(path, f"{number:05}.jpg"))
            most = max(most, pss_megabytes(box.process.pid))
        ends = time.monotonic() + IDLE_SECONDS + PATIENCE_SECONDS
        while (after := pss_megabytes(box.process.pid)) > before * 1.5 and time.monotonic() < ends:
            time.sleep(0.5)
    row("scans: closed to filed, the first (its worker starts)", walks[0], "s")
    row("scans: closed to filed, median of the others", statistics.median(walks[1:]), "s")
    row("scans: the whole box with one worker for scans", most, "MB", bar=1000.0, ok=most <= 1000)
    row("scans: the whole box before the first", before, "MB")
    row("scans: the whole box once that worker has left", after, "MB", bar=before * 1.5, ok=after <= before * 1.5)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the rows."""
    known = parser(__doc__)
    known.add_argument("--pages", type=int, default=24, help="pages that are drawn")
    chosen = known.parse_args(arguments)
    if lacks("scans", model=chosen.model):
        return 0
    documents = held_out_documents(read_corpus(CORPUS))
    receipts = [document for document in documents if document.path.endswith(PICTURES)]
    texts = [document for document in documents if not document.path.endswith(PICTURES)]
    random.Random(2).shuffle(texts)  # noqa: S311 - the same pages every time
    settings = Settings(workers=1)
    with open_reader(settings) as reader:
        reading = Reading(reader, load_factory(chosen.model), settings.read_seconds)
        answered(reading, (CORPUS / receipts[0].path).read_bytes())  # starts the worker
        measure_pages(reading, texts[: chosen.pages])
        measure_receipts(reading, receipts)
    measure_box(chosen.model, [CORPUS / document.path for document in receipts[:12]])
    return 0


if __name__ == "__main__":
    sys.exit(main())
