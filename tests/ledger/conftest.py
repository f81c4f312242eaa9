from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.builders_ledger import FilledLedger
from tests.fakes import in_memory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    with in_memory(tmp_path) as folder:
        yield folder


@pytest.fixture
def filled(memory: Path) -> Iterator[FilledLedger]:
    made = FilledLedger(memory)
    yield made
    made.close()
