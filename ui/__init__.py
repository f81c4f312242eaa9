"""The review desk: what the box did, shown to people in plain words.

It promises to read the ledger and nothing else, to answer only to this
machine's own names, and to show whatever a stranger called a file without
harm. It never opens a document, and never sends a browser to another machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from ui import desk, documents, errors, files, guard, health, overview, templating
from ui.times import local_now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from appliance.settings import Settings


def create_app(settings: Settings, clock: Callable[[], datetime] = local_now) -> Flask:
    """Build the desk for one root.

    Args:
        settings: The box's settings.
        clock: Gives the time now, in the zone that times are shown in.
    """
    app = Flask(__name__, static_folder=None)
    app.config.update(PROVIDE_AUTOMATIC_OPTIONS=False, MAX_CONTENT_LENGTH=0)
    app.static_folder = "static"  # set late, so that its route heeds the line above
    app.add_url_rule("/static/<path:filename>", endpoint="static", view_func=app.send_static_file)
    guard.install(app, settings)
    desk.install(app, settings, clock)
    templating.install(app)
    errors.install(app)
    for topic in (overview, documents, files, health):
        app.register_blueprint(topic.blueprint)
    return app


__all__ = ["create_app"]
