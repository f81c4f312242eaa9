"""The page lives without jumping, says when it no longer does, and works without scripts and without a mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.watching import watched
from tests.builders_ledger import FilledLedger
from tests.ui.serving import served

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.ui.serving import Served

pytestmark = pytest.mark.browser

OUTLINED = """() => {
    const style = getComputedStyle(document.activeElement);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
}"""
WAIT_MS = 8_000


def arrives(page: Page, filled: FilledLedger, name: str) -> None:
    """Rest a document and wait until the page shows it."""
    document = filled.rested(name)
    page.wait_for_selector(f"#row-{document.id}", timeout=WAIT_MS)


def test_a_new_document_appears_without_a_reload(chromium: Browser, desk: Served, filled: FilledLedger) -> None:
    with watched(chromium, desk) as watch:
        page = watch.go()
        page.evaluate("window.sameLoad = true")
        arrives(page, filled, "new.pdf")
        assert page.locator("tbody tr").first.inner_text().startswith("new.pdf")
        assert page.evaluate("window.sameLoad")
        assert watch.complaints == []


def test_the_first_start_of_the_box_is_seen_without_a_reload_by_hand(chromium: Browser, tmp_path: Path) -> None:
    with served(tmp_path) as desk, watched(chromium, desk) as watch:
        desk.get()
        assert "has not been started" in watch.go().inner_text("main")
        FilledLedger(tmp_path).close()
        watch.page.wait_for_selector(".filters", timeout=WAIT_MS)
        assert "Nothing has arrived yet." in watch.page.inner_text("main")


def test_what_a_person_looks_at_stays_where_it_is(chromium: Browser, desk: Served, filled: FilledLedger) -> None:
    with watched(chromium, desk, viewport={"width": 1440, "height": 800}) as watch:
        page = watch.go()
        row = page.locator("#row-40")
        row.scroll_into_view_if_needed()
        page.locator("#document-40").focus()
        page.evaluate("getSelection().selectAllChildren(document.querySelector('#row-41 .label'))")
        before, selected = row.bounding_box(), page.evaluate("String(getSelection())")
        for name in ("new 1.pdf", "new 2.pdf"):
            arrives(page, filled, name)
        after = row.bounding_box()
        assert before is not None
        assert after is not None
        assert after["y"] == pytest.approx(before["y"], abs=1)
        assert page.evaluate("document.activeElement.id") == "document-40"
        assert page.evaluate("String(getSelection())") == selected


def test_it_asks_every_two_seconds_however_often_it_changed(
    chromium: Browser, desk: Served, filled: FilledLedger
) -> None:
    with watched(chromium, desk) as watch:
        page = watch.go()
        for number in range(3):
            arrives(page, filled, f"new {number}.pdf")
        asked = len(watch.requests)
        page.wait_for_timeout(6_500)
        assert len(watch.requests) - asked in (3, 4)


def test_a_chosen_label_is_not_taken_back_by_a_refresh(chromium: Browser, desk: Served, filled: FilledLedger) -> None:
    with watched(chromium, desk) as watch:
        page = watch.go()
        page.select_option("#label", "contract/distributor")
        arrives(page, filled, "new.pdf")
        assert page.input_value("#label") == "contract/distributor"


def test_a_document_in_work_is_followed_to_its_place(chromium: Browser, desk: Served, filled: FilledLedger) -> None:
    document = filled.decided("on its way.pdf")
    with watched(chromium, desk) as watch:
        page = watch.go(f"/documents/{document.id}")
        assert "in work" in page.inner_text("#document")
        filled.ledger.rest(document)
        page.wait_for_selector(".state.filed", timeout=WAIT_MS)
        assert "filed in var/filed/contract/distributor." in page.inner_text(".history")


def test_a_desk_that_no_longer_answers_is_said_and_nothing_claims_to_be_well(chromium: Browser, desk: Served) -> None:
    with watched(chromium, desk) as watch:
        page = watch.go()
        assert page.locator("#light").is_visible()
        desk.process.terminate()
        page.wait_for_selector("#lost", state="visible", timeout=WAIT_MS)
        assert "no document is lost" in page.inner_text("#lost")
        assert not page.locator("#light").is_visible()


def test_only_the_sentence_is_announced(chromium: Browser, desk: Served) -> None:
    with watched(chromium, desk) as watch:
        page = watch.go()
        live = page.locator("[aria-live], [role=status], [role=alert]:not([hidden])")
        assert live.count() == 1
        assert live.inner_text().startswith("All is well")


def test_everything_works_without_scripts(chromium: Browser, desk: Served, filled: FilledLedger) -> None:
    with watched(chromium, desk, java_script_enabled=False) as watch:
        page = watch.go()
        assert page.locator("tbody tr").count() == 50
        filled.rested("new.pdf")
        page.get_by_role("link", name="Load again").click()
        assert page.locator("tbody tr").first.inner_text().startswith("new.pdf")
        page.get_by_role("link", name="Older").click()
        assert page.locator("tbody tr").count() == 12
        page.get_by_role("link", name="Newest").click()
        page.get_by_label("Label").select_option("contract")
        page.get_by_role("button", name="Show").click()
        assert page.url.endswith("/?label=contract")
        page.locator("tbody a").first.click()
        assert page.get_by_role("heading", name="new.pdf").is_visible()
        assert page.get_by_role("link", name="Load again").is_visible()


@pytest.mark.parametrize("path", ["/", "/documents/5"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    chromium: Browser, desk: Served, path: str, width: int
) -> None:
    with watched(chromium, desk, viewport={"width": width, "height": 800}) as watch:
        page = watch.go(path)
        count = page.locator("a:visible, button:visible, select:visible").count()
        reached = set()
        for _ in range(count):
            page.keyboard.press("Tab")
            assert page.evaluate(OUTLINED), page.evaluate("document.activeElement.outerHTML")
            reached.add(page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)"))
        assert len(reached) == count
