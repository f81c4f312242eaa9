"""Why a model cannot be used: one error a cause, each with what, why and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.errors import ApplianceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

KEPT = "Go back to the model before, or import the bundle again"


class ModelError(ApplianceError):
    """A model that cannot be used; the box never answers with one."""


class ModelMissingError(ModelError):
    """There is no model where one was looked for."""


class ManifestError(ModelError):
    """The manifest cannot be understood.

    Args:
        why: What is wrong with it, one sentence.
    """

    def __init__(self, why: str) -> None:
        super().__init__("The model's manifest cannot be understood.", why, f"{KEPT}.")


class ModelDamagedError(ModelError):
    """A file of the model is missing, altered or was never listed.

    Args:
        why: Which file, and what is wrong with it, one sentence.
    """

    def __init__(self, why: str) -> None:
        super().__init__("The model's files are not the ones it was made of.", why, f"{KEPT} from a good stick.")


class ModelUnfitError(ModelError):
    """The model is whole but does not run on this box.

    Args:
        why: What does not fit, one sentence.
    """

    def __init__(self, why: str) -> None:
        super().__init__("The model does not fit this box.", why, "Import a model made for this version of the box.")


class ModelDisagreesError(ModelError):
    """The model does not give the answers it gave where it was made.

    Args:
        why: Which answer differs and by how much, one sentence.
    """

    def __init__(self, why: str) -> None:
        super().__init__("The model does not prove itself on this box.", why, f"{KEPT}.")


class BudgetError(UsageError):
    """The model was not calibrated for the error budget that is set.

    Args:
        budget: The one that is set, a share.
        known: Those it was calibrated for.
    """

    def __init__(self, budget: float, known: Sequence[float]) -> None:
        shares = ", ".join(f"{share:g}" for share in known)
        several = len(known) > 1
        super().__init__(
            f"The error budget {budget:g} cannot be kept.",
            f"The model's threshold was set for {shares}" + (" and for no other budget." if several else " alone."),
            f"Set `error_budget` to {'one of these' if several else shares}, or leave it out for the model's own.",
        )
