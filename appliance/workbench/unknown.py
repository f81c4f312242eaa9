"""Does a model know when it does not know: documents it may know against documents of no class at all.

A stranger that is filed unasked is an error whatever it is filed under. Beside
that count stands how well nearness and confidence alone tell the two apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from appliance.classify import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from appliance.classify import Classifier, Decision

HEADER = ("documents", "of them", "filed", "unknown", "unsure", "nearness AUROC", "confidence AUROC")


@dataclass(frozen=True, slots=True)
class Group:
    """What was decided of one group of documents.

    Attributes:
        name: Of the group.
        decisions: One a document.
    """

    name: str
    decisions: tuple[Decision, ...]

    def count(self, status: Status) -> int:
        """How many were decided so."""
        return sum(decision.status is status for decision in self.decisions)

    @property
    def filed(self) -> float:
        """Share filed unasked, under a leaf or a parent."""
        return self.count(Status.AUTO) / len(self.decisions)

    def cells(self, known: Group | None = None) -> tuple[str, ...]:
        """The same for a table; against the known where they are given."""
        counts = [str(self.count(status)) for status in (Status.AUTO, Status.UNKNOWN, Status.REVIEW)]
        against = [f"{share:.3f}" for share in self.against(known).values()] if known else ["", ""]
        return (self.name, str(len(self.decisions)), *counts, *against)

    def against(self, known: Group) -> dict[str, float]:
        """How well nearness and confidence tell the known from these: AUROC, 0.5 to 1."""
        return {
            "nearness": auroc([d.similarity for d in known.decisions], [d.similarity for d in self.decisions]),
            "confidence": auroc([d.confidence for d in known.decisions], [d.confidence for d in self.decisions]),
        }


def ask(model: Classifier, name: str, texts: Iterable[str]) -> Group:
    """Decide each of these texts."""
    return Group(name, tuple(model.decide(iter((text,))) for text in texts))


def ask_kinds(model: Classifier, texts: Mapping[str, Sequence[str]]) -> tuple[Group, list[Group]]:
    """Decide the strangers kind by kind; all of them as one group, and each kind."""
    kinds = [ask(model, f"  {kind}", members) for kind, members in texts.items()]
    return Group("all strangers", tuple(d for kind in kinds for d in kind.decisions)), kinds


def auroc(high: Sequence[float], low: Sequence[float]) -> float:
    """The chance that a figure of the one exceeds a figure of the other, ties halved (Mann and Whitney, 1947).

    Raises:
        ValueError: One of them is empty.
    """
    if not high or not low:
        message = "nothing to tell apart"
        raise ValueError(message)
    ones: NDArray[np.float64] = np.asarray(high)[:, None]
    others: NDArray[np.float64] = np.asarray(low)[None, :]
    return float(np.mean((ones > others) + 0.5 * (ones == others)))
