"""Times as people say them: local, short for today, with the date for any other day."""

from __future__ import annotations

from datetime import datetime


def local_now() -> datetime:
    """Return the time now, in the machine's zone."""
    return datetime.now().astimezone()


def short_time(moment: str | datetime, now: datetime) -> str:
    """Return ``09:41``, ``23 Nov 09:41`` or ``23 Nov 2025``, as near as ``now`` is.

    Args:
        moment: A time, or one in ISO 8601.
        now: The time now, in the zone to show.
    """
    local = _local(moment, now)
    if local.date() == now.date():
        return f"{local:%H:%M}"
    return f"{local.day} {local:%b %H:%M}" if local.year == now.year else f"{local.day} {local:%b %Y}"


def full_time(moment: str | datetime, now: datetime) -> str:
    """Return ``24 November 2026, 09:41:07``."""
    local = _local(moment, now)
    return f"{local.day} {local:%B %Y, %H:%M:%S}"


def _local(moment: str | datetime, now: datetime) -> datetime:
    known = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return known.astimezone(now.tzinfo)
