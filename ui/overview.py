"""The first page: how today goes, what waits, what is in work, and the documents, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from flask import Blueprint, abort, request, url_for

from appliance.ledger import State
from appliance.words import MARKS
from ui.desk import answer, arrivals_today, desk, has_started, queries, stalled
from ui.sentence import day_sentence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from flask import Response

    from appliance.ledger import Document
    from appliance.words import Mark

PAGE_ROWS = 50
FIRST_WAITING = 3
LARGEST_KEY = 2**63 - 1

blueprint = Blueprint("overview", __name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address of the list asks for.

    Attributes:
        mark: Only documents marked so, or None for any.
        label: Only documents filed under this label or below it, or None for any.
        before: The key of the page: only documents with a smaller number.
    """

    mark: Mark | None
    label: str | None
    before: int | None

    @classmethod
    def from_address(cls, arguments: Mapping[str, str]) -> Self:
        """Read the address; what it cannot mean is no page."""
        slug, before = arguments.get("state", ""), arguments.get("before", "")
        if (slug and slug not in MARKS) or (before and not (before.isascii() and before.isdigit())):
            abort(404)
        key = min(int(before[:20]), LARGEST_KEY) if before else None
        return cls(MARKS.get(slug), arguments.get("label") or None, key)

    @property
    def narrows(self) -> bool:
        """Whether the list may leave out newer documents."""
        return (self.mark, self.label, self.before) != (None, None, None)

    def address(self, before: int | None = None) -> str:
        """Return the address of a page of the same list."""
        slug = self.mark.slug if self.mark else None
        return url_for("overview.first", state=slug, label=self.label, before=before)

    def rows(self, limit: int) -> list[Document]:
        """Return the documents that are asked for, newest first."""
        states, status = (self.mark.states, self.mark.status) if self.mark else (None, None)
        found = queries().documents(label=self.label, state=states, status=status, before=self.before, limit=limit)
        return list(found)


@blueprint.get("/")
def first() -> Response:
    """Show the first page, or a later page of its list."""
    wanted = Wanted.from_address(request.args)
    return answer("overview", lambda: _view(wanted))


def _view(wanted: Wanted) -> dict[str, object]:
    common = {"inboxes": desk().settings.inbox_paths, "marks": list(MARKS.values()), "wanted": wanted}
    if not has_started():
        return {**common, "started": False, "stuck": None, "labels": [], "ledger": desk().settings.ledger_path}
    rows = wanted.rows(PAGE_ROWS + 1)
    in_work = queries().in_flight()
    return {
        **common,
        "started": True,
        "sentence": day_sentence(*arrivals_today()),
        "stuck": stalled(in_work),
        "in_work": in_work,
        "waiting": list(queries().documents(state=State.IN_REVIEW, limit=FIRST_WAITING)),
        "waiting_count": queries().count({State.IN_REVIEW}),
        "documents": rows[:PAGE_ROWS],
        "older": wanted.address(rows[PAGE_ROWS - 1].id) if len(rows) > PAGE_ROWS else None,
        "labels": _with_parents(queries().labels()),
    }


def _with_parents(labels: list[str]) -> list[str]:
    """Return every label and everything above it, in the order of the tree."""
    steps = {step for label in labels for step in accumulate(label.split("/"), lambda above, part: f"{above}/{part}")}
    return sorted(steps, key=lambda label: label.split("/"))
