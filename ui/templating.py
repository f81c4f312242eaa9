"""What the templates may say: the filters, and the rule that every text they show is made harmless first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import StrictUndefined
from markupsafe import Markup, escape

from appliance import words
from ui import text, times
from ui.desk import now

if TYPE_CHECKING:
    from flask import Flask


def install(app: Flask) -> None:
    """Set the templates up; must come before the first page is drawn."""
    app.jinja_options = {
        **app.jinja_options,
        "finalize": _finalize,
        "lstrip_blocks": True,
        "trim_blocks": True,
        "undefined": StrictUndefined,
    }
    app.jinja_env.filters.update(
        isolated=text.isolated,
        counted=words.counted,
        full_time=lambda moment: times.full_time(moment, now()),
        label=words.label_words,
        mark=words.mark_of,
        note=words.note_words,
        percent=words.percent,
        short_time=lambda moment: times.short_time(moment, now()),
        size=words.size_words,
        weighed=text.weighed,
        waits=words.WAITING.__getitem__,
    )


def _finalize(value: object) -> Markup:
    """Spell out what cannot be seen and escape the rest; markup was made by the house and stays."""
    return value if isinstance(value, Markup) else escape(text.harmless(str(value)))
