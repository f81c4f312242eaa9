"""A publisher, and boxes that trust it.

The public conformance suite, whose ``--entrypoint`` lies beside this file,
loads it too, without the box's libraries and with the settings of our
``pyproject.toml``: pytest takes the option's value for a folder of tests. So
the box is imported only where it is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.updates.forger import Forger, Judge
    from tests.updates.modelbox import ModelBox


def pytest_configure(config: pytest.Config) -> None:
    """Leave the warnings of the conformance suite to the conformance suite."""
    if config.getoption("entrypoint", None):
        config.addinivalue_line("filterwarnings", "default")


@pytest.fixture
def forger() -> Forger:
    """A publisher."""
    from tests.updates.forger import Forger

    return Forger()


@pytest.fixture
def judge(tmp_path: Path, forger: Forger) -> Judge:
    """A box that has pinned the publisher's first root."""
    from tests.updates.forger import Judge

    return Judge(tmp_path, forger.root)


@pytest.fixture
def model_box(tmp_path: Path) -> Iterator[ModelBox]:
    """A box of models, with the ladder and a ledger."""
    from tests.fakes import in_memory
    from tests.updates.modelbox import open_model_box

    with in_memory(tmp_path) as folder:
        made = open_model_box(folder)
        yield made
        made.ledger.close()
