"""The opening text of every document of a corpus, read once and kept beside the work.

Texts live in a work folder outside the checkout as JSON lines, one document a
line, and are found again by content hash; an interrupted run goes on where it
stopped. Documents are recognised by their content, never by their names.
"""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.workbench.progress import Progress
from appliance.workbench.splits import digest_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

OPENING_CHARACTERS = 6000
SCAN_SIDE_PIXELS = 736
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG")


@dataclass(frozen=True, slots=True)
class Text:
    """One document's opening as text.

    Attributes:
        sha256: Hex digest of the document.
        text: At most ``OPENING_CHARACTERS`` characters, as they were read.
    """

    sha256: str
    text: str


def load_texts(paths: Iterable[Path], cache: Path, *, processes: int = 2) -> dict[str, str]:
    """Read documents, or find them read already.

    Args:
        paths: The documents.
        cache: A JSON-lines file; created or added to.
        processes: Documents read at the same time.

    Returns:
        From each document's sha256 to its opening text (empty when none was found).
    """
    known = _cached(cache)
    wanted = {digest_of(path): path for path in paths}
    missing = sorted(set(wanted) - set(known))
    if missing:
        progress = Progress("reading", len(missing))
        with ProcessPoolExecutor(processes) as pool, cache.open("a", encoding="utf-8") as file:
            for digest, text in zip(missing, pool.map(read_opening, [wanted[d] for d in missing]), strict=True):
                known[digest] = text
                file.write(json.dumps({"sha256": digest, "text": text}) + "\n")
                file.flush()
                progress.step()
    return {digest: known[digest] for digest in wanted}


def read_opening(path: Path) -> str:
    """Read the first characters of one document, whatever its format is."""
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(_PICTURES):
        return _read_picture(path)
    return _read_pages(path)


def _cached(cache: Path) -> dict[str, str]:
    if not cache.exists():
        return {}
    texts: dict[str, str] = {}
    for line in cache.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue  # the last line of a run that was interrupted
        texts[row["sha256"]] = row["text"]
    return texts


def _read_pages(path: Path) -> str:
    """The first pages as the box itself reads them, so that what is taught is what is met."""
    from appliance.reading import LocalReader, UnreadableError

    reader = LocalReader()
    pages: list[str] = []
    try:
        with path.open("rb") as file, reader.open(file.fileno()) as session:
            while sum(map(len, pages)) < OPENING_CHARACTERS and (page := session.next()) is not None:
                pages.append(page.text)
    except UnreadableError:
        pass  # what was read until then is what the box would decide by
    finally:
        reader.close()
    return "\n".join(pages)[:OPENING_CHARACTERS]


_ocr: list[object] = []


def _read_picture(path: Path) -> str:
    if not _ocr:
        _ocr.append(_make_ocr())
    result = _ocr[0](path)  # type: ignore[operator]
    return "\n".join(result.txts or ())[:OPENING_CHARACTERS]


def _make_ocr() -> object:
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.use_cls": False,
            "Det.limit_type": "max",
            "Det.limit_side_len": SCAN_SIDE_PIXELS,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
