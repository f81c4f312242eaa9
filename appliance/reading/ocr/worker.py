"""The child that reads scans: the ordinary worker's loop around another session.

It is ready once the recogniser is loaded, so that loading counts as waiting and
never against a document's time.
"""

from __future__ import annotations

import socket
from functools import partial

from appliance.reading.confine import Terms, confine
from appliance.reading.worker import Worker


def main(argument: str) -> None:
    """Run one worker.

    Args:
        argument: Its :class:`~appliance.reading.confine.Terms`.
    """
    terms = Terms.decode(argument)
    confine(terms)
    from appliance.reading.ocr.engine import Engine
    from appliance.reading.ocr.session import ScanSession

    opened = partial(ScanSession, engine=Engine())
    with socket.socket(fileno=terms.channel) as channel:
        Worker(channel, terms.seconds, opened).serve()
