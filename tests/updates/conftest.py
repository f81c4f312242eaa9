"""A publisher, and boxes that trust it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes import in_memory
from tests.updates.forger import Forger, Judge
from tests.updates.modelbox import ModelBox, open_model_box

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def forger() -> Forger:
    """A publisher."""
    return Forger()


@pytest.fixture
def judge(tmp_path: Path, forger: Forger) -> Judge:
    """A box that has pinned the publisher's first root."""
    return Judge(tmp_path, forger.root)


@pytest.fixture
def model_box(tmp_path: Path) -> Iterator[ModelBox]:
    """A box of models, with the ladder and a ledger."""
    with in_memory(tmp_path) as folder:
        made = open_model_box(folder)
        yield made
        made.ledger.close()
