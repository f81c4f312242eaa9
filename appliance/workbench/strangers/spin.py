"""One written text becomes several: alternatives are chosen, names and figures drawn, paragraphs left out.

In a text ``[one|other]`` is a choice, ``<town>`` a draw, and a paragraph that
begins with ``? `` is left out now and then.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

KEPT_SHARE = 0.6
_CHOICE = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]")
_DRAW = re.compile(r"<([a-z]+)>")
_FIRST = "Agnes Bruno Carmen Derek Edith Felix Gloria Henrik Ida Jonas Katrin Leon Marta Nils Olga Pavel Rosa Stefan"
_LAST = "Adler Benson Castell Drummond Ekberg Farrow Gruber Hollis Iversen Jansky Keller Lindqvist Marsh Novak Oakley"
_TOWNS = "Aldermoor Brackwater Carnforth Dunmere Eastleigh Fallowfield Greyford Halstow Inverley Kestrelham Longmarsh"
_FIRMS = (
    "Aldous & Pike",
    "Bluestem Heating",
    "Corvid Print Works",
    "Delphin Marine Supplies",
    "Ember Street Studio",
    "Fennel Catering",
    "Gantry Scaffolding",
    "Hobbs Office Furniture",
    "Kiln & Clay",
    "Lowland Couriers",
)
_STREETS = "Mill Lane|Station Road|Quay Street|Orchard Close|Upper Market|North Parade|Tanners Row|Chapel Hill"
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"


def spun(text: str, random: Random) -> str:
    """One form of a text.

    Raises:
        KeyError: It draws what there is no such thing of.
    """
    paragraphs = []
    for paragraph in text.strip("\n").split("\n\n"):
        if not paragraph.startswith("? "):
            paragraphs.append(paragraph)
        elif random.random() < KEPT_SHARE:
            paragraphs.append(paragraph[2:])
    said = "\n\n".join(paragraphs)
    while found := _CHOICE.search(said):
        said = said[: found.start()] + random.choice(found[1].split("|")) + said[found.end() :]
    return _DRAW.sub(lambda drawn: DRAWS[drawn[1]](random), said)


def _date(random: Random) -> str:
    day, month, year = random.randint(1, 28), random.choice(_MONTHS.split("|")), random.randint(1998, 2025)
    return random.choice((f"{day} {month} {year}", f"{month} {day}, {year}", f"{day}.{len(month)}.{year}"))


DRAWS: dict[str, Callable[[Random], str]] = {
    "person": lambda random: f"{random.choice(_FIRST.split())} {random.choice(_LAST.split())}",
    "name": lambda random: random.choice(_FIRST.split()),
    "surname": lambda random: random.choice(_LAST.split()),
    "town": lambda random: random.choice(_TOWNS.split()),
    "firm": lambda random: random.choice(_FIRMS),
    "street": lambda random: f"{random.randint(1, 140)} {random.choice(_STREETS.split('|'))}",
    "date": _date,
    "year": lambda random: str(random.randint(1995, 2025)),
    "time": lambda random: f"{random.randint(8, 18)}:{random.choice(('00', '15', '30', '45'))}",
    "n": lambda random: str(random.randint(2, 9)),
    "nn": lambda random: str(random.randint(10, 99)),
    "nnnn": lambda random: str(random.randint(1000, 9999)),
    "sum": lambda random: f"{random.randint(12, 4800)}.{random.randint(0, 99):02}",
    "phone": lambda random: f"0{random.randint(1000, 9999)} {random.randint(100000, 999999)}",
}
"""What can be drawn, by the word that stands for it."""
