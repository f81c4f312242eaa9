"""Serves the desk on a socket that the service bound: ``python -I -m ui.server FD [LIFELINE_FD]``.

The lifeline is the read end of a pipe whose write end only the service holds.
When the service ends, however it ends, the pipe closes and the desk ends at
once. It writes no file of its own: no access log, no pid file, no control
socket; the heartbeat of its worker lies in memory.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from appliance.errors import ApplianceError
from appliance.logs import start_logging
from appliance.settings import load_settings
from ui import create_app

if TYPE_CHECKING:
    from typing import Any

    from flask import Flask

THREADS = 4
FOREIGN = ("NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "GUNICORN_PID", "GUNICORN_FD")
"""What gunicorn would take for its own: the service's word to systemd, and sockets meant for another."""


class HouseLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Sends what gunicorn says through the log of the house, from warnings on."""

    def setup(self, cfg: Any) -> None:  # noqa: ANN401 - gunicorn's own configuration
        """Take gunicorn's handlers away, so that each line is written once and in our form."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.error_log.setLevel(logging.WARNING)


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """The desk under gunicorn: one worker, a few threads, one inherited socket.

    Args:
        app: The desk.
        listener: Descriptor of a listening socket.
        lifeline: Descriptor of the pipe to the service, or None to outlive it.
    """

    def __init__(self, app: Flask, listener: int, lifeline: int | None) -> None:
        self._app = app
        self._listener = listener
        self._lifeline = lifeline
        super().__init__()

    def load_config(self) -> None:
        """Configure gunicorn from here alone, never from its files or its environment."""
        options: dict[str, object] = {
            "bind": f"fd://{self._listener}",
            "control_socket_disable": True,
            "forwarded_allow_ips": "",
            "graceful_timeout": 1,
            "keepalive": 5,
            "limit_request_line": 2048,
            "logger_class": HouseLogger,
            "post_worker_init": self._watch_lifeline,
            "preload_app": True,
            "proc_name": "review desk",
            "threads": THREADS,
            "worker_class": "gthread",
            "worker_tmp_dir": "/dev/shm",  # noqa: S108 - gunicorn makes it by mkstemp, unlinked at once
            "workers": 1,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the desk."""
        return self._app

    def _watch_lifeline(self, _worker: object) -> None:
        if self._lifeline is not None:
            threading.Thread(target=_end_with, args=[self._lifeline], name="lifeline", daemon=True).start()


def _end_with(lifeline: int) -> None:
    """Wait until nobody holds the other end of the pipe, then end the server and this worker."""
    while os.read(lifeline, 64):
        pass
    os.kill(os.getppid(), signal.SIGQUIT)
    os._exit(0)


def main(arguments: list[str]) -> int:
    """Serve until told to stop.

    Args:
        arguments: The descriptor of the listening socket, and that of the lifeline.

    Returns:
        The exit code: 2 when the settings or the arguments cannot be used.
    """
    if not 1 <= len(arguments) <= 2 or not all(argument.isdigit() for argument in arguments):  # noqa: PLR2004
        sys.stderr.write("The review desk is started by `appliance run`, as: python -I -m ui.server FD [LIFELINE_FD]\n")
        return 2
    for name in FOREIGN:
        os.environ.pop(name, None)
    try:
        settings = load_settings()
    except ApplianceError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    start_logging(settings.log_level)
    listener, lifeline = int(arguments[0]), int(arguments[1]) if len(arguments) > 1 else None
    Server(create_app(settings), listener, lifeline).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
