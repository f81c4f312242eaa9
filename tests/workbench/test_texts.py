from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from appliance.workbench import augment
from appliance.workbench.texts import OPENING_CHARACTERS, load_texts, read_opening

if TYPE_CHECKING:
    from pathlib import Path

PAPERLESS = {
    "links": ("see [our terms](http://x.example/y) now", "see our terms now"),
    "headings": ("## Privacy\nWe care", "Privacy\nWe care"),
    "rules": ("Title\n=====\ntext", "Title\n\ntext"),
    "emphasis": ("**bold** and `code`", "bold and code"),
    "lists": ("* one\n* two", "one\ntwo"),
}


@pytest.mark.parametrize(("marked", "plain"), PAPERLESS.values(), ids=PAPERLESS.keys())
def test_markup_is_taken_away(marked: str, plain: str) -> None:
    assert augment.without_markup(marked) == plain


def test_headers_are_taken_away() -> None:
    assert augment.without_headers("From: a@b\tSubject: x\t\tHello").strip() == "Hello"


def test_a_text_without_headers_stays() -> None:
    assert augment.without_headers("Hello: there\nyou") == "Hello: there\nyou"


def test_a_poor_scan_is_the_same_for_the_same_seed() -> None:
    first, second = (augment.as_scanned("the quick brown fox " * 20, Random(3)) for _ in range(2))
    assert first == second != "the quick brown fox " * 20


def test_the_original_form_is_shown_most() -> None:
    forms, weights = augment.variants("# plain text", Random(1))
    assert (forms[0], max(weights)) == ("# plain text", weights[0])


def test_only_the_opening_is_read(tmp_path: Path) -> None:
    path = tmp_path / "long"
    path.write_text("word " * 10_000, encoding="utf-8")
    assert len(read_opening(path)) == OPENING_CHARACTERS


def test_any_encoding_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old"
    path.write_bytes("Müller".encode("cp1252"))
    assert read_opening(path) == "Müller"


def test_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_text(name, encoding="utf-8")
    cache = tmp_path / "texts.jsonl"
    load_texts([tmp_path / "a"], cache, processes=1)
    with cache.open("a", encoding="utf-8") as file:
        file.write('{"sha256": "cut of')
    found = load_texts([tmp_path / "a", tmp_path / "b"], cache, processes=1)
    assert sorted(found.values()) == ["a", "b"]
