"""Ways to spoil a file: of any format, and of those whose inside lies behind a checksum or a table of offsets.

Pure and seeded: the same chance makes the same file.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    Mutation = Callable[[Random, bytes, bytes], bytes]

MOST_BYTES = 8 * 1024**2
"""A mutation that makes more is cut off; whole gigabytes are for the bombs."""

EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
SPELLED = (b"0", b"-1", b"1", b"255", b"65536", b"99999", b"2147483647", b"4294967296", b"-2147483648", b"9" * 40)
AT_PLACES = (b"\xd0\xcf\x11\xe0", b"II*\0", b"MM\0*", b"BM")
"""How compound files, TIFF and BMP begin."""

_DIGITS = re.compile(rb"\d{1,12}")
_TAG = re.compile(rb"<[a-zA-Z][^<>]{0,200}>")
_REFERENCE = re.compile(rb"\d{1,6} 0 R")


def _span(chance: Random, data: bytes, most: int = 4096) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + 1 + int(most ** chance.random()))


def flip(chance: Random, data: bytes, _other: bytes) -> bytes:
    """Turn some bits over."""
    out = bytearray(data)
    for _ in range(1 + int(32 ** chance.random())):
        out[chance.randrange(len(out))] ^= 1 << chance.randrange(8)
    return bytes(out)


def delete(chance: Random, data: bytes, _other: bytes) -> bytes:
    """Take a piece out."""
    start, end = _span(chance, data)
    return data[:start] + data[end:]


def repeat(chance: Random, data: bytes, _other: bytes) -> bytes:
    """Say a piece again, now and then very often."""
    start, end = _span(chance, data, 256)
    return data[:end] + data[start:end] * int(20_000 ** chance.random()) + data[end:]


def swap(chance: Random, data: bytes, _other: bytes) -> bytes:
    """Change two pieces for each other."""
    (a, b), (c, d) = sorted((_span(chance, data, 512), _span(chance, data, 512)))
    return data if b > c else data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def truncate(chance: Random, data: bytes, _other: bytes) -> bytes:
    """Cut the end off."""
    return data[: chance.randrange(len(data) + 1)]


def splice(chance: Random, data: bytes, other: bytes) -> bytes:
    """Begin as one file and go on as another."""
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


def extreme(chance: Random, data: bytes, _other: bytes) -> bytes:
    """Write the largest and smallest numbers where lengths, counts and offsets most often stand."""
    out = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        size = chance.choice((1, 2, 4, 8))
        reach = len(out) if chance.random() < 0.5 else min(len(out), 1024)
        at = chance.randrange(reach) // size * size
        number = chance.choice(EXTREMES) & ((1 << 8 * size) - 1)
        out[at : at + size] = number.to_bytes(size, chance.choice(("little", "big")))
    return bytes(out)


def spell(chance: Random, data: bytes, _other: bytes) -> bytes:
    """Write other numbers where numbers are spelled in digits."""
    found = [match.span() for match in _DIGITS.finditer(data[:65_536])]
    if not found:
        return flip(chance, data, b"")
    for start, end in sorted(chance.sample(found, min(len(found), chance.randint(1, 3))), reverse=True):
        data = data[:start] + chance.choice(SPELLED) + data[end:]
    return data


def nest(chance: Random, data: bytes, _other: bytes) -> bytes:
    """Open an element, a group or a list very often, and sometimes close it as often."""
    times = int(100_000 ** chance.random())
    tags = _TAG.findall(data[:65_536])
    opening = chance.choice([*tags, b"[", b"<<", b"{", b"("]) if tags else chance.choice((b"[", b"<<", b"{", b"("))
    name = re.match(rb"<([^\s/>]+)", opening)
    closing = b"</" + name[1] + b">" if name else {b"[": b"]", b"<<": b">>", b"{": b"}"}.get(opening, b")")
    at = chance.randrange(len(data) + 1)
    return data[:at] + opening * times + (closing * times if chance.random() < 0.5 else b"") + data[at:]


GENERAL: tuple[Mutation, ...] = (flip, delete, repeat, swap, truncate, splice, extreme, spell, nest)


def in_zip(chance: Random, data: bytes, other: bytes) -> bytes:
    """Spoil one entry of an archive and pack it again, so that its checksum is right."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [(name, archive.read(name)) for name in archive.namelist()]
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, ValueError, OSError):
        return general(chance, data, other)
    place = chance.randrange(len(entries)) if entries else 0
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, content) in enumerate(entries):
            spoilt = general(chance, content, other) if number == place and content else content
            archive.writestr(zipfile.ZipInfo(name), spoilt, zipfile.ZIP_DEFLATED)
    packed = out.getvalue()
    return _lie_in_directory(chance, packed) if chance.random() < 0.2 else packed


