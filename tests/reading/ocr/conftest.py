from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from appliance.reading import SCAN_MEMORY_BYTES, SCAN_PROGRAM, LayeredReader, ReaderPool, launcher_for
from tests.builders_scans import make_picture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from appliance.reading import Page


@pytest.fixture(scope="session")
def scans() -> Iterator[ReaderPool]:
    """One worker for scans, already started."""
    with ReaderPool(
        1, launcher=launcher_for("prefer", SCAN_MEMORY_BYTES, SCAN_PROGRAM), idle_seconds=600, by_line=True
    ) as pool:
        descriptor = os.memfd_create("scan")
        os.pwrite(descriptor, make_picture("png"), 0)
        pool.open(descriptor).close()
        os.close(descriptor)
        yield pool


@pytest.fixture(scope="session")
def box(scans: ReaderPool) -> Iterator[LayeredReader]:
    """Both kinds of workers, as the box has them."""
    with ReaderPool(1) as texts:
        texts.warm()
        yield LayeredReader(texts, scans)


@pytest.fixture
def pages(box: LayeredReader, opened: Callable[[bytes], int]) -> Callable[[bytes], list[Page]]:
    """Read a whole document as the box does."""

    def read(content: bytes) -> list[Page]:
        with box.open(opened(content)) as session:
            return list(iter(session.next, None))

    return read
