"""Pictures of pages are drawn in a worker, made a PNG here, and kept while there is room."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from appliance.answer import Reading
from appliance.ledger import State
from appliance.pictures import Pictures, encoded
from appliance.reading import LocalReader, Picture, ReaderPool, Trouble, UnreadableError
from tests import builders
from tests.fakes import UNSURE, FakeModel, FakeReader, open_box

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def pool() -> Iterator[ReaderPool]:
    with ReaderPool(1) as made:
        yield made


def image_of(picture: Picture) -> Image.Image:
    """Let another library than ours read the PNG that we write."""
    image = Image.open(io.BytesIO(encoded(picture)))
    image.load()
    return image


def photograph(kind: str, size: tuple[int, int] = (400, 300), colour: str = "navy") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


KINDS = ("pdf", "docx", "xlsx", "pptx", "odt", "rtf", "html", "eml", "doc", "msg")


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_drawn_by_a_worker_and_shows_something(
    kind: str, opened: Callable[[bytes], int], pool: ReaderPool
) -> None:
    image = image_of(pool.picture(opened(getattr(builders, f"make_{kind}")()), 1, 800))
    assert image.mode == "RGB"
    assert image.width == 800
    assert 1000 < image.height < 1200
    colours = image.getcolors(1 << 24) or []
    dark = sum(count for count, colour in colours if max(colour) < 128)
    assert dark > 100, "nothing is written on it"
    assert max(colours)[1] == (255, 255, 255)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "GIF", "WEBP", "BMP", "JPEG2000", "AVIF"])
def test_a_picture_is_drawn_in_its_colour_and_never_made_larger(
    kind: str, opened: Callable[[bytes], int], pool: ReaderPool
) -> None:
    image = image_of(pool.picture(opened(photograph(kind)), 1, 200))
    assert image.size == (200, 150)
    red, green, blue = image.getpixel((100, 75))
    assert (red < 10, green < 10, abs(blue - 128) < 10) == (True, True, True)


def test_the_page_that_is_asked_for_is_drawn(opened: Callable[[bytes], int]) -> None:
    content = builders.make_drawn_pdf(b"1 0 0 rg 0 0 612 792 re f", b"0 0 1 rg 0 0 612 792 re f")
    descriptor = opened(content)
    seen = [image_of(LocalReader().picture(descriptor, page, 100)).getpixel((50, 50)) for page in (1, 2)]
    assert seen == [(255, 0, 0), (0, 0, 255)]


@pytest.mark.parametrize("page", [0, 3, 4_000_000_000])
@pytest.mark.parametrize("content", [builders.make_pdf(pages=2), builders.make_html(), photograph("PNG")])
def test_a_page_that_there_is_not_is_not_drawn(
    content: bytes, page: int, opened: Callable[[bytes], int], pool: ReaderPool
) -> None:
    with pytest.raises(UnreadableError) as caught:
        pool.picture(opened(content), page, 200)
    assert caught.value.trouble is Trouble.NO_PAGE


@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        (b"", Trouble.EMPTY),
        (builders.make_encrypted_pdf(), Trouble.ENCRYPTED),
        (b"%PDF-1.4 and nothing more", Trouble.DAMAGED),
        (photograph("PNG")[:60], Trouble.DAMAGED),
        (b"MZ\0\0" * 100, Trouble.UNSUPPORTED),
    ],
)
def test_what_cannot_be_drawn_says_why(
    content: bytes, trouble: Trouble, opened: Callable[[bytes], int], pool: ReaderPool
) -> None:
    with pytest.raises(UnreadableError) as caught:
        pool.picture(opened(content), 1, 200)
    assert caught.value.trouble is trouble


def test_a_picture_that_would_unpack_to_too_much_is_not_opened(opened: Callable[[bytes], int]) -> None:
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    with pytest.raises(UnreadableError) as caught:
        LocalReader().picture(opened(out.getvalue()), 1, 200)
    assert caught.value.trouble is Trouble.TOO_MANY_PIXELS


def test_a_page_as_long_as_a_wall_is_made_to_fit(opened: Callable[[bytes], int], pool: ReaderPool) -> None:
    wall = builders.make_pdf().replace(b"[0 0 612 792]", b"[0 0 9 9999 ]")
    picture = pool.picture(opened(wall), 1, 300)
    assert picture.height <= 900
    assert len(picture.pixels) == 3 * picture.width * picture.height


def test_a_worker_draws_and_then_reads(opened: Callable[[bytes], int], pool: ReaderPool) -> None:
    descriptor = opened(builders.make_pdf("Read me"))
    pool.picture(descriptor, 1, 400)
    with pool.open(descriptor) as session:
        page = session.next()
    assert page is not None
    assert page.text == "Read me"


class Counting(FakeReader):
    """Draws a picture of one colour, and counts how often."""

    drawn = 0

    def picture(self, _descriptor: int, _page: int, width: int) -> Picture:
        self.drawn += 1
        return Picture(width, 2, os.urandom(6 * width))


def test_a_picture_is_drawn_once_and_the_folder_keeps_its_limit(tmp_path: Path) -> None:
    reader = Counting()
    pictures = Pictures(tmp_path / "pictures", 5_000, Reading(reader, FakeModel(), 5.0))
    first = pictures.png("a" * 64, 0, 1, 300)
    assert (pictures.png("a" * 64, 0, 1, 300), reader.drawn) == (first, 1)
    for moment, page in enumerate(range(2, 7), 1):
        pictures.png("a" * 64, 0, page, 300)
        kept = tmp_path / "pictures" / f"{'a' * 64}-1-300.png"
        os.utime(kept, ns=(10**18 + moment * 10**9 + 10, 10**18 + moment * 10**9 + 10))
        newest = tmp_path / "pictures" / f"{'a' * 64}-{page}-300.png"
        os.utime(newest, ns=(10**18 + moment * 10**9, 10**18 + moment * 10**9))
        assert sum(each.stat().st_size for each in (tmp_path / "pictures").iterdir()) <= 5_000
    left = sorted(each.name.split("-")[1] for each in (tmp_path / "pictures").iterdir())
    assert left == ["1", "6"], "what was looked at last is kept"


def test_the_first_page_of_a_filed_pdf_is_a_picture_800_pixels_wide(tmp_path: Path) -> None:
    """A document that a real worker reads, taken the whole way, and then drawn from where it lies."""
    with ReaderPool(1) as pool, open_box(tmp_path, reader=pool) as box:  # type: ignore[arg-type]
        path = box.inbox / "a.pdf"
        path.write_bytes(builders.make_pdf("This contract binds the Distributor."))
        [candidate] = box.look()
        document = box.carry(box.walk.claim(candidate))
        assert document.state is State.FILED
        pictures = Pictures(tmp_path / "pictures", 1 << 20, box.walk.reading)
        descriptor = os.open(tmp_path / "home" / str(document.path), os.O_RDONLY)
        png = pictures.png(str(document.sha256), descriptor)
        os.close(descriptor)
    image = Image.open(io.BytesIO(png))
    assert (image.format, image.size) == ("PNG", (800, 1036))
    assert len(image.convert("L").getcolors() or []) > 10


def test_what_begins_to_wait_for_a_person_has_its_first_page_drawn(tmp_path: Path) -> None:
    reader = Counting()
    with open_box(tmp_path, reader=reader) as box:
        pictures = Pictures(tmp_path / "home/var/pictures", 1 << 20, box.walk.reading)
        walk = replace(box.walk, pictures=pictures)
        filed, unsure = box.file(), box.file("b.txt", UNSURE)
        walk.draw(filed)
        assert reader.drawn == 0
        walk.draw(unsure)
        assert [each.name for each in pictures.folder.iterdir()] == [f"{unsure.sha256}-1-800.png"]
        assert box.problems() == []
