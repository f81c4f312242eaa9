"""What goes wrong, in the house's words: what, why, what to do, and that nothing was lost."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, NamedTuple

from flask import Response, render_template
from werkzeug.exceptions import HTTPException

from appliance.errors import ApplianceError
from appliance.ledger import NoSuchDocumentError

if TYPE_CHECKING:
    from flask import Flask


class Words(NamedTuple):
    """What is said of an error."""

    what: str
    why: str
    remedy: str


BY_STATUS = {
    404: Words(
        "There is no such page.",
        "The address may be mistyped, or the link old.",
        "Go to the documents and find it from there.",
    ),
    405: Words(
        "The desk only shows; nothing can be changed at this address.",
        "A browser or a program asked for a change here.",
        "Go to the documents. Nothing was changed.",
    ),
    421: Words(
        "This is not an address of the box.",
        "The desk answers only to the names of its own machine, so that no page elsewhere can read it.",
        "Use the address that `appliance run` printed, or set `desk_host` in appliance.toml to the name you want.",
    ),
    500: Words(
        "The desk could not show this page.",
        "Something unforeseen happened in the desk; the log says what.",
        "Load the page again. No document was touched or lost.",
    ),
    503: Words(
        "The ledger cannot be read just now.",
        "It may be starting, or its disk may be refusing.",
        "Load the page again in a moment; documents stay where they are meanwhile.",
    ),
}
OTHER = Words(
    "The desk did not understand the request.",
    "The address or the browser asked for something it does not know.",
    "Go to the documents. Nothing was changed.",
)


def install(app: Flask) -> None:
    """Answer every error with a page of the house."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(ApplianceError, _appliance_error)
    app.register_error_handler(sqlite3.Error, _ledger_error)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    response = _page(status, BY_STATUS.get(status, OTHER))
    kept = dict(error.get_headers())
    if "Allow" in kept:
        response.headers["Allow"] = kept["Allow"]
    return response


def _appliance_error(error: ApplianceError) -> Response:
    status = 404 if isinstance(error, NoSuchDocumentError) else 503
    return _page(status, Words(error.what, error.why, error.remedy))


def _ledger_error(_error: sqlite3.Error) -> Response:
    return _page(503, BY_STATUS[503])


def _page(status: int, words: Words) -> Response:
    return Response(render_template("error.html", words=words), status=status)
