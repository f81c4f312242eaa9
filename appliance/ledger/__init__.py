"""The ledger: what the box knows of every document, in one SQLite file.

It promises that each change of state is one durable transaction, that every
change is also an event in a hash chain, and that a state only ever follows one
it may follow. It never touches a document's file.
"""

from appliance.ledger.chain import broken_links
from appliance.ledger.connection import LedgerError, connect
from appliance.ledger.document import Arrival, Document, Part, Told, Unexplained, Verdict
from appliance.ledger.imports import Attempt, Reviewed
from appliance.ledger.ledger import BOX, Ledger
from appliance.ledger.queries import NoSuchDocumentError, Queries
from appliance.ledger.states import ENDS, IN_FLIGHT, State, StateError
from appliance.ledger.waiting import Found, Waiting, Why

__all__ = [
    "BOX",
    "ENDS",
    "IN_FLIGHT",
    "Arrival",
    "Attempt",
    "Document",
    "Found",
    "Ledger",
    "LedgerError",
    "NoSuchDocumentError",
    "Part",
    "Queries",
    "Reviewed",
    "State",
    "StateError",
    "Told",
    "Unexplained",
    "Verdict",
    "Waiting",
    "Why",
    "broken_links",
    "connect",
]
