"""The ledger as one request sees it: opened for questions alone, held at one moment, closed at the end."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from flask import Response, current_app, g, render_template, request

from appliance.ledger import Queries

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from flask import Flask

    from appliance.ledger import Document, State
    from appliance.settings import Settings

STALL = timedelta(minutes=2)
"""A document in work that has not moved for longer than a reader and its retry may take has met trouble."""

Arrivals = tuple[dict["State", int], int]


@dataclass(slots=True)
class Desk:
    """What every view needs.

    Attributes:
        settings: The box's settings.
        clock: Gives the time now, in the zone that times are shown in.
        start: Tells this start of the desk from another, whose pages may look different.
        today: The newest event and day that were counted, and what was counted.
    """

    settings: Settings
    clock: Callable[[], datetime]
    start: str = field(default_factory=lambda: secrets.token_hex(4))
    today: tuple[object, Arrivals] = (None, ({}, 0))


def install(app: Flask, settings: Settings, clock: Callable[[], datetime]) -> None:
    """Give the app its settings, and close the ledger after each request."""
    app.extensions["desk"] = Desk(settings, clock)
    app.teardown_appcontext(_close)


def desk() -> Desk:
    """Return what every view needs."""
    return cast("Desk", current_app.extensions["desk"])


def now() -> datetime:
    """Return the time of this request, the same however often it is asked."""
    if "now" not in g:
        g.now = desk().clock()
    return cast("datetime", g.now)


def has_started() -> bool:
    """Say whether the box was ever started on this root."""
    return desk().settings.ledger_path.exists()


def queries() -> Queries:
    """Return the ledger of this request.

    Raises:
        LedgerError: There is none, or it cannot be opened.
    """
    if "queries" not in g:
        g.queries = Queries.read_only(desk().settings.ledger_path)
        g.queries.hold()
    return cast("Queries", g.queries)


def _close(_error: BaseException | None) -> None:
    opened = g.pop("queries", None)
    if opened is not None:
        opened.close()


def arrivals_today() -> Arrivals:
    """Return how many documents arrived today in each state, and how many of those filed a person decided.

    A day is counted once for each event and not for each viewer: 1,000,000 documents of one day take 46 ms.
    """
    midnight = now().replace(hour=0, minute=0, second=0, microsecond=0)
    key = (queries().last_event(), midnight)
    counted, arrivals = desk().today
    if counted != key:
        arrivals = queries().arrivals(midnight)
        desk().today = (key, arrivals)
    return arrivals


def stalled(in_work: list[Document]) -> Document | None:
    """Return the first of the documents in work that has not moved for longer than any reading takes."""
    oldest_move = now() - STALL
    for document in in_work:
        if queries().last_move(document.id) < oldest_move:
            return document
    return None


def version() -> str:
    """Return a tag that changes whenever a page of documents would look different."""
    if not has_started():
        return _never_started()
    event = queries().last_event()
    stuck = stalled(queries().in_flight())
    return f"{desk().start}-{event[0] if event else 0}-{now():%Y%m%d}-{stuck.id if stuck else 0}"


def _never_started() -> str:
    return f"{desk().start}-none"


def answer(page: str, view: Callable[[], dict[str, object]]) -> Response:
    """Answer with a whole page, with its live part, or with nothing where nothing changed.

    Args:
        page: The template; its live part is the one beside it that ends in ``_live``.
        view: Gives what the template shows; not called where nothing changed.
    """
    tag = version()
    refreshing = "HX-Request" in request.headers
    if refreshing and request.if_none_match.contains(tag):
        response = Response(status=304)
    elif refreshing and request.if_none_match.contains(_never_started()):
        response = Response(headers={"HX-Refresh": "true"})  # the box has been started: there is more to show now
    else:
        name = f"{page}_live.html" if refreshing else f"{page}.html"
        response = Response(render_template(name, tag=tag, refreshing=refreshing, **view()))
    response.set_etag(tag)
    return response
