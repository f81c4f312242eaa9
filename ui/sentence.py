"""Line one of the desk: a day in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.ledger import IN_FLIGHT, State
from appliance.words import NBSP, counted

if TYPE_CHECKING:
    from collections.abc import Mapping


def day_sentence(arrivals: Mapping[State, int], by_people: int) -> str:
    """Say how today went.

    Args:
        arrivals: How many documents arrived today, by the state they stand in.
        by_people: How many of those that are filed a person decided.
    """
    waiting = arrivals.get(State.IN_REVIEW, 0)
    parts = [
        (arrivals.get(State.FILED, 0) - by_people, "filed unasked"),
        (by_people, "filed by a person"),
        (waiting, "waits for a person" if waiting == 1 else "wait for a person"),
        (arrivals.get(State.UNREADABLE, 0), "could not be read"),
        (sum(arrivals.get(state, 0) for state in IN_FLIGHT), "in work"),
        (arrivals.get(State.WITHDRAWN, 0), "taken back"),
    ]
    said = "".join(f", {count:,}{NBSP}{words}" for count, words in parts if count)
    return f"{counted(sum(arrivals.values()), 'document')} today{said}."
