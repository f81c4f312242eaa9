"""The states of a document and the one table of moves between them."""

from __future__ import annotations

from enum import StrEnum

from appliance.errors import ApplianceError


class State(StrEnum):
    """Where a document stands in its walk."""

    CLAIMED = "claimed"
    READ = "read"
    DECIDED = "decided"
    FILED = "filed"
    IN_REVIEW = "in_review"
    UNREADABLE = "unreadable"
    WITHDRAWN = "withdrawn"


MOVES: dict[State, frozenset[State]] = {
    State.CLAIMED: frozenset({State.READ, State.WITHDRAWN}),
    State.READ: frozenset({State.DECIDED}),
    State.DECIDED: frozenset({State.FILED, State.IN_REVIEW, State.UNREADABLE}),
    State.IN_REVIEW: frozenset({State.FILED}),
    State.UNREADABLE: frozenset({State.FILED}),
    State.FILED: frozenset({State.FILED}),
    State.WITHDRAWN: frozenset(),
}

IN_FLIGHT = frozenset({State.CLAIMED, State.READ, State.DECIDED})
"""States in which the box still owes the document work; recovery takes these up at start."""

ENDS = {"auto": State.FILED, "review": State.IN_REVIEW, "unknown": State.IN_REVIEW, "unreadable": State.UNREADABLE}
"""The state in which a document comes to rest, by the status of its decision."""


class StateError(ApplianceError):
    """A move that the table does not allow, or that somebody else has made already."""

    def __init__(self, document: int, state: State, target: State) -> None:
        super().__init__(
            f"Document {document} cannot go from {state} to {target}.",
            "The ledger says it stands elsewhere, so another process may have moved it.",
            "Run `appliance check`; nothing was changed.",
        )


def may_follow(state: State, target: State) -> bool:
    """Say whether the table allows a move."""
    return target in MOVES[state]
