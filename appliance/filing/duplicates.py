"""The same bytes again: recorded as a duplicate, and filed beside the first or held for a person."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from appliance.ledger import Document, Verdict


def follow_first(verdict: Verdict, first: Document | None, rule: Literal["beside", "hold"]) -> Verdict:
    """Return what to do with a document, given the first one with the same bytes.

    A first that is still in work says nothing yet: both are decided alike,
    because a decision depends on nothing but the bytes and the model. Nor does
    one that could not be read, where these bytes now could.

    Args:
        verdict: What the box would say of the bytes alone.
        first: The first document with these bytes, or None.
        rule: ``beside`` files it where the first lies; ``hold`` leaves it to a person.
    """
    if first is None or not first.is_at_rest or "unreadable" in (verdict.status, first.status):
        return verdict
    if rule == "hold":
        return replace(verdict, status="review", label=None, reason=f"The same bytes as document {first.id}.")
    return replace(
        verdict,
        status=str(first.status),
        label=first.label,
        reason=f"The same bytes as document {first.id}, and filed beside it.",
    )
