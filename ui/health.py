"""A word for whatever watches over the box: the desk answers."""

from __future__ import annotations

from flask import Blueprint, Response

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Say ``ok``."""
    return Response("ok\n", mimetype="text/plain")
