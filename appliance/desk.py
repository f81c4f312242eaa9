"""Runs the review desk as a child of the service, on a socket that the service bound.

The desk holds the read end of a pipe whose write end only the service has: when
the service ends, however it ends, the pipe closes and the desk ends with it.
"""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from appliance.errors import ApplianceError
from appliance.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

FAREWELL_SECONDS = 2.0
BACKLOG = 64


class DeskError(ApplianceError):
    """The desk cannot listen where it was told to."""


@contextmanager
def running_desk(settings: Settings) -> Iterator[str]:
    """Serve the desk while the block runs.

    Yields:
        Its address, for example ``http://127.0.0.1:8710/``.

    Raises:
        DeskError: The address cannot be listened on.
    """
    read_end, write_end = os.pipe()
    try:
        with bound_socket(settings) as listener:
            host, port = listener.getsockname()[:2]
            process = subprocess.Popen(
                [sys.executable, "-I", "-m", "ui.server", str(listener.fileno()), str(read_end)],
                pass_fds=(listener.fileno(), read_end),
                stdin=subprocess.DEVNULL,
                env={**os.environ, "APPLIANCE_HOME": str(settings.home)},
            )
        try:
            yield f"http://{f'[{host}]' if ':' in host else host}:{port}/"
        finally:
            _end(process)
    finally:
        os.close(read_end)
        os.close(write_end)


def bound_socket(settings: Settings) -> socket.socket:
    """Bind the desk's address; where the default port is another program's, take a free one.

    Raises:
        DeskError: The address is not this machine's, or a port that was chosen in the settings is taken.
    """
    family = socket.AF_INET6 if ":" in settings.desk_host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind(listener, settings)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise DeskError(
            f"The review desk cannot listen on {settings.desk_host} port {settings.desk_port}.",
            f"The system says: {error.strerror}.",
            "Set `desk_host` and `desk_port` in appliance.toml to an address of this machine and a free port.",
        ) from error
    return listener


def _bind(listener: socket.socket, settings: Settings) -> None:
    try:
        listener.bind((settings.desk_host, settings.desk_port))
    except OSError as error:
        chosen = settings.desk_port != Settings.model_fields["desk_port"].default
        if error.errno != errno.EADDRINUSE or chosen:
            raise
        listener.bind((settings.desk_host, 0))


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(FAREWELL_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
