"""What a test needs beyond the box itself: it is skipped where that is missing, unless all tests are asked for.

``APPLIANCE_TESTS=all`` turns each such skip into a failure, so that CI cannot
pass by not looking.
"""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from appliance.reading.sandbox import sandbox


def needs_module(name: str, source: str) -> None:
    """Skip the module that calls this unless a Python module can be imported.

    Args:
        name: The module.
        source: What brings it, for example ``the test extra``.
    """
    if find_spec(name) is None:
        _without(f"needs the Python module {name}, from {source}")


def needs_program(name: str, source: str) -> str:
    """Skip the module that calls this unless a program is installed, and return its path.

    Args:
        name: The program.
        source: What brings it, for example ``Debian package chromium``.
    """
    path = shutil.which(name)
    if path is None:
        _without(f"needs the program {name}, from {source}")
    return str(path)


def needs_sandbox() -> None:
    """Skip the module that calls this unless this machine offers every wall around a reading process."""
    for name, why in sandbox().missing.items():
        _without(f"needs {name} for the sandbox: {why}")


def _without(message: str) -> None:
    if os.environ.get("APPLIANCE_TESTS") == "all":
        pytest.fail(message)
    pytest.skip(message, allow_module_level=True)


CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
"""Real labelled documents beside the checkout, never part of it."""


def needs_corpus() -> Path:
    """Return the folder of labelled documents; they cannot be shipped, so without them a test skips everywhere."""
    if not (CORPUS / "labels.csv").is_file():
        pytest.skip(f"needs the labelled corpus at {CORPUS}", allow_module_level=True)
    return CORPUS
