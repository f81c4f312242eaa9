"""How good the answers are, as one page a reviewer can read, print and pass on.

Promises: one file that opens without a network and runs no script; every figure
comes from answers and labels alone, and none is typed by hand; no name and no
word of a document is in it. Never: a model, a document, a library to draw with.
"""

from appliance.report.page import page_of
from appliance.report.sheet import Sheet, Speed, facts_of

__all__ = ["Sheet", "Speed", "facts_of", "page_of"]
