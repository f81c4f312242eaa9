"""Files made to take a reader down: small ones that unpack to much, deep ones, endless ones, and liars.

Each is made when it is asked for: what unpacks to gigabytes is packed as it is
made, and of the two endless texts one is a hole in a file.
"""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from typing import TYPE_CHECKING

from tests import builders, builders_scans
from tests.attack import forging
from tests.compound import make_compound

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ALLOWED = 511 * 1024**2
"""Just less than an archive may unpack to."""

_HELD = builders.TEXT


# Archives


def _swollen(name: str, first: dict[str, str | bytes], head: bytes, filler: bytes, claimed: int = ALLOWED) -> bytes:
    """An archive one entry of which goes on for 3 GB and claims to be as large as is just allowed."""
    raw = forging.deflated(head, filler, 3 * forging.GIGABYTE, wbits=-15)
    entry = struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 8, 0, 33, 0, len(raw), claimed, len(name), 0)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for each, content in first.items():
            archive.writestr(each, content)
        archive.writestr("zz", b"")
    packed = out.getvalue()
    end = packed.rfind(b"PK\x05\x06")
    (count, _, _, start) = struct.unpack_from("<HHII", packed, end + 8)
    body, directory = packed[:start], packed[start:end]
    place = len(body)
    body += entry + name.encode() + raw
    directory += struct.pack(
        "<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 8, 0, 33, 0, len(raw), claimed, len(name), 0, 0, 0, 0, 0, place
    )  # fmt: skip
    directory += name.encode()
    last = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count + 1, count + 1, len(directory), len(body), 0)
    return body + directory + last


OFFICE: dict[str, str | bytes] = {"[Content_Types].xml": "<a/>"}
SHEETS: dict[str, str | bytes] = {
    **OFFICE,
    "xl/root.xml": "",
    "xl/worksheets/sheet1.xml": '<w><row><c t="s"><v>99999999</v></c></row></w>',
}
ODT: dict[str, str | bytes] = {"mimetype": "application/vnd.oasis.opendocument.text"}
_WORD = b'<w:document xmlns:w="w"><w:body>'


def nested_zips(depth: int = 40) -> bytes:
    """A Word document in an archive in an archive and so on."""
    content = builders.make_docx()
    for _ in range(depth):
        content = builders.make_zip({"word/document.xml": content, "[Content_Types].xml": content})
    return content


def many_entries(count: int = 60_000) -> bytes:
    """An archive of so many empty entries."""
    return builders.make_zip({**OFFICE, **{f"word/header{number}.xml": b"" for number in range(count)}})


def overlapping_entries(count: int = 1000) -> bytes:
    """An archive whose entries are all the same place, which unpacks to 8 MB of silence each time."""
    packed = builders.make_zip({**OFFICE, "word/document1.xml": _WORD + b"<w:p/>" * (7 * 1024**2 // 6)})
    end = packed.rfind(b"PK\x05\x06")
    (start,) = struct.unpack_from("<I", packed, end + 16)
    second = packed.rfind(b"PK\x01\x02")
    row = bytearray(packed[second:end])
    struct.pack_into("<I", row, 24, 1000)  # it says that each is small
    directory = packed[start:second] + bytes(row) * count
    return packed[:start] + directory + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1 + count, 1 + count,
                                                    len(directory), start, 0)  # fmt: skip


# XML, HTML

LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY l0 "lol">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    + "]>"
)
EXTERNAL = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
QUADRATIC = f'<!DOCTYPE a [<!ENTITY q "{"q" * 100_000}">]>'


def docx_with(head: str, said: str) -> bytes:
    """A Word document whose XML begins so and says that."""
    body = f'<w:document xmlns:w="w"><w:p><w:t>{said}</w:t></w:p></w:document>'
    return builders.make_zip({**OFFICE, "word/document.xml": f'<?xml version="1.0"?>{head}{body}'})


def odt_with(head: str, said: str) -> bytes:
    """An OpenDocument text whose XML begins so and says that."""
    return builders.make_zip(
        {**ODT, "content.xml": f'<?xml version="1.0"?>{head}<d xmlns:text="t"><text:p>{said}</text:p></d>'}
    )


def markup_with(head: str, said: str) -> bytes:
    """An XML file, as an SVG is one."""
    return f'<?xml version="1.0"?>{head}<svg><text>{said}</text></svg>'.encode()


def deep_docx(depth: int = 2_000_000) -> bytes:
    """A Word document with so many elements in each other."""
    return builders.make_zip({**OFFICE, "word/document.xml": _WORD + b"<w:p>" * depth})


def long_attribute() -> bytes:
    """A Word document with an element of 200 MB that never closes its attribute."""
    return builders.make_zip({**OFFICE, "word/document.xml": b'<w:document xmlns:w="' + b"w" * 200_000_000})


def endless_tag() -> bytes:
    """A web page whose only tag never ends."""
    return b"<html><body><p>Words.</p><a " + b'b="c" ' * 4_000_000


def open_comments() -> bytes:
    """A web page of nothing but comments, declarations and references that are begun."""
    return b"<html><body>" + b"<!--" * 1_000_000 + b"<!" * 1_000_000 + b"&" * 1_000_000


# Pictures


def make_huge_tiff(side: int = 60_000) -> bytes:
    """A TIFF of a few bytes that claims to be this many dots wide and high."""
    tags = ((256, side), (257, side), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, side), (279, 99))
    rows = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + rows + bytes(4)


