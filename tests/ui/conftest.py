"""A desk over a filled ledger, at 09:41 on 24 November 2026."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from appliance.settings import load_settings
from tests.builders_ledger import START, FilledLedger
from ui import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """The desk of a box that was not started yet."""
    return create_app(load_settings(tmp_path), clock=lambda: START)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser on this machine."""
    return app.test_client()


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[FilledLedger]:
    """The ledger of that box, made by this fixture."""
    ledger = FilledLedger(tmp_path)
    yield ledger
    ledger.close()


@pytest.fixture
def desk(client: FlaskClient, filled: FilledLedger) -> FlaskClient:
    """A browser on this machine, looking at a box that was started."""
    assert filled
    return client
