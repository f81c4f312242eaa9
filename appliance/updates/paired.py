"""Both models answer the documents that people reviewed on this box, each from the same opening of the same file.

Documents are read behind the walls of every other reading. One that is gone,
cannot be read, or bears a label the new model retired is left out: it says
nothing of either.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from appliance.files import open_regular
from appliance.reading import UnreadableError
from appliance.updates.inferiority import Pair
from appliance.updates.rungs import best_labels, renamed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from appliance.classify import Classifier
    from appliance.ledger import Reviewed
    from appliance.reading import Reader, Session

ENOUGH_CHARACTERS = 8_000
"""More than four full windows of English."""

ENOUGH_OF_A_SCAN = 700
"""About one window: every further line of a scan costs 35 ms."""

MOST_DOCUMENTS = 2_000
"""Reviewed documents asked for at most, the newest; about 270 of them fit the time on two cores."""

COMPARING_SECONDS = 8.0
"""No new document is begun after this long; what was answered by then is judged."""


def pairs_of(  # noqa: PLR0913 - all but the first have names
    reviewed: Sequence[Reviewed],
    *,
    home: Path,
    reader: Reader,
    candidate: Classifier,
    active: Classifier,
    threads: int,
    clock: Callable[[], float] = time.monotonic,
) -> list[Pair]:
    """Answer reviewed documents with both models, newest first, for as long as there is time.

    Args:
        reviewed: The documents.
        home: The root their paths are relative to.
        reader: Opens them.
        candidate: The new model.
        active: The active one.
        threads: Documents at once.
        clock: Gives seconds.
    """
    deadline = clock() + COMPARING_SECONDS

    def judge(one: Reviewed) -> Pair | None:
        meant = renamed(one.label, candidate.manifest)
        if meant is None or clock() > deadline:
            return None
        pages = _opening(home / one.path, reader)
        if not pages:
            return None
        new, old = best_labels((candidate, active), pages)
        return Pair(active=_is(old, one.label), candidate=_is(new, meant), chance=one.chance)

    with ThreadPoolExecutor(threads, "compare") as pool:
        return [pair for pair in pool.map(judge, reviewed) if pair is not None]


def _is(best: str | None, label: str) -> bool:
    """Say whether a leaf is what a person said, be it by its parent."""
    return best is not None and (best == label or best.startswith(f"{label}/"))


def _opening(path: Path, reader: Reader) -> list[str]:
    """Read the opening of a document; nothing where it is gone or cannot be read."""
    try:
        descriptor = open_regular(path)
    except OSError:
        return []
    try:
        with reader.open(descriptor) as session:
            return _texts(session)
    except UnreadableError:
        return []
    finally:
        os.close(descriptor)


def _texts(session: Session) -> list[str]:
    most = ENOUGH_OF_A_SCAN if session.by_line else ENOUGH_CHARACTERS
    texts: list[str] = []
    while sum(map(len, texts)) < most:
        try:
            page = session.next()
        except UnreadableError:
            break
        if page is None:
            break
        texts.append(page.text)
    return texts if any(text.strip() for text in texts) else []
