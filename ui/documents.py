"""One document: what it was taken for and why, where it lies, and its history as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from appliance.history import history_lines
from ui.desk import answer, queries, stalled

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("documents", __name__, url_prefix="/documents")


@blueprint.get("/<int:number>")
def one(number: int) -> Response:
    """Show one document."""
    return answer("document", lambda: _view(number))


def _view(number: int) -> dict[str, object]:
    document = queries().document(number)
    decisions = queries().decisions(number)
    return {
        "document": document,
        "parts": queries().parts(number),
        "decision": decisions[-1] if decisions else None,
        "history": history_lines(queries().history(number)),
        "stuck": stalled(queries().in_flight()),
    }
