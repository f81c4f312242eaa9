"""A publisher, and a box that trusts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.updates.forger import Forger, Judge

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def forger() -> Forger:
    """A publisher."""
    return Forger()


@pytest.fixture
def judge(tmp_path: Path, forger: Forger) -> Judge:
    """A box that has pinned the publisher's first root."""
    return Judge(tmp_path, forger.root)
