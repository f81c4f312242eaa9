"""What the ledger keeps of models: each import as it ended, and what people said of documents."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Attempt:
    """One import of a bundle.

    Attributes:
        actor: Who began it.
        bundle: Name of the file.
        outcome: What became of it.
        model: Id of the model, where it came so far that it was known.
        release: Its number.
        slot: Where it lies, once accepted.
        rung: The last one it stood on.
        why: One sentence of why it was refused; "" otherwise.
        rungs: What each found.
    """

    actor: str
    bundle: str
    outcome: Literal["accepted", "refused"]
    model: str | None
    release: int | None
    slot: str | None
    rung: int
    why: str
    rungs: Sequence[Mapping[str, object]]

    def as_row(self) -> dict[str, Any]:
        """Return the columns of ``models`` in their order, without the time."""
        return {
            "actor": self.actor,
            "bundle": self.bundle,
            "outcome": self.outcome,
            "model": self.model,
            "release": self.release,
            "slot": self.slot,
            "rung": self.rung,
            "why": self.why,
            "rungs": json.dumps(list(self.rungs)),
        }


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A document that a person gave a label.

    Attributes:
        document: Its id.
        path: Where it lies, relative to the root.
        label: What the newest review says it is.
        chance: Of being reviewed, above 0 and at most 1.
    """

    document: int
    path: str
    label: str
    chance: float