def _lie_in_directory(chance: Random, packed: bytes) -> bytes:
    """Let an archive's directory name another size, offset, method or flag."""
    out = bytearray(packed)
    places = [match.start() for match in re.finditer(rb"PK\x01\x02", packed)]
    if places:
        at = chance.choice(places) + chance.choice((8, 10, 20, 24, 28, 30, 42))
        out[at : at + 2] = struct.pack("<H", chance.choice(EXTREMES) & 0xFFFF)
    return bytes(out)


def in_pdf(chance: Random, data: bytes, other: bytes) -> bytes:
    """Spoil what holds a PDF together: offsets, lengths, counts, who is whose child, filters."""
    spoil = chance.choice((_offsets, _named, _references, _filters, _previous, _in_streams))
    return spoil(chance, data) or general(chance, data, other)


def _replace(data: bytes, match: re.Match[bytes], said: bytes) -> bytes:
    return data[: match.start()] + said + data[match.end() :]


def _one(chance: Random, pattern: bytes, data: bytes) -> re.Match[bytes] | None:
    found = list(re.finditer(pattern, data, re.DOTALL))
    return chance.choice(found) if found else None


def _offsets(chance: Random, data: bytes) -> bytes:
    match = _one(chance, rb"\d{10} \d{5} [nf]|(?<=startxref\n)\d+", data)
    if not match:
        return b""
    target = chance.choice((0, match.start(), len(data), chance.randrange(len(data)), 9_999_999_999))
    return _replace(data, match, b"%010d 00000 n" % target if b" " in match[0] else b"%d" % target)


def _named(chance: Random, data: bytes) -> bytes:
    match = _one(
        chance, rb"(?<=/Length )\d+|(?<=/Count )\d+|(?<=/Size )\d+|(?<=/N )\d+|(?<=/First )\d+|(?<=/Width )\d+"
        rb"|(?<=/Height )\d+|(?<=/BitsPerComponent )\d+|(?<=/MediaBox \[)[^\]]*", data,
    )  # fmt: skip
    return _replace(data, match, chance.choice(SPELLED)) if match else b""


def _references(chance: Random, data: bytes) -> bytes:
    for _ in range(chance.randint(1, 3)):
        match = _one(chance, _REFERENCE.pattern, data)
        if not match:
            return b""
        data = _replace(data, match, b"%d 0 R" % chance.randint(0, 12))
    return data


def _filters(chance: Random, data: bytes) -> bytes:
    match = _one(chance, rb"/Length \d+ ", data)
    names = (
        b"/FlateDecode",
        b"/LZWDecode",
        b"/ASCIIHexDecode",
        b"/RunLengthDecode",
        b"/JBIG2Decode",
        b"/CCITTFaxDecode",
    )
    chain = b" ".join(chance.choice(names) for _ in range(chance.choice((1, 2, 40))))
    return _replace(data, match, match[0] + b"/Filter [" + chain + b"] ") if match else b""


def _previous(chance: Random, data: bytes) -> bytes:
    match = _one(chance, rb"trailer\s*<<|/Type /XRef", data)
    start = data.rfind(b"xref\n0")
    target = chance.choice((max(start, 0), 0, len(data), -1))
    return _replace(data, match, match[0] + b" /Prev %d " % target) if match else b""


def _in_streams(chance: Random, data: bytes) -> bytes:
    """Spoil what a stream unpacks to and pack it again."""
    match = _one(chance, rb"(?<=stream\n).*?(?=\nendstream)", data)
    if not match:
        return b""
    try:
        content = zlib.decompress(match[0])
    except zlib.error:
        return _replace(data, match, general(chance, match[0] or b"q", b" Q"))
    return _replace(data, match, zlib.compress(general(chance, content or b"q", b" Q")))


def in_place(chance: Random, data: bytes, other: bytes) -> bytes:
    """Spoil a file in which everything stands at a place that something else names, without moving a byte."""
    del other
    return chance.choice((flip, extreme))(chance, data, b"")


def general(chance: Random, data: bytes, other: bytes) -> bytes:
    """Spoil a file of any kind, in one way or a few."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        data = chance.choice(GENERAL)(chance, data, other)[:MOST_BYTES] or b"\0"
    return data


def mutated(chance: Random, data: bytes, other: bytes) -> bytes:
    """Return a spoilt file, spoilt inside where that takes knowing its format."""
    inside: Mutation = general
    if data.startswith(b"PK\x03\x04"):
        inside = in_zip
    elif b"%PDF-" in data[:1024]:
        inside = in_pdf
    elif data.startswith(AT_PLACES):
        inside = in_place
    return (inside if chance.random() < 0.7 else general)(chance, data, other)[:MOST_BYTES]
