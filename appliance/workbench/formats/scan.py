"""Poor scans: a page of a PDF is drawn, turned a little, blurred, lit unevenly, made noisy and pressed into a JPEG."""

from __future__ import annotations

import io
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pypdfium2
from PIL import Image, ImageFilter

from appliance.workbench.formats.pdf import picture_pdf, text_pdf

if TYPE_CHECKING:
    from random import Random

POINTS_AN_INCH = 72
PAPER, LID = 240, 225
"""Greys of what is not printed on, and of what shows beside a page that lies askew; of 255."""

MOST_PAGES = 2


@dataclass(frozen=True, slots=True)
class Scanner:
    """How badly a page is scanned.

    Attributes:
        dpi: Dots an inch.
        degrees: By what the page lies askew.
        blur: Radius in dots.
        noise: Standard deviation, of 255.
        shade: How much darker the darkest corner is, of 255.
        ink: Grey of the letters, of 255.
        quality: Of the JPEG.
    """

    dpi: int
    degrees: float
    blur: float
    noise: float
    shade: float
    ink: int
    quality: int

    @classmethod
    def drawn(cls, random: Random) -> Scanner:
        """Any of the scanners of an office: 150 to 200 dots an inch, up to two degrees askew, JPEG 40 to 70."""
        return cls(
            dpi=random.choice((150, 175, 200)),
            degrees=random.uniform(-2, 2),
            blur=random.uniform(0.2, 0.9),
            noise=random.uniform(3, 14),
            shade=random.uniform(0, 70),
            ink=random.randint(10, 70),
            quality=random.randint(40, 70),
        )


def scan_jpeg(text: str, random: Random) -> bytes:
    """The first page of a text, scanned, as JPEG."""
    return _pages(text, random, 1)[0][0]


def scan_pdf(text: str, random: Random) -> bytes:
    """The first two pages of a text, scanned, as a PDF without a letter in it."""
    return picture_pdf(_pages(text, random, MOST_PAGES))


def _pages(text: str, random: Random, most: int) -> list[tuple[bytes, tuple[int, int]]]:
    scanner = Scanner.drawn(random)
    with closing(pypdfium2.PdfDocument(text_pdf(text, random))) as document:
        pages = [_drawn(document, index, scanner) for index in range(min(most, len(document)))]
    return [(_scanned(page, scanner, random), page.size) for page in pages]


def _drawn(document: pypdfium2.PdfDocument, index: int, scanner: Scanner) -> Image.Image:
    """A page in grey: its ink, and paper that is not quite white."""
    with closing(document[index]) as page, closing(page.render(scale=scanner.dpi / POINTS_AN_INCH)) as bitmap:
        drawn: Image.Image = bitmap.to_pil().convert("L")
    return drawn.point(lambda grey: scanner.ink + grey * (PAPER - scanner.ink) // 255)


def _scanned(page: Image.Image, scanner: Scanner, random: Random) -> bytes:
    page = page.rotate(scanner.degrees, Image.Resampling.BICUBIC, fillcolor=LID)
    page = page.filter(ImageFilter.GaussianBlur(scanner.blur))
    noise = np.random.default_rng(random.getrandbits(64))
    width, height = page.size
    across = np.linspace(0, 1, width)[None, :]
    down = np.linspace(0, 1, height)[:, None]
    towards = random.random()
    shade = scanner.shade * (towards * across + (1 - towards) * down)
    pixels = np.asarray(page, dtype=np.float32) - shade + noise.normal(0, scanner.noise, (height, width))
    out = io.BytesIO()
    grey = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    grey.save(out, "JPEG", quality=scanner.quality, dpi=(scanner.dpi, scanner.dpi))
    return out.getvalue()
