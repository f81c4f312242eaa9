"""What a page says: its words without the markup, and its parts by id or class."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def words(response: TestResponse) -> str:
    """All text of a page, whitespace collapsed."""
    parser = _Words()
    parser.feed(response.get_data(as_text=True))
    return " ".join("".join(parser.words).split())


def get(client: FlaskClient, address: str = "/") -> str:
    """The words of a page that must be there."""
    response = client.get(address)
    assert response.status_code == 200
    return words(response)


def names(client: FlaskClient, address: str = "/") -> list[str]:
    """The documents of the list, from the top."""
    html = client.get(address).get_data(as_text=True)
    links = re.findall(r'<a id="document-\d+" [^>]*>(.*?)</a>', html)
    return [re.sub(r"<[^>]+>", "", link) for link in links]
