from __future__ import annotations

import errno
import socket
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from appliance.desk import DeskError, bound_socket
from appliance.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEFAULT = Settings.model_fields["desk_port"].default


@contextmanager
def taken(port: int) -> Iterator[int]:
    """Listen on a port as another program does; where somebody does so already, so much the better."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that ended a moment ago do not count
        with suppress(OSError):
            other.bind(("127.0.0.1", port))
            other.listen()
        yield other.getsockname()[1] or port


def test_it_listens_where_the_settings_say(home: Path) -> None:
    with taken(0) as port:
        pass
    with bound_socket(Settings(home=home, desk_port=port)) as listener:
        assert listener.getsockname() == ("127.0.0.1", port)
        with socket.create_connection(("127.0.0.1", port), 5):
            pass


def test_where_the_default_port_is_taken_a_free_one_serves(settings: Settings) -> None:
    with taken(DEFAULT), bound_socket(settings) as listener:
        assert listener.getsockname()[1] not in (0, DEFAULT)
        with socket.create_connection(listener.getsockname(), 5):
            pass


def test_two_boxes_on_the_default_port_both_get_one(settings: Settings) -> None:
    with bound_socket(settings) as one, bound_socket(settings) as other:
        assert one.getsockname() != other.getsockname()


def test_a_chosen_port_that_is_taken_is_refused(home: Path) -> None:
    with taken(0) as port, pytest.raises(DeskError, match=f"port {port}"):
        bound_socket(Settings(home=home, desk_port=port))


def test_port_0_takes_a_free_one(home: Path) -> None:
    with bound_socket(Settings(home=home, desk_port=0)) as listener:
        assert listener.getsockname()[1] != 0


def test_an_address_of_another_machine_is_refused(home: Path) -> None:
    with pytest.raises(DeskError, match="address of this machine"):
        bound_socket(Settings(home=home, desk_host="203.0.113.1"))  # kept for documentation by RFC 5737


def test_ipv6_is_listened_on_where_there_is_some(home: Path) -> None:
    try:
        listener = bound_socket(Settings(home=home, desk_host="::1", desk_port=0))
    except DeskError as error:
        cause = error.__cause__
        assert isinstance(cause, OSError)
        assert cause.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
        pytest.skip("needs IPv6 on the loopback device")
    with listener:
        assert listener.getsockname()[0] == "::1"


def test_the_socket_is_not_inherited_unless_it_is_passed_on(home: Path) -> None:
    with bound_socket(Settings(home=home, desk_port=0)) as listener:
        assert not listener.get_inheritable()
