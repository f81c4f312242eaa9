"""PDF from its bare objects (ISO 32000-1, 7.3 and 7.5): pages of text in the base fonts, and pages of pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.workbench.formats.layout import font_of, lines_of, pages_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

A4 = (595, 842)
"""Points."""

FONTS = (b"Helvetica", b"Times-Roman")
SIZES = (10, 11, 12)
MARGINS = (54, 64, 72)
LEADING = 1.25
NARROWER = 0.92
"""Lines are measured in another font than they are set in, so they are filled so far only."""


def text_pdf(text: str, random: Random) -> bytes:
    """A PDF with a real text layer; what Windows-1252 lacks becomes a question mark."""
    font, size, margin = random.choice(FONTS), random.choice(SIZES), random.choice(MARGINS)
    leading = size * LEADING
    lines = lines_of(text, font_of(size), (A4[0] - 2 * margin) * NARROWER)
    pages = pages_of(lines, int((A4[1] - 2 * margin) / leading))
    begin = b"BT /F1 %d Tf %.2f TL %d %d Td " % (size, leading, margin, A4[1] - margin - size)
    contents = [stream(begin + b" ".join(shown(line) for line in page) + b" ET") for page in pages]
    resources = b"/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >> >>" % font
    return pdf_of_pages([(content, A4, resources) for content in contents])


def picture_pdf(pictures: Sequence[tuple[bytes, tuple[int, int]]]) -> bytes:
    """A PDF of A4 pages that show one picture each.

    Args:
        pictures: Grey JPEG, and its width and height in pixels.
    """
    objects: list[bytes] = []
    pages = []
    for number, (jpeg, (width, height)) in enumerate(pictures):
        entries = b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray " % (width, height)
        objects.append(stream(jpeg, entries + b"/BitsPerComponent 8 /Filter /DCTDecode "))
        content = stream(b"q %d 0 0 %d 0 0 cm /I Do Q" % A4)
        pages.append((content, A4, b"/XObject << /I %d 0 R >>" % (3 + number)))
    return pdf_of_pages(pages, objects)


def pdf_of_pages(pages: Sequence[tuple[bytes, tuple[int, int], bytes]], shared: Sequence[bytes] = ()) -> bytes:
    """A PDF of pages.

    Args:
        pages: Content stream, width and height in points, and resources of each.
        shared: Objects that resources speak of; they are numbered from 3.
    """
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", *shared]
    kids = []
    for content, (width, height), resources in pages:
        kids.append(b"%d 0 R" % (len(objects) + 1))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R /Resources << %s >> >>"
            % (width, height, len(objects) + 2, resources)
        )
        objects.append(content)
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    return pdf_of(objects)


def pdf_of(objects: Sequence[bytes]) -> bytes:
    """A PDF file of these objects, numbered from 1; the first is the catalogue."""
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """A stream object; its entries end with a blank."""
    return b"<< /Length %d %s>>\nstream\n%s\nendstream" % (len(content), entries, content)


def shown(line: str) -> bytes:
    """The operators that show a line and go to the next."""
    raw = line.encode("cp1252", "replace")
    return b"(" + raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)") + b") Tj T*"
