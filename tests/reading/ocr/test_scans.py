"""Whatever a scan is and however it lies, its words are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from appliance.reading import Trouble, UnreadableError
from tests import builders
from tests.builders_scans import (
    LETTER,
    draw_blank,
    draw_page,
    make_fax,
    make_heic,
    make_picture,
    make_png_bomb,
    make_scan_pdf,
    make_sideways_photo,
    make_stamped_pdf,
    make_tiff,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.reading import LayeredReader, Page

    Pages = Callable[[bytes], list[Page]]

KINDS = ("jpeg", "png", "tiff", "bmp", "gif", "webp", "jpeg2000")
REPORT = draw_page("QUARTERLY REPORT\nThe figures are better than in spring.")


def words_of(pages: list[Page]) -> list[str]:
    return " ".join(page.text for page in pages).split()


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_of_any_kind_is_read(kind: str, pages: Pages) -> None:
    assert words_of(pages(make_picture(kind))) == LETTER.split()


def test_a_photo_of_a_telephone_is_read(pages: Pages) -> None:
    assert words_of(pages(make_heic())) == ["Total", "1250"]


@pytest.mark.parametrize("mode", ["1", "P", "RGB", "RGBA", "LA", "CMYK", "I;16"])
def test_colours_are_no_matter(mode: str, pages: Pages) -> None:
    page = draw_page()
    if mode == "I;16":
        content = make_picture("tiff", page.convert("I").point(lambda value: value * 257).convert("I;16"))
    else:
        content = make_picture("tiff", page.convert(mode))
    assert words_of(pages(content)) == LETTER.split()


def test_what_is_transparent_is_paper(pages: Pages) -> None:
    page = draw_page()
    inked = page.convert("RGB").point(lambda _: 0)
    inked.putalpha(page.point(lambda value: 255 - value))
    assert words_of(pages(make_picture("png", inked))) == LETTER.split()


@pytest.mark.parametrize("angle", [0, 90, 180, 270, 3, -5, 93, 177])
def test_a_page_is_read_however_it_lies(angle: float, pages: Pages) -> None:
    assert words_of(pages(make_picture("png", draw_page(angle=angle)))) == LETTER.split()


def test_a_photo_is_turned_as_its_camera_says(pages: Pages) -> None:
    assert words_of(pages(make_sideways_photo())) == LETTER.split()


def test_the_dots_of_a_fax_are_not_square(pages: Pages) -> None:
    assert words_of(pages(make_fax()))[:4] == ["ANNUAL", "REPORT", "The", "committee"]


def test_the_pages_of_a_tiff_are_read_in_order_and_blank_backs_are_not(pages: Pages) -> None:
    read = pages(make_tiff(draw_page(), draw_blank(), REPORT))
    assert [page.number for page in read] == [1, 1, 3]
    assert words_of(read[2:])[:2] == ["QUARTERLY", "REPORT"]


def test_a_scanned_pdf_is_read_page_by_page(pages: Pages) -> None:
    read = pages(make_scan_pdf(draw_page(), draw_blank(), REPORT))
    assert [page.number for page in read] == [1, 1, 3]
    assert words_of(read)[:2] == ["ANNUAL", "REPORT"]


def test_three_pages_are_read_and_no_more(pages: Pages) -> None:
    assert {page.number for page in pages(make_tiff(*[REPORT] * 5))} == {1, 2, 3}


def test_a_page_comes_a_few_lines_at_a_time(pages: Pages) -> None:
    read = pages(make_picture("png", draw_page("\n".join([LETTER] * 4))))
    assert [len(page.text.split("\n")) for page in read] == [4, 4, 8, 8]
    assert {page.number for page in read} == {1}


def test_text_comes_first_and_then_the_pages_that_have_none(box: LayeredReader, opened: Callable[[bytes], int]) -> None:
    content = make_scan_pdf(REPORT, "The second page is text.", "The third page as well.")
    with box.open(opened(content)) as session:
        read = []
        while page := session.next():
            read.append((page.number, session.by_line, page.text.split()[0]))
    assert read == [(2, False, "The"), (3, False, "The"), (1, True, "QUARTERLY")]


def test_text_that_stands_for_nothing_is_read_off_the_page(pages: Pages) -> None:
    garbled = LETTER.translate({code: code - 29 for code in range(97, 123)})
    assert words_of(pages(builders.make_pdf(garbled)))[0] == "ANNUAL"


def test_a_line_that_the_scanner_wrote_is_not_the_page(pages: Pages) -> None:
    assert "committee" in words_of(pages(make_stamped_pdf("Scanned with a scanner")))


@pytest.mark.parametrize("content", [make_picture("png", draw_blank()), builders.make_png()], ids=["paper", "a dot"])
def test_a_picture_without_a_word_has_no_text(content: bytes, pages: Pages) -> None:
    with pytest.raises(UnreadableError) as caught:
        pages(content)
    assert caught.value.trouble is Trouble.NO_TEXT


def test_a_picture_that_would_fill_the_memory_is_refused_unread(pages: Pages) -> None:
    with pytest.raises(UnreadableError, match="more dots than the box can read") as caught:
        pages(make_png_bomb())
    assert caught.value.trouble is Trouble.TOO_MANY_PIXELS


@pytest.mark.parametrize("kind", ["jpeg", "png", "tiff", "webp", "jpeg2000"])
def test_a_picture_that_was_cut_off_costs_itself_alone(kind: str, pages: Pages) -> None:
    content = make_picture(kind)
    with pytest.raises(UnreadableError) as caught:
        pages(content[: len(content) // 3])
    assert caught.value.trouble in {Trouble.DAMAGED, Trouble.NO_TEXT}
    assert words_of(pages(make_picture("png"))) == LETTER.split()
