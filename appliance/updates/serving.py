"""How a model of this box is loaded: as the settings want it, proven by its golden inputs, the first that serves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.classify import ModelMissingError, load_classifier
from appliance.errors import ApplianceError
from appliance.updates.house import FACTORY

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.classify import Classifier
    from appliance.classify.store import ModelFiles
    from appliance.settings import Settings
    from appliance.updates.house import House


def plain_loader(settings: Settings) -> Callable[[ModelFiles], Classifier]:
    """Return what loads a model as the settings want it, not yet proven."""

    def load(files: ModelFiles) -> Classifier:
        return load_classifier(
            files,
            threads=settings.model_thread_count,
            max_windows=settings.read_windows,
            error_budget=settings.error_budget,
            engines=settings.engines,
        )

    return load


def loader(settings: Settings) -> Callable[[ModelFiles], Classifier]:
    """Return what loads a model as the settings want it and has it answer its golden inputs."""
    plain = plain_loader(settings)

    def load(files: ModelFiles) -> Classifier:
        classifier = plain(files)
        classifier.prove()
        return classifier

    return load


@dataclass(frozen=True, slots=True)
class Served:
    """What would answer now.

    Attributes:
        model: Loaded.
        slot: Where it lies; None for the model the box came with.
        passed_over: Slots that come first and do not serve, each with one sentence of why.
    """

    model: Classifier
    slot: str | None
    passed_over: tuple[tuple[str, str], ...]


def load_active(house: House, load: Callable[[ModelFiles], Classifier]) -> Served:
    """Load what answers now, for a command: nothing is counted, put aside or written.

    Raises:
        ModelError: Not even the model the box came with can be loaded.
    """
    passed: list[tuple[str, str]] = []
    for slot in house.order():
        try:
            with house.opened(slot) as files:
                return Served(load(files), slot, tuple(passed))
        except ApplianceError as error:
            if slot is None:
                raise
            passed.append((slot, error.why))
        except OSError as error:
            passed.append((slot or FACTORY, f"It cannot be read: {error.strerror}."))
    raise ModelMissingError("There is no model to answer with.", "None can be read.", "Look at the disk.")
