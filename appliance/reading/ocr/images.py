"""Every picture a scan can be becomes upright pixels of bounded size, frame by frame.

Promises to look at a picture's size before decoding it, to decode only the
frame asked for, and to turn it as its camera says it was held. What is
transparent is white.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import pi_heif
from PIL import Image, ImageOps, ImageSequence

from appliance.reading import registry
from appliance.reading.base import Trouble
from appliance.reading.troubles import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from appliance.reading.source import Source

Pixels: TypeAlias = "NDArray[np.uint8]"
"""Height x width x 3, blue first, as OpenCV has it."""

LONG_SIDE = 2_000
"""Pixels of the longer side that lines are read from: A4 at 170 dots an inch; more cost time and read no better."""

SQUARE = 1.5
"""A fax has twice as many dots across as down; pixels less square than this are made square."""

PAGED = frozenset({"tiff"})
"""Kinds whose frames are pages; in the others they are a film, of which the first is the picture."""

Image.MAX_IMAGE_PIXELS = None  # sizes are judged below, with an answer of our own
pi_heif.register_heif_opener()


class Frame(NamedTuple):
    """One page as a picture.

    Attributes:
        number: Counted from 1.
        pixels: Upright as far as the file knows.
    """

    number: int
    pixels: Pixels


def frames_of(source: Source, kind: str) -> Iterator[Frame]:
    """Yield the pages of a picture file.

    Args:
        source: The file.
        kind: What its content is, a key of :data:`~appliance.reading.registry.DECODERS`.

    Raises:
        UnreadableError: It is damaged, or has more pixels than can be read.
    """
    try:
        with source.file() as file, Image.open(file, formats=registry.DECODERS[kind]) as picture:
            for number, frame in enumerate(ImageSequence.Iterator(picture), 1):
                yield Frame(number, pixels_of(frame, kind))
                if kind not in PAGED:
                    return
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise unreadable(Trouble.DAMAGED, kind) from error


def pixels_of(picture: Image.Image, kind: str) -> Pixels:
    """Decode one frame.

    Raises:
        UnreadableError: It has more pixels than can be read.
    """
    expect_bounded(*picture.size, kind)
    picture.draft("RGB", (LONG_SIDE, LONG_SIDE))  # a JPEG is decoded at a half, a quarter or an eighth of its size
    upright = ImageOps.exif_transpose(picture)
    plain = _plain(_square(upright))
    plain.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.ascontiguousarray(np.asarray(plain.convert("RGB"))[:, :, ::-1])


def expect_bounded(width: int, height: int, kind: str) -> None:
    """Refuse a picture that would fill the memory once it is decoded.

    Raises:
        UnreadableError: It has more than :data:`~appliance.reading.registry.MOST_PIXELS`.
    """
    if width * height > registry.MOST_PIXELS:
        raise unreadable(Trouble.TOO_MANY_PIXELS, kind)


def _plain(picture: Image.Image) -> Image.Image:
    """Return a picture in grey or colour, eight bits each, whatever it was."""
    if picture.mode in ("L", "RGB"):
        return picture
    if picture.mode.startswith(("I", "F")):
        low, high = picture.getextrema()
        scale = 255 / max(float(high) - float(low), 1.0)  # type: ignore[arg-type]  # one band: two numbers
        return picture.convert("F").point(lambda value: (value - low) * scale).convert("L")
    if picture.has_transparency_data:
        seen = picture.convert("RGBA")
        white = Image.new("RGBA", seen.size, "white")
        return Image.alpha_composite(white, seen).convert("RGB")
    return picture.convert("L" if picture.mode == "1" else "RGB")


def _square(picture: Image.Image) -> Image.Image:
    """Return a picture whose pixels are as wide as high."""
    across, down = map(float, picture.info.get("dpi", (1, 1)))
    if not across or not down or not SQUARE <= max(across / down, down / across) <= 2 * SQUARE:
        return picture
    width, height = picture.size
    if across > down:
        height = round(height * across / down)
    else:
        width = round(width * down / across)
    expect_bounded(width, height, "tiff")
    return picture.convert("L" if picture.mode == "1" else picture.mode).resize((width, height))
