"""One line an event to stderr, as ``message key=value …``; never a word of a document, nor its name.

Under systemd (``JOURNAL_STREAM`` names stderr) each line carries its priority
as ``<N>`` (man 3 sd-daemon) and no time, because the journal keeps its own.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import warnings

_PRIORITY = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class LineFormatter(logging.Formatter):
    """Formats a record with its ``extra`` as key=value pairs.

    Args:
        journal: Whether the line goes to the journal.
    """

    def __init__(self, *, journal: bool) -> None:
        super().__init__()
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """Return one line, whatever the message and the values hold; an exception is named by its class alone."""
        pairs = [f"{key}={_spelled(value)}" for key, value in vars(record).items() if key not in _STANDARD]
        message = record.getMessage()
        line = " ".join([message if message.isprintable() else json.dumps(message), *pairs])
        if record.exc_info and record.exc_info[0]:
            line += f" exception={record.exc_info[0].__name__}"  # its message may hold a name, and so may a library's
        if self._journal:
            return f"<{_PRIORITY.get(record.levelno, 6)}>{line}"
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        return f"{when} {record.levelname.lower()} {line}"


def start_logging(level: str) -> None:
    """Send the log of this process to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(journal=_stderr_is_journal(os.environ.get("JOURNAL_STREAM", ""))))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("watchdog").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", module="watchdog")  # they spell out folders, and the sweep finds what was missed


def _spelled(value: object) -> str:
    text = f"{value:.1f}" if isinstance(value, float) else str(value)
    return text if text and text.isprintable() and not set(text) & set(' "=') else json.dumps(text)


def _stderr_is_journal(stream: str) -> bool:
    status = os.fstat(sys.stderr.fileno())
    return stream == f"{status.st_dev}:{status.st_ino}"
