"""What happened to my file: what lies in the inbox and why, and everything that was ever seen under a name."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from ui.desk import desk, has_started, queries, stalled

FIRST_WAITING = 200
"""Files in the inbox that one page lists; more are counted."""

blueprint = Blueprint("files", __name__, url_prefix="/files")


@blueprint.get("")
def seen() -> str:
    """Show what waits in the inbox, or what is known of one name."""
    name = request.args.get("name", "").strip()
    if not has_started():
        return render_template("files.html", started=False, stuck=None, name=name, refreshing=False)
    waiting = queries().waiting(name or None)
    return render_template(
        "files.html",
        started=True,
        stuck=stalled(queries().in_flight()),
        refreshing=False,
        name=name,
        waiting=waiting[:FIRST_WAITING],
        more=max(len(waiting) - FIRST_WAITING, 0),
        documents=queries().named(name) if name else [],
        inboxes=desk().settings.inbox_paths,
    )
