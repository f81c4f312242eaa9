"""Filing: where a document goes, and the crash-safe move that takes it there.

It promises that nothing is ever overwritten, that the ledger knows the place
before the file moves, and that finishing twice is the same as finishing once.
"""

from appliance.filing.check import Check
from appliance.filing.duplicates import follow_first
from appliance.filing.move import Filing, MissingFileError, remove_if_empty
from appliance.filing.place import LabelError, destination_folder, first_free, numbered

__all__ = [
    "Check",
    "Filing",
    "LabelError",
    "MissingFileError",
    "destination_folder",
    "first_free",
    "follow_first",
    "numbered",
    "remove_if_empty",
]
