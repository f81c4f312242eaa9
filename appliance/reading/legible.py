"""Whether the text of a page says anything, or must be read off the page's picture instead.

A PDF may draw letters whose codes mean nothing to anybody else: its fonts lack
the table that tells them, or have a wrong one. What comes out is private-use
codes, control characters, or plain letters that stand for others. A pure
function of the text; digits and punctuation in plenty are no garbage, or a
price list would be.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LOOKED_AT = 4_000
"""Characters of a page that are judged; garbage begins with the first font."""

STRANGE_SHARE = 0.1
"""More characters that stand for nothing than this are garbage."""

SAYING_SHARE = 0.5
"""Fewer letters and digits than this are no page of text; a table of contents with its dots has more."""

VOWEL_SHARE = 0.2
"""Fewer vowels among Latin letters than this and they stand for others; English has 0.38."""

ENOUGH_LETTERS = 60
"""Of fewer letters the share of vowels says little."""

MARKS = 40
"""Of fewer characters nothing is said."""

_VOWELS = frozenset("aeiouyAEIOUY")
_DOTS = re.compile(r"[._\-=*\s]{3,}")
_STRANGE = frozenset({"Cc", "Cn", "Co", "Cs"})


def is_garbled(text: str) -> bool:
    """Tell text that stands for nothing.

    Args:
        text: Of one page, as the parser gives it, control characters included.
    """
    counted = Counter(_DOTS.sub("", text[:LOOKED_AT]))
    del counted[" "]
    total = counted.total()
    if total < MARKS:
        return False
    strange = _share(counted, total, _is_strange)
    if strange > STRANGE_SHARE or _share(counted, total, str.isalnum) < SAYING_SHARE:
        return True
    latin = {letter: count for letter, count in counted.items() if letter.isascii() and letter.isalpha()}
    letters = sum(latin.values())
    vowels = sum(count for letter, count in latin.items() if letter in _VOWELS)
    return letters >= max(ENOUGH_LETTERS, total // 2) and vowels < VOWEL_SHARE * letters


def _share(counted: Counter[str], total: int, holds: Callable[[str], bool]) -> float:
    return sum(count for character, count in counted.items() if holds(character)) / total


def letters_of(text: str) -> int:
    """Count the letters and digits of a text."""
    return sum(map(str.isalnum, text))


@lru_cache(maxsize=4096)
def _is_strange(character: str) -> bool:
    return character == "\ufffd" or (character not in "\n\r\t\f" and unicodedata.category(character) in _STRANGE)
