"""Intake: notice a file in an inbox, wait until it has settled, and claim it.

It promises that a file is taken whole or not at all, that its row is in the
ledger before it is touched, and that links, FIFOs, sockets and devices are
never followed or opened. It never reads what a document says.
"""

from appliance.intake.claim import Claims
from appliance.intake.guards import InboxError, assert_inbox_apart, assert_inbox_usable
from appliance.intake.lookout import Candidate, Lookout
from appliance.intake.tracker import Sighting, Tracker
from appliance.intake.watch import Watch, WatchError

__all__ = [
    "Candidate",
    "Claims",
    "InboxError",
    "Lookout",
    "Sighting",
    "Tracker",
    "Watch",
    "WatchError",
    "assert_inbox_apart",
    "assert_inbox_usable",
]