def tiff_cycle() -> bytes:
    """A TIFF whose first page comes again after its last."""
    content = builders_scans.make_tiff(*[builders_scans.draw_blank().resize((64, 64))] * 2)
    (first,) = struct.unpack_from("<I", content, 4)
    (tags,) = struct.unpack_from("<H", content, first)
    (second,) = struct.unpack_from("<I", content, first + 2 + 12 * tags)
    (tags,) = struct.unpack_from("<H", content, second)
    out = bytearray(content)
    struct.pack_into("<I", out, second + 2 + 12 * tags, first)
    return bytes(out)


def gif_of_frames(count: int = 100_000) -> bytes:
    """A GIF of so many frames."""
    content = builders_scans.make_picture("gif")
    start = content.index(b"\x2c", 800)
    return content[:start] + content[start:-1] * min(count, 64 * 1024**2 // len(content)) + b";"


# Mail


def nested_mail(depth: int = 1_000) -> bytes:
    """A mail in a mail in a mail."""
    said = b"From: a@example.org\nSubject: s\nMIME-Version: 1.0\n"
    return said + (b"Content-Type: message/rfc822\n\n" + said) * depth + b"\nWords.\n"


def nested_parts(depth: int = 1_000) -> bytes:
    """A mail of parts in parts, each with its own boundary."""
    out = b"From: a@example.org\nSubject: s\nMIME-Version: 1.0\n"
    for number in range(depth):
        out += b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (number, number)
    return out + b"\nWords.\n"


def many_parts(count: int = 100_000) -> bytes:
    """A mail of so many parts."""
    head = b'From: a@example.org\nSubject: s\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n'
    return head + b"--b\nContent-Disposition: attachment; filename=a\n\nx\n" * count + b"--b--\n"


def long_headers() -> bytes:
    """A mail whose headers go on for megabytes, in words that are encoded."""
    return (
        b"From: a@example.org\nMIME-Version: 1.0\nMessage-ID: <1@x>\nSubject: s\nTo:"
        + b" =?utf-8?q?=41?=\n" * 200_000 + b"\nWords.\n"
    )  # fmt: skip


# The rest


def fat_cycle() -> bytes:
    """A Word 97 document whose sectors follow each other in a circle."""
    content = bytearray(make_compound({"WordDocument": bytes(100_000), "1Table": bytes(5_000)}))
    (places,) = struct.unpack_from("<I", content, 76)
    for sector in range(100):
        struct.pack_into("<I", content, (places + 1) * 512 + 4 * sector, sector)
    return bytes(content)


def directory_cycle() -> bytes:
    """An Outlook mail whose storages lie in each other."""
    content = bytearray(builders.make_msg(attached={"a.txt": b"x"}))
    at = 0
    while (at := content.find("__attach".encode("utf-16-le"), at)) > 0:
        struct.pack_into("<I", content, at // 128 * 128 + 76, 1)
        at += 128
    return bytes(content)


def sparse_text(path: Path) -> None:
    """A text whose only line is 500 MB long, most of it a hole."""
    with path.open("wb") as file:
        file.write(b"word " * 20_000)
        file.truncate(500 * 1024**2)


def endless_line(path: Path) -> None:
    """A text whose only line is 500 MB of one letter."""
    with path.open("wb") as file:
        block = b"a" * 1024**2
        for _ in range(500):
            file.write(block)


def encoded(name: str) -> bytes:
    """A web page that declares an encoding by which it would become something else."""
    return f"<html><head><meta charset={name}></head><body>".encode() + b"\xff\xfe+ADw-AAAA" * 100_000


def gzip_polyglot() -> bytes:
    """What is a gzip bomb to one reader, a PDF and an archive to another."""
    return gzip.compress(bytes(100 * 1024**2)) + builders.make_pdf() + builders.make_docx()


def pdf_polyglot() -> bytes:
    """What is a picture to one reader, a PDF to another and a Word document to a third."""
    return builders_scans.make_picture("gif") + b"\n" + builders.make_pdf() + builders.make_docx()


BOMBS: dict[str, Callable[[], bytes]] = {
    "docx: 3 GB of zeros in one entry": lambda: _swollen("word/document.xml", OFFICE, _WORD, b"\0"),
    "docx: 3 GB of blanks in one entry": lambda: _swollen("word/document.xml", OFFICE, _WORD, b" "),
    "docx: 3 GB of words": lambda: _swollen("word/document.xml", OFFICE, _WORD, b"<w:p><w:t>spam </w:t></w:p>"),
    "xlsx: 3 GB of empty rows": lambda: _swollen(
        "xl/worksheets/sheet1.xml", {**OFFICE, "xl/root.xml": ""}, b"<worksheet>", b"<row/>"
    ),
    "xlsx: 3 GB of shared texts": lambda: _swollen(
        "xl/sharedStrings.xml",
        SHEETS, b"<sst>", b"<si/>",
    ),
    "xlsx: 3 GB of styles": lambda: _swollen(
        "xl/styles.xml", SHEETS,
        b"<s><cellXfs>", b'<xf numFmtId="14"/>',
    ),
    "xlsx: 3 GB of sheets' names": lambda: _swollen(
        "xl/workbook.xml", SHEETS,
        b"<workbook>", b'<sheet name="spam"/>',
    ),
    "xlsb: 3 GB of zeros": lambda: _swollen("xl/worksheets/sheet1.bin", {**OFFICE, "xl/workbook.bin": b""}, b"", b"\0"),
    "pptx: 3 GB of empty paragraphs": lambda: _swollen(
        "ppt/slides/slide1.xml", {**OFFICE, "ppt/root.xml": ""}, b'<p:sld xmlns:p="p" xmlns:a="a">', b"<a:p/>"
    ),
    "odt: 3 GB of zeros": lambda: _swollen("content.xml", ODT, b'<d xmlns:text="t">', b"\0"),
    "odt: 3 GB of an endless name": lambda: _swollen("content.xml", ODT, b"<d", b"d"),
    "ods: 3 GB of empty rows": lambda: _swollen(
        "content.xml", {"mimetype": "application/vnd.oasis.opendocument.spreadsheet"},
        b'<d xmlns:table="t">', b"<table:table-row/>",
    ),
    "odt: a manifest of 3 GB": lambda: _swollen("META-INF/manifest.xml", {**ODT, "content.xml": "<d/>"}, b"", b" "),
    "odt: a media type of 3 GB": lambda: _swollen("mimetype", {"content.xml": "<d/>"}, b"", b"a"),
    "epub: 3 GB of zeros": lambda: _swollen(
        "content.opf", {"mimetype": "application/epub+zip", "META-INF/container.xml":
        '<container><rootfiles><rootfile full-path="content.opf"/></rootfiles></container>'}, b"<package>", b" ",
    ),
    "docx: 3 GB, and says so": lambda: _swollen("word/document.xml", OFFICE, _WORD, b" ", 3 * forging.GIGABYTE),
    "docx: 3 GB that claim to be 1,000 bytes": lambda: _swollen("word/document.xml", OFFICE, _WORD, b" ", 1000),
    "docx: archives in archives": nested_zips,
    "docx: 60,000 entries": many_entries,
    "docx: entries in the same place": overlapping_entries,
    "docx: billion laughs": lambda: docx_with(LAUGHS, "&l11;"),
    "docx: external entity": lambda: docx_with(EXTERNAL, "&x;"),
    "docx: quadratic": lambda: docx_with(QUADRATIC, "&q;" * 100_000),
    "odt: billion laughs": lambda: odt_with(LAUGHS, "&l11;"),
    "odt: external entity": lambda: odt_with(EXTERNAL, "&x;"),
    "svg: billion laughs": lambda: markup_with(LAUGHS, "&l11;"),
    "svg: external entity": lambda: markup_with(EXTERNAL, "&x;"),
    "html: billion laughs": lambda: markup_with(LAUGHS, "&l11;").replace(b"svg>", b"html>"),
    "html: external entity": lambda: markup_with(EXTERNAL, "&x;").replace(b"svg>", b"html>"),
    "docx: two million elements in each other": deep_docx,
    "docx: an attribute of 200 MB": long_attribute,
    "html: two million elements in each other": lambda: b"<html>" + b"<div>" * 2_000_000 + b"Words.",
    "html: two million hidden elements": lambda: b"<html>" + b"<div hidden>" * 2_000_000 + b"Words.",
    "html: a tag without end": endless_tag,
    "html: begun and never ended": open_comments,
    "html: a script without end": lambda: b"<html><script>" + b"</scrip" * 3_000_000,
    "xml: two million elements in each other": lambda: b'<?xml version="1.0"?>' + b"<a>" * 2_000_000,
    "pdf: claims 100,000 pages": lambda: forging.claims_pages(100_000),
    "pdf: claims 2,147,483,647 pages": lambda: forging.claims_pages(2_147_483_647),
    "pdf: claims -1 pages": lambda: forging.claims_pages(-1),
    "pdf: the same page 100,000 times": lambda: forging.repeated_page(100_000),
    "pdf: pages that are each other's children": forging.kids_cycle,
    "pdf: a tree of 50,000 levels": forging.deep_kids,
    "pdf: arrays in arrays": forging.deep_arrays,
    "pdf: content in content": forging.deep_content,
    "pdf: an outline in a circle": forging.outline_cycle,
    "pdf: a form that draws itself": forging.form_cycle,
    "pdf: forms in forms, ten each": forging.nested_forms,
    "pdf: a table that comes before itself": forging.previous_cycle,
    "pdf: 50,000 tables of offsets": forging.previous_chain,
    "pdf: a table of four thousand million rows": forging.claims_objects,
    "pdf: no table, 700,000 objects": forging.no_table,
    "pdf: a page of 3 GB": lambda: forging.swollen_stream(1),
    "pdf: a page packed three times": lambda: forging.swollen_stream(3),
    "pdf: an object stream packed 300 times": lambda: forging.make_compressed_pdf(_HELD, layers=300),
    "pdf: a page of a million inches": forging.huge_page,
    "png: 60,000 x 60,000": lambda: builders_scans.make_png_bomb(60_000),
    "tiff: 60,000 x 60,000": make_huge_tiff,
    "tiff: pages in a circle": tiff_cycle,
    "gif: frame after frame": gif_of_frames,
    "mail: 1,000 deep": nested_mail,
    "mail: 1,000 parts deep": nested_parts,
    "mail: 100,000 parts": many_parts,
    "mail: headers without end": long_headers,
    "rtf: a million braces": lambda: b"{\\rtf1 " + b"{" * 1_000_000 + b"Words." + b"}" * 1_000_000,
    "rtf: a million tables": lambda: b"{\\rtf1 " + b"\\trowd\\cell\\row" * 1_000_000 + b"}",
    "rtf: binary of 2 GB claimed": lambda: b"{\\rtf1 \\bin2147483647 Words.}",
    "doc: sectors in a circle": fat_cycle,
    "msg: storages in a circle": directory_cycle,
    "text: utf-7": lambda: encoded("utf-7"),
    "text: a codec that decompresses": lambda: encoded("zlib_codec"),
    "text: idna": lambda: encoded("idna"),
    "text: unicode_escape": lambda: encoded("unicode_escape"),
    "text: five million marks on one letter": lambda: b"Words a" + "\u0301".encode() * 5_000_000,
    "text: UTF-16 of lone surrogates": lambda: b"\xff\xfe" + b"\x00\xd8" * 3_000_000,
    "gzip, PDF and Word in one": gzip_polyglot,
    "GIF, PDF and Word in one": pdf_polyglot,
}  # fmt: skip

LARGE: dict[str, Callable[[Path], None]] = {
    "text: a line of 500 MB, most of it a hole": sparse_text,
    "text: a line of 500 MB": endless_line,
}
"""Those too large to hold, written to a path."""
