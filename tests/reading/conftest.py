from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from appliance.reading import LocalReader, ReaderPool, launcher_for
from tests import builders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from appliance.reading import Reader


@pytest.fixture
def read(opened: Callable[[bytes], int]) -> Callable[[bytes], tuple[str, str]]:
    """Read a whole document in this process and return its kind and its text."""

    def whole(content: bytes, reader: Reader | None = None) -> tuple[str, str]:
        with (reader or LocalReader()).open(opened(content)) as session:
            return session.kind, "".join(page.text for page in iter(session.next, None))

    return whole


@pytest.fixture(scope="session", autouse=True)
def kreuzberg() -> None:
    """Let kreuzberg open what it keeps open for good before any test counts what is left behind."""
    descriptor = os.memfd_create("letter")
    try:
        os.pwrite(descriptor, builders.make_rtf(), 0)
        LocalReader().open(descriptor).close()
    finally:
        os.close(descriptor)


@pytest.fixture(scope="module")
def pool() -> Iterator[ReaderPool]:
    """One worker, behind every wall this machine offers."""
    with ReaderPool(1, launcher=launcher_for("prefer")) as made:
        yield made
