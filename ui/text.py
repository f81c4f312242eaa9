"""Text from strangers, shown without harm: what cannot be seen is spelled out."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_JOINERS = frozenset("\u200c\u200d")
"""Persian, Indic scripts and emoji need these two, and they turn nothing."""

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def harmless(text: str) -> str:
    """Return a text in which control, format and direction characters are spelled as ``[U+202E]``."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(f"[U+{ord(one):04X}]" if _is_unseen(one) else one for one in text)


def isolated(text: str) -> Markup:
    """Return a name or a path, harmless and isolated from the reading direction of its neighbours."""
    return Markup("<bdi>{}</bdi>").format(harmless(text))


def weighed(decision: Mapping[str, Any]) -> Markup:
    """Return the passage of a decision, harmless, with the words that weighed most marked."""
    passage, begins, shown, place = decision["passage"], decision["passage_start"] or 0, Markup(""), 0
    for _, first, last, _ in sorted(decision["words"], key=lambda word: word[1]):
        start, end = first - begins, last - begins
        if place <= start < end <= len(passage):
            shown += Markup("{}<mark>{}</mark>").format(harmless(passage[place:start]), harmless(passage[start:end]))
            place = end
    return shown + harmless(passage[place:])


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in _UNSEEN and character not in _JOINERS
