"""The build side: from labelled documents to a calibrated model folder; the service never imports it.

Promises: every step is seeded, goes on where it was interrupted, and measures
what it made; every figure in a model's card comes from here. Light to import:
torch and its kin are loaded where they are used. Never: a connection.
"""

from appliance.workbench.cli import workbench

__all__ = ["workbench"]
