"""A page as pixels: what a reviewer sees, drawn where the parser runs, so that no browser opens the file itself.

A PDF page is drawn by pdfium without forms and scripts, a picture by Pillow, and
whatever else has text as that text on a white sheet. What leaves is rows of red,
green and blue bytes and their number, in a frame no larger than was asked for;
nothing that would have to be decoded again.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pypdfium2

from appliance.reading.base import TALLEST, Drawn, Trouble
from appliance.reading.detect import kind_of
from appliance.reading.local import LocalSession
from appliance.reading.mail import pieces_of
from appliance.reading.pdf import is_locked, opened_pdf
from appliance.reading.registry import DECODERS, MOST_PIXELS, PICTURES
from appliance.reading.source import Source
from appliance.reading.troubles import unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PIL.Image import Image

    from appliance.reading.base import Piece

SHEET = 1.414
"""Height of a sheet of text to its width, as of A4."""

LETTERS = 88
"""Letters to a line of such a sheet."""

RGB = 3


class DrawnSession:
    """One page of one document, drawn here.

    Args:
        descriptor: Open and readable; it stays the caller's.
        number: The page, counted from 1.
        width: The picture is at most so many pixels wide.

    Attributes:
        kind: The format found in the content.
        drawn: How large the picture is.

    Raises:
        UnreadableError: There is no such page, or it cannot be drawn.
    """

    def __init__(self, descriptor: int, number: int, width: int) -> None:
        source = Source(descriptor)
        if not source.size:
            raise unreadable(Trouble.EMPTY)
        self.kind = kind_of(source)
        draw: Callable[[Source, int, int], tuple[Drawn, bytes]] = _draw_text
        if self.kind == "pdf":
            draw = _draw_pdf
        elif self.kind in PICTURES:
            draw = _draw_picture
        self.drawn, pixels = draw(source, number, width)
        self._pieces: Iterator[Piece] = pieces_of(1, "", pixels)

    def next(self) -> None:
        """Say nothing: a picture has no text."""

    def next_piece(self) -> Piece | None:
        """Return the next of the pixels, or None after the last."""
        return next(self._pieces, None)

    def close(self) -> None:
        """Let the pixels go."""
        self._pieces = iter(())


def _draw_pdf(source: Source, number: int, width: int) -> tuple[Drawn, bytes]:
    try:
        document = opened_pdf(source)
    except pypdfium2.PdfiumError as error:
        raise unreadable(Trouble.ENCRYPTED if is_locked(error) else Trouble.DAMAGED, "pdf") from error
    try:
        if not 1 <= number <= len(document):
            raise unreadable(Trouble.NO_PAGE, "pdf")
        page = document[number - 1]
        across, up = page.get_size()
        scale = min(width / max(across, 1), TALLEST * width / max(up, 1))
        bitmap = page.render(scale=scale, rev_byteorder=True, may_draw_forms=False)
        row, stride, content = bitmap.width * RGB, bitmap.stride, bytes(bitmap.buffer)
        pixels = b"".join(content[at : at + row] for at in range(0, bitmap.height * stride, stride))
        return _clipped(bitmap.width, bitmap.height, pixels, width)
    except pypdfium2.PdfiumError as error:
        raise unreadable(Trouble.DAMAGED, "pdf") from error
    finally:
        document.close()


def _clipped(across: int, up: int, pixels: bytes, width: int) -> tuple[Drawn, bytes]:
    """Cut off the pixel or two by which rounding made a picture too large."""
    wide, tall = min(across, width), min(up, TALLEST * width)
    rows = (pixels[at * across * RGB : (at * across + wide) * RGB] for at in range(tall))
    return Drawn(wide, tall), b"".join(rows)


def _draw_picture(source: Source, number: int, width: int) -> tuple[Drawn, bytes]:
    from PIL import Image, ImageOps  # 15 MB and 60 ms that reading text should not cost

    kind = kind_of(source)
    if kind == "heic":
        import pi_heif

        pi_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = None  # judged here, by the limit of the reader of scans
    try:
        with Image.open(source.file(), formats=DECODERS[kind]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise unreadable(Trouble.TOO_MANY_PIXELS, kind)
            picture.draft("RGB", (width, TALLEST * width))
            picture.seek(number - 1)
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((width, TALLEST * width))
            paper = Image.new("RGB", upright.size, "white")
            shown = upright.convert("RGBA")
            paper.paste(shown, mask=shown)
            return _pixels(paper)
    except EOFError as error:
        raise unreadable(Trouble.NO_PAGE, kind) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise unreadable(Trouble.DAMAGED, kind) from error


def _draw_text(source: Source, number: int, width: int) -> tuple[Drawn, bytes]:
    from PIL import Image, ImageDraw, ImageFont

    size = (width, int(width * SHEET))
    sheet, margin = Image.new("RGB", size, "white"), width // 16
    letter = max(width // 55, 6)
    lines = _lines(_text(source, number), 2 * size[1] // letter)
    ImageDraw.Draw(sheet).multiline_text(
        (margin, margin), "\n".join(lines), fill="black", font=ImageFont.load_default(letter)
    )
    return _pixels(sheet)


def _text(source: Source, number: int) -> str:
    with LocalSession(source.descriptor) as session:
        for page in iter(session.next, None):
            if page.number >= number >= 1:
                return page.text
        raise unreadable(Trouble.NO_PAGE, session.kind)


def _lines(text: str, most: int) -> list[str]:
    folded = (part for line in text.splitlines()[:most] for part in textwrap.wrap(line.expandtabs(4), LETTERS) or [""])
    return [line for _, line in zip(range(most), folded, strict=False)]


def _pixels(picture: Image) -> tuple[Drawn, bytes]:
    return Drawn(*picture.size), picture.tobytes()
