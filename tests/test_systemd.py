from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from appliance.systemd import Notifier

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=["path", "abstract"])
def manager(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, socket.socket]]:
    """A service manager's socket, and what it is called in the environment."""
    name = f"appliance-test-{os.getpid()}"
    address = f"@{name}" if request.param == "abstract" else str(tmp_path_factory.mktemp("m") / "s")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0{name}" if request.param == "abstract" else address)
        listening.settimeout(5)
        yield address, listening


def test_each_notice_is_one_datagram(manager: tuple[str, socket.socket]) -> None:
    address, listening = manager
    notifier = Notifier(address, 0)
    notifier.ready("model m, desk http://127.0.0.1/")
    notifier.alive()
    notifier.stopping()
    assert [listening.recv(4096) for _ in range(3)] == [
        b"READY=1\nSTATUS=model m, desk http://127.0.0.1/",
        b"WATCHDOG=1",
        b"STOPPING=1",
    ]


def test_the_environment_says_where_and_how_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "@somewhere")
    monkeypatch.setenv("WATCHDOG_USEC", "3000000")
    assert Notifier.from_environment().watchdog_seconds == 3


def test_where_nobody_listens_it_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    notifier = Notifier.from_environment()
    notifier.ready("x")
    notifier.alive()
    assert notifier.watchdog_seconds == 0


@pytest.mark.parametrize("address", ["/nowhere/notify", "@nobody-listens-here", "/" + "x" * 200])
def test_a_manager_that_is_gone_does_not_stop_the_box(address: str) -> None:
    Notifier(address, 0).alive()
