"""A picture is judged before it is decoded, and only the page asked for is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from appliance.reading import Trouble, UnreadableError, registry
from appliance.reading.ocr import images
from appliance.reading.source import Source
from tests import builders
from tests.builders_scans import draw_page, make_picture, make_tiff

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.reading import Page

    Opened = Callable[[bytes], int]

PAGE = draw_page("A page")


def test_the_pages_of_a_tiff_are_decoded_as_they_are_asked_for(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded, decode = [], images.pixels_of
    monkeypatch.setattr(images, "pixels_of", lambda *given: decoded.append(given) or decode(*given))
    frames = images.frames_of(Source(opened(make_tiff(*[PAGE] * 9))), "tiff")
    assert [next(frames).number, next(frames).number] == [1, 2]
    frames.close()
    assert len(decoded) == 2


def test_each_page_of_a_tiff_is_judged_by_itself(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "MOST_PIXELS", PAGE.width * PAGE.height)
    frames = images.frames_of(Source(opened(make_tiff(PAGE, PAGE.resize((1400, 700))))), "tiff")
    assert next(frames).number == 1
    with pytest.raises(UnreadableError) as caught:
        next(frames)
    assert caught.value.trouble is Trouble.TOO_MANY_PIXELS


def test_a_large_picture_is_brought_to_the_size_that_is_read(opened: Opened) -> None:
    large = PAGE.resize((5000, 2500))
    for kind in ("jpeg", "png"):
        (frame,) = images.frames_of(Source(opened(make_picture(kind, large))), kind)
        assert frame.pixels.shape == (1000, 2000, 3)


def test_of_a_film_the_first_picture_is_read(opened: Opened) -> None:
    film = make_picture("gif", PAGE, save_all=True, append_images=[draw_page("another")])
    assert [frame.number for frame in images.frames_of(Source(opened(film)), "gif")] == [1]


def test_a_picture_inside_a_pdf_is_judged_too(pages: Callable[[bytes], list[Page]]) -> None:
    bomb = builders.make_scanned_pdf().replace(b"/Width 8 /Height 8", b"/Width 90000 /Height 90000")
    with pytest.raises(UnreadableError) as caught:
        pages(bomb)
    assert caught.value.trouble is Trouble.TOO_MANY_PIXELS


def test_a_decoder_meant_for_another_kind_is_never_tried(opened: Opened) -> None:
    with pytest.raises(UnreadableError) as caught:
        list(images.frames_of(Source(opened(make_picture("png"))), "jpeg"))
    assert caught.value.trouble is Trouble.DAMAGED
