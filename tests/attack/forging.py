"""Hand-made files that no program would write; each forger returns the file's bytes."""

from __future__ import annotations

import zlib

from tests.builders import _pdf, _stream


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
