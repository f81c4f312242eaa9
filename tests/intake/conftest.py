from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes import Box, in_memory, open_box

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    with open_box(tmp_path) as opened:
        yield opened


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    with in_memory(tmp_path) as folder:
        yield folder
