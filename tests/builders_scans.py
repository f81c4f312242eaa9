"""Small scans, drawn in the test run with the font that Pillow brings: each builder returns the file's bytes."""

from __future__ import annotations

import base64
import io
import struct
import zlib

from PIL import Image, ImageDraw, ImageFont

from tests.builders import make_pdf

LETTER = """ANNUAL REPORT
The committee met on Monday morning
and heard from all its members.
Nothing was decided before lunch
because the treasurer was absent.
The next meeting is in November."""

MARGIN = 40
SIZE = 28


def draw_page(text: str = LETTER, angle: float = 0) -> Image.Image:
    """A page in grey, turned against the clock by so many degrees."""
    lines = text.split("\n")
    font = ImageFont.load_default(SIZE)
    page = Image.new("L", (640, max(2 * MARGIN + 50 * len(lines), 200)), 255)
    pen = ImageDraw.Draw(page)
    for place, line in enumerate(lines):
        pen.text((MARGIN, MARGIN + 50 * place), line, font=font, fill=20)
    return page.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def draw_blank() -> Image.Image:
    """The back of a page: not quite white, a fold and some dust, and nothing to read."""
    page = Image.effect_noise((640, 400), 6).point(lambda value: min(255, value + 110))
    ImageDraw.Draw(page).line((0, 200, 640, 203), fill=200, width=2)
    return page


def make_picture(kind: str, page: Image.Image | None = None, **options: object) -> bytes:
    """A picture file of one page, for example ``make_picture("jpeg")``."""
    out = io.BytesIO()
    (page or draw_page()).save(out, kind.upper(), **options)
    return out.getvalue()


def make_sideways_photo(text: str = LETTER) -> bytes:
    """A photo taken with the camera on its side, which says so in its EXIF data (tag 274, orientation)."""
    exif = Image.Exif()
    exif[274] = 6
    return make_picture("jpeg", draw_page(text, 90), exif=exif)


def make_tiff(*pages: Image.Image) -> bytes:
    """A TIFF of several pages."""
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], compression="tiff_deflate")
    return out.getvalue()


def make_fax(text: str = LETTER) -> bytes:
    """A fax: black and white, and half as many dots down as across."""
    page = draw_page(text).resize((1280, 380)).convert("1")
    return make_picture("tiff", page, compression="group4", dpi=(204, 98))


def make_scan_pdf(*pages: Image.Image | str) -> bytes:
    """A PDF of scanned pages; a page that is a text stands there as text."""
    import pypdf

    writer = pypdf.PdfWriter()
    for page in pages:
        content = make_pdf(page) if isinstance(page, str) else make_picture("pdf", page, resolution=72)
        writer.append(io.BytesIO(content))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def make_stamped_pdf(stamp: str, page: Image.Image | None = None) -> bytes:
    """A scanned page over which the scanner wrote a line of text."""
    import pypdf

    scan = pypdf.PdfReader(io.BytesIO(make_picture("pdf", page or draw_page(), resolution=72)))
    text = pypdf.PdfReader(io.BytesIO(make_pdf(stamp)))
    writer = pypdf.PdfWriter()
    writer.add_page(scan.pages[0]).merge_page(text.pages[0])
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def make_png_bomb(side: int = 100_000) -> bytes:
    """A PNG of a few bytes that claims to be this many pixels wide and high."""
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def make_heic() -> bytes:
    """A photo as a telephone takes it, of the words "Total 1250": what reads HEIC here cannot write it."""
    return base64.b64decode(_HEIC)


_HEIC = """
AAAAHGZ0eXBoZWl4AAAAAG1pZjFoZWl4bWlhZgAAAVBtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAAAERA
AAEAAQAAAAABdAABAAAAAAAAAdIAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA0GlwcnAAAACxaXBjbwAA
AHRodmNDAQQIAAAAn/gAAAAAPPAA/Pz4+AAADwNgAAEAF0ABDAH//wQIAAADAJ/4AAADAAA8ugJAYQABAChCAQEECAAAAwCf+AAAAwAAPMA8IGny5bqS
SmubAgAAAwAyAAADAAIQYgABAAdEAcFysGJAAAAAE2NvbHJuY2x4AAEADQAGgAAAABRpc3BlAAAAAAAAAeAAAABkAAAADnBpeGkAAAAAAQgAAAAXaXBt
YQAAAAAAAAABAAEEgQIDBAAAAdptZGF0AAABzigBrhahN7hn///52ZzxD131hfizxX97XXwZwakbPDMkrK7w+Hhe1D+6r032PzkHVuYir/T80j/Xn4ee
LKG+hZuQpJLLcVBkRQKl/49mXpJuYC1NCTOEFb278AvEO0NglZ4Kzol1Ed2zg57tD0Wc0xedMK2WCmdFhG6mhdpiBwVTWEb5ILPpcyvU1zgvDOa0w8AD
oXcm/gSsxmwjAGbmll1q1+kJUsHk2IIsAQEDOXntDPXDFxFU37jzCcM1RfLrk04VXwSiQQit/GrNe/fD5zv2F497rvPlaC27kGgu78vA3ka5mhEHhmwq
FEX07hryKx3OuBvOVmI/iStcyMw9FXhJXNqAiLvj4mlqUG9vE+v2ZQfbkbAaj8HByQ+eW4qQrBbaEFWx1S5a1kGe1wa9DMBXAAXuiwtnXWzc2AtnJ0M0
0mQYM4dhNcKGjISxmQy40BdW8DvaaRSe0YbhVJxZaRfm7wqBT+qAo0Lq7vR0QjhyTHQWxkCrJ0TfDEW/g2HCmKwEjPvTDopfBI7hGb2dym8+hAACmV6p
xzc3MOoCgFOGoSUoM9FjAgABuGDb/D0N9eD1kxQSAJDOSlw6LVSqLRiTnoNwBgAAAwAAAwABPw==
"""
