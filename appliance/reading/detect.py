"""What a file is, told from its content and never from its name.

First the signatures that are certain, then whether it is text at all and which
kind of text. A container is opened just far enough to see what it holds. Why
no model is asked: docs/decisions/0003-content-type.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.reading.compound import compound_kind
from appliance.reading.signatures import CERTAIN, LIKELY, is_pdf, is_text, markup_of, matching
from appliance.reading.zipped import zip_kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.reading.source import Source

CONTAINERS: dict[str, Callable[[Source], str]] = {"zip": zip_kind, "compound": compound_kind}


def kind_of(source: Source) -> str:
    """Name the kind of content, a key of the table of names; "" where it is unknown.

    Raises:
        UnreadableError: It is a container that is damaged or protected by a password.
    """
    head = source.head
    if is_pdf(head):
        return "pdf"
    if kind := matching(head, CERTAIN):
        return CONTAINERS[kind](source) if kind in CONTAINERS else kind
    if is_text(head):
        return markup_of(head) or "text"
    return matching(head, LIKELY)
