"""What an office drops beside its papers, of no class: fifteen kinds, written or made here, about nobody.

Promises: the same seed gives the same documents. They come in two halves that
share no text they were made from: by one the floor and the threshold are set,
with the other they are judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from appliance.workbench.strangers import abroad, code, desk, leisure, letters, made
from appliance.workbench.strangers.spin import spun

if TYPE_CHECKING:
    from collections.abc import Callable

    Maker = Callable[[Random], str]

EACH = 2
"""Documents made of each text."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """One document of no class.

    Attributes:
        kind: A key of :data:`KINDS`.
        text: What it says; may be nothing.
        is_for_judging: Whether nothing may be set by it.
    """

    kind: str
    text: str
    is_for_judging: bool


def _written(texts: tuple[str, ...]) -> tuple[Maker, ...]:
    return tuple(partial(spun, text) for text in texts)


KINDS: dict[str, tuple[Maker, ...]] = {
    "letter": _written(letters.LETTERS),
    "invoice": _written(letters.INVOICES),
    "application": _written(letters.APPLICATIONS),
    "form": _written(letters.FORMS),
    "manual": _written(desk.MANUALS),
    "minutes": _written(desk.MINUTES),
    "notice": _written(desk.NOTICES),
    "plan": _written(desk.PLANS),
    "recipe": _written(leisure.RECIPES),
    "poem": _written(leisure.POEMS),
    "abroad": _written(abroad.ABROAD),
    "code": _written(code.CODE),
    "table": made.TABLES,
    "log": made.LOGS,
    "garbled": made.GARBLED,
}
"""From each kind to what makes one."""


def office_strangers(seed: int = 1) -> list[Stranger]:
    """All of them, kind by kind; every other text of a kind is for judging."""
    return [
        Stranger(kind, maker(Random(f"{seed}/{kind}/{place}/{number}")), bool(place % 2))  # noqa: S311 - no secret
        for kind, makers in KINDS.items()
        for place, maker in enumerate(makers)
        for number in range(EACH)
    ]
