"""The child that reads scans: the ordinary worker's loop around another session.

It is ready once the recogniser is loaded, so that loading counts as waiting and
never against a document's time.
"""

from __future__ import annotations

import socket
from functools import partial

from appliance.reading.worker import Worker, limit

MEMORY_BYTES = 3 * 1024**3
"""Address space. What is used of it is about 400 MB; libraries and threads' stacks reserve the rest."""


def main(descriptor: str, seconds: str) -> None:
    """Run one worker.

    Args:
        descriptor: The number of its socket.
        seconds: The parent's limit for one document.
    """
    limit(MEMORY_BYTES)
    from appliance.reading.ocr.engine import Engine
    from appliance.reading.ocr.session import ScanSession

    opened = partial(ScanSession, engine=Engine())
    with socket.socket(fileno=int(descriptor)) as channel:
        Worker(channel, float(seconds), opened).serve()
