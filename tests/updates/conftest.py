"""A publisher, and a box that trusts it.

The public conformance suite, whose ``--entrypoint`` lies beside this file,
loads it too, without the box's libraries and with the settings of our
``pyproject.toml``: pytest takes the option's value for a folder of tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.updates.forger import Forger, Judge


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
