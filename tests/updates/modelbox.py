"""A box of models: a tiny one it came with, a publisher it trusts, a ledger, and the ladder between them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from appliance.classify import load_classifier
from appliance.ledger import Ledger
from appliance.updates.house import House
from appliance.updates.ladder import Ladder, Means
from appliance.updates.rungs import Limits
from tests.updates.forger import NOW, Forger
from tests.updates.tiny import TinyModel, make_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.classify import Classifier
    from appliance.updates.inferiority import Pair
    from appliance.updates.rungs import Outcome

LIMITS = Limits(latency_ratio=10.0, memory_bytes=200_000_000, accuracy_margin=0.01)


def nothing_reviewed(_candidate: Classifier, _active: Classifier) -> list[Pair]:
    """What a box without reviews answers."""
    return []


@dataclass
class ModelBox:
    """One box.

    Attributes:
        root: Its folder; bundles lie here as on a stick.
        forger: The publisher whose root is pinned.
        house: Its models.
        ledger: Its record.
        told: What the ladder said.
    """

    root: Path
    forger: Forger
    house: House
    ledger: Ledger
    told: list[Outcome] = field(default_factory=list)

    def bundle(self, model: TinyModel, name: str = "new.bundle", forger: Forger | None = None) -> Path:
        """A bundle of a model, on the stick."""
        return write_bundle(self.root / name, model, forger or self.forger)

    def ladder(self, answer: Callable[[Classifier, Classifier], list[Pair]] = nothing_reviewed, **given: Any) -> Ladder:
        """The ladder of this box."""
        values: dict[str, Any] = {"limits": LIMITS, "reserve_bytes": 0, "kept": 3, "load": load_classifier}
        means = Means(**{**values, **given}, answer=answer, now=lambda: NOW)
        return Ladder(self.house, self.ledger, means, self.told.append)

    def take(self, release: int, *, hold: bool = False, **fields: Any) -> str:
        """Import a good model and return its slot."""
        return self.ladder().climb(self.bundle(make_model(release, **fields)), "ada", hold=hold).slot

    def files(self) -> dict[str, int]:
        """Every file below the models' folder, but for the locks, with its size."""
        found = [Path(at, name) for at, _, names in os.walk(self.house.folder) for name in names if name != "lock"]
        return {str(path.relative_to(self.house.folder)): path.stat().st_size for path in sorted(found)}


def open_model_box(root: Path) -> ModelBox:
    """A box that came with ``tiny 1`` and trusts one publisher."""
    maker, publisher = Forger(), Forger()
    write_bundle(root / "factory.bundle", make_model(1), maker)
    (root / "factory-root.json").write_bytes(maker.root)
    house = House(root / "var" / "models", root / "factory.bundle", root / "factory-root.json")
    house.pin(publisher.root, "ada")
    return ModelBox(root, publisher, house, Ledger(root / "var" / "ledger.db"))


def write_bundle(path: Path, model: TinyModel, forger: Forger) -> Path:
    """A bundle of a tiny model."""
    files = {name.partition(".")[2]: content for name, content in model.targets.items()}
    document = model.manifest.document
    fields = {key: value for key, value in document.items() if key not in ("files", "release")}
    return forger.write(path, model.manifest.release, files=files, manifest=fields)


def long_lived() -> Forger:
    """A publisher for a box that goes by the real clock."""
    return Forger(expires=datetime.now(UTC) + timedelta(days=30))
