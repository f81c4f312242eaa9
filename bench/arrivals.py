"""Documents that never stop arriving: every one says something no other says, and each is written down.

Three ways, as clerks, scanners and copying programs have them: renamed in,
written in the inbox, and written there in two halves with a pause between.
"""

from __future__ import annotations

import hashlib
import json
import random
import threading
import time
from typing import TYPE_CHECKING

from tests.builders import make_pdf
from tests.e2e.texts import CONTRACT, OPINION, PRIVACY

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

FOLDERS = ("", "Scanner 1", "Scanner 2/today", "post/in")
WAYS = {"rename": 6, "write": 3, "slowly": 1}
PAUSE_SECONDS = 0.04
WAITING = 60
"""So many may lie in the inbox before arrivals pause: a box that is killed all the time is slower than a scanner."""


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of a content, 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


class Arrivals:
    """A thread that drops documents for as long as the block runs.

    Args:
        home: The root; ``proof/dropped.jsonl`` there says what was dropped, also by an earlier run.
        seed: Of its choices.
    """

    def __init__(self, home: Path, seed: int) -> None:
        self._inbox, self._proof = home / "inbox", home / "proof"
        self._journal = self._proof / "dropped.jsonl"
        self.count = len(self._journal.read_text().splitlines()) if self._journal.exists() else 0
        self._chance = random.Random(f"{seed}/{self.count}")  # noqa: S311 - a run that can be repeated
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="arrivals")

    def __enter__(self) -> Self:
        for folder in FOLDERS:
            (self._inbox / folder).mkdir(parents=True, exist_ok=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._chance.uniform(0, PAUSE_SECONDS)):
            if self.count % 10 or self._waiting() < WAITING:
                self._drop()

    def _waiting(self) -> int:
        return sum(path.is_file() for path in self._inbox.rglob("*"))

    def _drop(self) -> None:
        text = self._chance.choice((CONTRACT, PRIVACY, OPINION))
        content = make_pdf(f"{text}\nCopy {self.count}.", pages=self._chance.choice((1, 1, 2, 12)))
        path = self._inbox / self._chance.choice(FOLDERS) / f"{self.count:06}.pdf"
        way = self._chance.choices(list(WAYS), list(WAYS.values()))[0]
        if way == "rename":
            staged = self._proof / "staged"
            staged.write_bytes(content)
            staged.rename(path)
        else:
            self._write(path, content, slowly=way == "slowly")
        with self._journal.open("a", encoding="utf-8") as journal:
            journal.write(json.dumps({"name": path.name, "sha256": digest_of(content), "way": way}) + "\n")
        self.count += 1

    def _write(self, path: Path, content: bytes, *, slowly: bool) -> None:
        half = len(content) // 2
        with path.open("wb") as file:
            file.write(content[:half])
            file.flush()
            if slowly:
                time.sleep(self._chance.uniform(0, PAUSE_SECONDS))
            file.write(content[half:])
