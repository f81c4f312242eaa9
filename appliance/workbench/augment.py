"""Other forms of the same text, so that a model learns the kind and not the format.

In the corpus a label nearly always comes in one format; clerks bring everything
as anything. The same words are therefore also shown without their Markdown,
without their message headers, sent along in a mail, and as a poor scan would
read them.
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
_FIRST = ("Anna", "Bo", "Carla", "Dev", "Ellen", "Farid", "Greta", "Hugo", "Ines", "Jon", "Kim", "Lars", "Mei", "Nora")
_LAST = ("Ash", "Birch", "Cole", "Dunn", "Evers", "Flint", "Grove", "Hale", "Ivers", "Kerr", "Lund", "Moor", "Noble")
_HOSTS = ("office.example", "mail.example", "post.example", "desk.example.org", "home.example.net")
_SUBJECTS = (
    "For the file",
    "As discussed",
    "Fwd: please file",
    "Document",
    "See below",
    "Re: your call",
    "Copy",
    "Text",
)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TITLED_SHARE = 0.3
_NAMED_SHARE = 0.7
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


def as_mailed(text: str, random: Random) -> str:
    """The text as the body of a mail, below the headers that the box's reader of mail shows."""
    title = next((line.strip() for line in text.splitlines() if line.strip()), "")[:60]
    subject = title if random.random() < _TITLED_SHARE else random.choice(_SUBJECTS)
    when = f"{random.randint(1, 28)} {random.choice(_MONTHS)} {random.randint(2004, 2026)}"
    sent = f"{random.choice(_DAYS)}, {when} {random.randint(7, 19):02}:{random.randint(0, 59):02}:00 +0000"
    people = f"From: {_person(random)}\nTo: {_person(random)}"
    return f"Subject: {subject}\n{people}\nDate: {sent}\n\n{text}"


def _person(random: Random) -> str:
    first, last = random.choice(_FIRST), random.choice(_LAST)
    address = f"<{first}.{last}@{random.choice(_HOSTS)}>".lower()
    return f'"{first} {last}" {address}' if random.random() < _NAMED_SHARE else address


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
    for form, weight in ((as_scanned(text, random), 0.12), (as_mailed(text, random), 0.08)):
        forms.append(form)
        weights.append(weight)
    return forms, weights
