"""Why a model cannot be used: one error a cause, each with what, why and what to do."""

from __future__ import annotations

from appliance.errors import ApplianceError

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
