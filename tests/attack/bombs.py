"""Files made to take a reader down: small ones that unpack to much, deep ones, endless ones, and liars.

Each is made when it is asked for, and none that is large takes up room on the
disk: what unpacks to gigabytes is packed as it is made, and an endless text is
a hole in a file.
"""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

from tests import builders, builders_scans
from tests.attack.forging import make_compressed_pdf, make_pdf_of
from tests.builders import _stream
from tests.compound import make_compound

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GIGABYTE = 1024**3
ALLOWED = 511 * 1024**2
"""Just less than an archive may unpack to."""

CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R >>"
_HELD = builders.TEXT


def deflated(head: bytes, filler: bytes, size: int, wbits: int = 15) -> bytes:
    """Compress a head and ``size`` bytes of filler after it in no time: the same packed block comes again and again."""
    block = filler * (1024**2 // len(filler))
    packer = zlib.compressobj(9, wbits=wbits)
    begun = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    return begun + again * (size // len(block)) + packer.flush()


# Archives


def _swollen(name: str, first: dict[str, str | bytes], head: bytes, filler: bytes, claimed: int = ALLOWED) -> bytes:
    """An archive one entry of which goes on for 3 GB and claims to be as large as is just allowed."""
    raw = deflated(head, filler, 3 * GIGABYTE, wbits=-15)
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


# PDF


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
    "docx: 3 GB, and says so": lambda: _swollen("word/document.xml", OFFICE, _WORD, b" ", 3 * GIGABYTE),
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
    "pdf: claims 100,000 pages": lambda: claims_pages(100_000),
    "pdf: claims 2,147,483,647 pages": lambda: claims_pages(2_147_483_647),
    "pdf: claims -1 pages": lambda: claims_pages(-1),
    "pdf: the same page 100,000 times": lambda: repeated_page(100_000),
    "pdf: pages that are each other's children": kids_cycle,
    "pdf: a tree of 50,000 levels": deep_kids,
    "pdf: arrays in arrays": deep_arrays,
    "pdf: content in content": deep_content,
    "pdf: an outline in a circle": outline_cycle,
    "pdf: a form that draws itself": form_cycle,
    "pdf: forms in forms, ten each": nested_forms,
    "pdf: a table that comes before itself": previous_cycle,
    "pdf: 50,000 tables of offsets": previous_chain,
    "pdf: a table of four thousand million rows": claims_objects,
    "pdf: no table, 700,000 objects": no_table,
    "pdf: a page of 3 GB": lambda: swollen_stream(1),
    "pdf: a page packed three times": lambda: swollen_stream(3),
    "pdf: an object stream packed 300 times": lambda: make_compressed_pdf(_HELD, layers=300),
    "pdf: a page of a million inches": huge_page,
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
