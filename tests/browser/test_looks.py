"""Every page at every width, light and dark: nothing overflows, complains or leaves, and axe finds nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.watching import OVERFLOW, watched
from tests.needs import needs_module

if TYPE_CHECKING:
    from typing import Literal

    from playwright.sync_api import Browser

    from tests.ui.serving import Served

pytestmark = pytest.mark.browser

WIDTHS = [1440, 1024, 390]
PAGES = [
    "/",
    "/?state=back",
    "/?label=nothing",
    "/documents/3",
    "/documents/5",
    "/documents/61",
    "/files",
    "/files?name=a",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_fit_and_pass_axe(chromium: Browser, desk: Served, width: int, scheme: Literal["light", "dark"]) -> None:
    needs_module("axe_playwright_python", "the test extra")
    from axe_playwright_python.sync_playwright import Axe

    with watched(chromium, desk, viewport={"width": width, "height": 800}, color_scheme=scheme) as watch:
        for path in PAGES:
            page = watch.go(path)
            found = Axe().run(page)
            assert found.violations_count == 0, f"{path}: {found.generate_report()}"
            assert page.evaluate(OVERFLOW) == 0, path
        assert watch.complaints == []
        assert watch.strangers() == []


@pytest.mark.parametrize("width", WIDTHS)
def test_an_error_page_fits_and_passes_axe(chromium: Browser, desk: Served, width: int) -> None:
    needs_module("axe_playwright_python", "the test extra")
    from axe_playwright_python.sync_playwright import Axe

    with watched(chromium, desk, viewport={"width": width, "height": 800}) as watch:
        page = watch.go("/documents/4711")
        assert Axe().run(page).violations_count == 0
        assert page.evaluate(OVERFLOW) == 0
        assert page.get_by_role("heading", name="There is no document 4711.").is_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_table_stays_a_table_for_a_screen_reader(chromium: Browser, desk: Served, width: int) -> None:
    with watched(chromium, desk, viewport={"width": width, "height": 800}) as watch:
        page = watch.go()
        assert page.get_by_role("row").count() == 51
        assert page.get_by_role("columnheader").count() == 7
        assert page.get_by_role("rowheader").count() == 50
        assert 4 * 50 <= page.get_by_role("cell").count() <= 6 * 50  # an empty one is left out where it is narrow


def test_the_system_setting_chooses_the_colours(chromium: Browser, desk: Served) -> None:
    grounds = set()
    for scheme in ("light", "dark"):
        with watched(chromium, desk, color_scheme=scheme) as watch:
            grounds.add(watch.go().evaluate("getComputedStyle(document.documentElement).backgroundColor"))
    assert len(grounds) == 2
