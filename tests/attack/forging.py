"""PDFs made by hand that no program would write; each forger returns the file's bytes."""

from __future__ import annotations

import zlib

from tests import builders
from tests.builders import _pdf, _stream

GIGABYTE = 1024**3
CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R >>"


def deflated(head: bytes, filler: bytes, size: int, wbits: int = 15) -> bytes:
    """Compress a head and ``size`` bytes of filler after it in no time: the same packed block comes again and again."""
    block = filler * (1024**2 // len(filler))
    packer = zlib.compressobj(9, wbits=wbits)
    begun = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    return begun + again * (size // len(block)) + packer.flush()


def make_compressed_pdf(text: str, *, layers: int = 1) -> bytes:
    """A PDF of version 1.5: its objects lie in an object stream, and its table of offsets is a stream.

    Args:
        text: What its page says.
        layers: How often the object stream is compressed.
    """
    bodies = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 5 0 R"
        b" /Resources << /Font << /F1 4 0 R >> >> >>",
        4: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    }
    index, said = b"", b""
    for number, body in bodies.items():
        index += b"%d %d " % (number, len(said))
        said += body + b"\n"
    packed = index + said
    for _ in range(layers):
        packed = zlib.compress(packed)
    filters = b"[" + b"/FlateDecode " * layers + b"]"
    contents = f"BT /F1 9 Tf 12 TL 20 700 Td {' '.join(f'({line}) Tj T*' for line in text.split(chr(10)))} ET".encode()
    out = bytearray(b"%PDF-1.5\n")
    places = {}
    for number, body in (
        (5, _stream(contents)),
        (6, _stream(packed, b"/Type /ObjStm /N 4 /First %d /Filter %s " % (len(index), filters))),
    ):
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    rows = b"\0\0\0\0\xff" + b"".join(b"\x02\0\0\x06" + bytes([at]) for at in range(4))
    rows += b"".join(b"\x01" + places[number].to_bytes(3, "big") + b"\0" for number in (5, 6))
    start = len(out)
    rows += b"\x01" + start.to_bytes(3, "big") + b"\0"
    table = zlib.compress(rows)
    out += b"7 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (
        _stream(table, b"/Type /XRef /Size 8 /W [1 3 1] /Root 1 0 R /Filter /FlateDecode "), start,
    )  # fmt: skip
    return bytes(out)


def make_pdf_of(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1, the first of them its catalogue."""
    return _pdf(list(objects))


def claims_pages(count: int) -> bytes:
    """A PDF of one page that says that it has so many."""
    return make_pdf_of(CATALOGUE, b"<< /Type /Pages /Kids [3 0 R] /Count %d >>" % count, PAGE, _stream(b"BT ET"))


def repeated_page(count: int) -> bytes:
    """A PDF whose tree names the same page so many times."""
    return make_pdf_of(
        CATALOGUE, b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b"3 0 R " * count, count), PAGE, _stream(b"BT ET")
    )


def kids_cycle() -> bytes:
    """A PDF whose pages are children of each other."""
    node = b"<< /Type /Pages /Kids [%d 0 R %d 0 R] /Count 100000 /Parent 2 0 R >>"
    return make_pdf_of(CATALOGUE, node % (3, 4), node % (2, 4), node % (3, 2))


def deep_kids(depth: int = 50_000) -> bytes:
    """A PDF whose tree of pages is a chain."""
    chain = [b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (number + 3) for number in range(depth)]
    return make_pdf_of(CATALOGUE, *chain, b"<< /Type /Page >>")


def deep_arrays(depth: int = 1_000_000) -> bytes:
    """A PDF with arrays in arrays."""
    return make_pdf_of(CATALOGUE + b" " + b"[" * depth, b"[" * depth, b"<< /A " * depth)


def deep_content(depth: int = 1_000_000) -> bytes:
    """A PDF whose page saves its state and opens lists without end."""
    return make_pdf_of(CATALOGUE, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", PAGE, _stream(b"q [ << " * depth))


def outline_cycle() -> bytes:
    """A PDF whose outline goes round in a circle."""
    return make_pdf_of(
        b"<< /Type /Catalog /Pages 2 0 R /Outlines 5 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", PAGE,
        _stream(b"BT ET"), b"<< /First 6 0 R /Last 6 0 R /Count 99999 >>", b"<< /Title (a) /Next 6 0 R /First 5 0 R >>",
    )  # fmt: skip


def form_cycle() -> bytes:
    """A PDF whose form draws itself, ten times."""
    return builders.make_drawn_pdf(b"/X Do", form=b"/X Do " * 10).replace(
        b"/Font << /F1 3 0 R >> >> /Length", b"/XObject << /X 5 0 R >> >> /Length"
    )


def nested_forms(depth: int = 12) -> bytes:
    """A PDF whose form draws another ten times, which draws another ten times, and so on: a billion laughs."""
    forms = [
        _stream(
            b"/X Do " * 10,
            b"/Type /XObject /Subtype /Form /BBox [0 0 600 700] /Resources << /XObject << /X %d 0 R >> >> "
            % (number + 6),
        )
        for number in range(depth)
    ]
    page = PAGE[:-2] + b"/Resources << /XObject << /X 5 0 R >> >> >>"
    last = _stream(b"0 0 9 9 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 600 700] ")
    return make_pdf_of(
        CATALOGUE, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page, _stream(b"/X Do " * 10), *forms, last
    )


def previous_cycle() -> bytes:
    """A PDF whose table of offsets names itself as the one before."""
    content = builders.make_pdf()
    return content.replace(b"trailer\n<<", b"trailer\n<< /Prev %d" % content.rfind(b"xref\n0"))


def previous_chain(length: int = 50_000) -> bytes:
    """A PDF with so many tables of offsets, each naming the one before."""
    out = bytearray(builders.make_pdf())
    before = out.rfind(b"xref\n0")
    for _ in range(length):
        start = len(out)
        out += b"xref\n0 0\ntrailer\n<< /Size 6 /Root 1 0 R /Prev %d >>\n" % before
        before = start
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % before


def claims_objects() -> bytes:
    """A PDF whose table of offsets claims four thousand million rows."""
    return builders.make_pdf().replace(b"xref\n0 6", b"xref\n0 4294967295").replace(b"/Size 6", b"/Size 4294967295")


def no_table() -> bytes:
    """A PDF of 20 MB without a table of offsets, full of beginnings of objects."""
    return b"%PDF-1.4\n" + b"1 0 obj << /Type /Catalog >> " * 700_000


def swollen_stream(layers: int) -> bytes:
    """A PDF whose page unpacks to gigabytes, compressed so often over."""
    packed = deflated(b"BT /F1 9 Tf ", b"(spam) Tj ", 3 * GIGABYTE // layers)
    for _ in range(layers - 1):
        packed = zlib.compress(packed)
    filters = b"/Filter [" + b"/FlateDecode " * layers + b"] "
    return make_pdf_of(CATALOGUE, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", PAGE, _stream(packed, filters))


def huge_page() -> bytes:
    """A PDF page of a million inches, with a picture that claims 60,000 x 60,000 dots."""
    picture = b"/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /ColorSpace /DeviceRGB /BitsPerComponent 8 "
    page = PAGE.replace(b"[0 0 612 792]", b"[0 0 72000000 72000000]")
    return make_pdf_of(
        CATALOGUE, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page[:-2] + b"/Resources << /XObject << /I 5 0 R >> >> >>", _stream(b"72000000 0 0 72000000 0 0 cm /I Do"),
        _stream(deflated(b"", b"\x7f", GIGABYTE), picture + b"/Filter /FlateDecode "),
    )  # fmt: skip
