"""Text to a calibrated decision: the only room that runs a model.

Promises: a decision is a pure function of (text, model); pages are pulled only
while the box is unsure; no file of a model is parsed before all of them are
proven; what is far from everything taught is never filed unasked. Never: a
document's name, a connection, a training library.
"""

from appliance.classify.classifier import Classifier, load_classifier
from appliance.classify.decision import Alternative, Decision, Passage, Status, Word
from appliance.classify.errors import (
    BudgetError,
    ManifestError,
    ModelDamagedError,
    ModelDisagreesError,
    ModelError,
    ModelMissingError,
    ModelUnfitError,
)
from appliance.classify.line import PassedOver

__all__ = [
    "Alternative",
    "BudgetError",
    "Classifier",
    "Decision",
    "ManifestError",
    "ModelDamagedError",
    "ModelDisagreesError",
    "ModelError",
    "ModelMissingError",
    "ModelUnfitError",
    "Passage",
    "PassedOver",
    "Status",
    "Word",
    "load_classifier",
]
