"""Other forms of the same text, so that a model learns the kind and not the format.

In the corpus a label nearly always comes in one format; clerks bring everything
as anything. The same words are therefore also shown without their Markdown,
without their message headers and as a poor scan would read them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_RULE = re.compile(r"^\s*([=\-*_]\s*){3,}$", re.MULTILINE)
_MARK = re.compile(r"^\s*(#{1,6}|>|[*+-]|\d+\.)\s+", re.MULTILINE)
_EMPHASIS = re.compile(r"(\*\*|__|\*|`|\\(?=\W))")
_BREAK = re.compile(r"[\n\t]")
_HEADER = re.compile(r"^\s*[A-Z][A-Za-z-]{2,24}:\s.*$")
_MISREAD = {"l": "1", "o": "0", "i": "l", "e": "c", "s": "5", "m": "rn", "h": "b", "t": "f"}
_GLUED_SHARE = 0.15
_MISREAD_SHARE = 0.02


def without_markup(text: str) -> str:
    """The text as it would stand on paper: Markdown's links, rules, list marks and emphasis taken away."""
    text = _LINK.sub(r"\1", text)
    text = _RULE.sub("", text)
    text = _MARK.sub("", text)
    return _EMPHASIS.sub("", text)


def without_headers(text: str) -> str:
    """A message without its header lines, as a reader of mail may show it."""
    lines = _BREAK.split(text)
    place = 0
    while place < len(lines) and _HEADER.match(lines[place]):
        place += 1
    return "\n".join(lines[place:]) if place > 1 else text


def as_scanned(text: str, random: Random) -> str:
    """The text as a poor scan reads: some words glued together, some letters taken for others."""
    words = text.split()
    for place, word in enumerate(words):
        if random.random() < _MISREAD_SHARE * len(word) and word:
            at = random.randrange(len(word))
            words[place] = word[:at] + _MISREAD.get(word[at], word[at]) + word[at + 1 :]
    glued = "".join(word + ("" if random.random() < _GLUED_SHARE else " ") for word in words)
    return glued.strip()


def variants(text: str, random: Random) -> tuple[list[str], list[float]]:
    """All forms a document is shown in, and how often each.

    Returns:
        The forms, the original first, and a weight for each; forms that equal the original are left out.
    """
    forms, weights = [text], [0.55]
    for form in (without_markup(text), without_headers(text)):
        if form.strip() and form != text:
            forms.append(form)
            weights.append(0.3)
    forms.append(as_scanned(text, random))
    weights.append(0.12)
    return forms, weights
