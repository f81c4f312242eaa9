"""How far long work is and how long it will still take: one line on a terminal, plain lines elsewhere.

Libraries that talk while they work are hushed, so that the line stays the only one.
"""

from __future__ import annotations

import logging
import sys
import time
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAIN_SECONDS = 15.0
TERMINAL_SECONDS = 0.2


class Progress:
    """Counts steps of known work and says what is left.

    Args:
        name: What is being done, one or two words.
        total: How many steps there are.
        stream: Where to say it; standard error by default.
    """

    def __init__(self, name: str, total: int, stream: TextIO | None = None) -> None:
        self.name = name
        self.total = total
        self.done = 0
        self.stream = stream or sys.stderr
        self._began = self._said = time.monotonic()

    def step(self, note: str = "") -> None:
        """One step is done; say so if it is time to."""
        self.done += 1
        now = time.monotonic()
        terminal = self.stream.isatty()
        last = self.done >= self.total
        if not last and now - self._said < (TERMINAL_SECONDS if terminal else PLAIN_SECONDS):
            return
        self._said = now
        left = (now - self._began) / self.done * (self.total - self.done)
        line = f"{self.name}: {self.done} of {self.total}, {left:.0f} s left {note}".rstrip()
        self.stream.write(f"\r{line:<79}" + ("\n" if last else "") if terminal else line + "\n")
        self.stream.flush()


@contextmanager
def hushed() -> Iterator[None]:
    """Keep libraries from advising on what is done here on purpose; their errors still show."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
