"""The same text in every format that a clerk may bring it in.

Promises: the same text and the same seed give the same page; no client's name
and no label is added; nothing heavy is loaded, so a test may use it too. What
our own readers hear in it, and what a model says of that, is measured by
:mod:`appliance.workbench.formats.shift`.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from appliance.workbench.formats.mail import mail_of
from appliance.workbench.formats.pdf import text_pdf
from appliance.workbench.formats.scan import scan_jpeg, scan_pdf
from appliance.workbench.formats.web import html_of
from appliance.workbench.formats.word import docx_of

if TYPE_CHECKING:
    from collections.abc import Callable


def _plain(text: str, random: Random) -> bytes:
    """Plain text: UTF-8 for the most part, else as an old Windows program writes it."""
    if random.random() < _OLD_SHARE:
        return text.replace("\n", "\r\n").encode("cp1252", "replace")
    return text.encode()


_OLD_SHARE = 0.3

RENDERERS: dict[str, Callable[[str, Random], bytes]] = {
    "text": _plain,
    "pdf": text_pdf,
    "docx": docx_of,
    "html": html_of,
    "mail": mail_of,
    "scan": scan_jpeg,
    "scanned-pdf": scan_pdf,
}
"""By the name of the format; one line for each."""

SCANNED = frozenset({"scan", "scanned-pdf"})
"""Formats without letters in them: reading one takes seconds."""

NATIVE = {"text": "text", "pdf": "pdf", "docx": "docx", "html": "html", "eml": "mail", "jpeg": "scan", "png": "scan"}
"""From the kind that a reader finds in a document to the format that it stands in already."""


def render(text: str, name: str, seed: str) -> bytes:
    """Write a text in a format.

    Args:
        text: The opening of a document.
        name: A key of :data:`RENDERERS`.
        seed: Of everything that is drawn: fonts, headers, noise.
    """
    return RENDERERS[name](text, Random(f"{name}/{seed}"))  # noqa: S311 - the same page every time, no secret
