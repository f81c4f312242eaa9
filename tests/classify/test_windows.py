from __future__ import annotations

import time
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from appliance.classify.windows import cut_windows
from tests.classify.builders import Pages, make_tokenizer

if TYPE_CHECKING:
    from appliance.classify.windows import Window


def cut(pages: list[str], tokens: int = 10) -> list[Window]:
    return list(cut_windows(iter(pages), make_tokenizer(), tokens))


def test_no_text_gives_no_window() -> None:
    assert cut([]) == cut([""]) == cut([" \n\t", "\x0b"]) == []


def test_a_short_text_is_one_window() -> None:
    [window] = cut(["total  total\n\nword "])
    assert (window.text, window.start, window.end) == ("total total word", 0, 16)


def test_a_window_holds_at_most_so_many_tokens() -> None:
    assert [len(window.ids) for window in cut(["word " * 20])] == [10, 10, 6]


def test_windows_begin_and_end_with_the_special_tokens() -> None:
    assert {(window.ids[0], window.ids[-1]) for window in cut(["word " * 20])} == {(1, 2)}


SHAPES = {
    "one page": ["alpha beta gamma " * 400],
    "many pages": ["alpha  beta\n", "gamma", "\t delta "] * 100,
    "one endless word": ["x" * 50_000],
    "no blanks but points": ["a.b,c;" * 5000],
    "letters of another script": ["\u6587\u66f8 " * 3000],
}


@pytest.mark.parametrize("pages", SHAPES.values(), ids=SHAPES.keys())
def test_offsets_are_true_in_the_collapsed_text(pages: list[str]) -> None:
    collapsed = " ".join(" ".join(pages).split())
    for window in cut(pages)[:50]:
        assert collapsed[window.start : window.end] == window.text


@pytest.mark.parametrize("pages", SHAPES.values(), ids=SHAPES.keys())
def test_windows_leave_nothing_out(pages: list[str]) -> None:
    collapsed = " ".join(" ".join(pages).split())
    windows = cut(pages)
    between = [collapsed[a.end : b.start] for a, b in pairwise(windows)]
    assert not "".join(between).strip()
    assert windows[-1].end == len(collapsed)


def test_a_page_is_pulled_only_when_the_window_is_not_full() -> None:
    pages = Pages(["word " * 30, "word " * 30, "word " * 30])
    windows = cut_windows(pages, make_tokenizer(), 10)
    next(windows)
    assert pages.pulled == 1


def test_lines_of_a_scan_are_pulled_one_by_one() -> None:
    pages = Pages(["word word"] * 100)
    next(cut_windows(pages, make_tokenizer(), 10))
    assert pages.pulled <= 8


def test_a_page_break_parts_words() -> None:
    [window] = cut(["to", "tal"])
    assert window.text == "to tal"


def test_where_the_pages_break_does_not_matter() -> None:
    text = "total word abstract " * 30
    whole = [w.ids for w in cut([text])]
    assert [w.ids for w in cut([t + " " for t in text.split()])] == whole


def test_the_first_window_of_a_huge_page_costs_little() -> None:
    page = "word " * 2_000_000
    began = time.perf_counter()
    next(cut_windows(iter([page]), make_tokenizer(), 128))
    assert time.perf_counter() - began < 0.05
