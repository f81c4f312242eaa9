"""Text becomes lines of a width and pages of a height, as a word processor would break it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PIL import ImageFont

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LONGEST_WORD = 60
"""Characters; a longer one, an address of a page for example, is broken anywhere."""


@lru_cache(maxsize=16)
def font_of(size: float) -> ImageFont.FreeTypeFont:
    """The proportional font that Pillow brings.

    Args:
        size: Pixels (or points, where they are what is counted in).

    Raises:
        RuntimeError: Pillow was built without FreeType.
    """
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        message = "Pillow was built without FreeType, so there is no font of any size"
        raise RuntimeError(message)  # noqa: TRY004 - it is the installation that is wrong, not an argument
    return font


def lines_of(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Break a text into lines; of several empty lines one is kept."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        broken = list(_broken(paragraph, font, width))
        if broken or (lines and lines[-1]):
            lines += broken or [""]
    return lines


def pages_of(lines: Sequence[str], height: int) -> list[list[str]]:
    """Deal lines over pages of so many; at least one page."""
    return [list(lines[at : at + height]) for at in range(0, len(lines), height)] or [[]]


def _broken(paragraph: str, font: ImageFont.FreeTypeFont, width: float) -> Iterator[str]:
    line, used = "", 0.0
    blank = font.getlength(" ")
    for word in _words(paragraph):
        length = font.getlength(word)
        if line and used + blank + length > width:
            yield line
            line, used = word, length
        else:
            used += length + (blank if line else 0)
            line = f"{line} {word}" if line else word
    if line:
        yield line


def _words(paragraph: str) -> Iterator[str]:
    for word in paragraph.split():
        for at in range(0, len(word), LONGEST_WORD):
            yield word[at : at + LONGEST_WORD]
