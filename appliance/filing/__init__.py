"""Filing: where a document goes, and the crash-safe move that takes it there.

It promises that nothing is ever overwritten, that the ledger knows the place
before the file moves, and that finishing twice is the same as finishing once.
"""

from appliance.filing.check import Check
from appliance.filing.duplicates import follow_first
from appliance.filing.move import Filing, MissingFileError, remove_if_empty
from appliance.filing.place import LabelError, candidate_names, destination_folder

__all__ = [
    "Check",
    "Filing",
    "LabelError",
    "MissingFileError",
    "candidate_names",
    "destination_folder",
    "follow_first",
    "remove_if_empty",
]
