"""What reading costs, a format at a time: the box's own readers against kreuzberg, pypdf and tesseract alone.

Every program reads the same documents, one after the other, in a process of its
own, so that its memory is its own. ``first page`` is what the box reads of a
document it is sure of; ``whole`` and the others read all of it. The labelled
corpus is read by default; ``--folder`` names others, such as the test documents
of a PDF viewer.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.reading import LocalReader, UnreadableError
from appliance.reading.office import MEDIA_TYPES
from bench.box import lacks, parser
from bench.corpus import CORPUS
from bench.figures import median_ms, percentile_ms
from bench.rows import note, row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from appliance.reading.ocr.engine import Engine

PICTURES = frozenset({"jpeg", "png", "tiff"})
KREUZBERG = {
    **MEDIA_TYPES,
    "pdf": "application/pdf",
    "text": "text/plain",
    "html": "text/html",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
}


def kind_of(path: Path) -> str:
    """Return the kind of a document as the box finds it in the content."""
    try:
        with path.open("rb") as file, LocalReader().open(file.fileno()) as session:
            return session.kind
    except UnreadableError as error:
        return error.found


def first_page(path: Path) -> None:
    """Read what the box reads of a document it is sure of."""
    with path.open("rb") as file, LocalReader().open(file.fileno()) as session:
        session.next()


def whole(path: Path) -> None:
    """Read all pages, one by one."""
    with path.open("rb") as file, LocalReader().open(file.fileno()) as session:
        while session.next() is not None:
            pass


def by_lines(path: Path) -> None:
    """Read all lines of a picture, as the worker for scans does."""
    from appliance.reading.ocr.session import ScanSession

    with path.open("rb") as file, ScanSession(file.fileno(), engine=_engine()) as session:
        while session.next() is not None:
            pass


@cache
def _engine() -> Engine:
    """Load the recogniser, once, in the process that reads."""
    from appliance.reading.ocr.engine import Engine

    return Engine()


def by_kreuzberg(path: Path, media_type: str) -> None:
    """Read all of a document as kreuzberg gives it, on one thread."""
    from kreuzberg import ConcurrencyConfig, ExtractionConfig, extract_bytes_sync

    config = ExtractionConfig(use_cache=False, disable_ocr=True, concurrency=ConcurrencyConfig(max_threads=1))
    extract_bytes_sync(path.read_bytes(), media_type, config)


def by_pypdf(path: Path) -> None:
    """Read all of a PDF as pypdf gives it."""
    import pypdf

    for page in pypdf.PdfReader(path).pages:
        page.extract_text()


def by_tesseract(path: Path) -> None:
    """Read all of a picture as tesseract gives it, on one thread."""
    program = str(shutil.which("tesseract"))
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    subprocess.run([program, str(path), "-"], env=environment, capture_output=True, check=True, timeout=60)


def programs_for(kind: str) -> dict[str, Callable[[Path], None]]:
    """Return what can read a kind, by its name."""
    if kind in PICTURES:
        return {"the box": by_lines, **({"tesseract": by_tesseract} if shutil.which("tesseract") else {})}
    known: dict[str, Callable[[Path], None]] = {"the box, first page": first_page, "the box, whole": whole}
    if kind in KREUZBERG:
        known["kreuzberg"] = partial(by_kreuzberg, media_type=KREUZBERG[kind])
    return {**known, **({"pypdf": by_pypdf} if kind == "pdf" else {})}


def timed(read: Callable[[Path], None], documents: Sequence[Path]) -> tuple[list[float], int, float]:
    """Read documents in this process; return the seconds of each, how many could not be read, and its megabytes."""
    Path("/proc/self/clear_refs").write_text("5")  # the most so far counts from here, not from the parent's size
    with suppress(Exception):  # what it imports and loads is not a document's
        read(documents[0])
    seconds, failed = [], 0
    for document in documents:
        began = time.perf_counter()
        try:
            read(document)
        except Exception:  # noqa: BLE001 - whatever a program raises, it has not read this one
            failed += 1
        seconds.append(time.perf_counter() - began)
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return seconds, failed, max(_most_kilobytes(), children) * 1024 / 1e6


def _most_kilobytes() -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def gathered(folders: Sequence[Path], most: int) -> dict[str, list[Path]]:
    """Return up to so many documents of each kind that the box reads, in the order of their names."""
    found: dict[str, list[Path]] = defaultdict(list)
    for folder in folders:
        for path in sorted(each for each in folder.rglob("*") if each.is_file() and each.suffix != ".csv"):
            if len(found[kind := kind_of(path)]) < most:
                found[kind].append(path)
    return {kind: paths for kind, paths in sorted(found.items()) if kind in KREUZBERG or kind in PICTURES}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the rows."""
    known = parser(__doc__)
    known.add_argument("--folder", type=Path, action="append", help="documents to read; default: the corpus")
    known.add_argument("--most", type=int, default=40, help="documents of each kind")
    chosen = known.parse_args(arguments)
    if not chosen.folder and lacks("formats"):
        return 0
    if not shutil.which("tesseract"):
        note("formats: without tesseract (Debian package tesseract-ocr)")
    context = multiprocessing.get_context("spawn")
    for kind, documents in gathered(chosen.folder or [CORPUS], chosen.most).items():
        for name, read in programs_for(kind).items():
            with ProcessPoolExecutor(1, context) as pool:
                seconds, failed, megabytes = pool.submit(timed, read, documents).result()
            title = f"formats: {len(documents)} {kind}, {name}"
            row(f"{title}, median", median_ms(seconds), "ms")
            row(f"{title}, p95", percentile_ms(seconds, 95), "ms")
            row(f"{title}, most memory", megabytes, "MB")
            if failed:
                row(f"{title}, not read", failed, "documents")
    return 0


if __name__ == "__main__":
    sys.exit(main())
