"""Notices to systemd: ready, alive, stopping. Silent where nobody listens.

The protocol is one datagram to the socket named by ``NOTIFY_SOCKET`` (man 3
sd_notify); it needs no library.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress


class Notifier:
    """Tells the service manager how the box is.

    Args:
        address: The socket's path, ``@name`` for an abstract one, or "" for nobody.
        watchdog_seconds: How often the manager wants a sign of life; 0 for never.
    """

    def __init__(self, address: str, watchdog_seconds: float) -> None:
        self._address = address
        self.watchdog_seconds = watchdog_seconds

    @classmethod
    def from_environment(cls) -> Notifier:
        """Build from what systemd passed; the one place outside settings that reads the environment."""
        return cls(os.environ.get("NOTIFY_SOCKET", ""), int(os.environ.get("WATCHDOG_USEC", "0")) / 1e6)

    def ready(self, status: str) -> None:
        """Say that documents are being taken."""
        self._send(f"READY=1\nSTATUS={status}")

    def alive(self) -> None:
        """Give a sign of life."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """Say that the box is about to end."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with (
            suppress(OSError),  # a manager that is gone is no reason to stop; one that misses a notice acts itself
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager,
        ):
            manager.connect(address)
            manager.sendall(message.encode())
