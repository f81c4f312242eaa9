from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes import in_memory
from tests.updates.modelbox import ModelBox, open_model_box

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def model_box(tmp_path: Path) -> Iterator[ModelBox]:
    with in_memory(tmp_path) as folder:
        made = open_model_box(folder)
        yield made
        made.ledger.close()
