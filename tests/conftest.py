"""What holds for every test: nothing is left behind, and nothing leaves the machine."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from appliance.settings import Settings

LOCAL_NAMES = frozenset({"localhost", ""})


def _refuse_to_leave(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect":
        endpoint, address = arguments[0], arguments[1]
        if isinstance(endpoint, socket.socket) and endpoint.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0]) if isinstance(address, tuple) else ""
            if host not in LOCAL_NAMES and not ipaddress.ip_address(host).is_loopback:
                raise AssertionError(f"a test opened a connection to {host}")
    elif event == "socket.getaddrinfo" and str(arguments[0]) not in {*LOCAL_NAMES, "127.0.0.1", "::1", "None"}:
        raise AssertionError(f"a test looked up {arguments[0]}")


sys.addaudithook(_refuse_to_leave)


def _open_files() -> set[tuple[str, str]]:
    found = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            target = str(descriptor.readlink())
        except FileNotFoundError:
            continue
        if target.startswith(("/", "socket:", "pipe:")) and not target.startswith(("/dev/", "/proc/")):
            found.add((descriptor.name, target))
    return found


def _children() -> set[str]:
    found = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # a thread may end between the listing and the look
            found |= set((task / "children").read_text().split())
    return found


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    """After each test no thread, child, open file or socket that was not there before."""
    threads, files, children = set(threading.enumerate()), _open_files(), _children()
    yield
    left = {
        "threads": [thread.name for thread in threading.enumerate() if thread not in threads],
        "open files": sorted(_open_files() - files),
        "children": sorted(_children() - children),
    }
    assert not any(left.values()), f"left behind: { {what: which for what, which in left.items() if which} }"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty root for one box."""
    root = tmp_path / "home"
    root.mkdir()
    return root


@pytest.fixture
def settings(home: Path) -> Settings:
    """The defaults on an empty root."""
    from appliance.settings import Settings  # here, because the public conformance suite loads this file without it

    return Settings(home=home)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[bytes], int]]:
    """Write bytes into a file with a lying name and return a descriptor of it."""
    descriptors = []

    def make(content: bytes) -> int:
        path = tmp_path / f"{len(descriptors)}.lie"
        path.write_bytes(content)
        descriptors.append(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
        return descriptors[-1]

    yield make
    for descriptor in descriptors:
        os.close(descriptor)
