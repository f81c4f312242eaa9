"""A page that remembers what went wrong on it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from playwright.sync_api import Browser, Page

    from tests.ui.serving import Served

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Watched:
    """A page, with every complaint and every request of the browser kept.

    Args:
        page: An empty page.
        desk: The desk it will look at.
    """

    def __init__(self, page: Page, desk: Served) -> None:
        self.page = page
        self.base = f"http://127.0.0.1:{desk.port}"
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    def go(self, path: str = "/") -> Page:
        """Open one of the desk's pages."""
        self.page.goto(self.base + path)
        return self.page

    def strangers(self) -> list[str]:
        """Requests that went anywhere but to the desk."""
        return [url for url in self.requests if urlsplit(url).netloc != urlsplit(self.base).netloc]


@contextmanager
def watched(chromium: Browser, desk: Served, **options: Any) -> Iterator[Watched]:
    """Open a page of its own, for example with ``viewport=`` or ``color_scheme=``."""
    context = chromium.new_context(**options)
    try:
        yield Watched(context.new_page(), desk)
    finally:
        context.close()
