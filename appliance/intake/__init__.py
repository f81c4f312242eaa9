"""Intake: notice a file in an inbox, wait until it has settled, and claim it.

It promises that a file is taken whole or not at all, that its row is in the
ledger before it is touched, and that links, FIFOs, sockets and devices are
never followed or opened. It never reads what a document says.
"""

from appliance.intake.claim import Claims
from appliance.intake.guards import InboxError, assert_inbox_apart, assert_inbox_usable
from appliance.intake.lookout import Candidate, Lookout
from appliance.intake.mounts import Area, Mount, areas_of, read_mounts
from appliance.intake.probe import Mode, mode_of
from appliance.intake.room import Room
from appliance.intake.tracker import Sighting, Tracker
from appliance.intake.watch import Watch, WatchError

__all__ = [
    "Area",
    "Candidate",
    "Claims",
    "InboxError",
    "Lookout",
    "Mode",
    "Mount",
    "Room",
    "Sighting",
    "Tracker",
    "Watch",
    "WatchError",
    "areas_of",
    "assert_inbox_apart",
    "assert_inbox_usable",
    "mode_of",
    "read_mounts",
]
