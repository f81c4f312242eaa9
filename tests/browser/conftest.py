"""A real Chromium on a real desk; the browser is given no way to talk to its maker."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.builders_ledger import FilledLedger
from tests.needs import needs_module, needs_program
from tests.ui.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.ui.serving import Served

QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
NAMES = [
    "scan{}.pdf",
    "Distribution agreement Meyer & Söhne GmbH 2026 (signed, final, version {}).pdf",
    "invoice{}\u202efdp.exe",
    "\u0639\u0642\u062f {}.pdf",
    "a" * 200 + "{}.txt",
]
STATUSES = ["auto", "auto", "review", "unknown", "unreadable"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless browser."""
    needs_module("playwright", "the test extra")
    program = needs_program("chromium", "Debian package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET, chromium_sandbox=False)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with 61 documents of every kind, most of them with awkward names."""
    home = tmp_path_factory.mktemp("template")
    ledger = FilledLedger(home)
    for number in range(60):
        ledger.rested(NAMES[number % 5].format(number), STATUSES[number * 7 % 5])
    ledger.ledger.withdraw(ledger.claimed("taken back.pdf"))
    ledger.close()
    return home


@pytest.fixture
def filled(tmp_path: Path, template: Path) -> Iterator[FilledLedger]:
    """A copy of that ledger, open for more."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    ledger = FilledLedger(tmp_path)
    yield ledger
    ledger.close()


@pytest.fixture
def desk(tmp_path: Path, filled: FilledLedger) -> Iterator[Served]:
    """The desk of that ledger, served as the service serves it."""
    assert filled
    with served(tmp_path) as running:
        running.get()
        yield running
