"""Small documents of every format the box reads, made in the test run: each builder returns the file's bytes."""

from __future__ import annotations

import io
import struct
from email.message import EmailMessage
from email.policy import SMTP
from html import escape

import pypdf

from appliance.workbench.formats.pdf import pdf_of as _pdf
from appliance.workbench.formats.pdf import shown as _shown
from appliance.workbench.formats.pdf import stream as _stream
from appliance.workbench.formats.word import RELATION as _RELATION
from appliance.workbench.formats.word import XML as _XML
from appliance.workbench.formats.word import relations_of as _relations
from appliance.workbench.formats.word import types_of as _types
from appliance.workbench.formats.word import word_of as make_docx_of
from appliance.workbench.formats.word import zip_of as make_zip
from tests.compound import make_compound

TEXT = "This Agreement is made between the Distributor and the Supplier."


# PDF


def make_pdf(text: str = TEXT, pages: int = 1) -> bytes:
    """A born-digital PDF; each page says ``text``, and where there are several also its own number."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for number in range(1, pages + 1):
        said = text if pages == 1 else f"{text}\nPage {number}"
        lines = b" ".join(_shown(line) for line in said.split("\n"))
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % (len(objects) + 2)
        )
        objects.append(_stream(b"BT /F1 8 Tf 10 TL 20 760 Td " + lines + b" ET"))
    listed = b" ".join(b"%d 0 R" % kid for kid in kids)
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (listed, pages)
    return _pdf(objects)


def make_drawn_pdf(*drawn: bytes, form: bytes = b"", placed: bytes = b"1 0 0 1 0 0") -> bytes:
    """A PDF with a page for each run of drawing operators; there is a font /F1, a picture /I and a form /X."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>"
        % (b" ".join(b"%d 0 R" % (6 + 2 * number) for number in range(len(drawn))), len(drawn)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        _stream(
            b"\x7f" * 64,
            b"/Type /XObject /Subtype /Image /Width 8 /Height 8 /ColorSpace /DeviceGray /BitsPerComponent 8 ",
        ),
        _stream(
            form,
            b"/Type /XObject /Subtype /Form /BBox [-9999 -9999 9999 9999] /Matrix [%s]"
            b" /Resources << /Font << /F1 3 0 R >> >> " % placed,
        ),
    ]
    for operators in drawn:
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> /XObject << /I 4 0 R /X 5 0 R >>"
            b" /ExtGState << /Clear << /ca 0 >> >> >> >>" % (len(objects) + 2)
        )
        objects.append(_stream(operators))
    return _pdf(objects)


def make_scanned_pdf(pages: int = 1) -> bytes:
    """A PDF whose pages show one picture each and no text."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(b"%d 0 R" % (n + 5) for n in range(pages)), pages),
        _stream(b"q 600 0 0 780 0 0 cm /I Do Q"),
        _stream(
            b"\x7f" * 64,
            b"/Type /XObject /Subtype /Image /Width 8 /Height 8 /ColorSpace /DeviceGray /BitsPerComponent 8 ",
        ),
    ]
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 3 0 R"
        b" /Resources << /XObject << /I 4 0 R >> >> >>"
    )
    return _pdf(objects + [page] * pages)


def make_blank_pdf() -> bytes:
    """A PDF of one page with nothing on it."""
    return make_pdf("")


def make_encrypted_pdf(text: str = TEXT, *, asks: bool = True) -> bytes:
    """A PDF locked with AES-256; one that does not ask has an empty password, which every viewer tries."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(make_pdf(text)))
    writer.encrypt("a password" if asks else "", "the owner's", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


# Office Open XML and OpenDocument


def make_docx(text: str = TEXT) -> bytes:
    """A Word document, a paragraph a line."""
    return make_docx_of("".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in text.split("\n")))


def make_xlsx(text: str = TEXT) -> bytes:
    """An Excel workbook of one sheet, a row a line."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{escape(line)}</t></is></c></row>'
        for n, line in enumerate(text.split("\n"), 1)
    )
    return make_zip(
        {
            "[Content_Types].xml": _types(
                {"xl/workbook.xml": "spreadsheetml.sheet.main", "xl/worksheets/sheet1.xml": "spreadsheetml.worksheet"}
            ),
            "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
            "xl/workbook.xml": f'{_XML}<workbook xmlns="{space}" xmlns:r="{_RELATION}"><sheets>'
            '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": _relations([("worksheet", "worksheets/sheet1.xml")]),
            "xl/worksheets/sheet1.xml": f'{_XML}<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>',
        }
    )


def make_workbook(
    sheets: dict[str, str], *, shared: list[str] | None = None, formats: str = "", extra: dict[str, bytes] | None = None
) -> bytes:
    """An Excel workbook of these sheets, each given as the XML of its rows.

    Args:
        sheets: The rows by the sheet's name.
        shared: The texts that cells share.
        formats: The XML of the styles.
        extra: Further entries, or others in place of these.
    """
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    names = "".join(f'<sheet name="{escape(name)}" sheetId="{n}"/>' for n, name in enumerate(sheets, 1))
    entries: dict[str, str | bytes] = {
        "[Content_Types].xml": _types({"xl/workbook.xml": "spreadsheetml.sheet.main"}),
        "xl/workbook.xml": f'{_XML}<workbook xmlns="{space}"><sheets>{names}</sheets></workbook>',
        "xl/styles.xml": f'{_XML}<styleSheet xmlns="{space}">{formats}</styleSheet>',
    }
    for number, rows in enumerate(sheets.values(), 1):
        entries[f"xl/worksheets/sheet{number}.xml"] = (
            f'{_XML}<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'
        )
    if shared is not None:
        items = "".join(f"<si><t>{escape(text)}</t></si>" for text in shared)
        entries["xl/sharedStrings.xml"] = f'{_XML}<sst xmlns="{space}">{items}</sst>'
    return make_zip({**entries, **(extra or {})})


def make_slides(texts: list[str]) -> bytes:
    """A PowerPoint presentation with a slide for each text."""
    space = 'xmlns:p="p" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    slides: dict[str, str | bytes] = {
        f"ppt/slides/slide{n}.xml": f"{_XML}<p:sld {space}><a:p><a:r><a:t>{escape(text)}</a:t></a:r></a:p></p:sld>"
        for n, text in enumerate(texts, 1)
    }
    return make_zip({"[Content_Types].xml": _types({}), "ppt/presentation.xml": "", **slides})


def make_pptx(text: str = TEXT) -> bytes:
    """A PowerPoint presentation of one slide."""
    spaces = (
        'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
        f'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="{_RELATION}"'
    )
    paragraphs = "".join(f"<a:p><a:r><a:t>{escape(line)}</a:t></a:r></a:p>" for line in text.split("\n"))
    slide = (
        f'{_XML}<p:sld {spaces}><p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/>'
        '</p:nvGrpSpPr><p:grpSpPr/><p:sp><p:nvSpPr><p:cNvPr id="2" name="T"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr>'
        f"<p:spPr/><p:txBody><a:bodyPr/>{paragraphs}</p:txBody></p:sp></p:spTree></p:cSld></p:sld>"
    )
    return make_zip(
        {
            "[Content_Types].xml": _types(
                {
                    "ppt/presentation.xml": "presentationml.presentation.main",
                    "ppt/slides/slide1.xml": "presentationml.slide",
                }
            ),
            "_rels/.rels": _relations([("officeDocument", "ppt/presentation.xml")]),
            "ppt/presentation.xml": f'{_XML}<p:presentation {spaces}><p:sldIdLst><p:sldId id="256" r:id="rId1"/>'
            "</p:sldIdLst></p:presentation>",
            "ppt/_rels/presentation.xml.rels": _relations([("slide", "slides/slide1.xml")]),
            "ppt/slides/slide1.xml": slide,
        }
    )


_ODF = "urn:oasis:names:tc:opendocument:xmlns"


def _opendocument(kind: str, body: str, manifest: str = "") -> bytes:
    media = f"application/vnd.oasis.opendocument.{kind}"
    spaces = " ".join(f'xmlns:{name}="{_ODF}:{name}:1.0"' for name in ("office", "text", "table", "presentation"))
    spaces += f' xmlns:draw="{_ODF}:drawing:1.0"'
    return make_zip(
        {
            "mimetype": media,
            "content.xml": f'{_XML}<office:document-content {spaces} office:version="1.2"><office:body>{body}'
            "</office:body></office:document-content>",
            "META-INF/manifest.xml": f'{_XML}<manifest:manifest xmlns:manifest="{_ODF}:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{media}"/>{manifest}'
            "</manifest:manifest>",
        }
    )


def _odf_lines(text: str) -> str:
    return "".join(f"<text:p>{escape(line)}</text:p>" for line in text.split("\n"))


def make_odt(text: str = TEXT) -> bytes:
    """An OpenDocument text, a paragraph a line."""
    return _opendocument("text", f"<office:text>{_odf_lines(text)}</office:text>")


def make_ods(text: str = TEXT) -> bytes:
    """An OpenDocument spreadsheet, a row a line."""
    rows = "".join(
        f'<table:table-row><table:table-cell office:value-type="string"><text:p>{escape(line)}</text:p>'
        "</table:table-cell></table:table-row>"
        for line in text.split("\n")
    )
    sheet = f'<table:table table:name="Sheet1">{rows}</table:table>'
    return _opendocument("spreadsheet", f"<office:spreadsheet>{sheet}</office:spreadsheet>")


def make_odp(text: str = TEXT) -> bytes:
    """An OpenDocument presentation of one slide."""
    box = f"<draw:frame><draw:text-box>{_odf_lines(text)}</draw:text-box></draw:frame>"
    page = f'<draw:page draw:name="page1">{box}</draw:page>'
    return _opendocument("presentation", f"<office:presentation>{page}</office:presentation>")


def make_encrypted_odt() -> bytes:
    """An OpenDocument text whose manifest says that its content is encrypted."""
    entry = (
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">'
        '<manifest:encryption-data manifest:checksum-type="SHA1/1K" manifest:checksum="x"/></manifest:file-entry>'
    )
    return _opendocument("text", "<office:text/>", entry)


# Text of one kind or another


def make_rtf(text: str = TEXT) -> bytes:
    """A Rich Text document."""
    lines = [line.replace("\\", "\\\\").replace("{", "\\{").replace("}", "\\}") for line in text.split("\n")]
    said = "\\par\n".join("".join(c if c.isascii() else f"\\u{ord(c)}?" for c in line) for line in lines)
    return ("{\\rtf1\\ansi\\deff0{\\fonttbl{\\f0 Times New Roman;}}\n\\f0\\fs24 " + said + "\\par}").encode("ascii")


def make_html(text: str = TEXT, title: str = "A page") -> bytes:
    """A web page with a script and a style that are no part of its text."""
    return (
        f"<!DOCTYPE html>\n<html><head><meta charset='utf-8'><title>{escape(title)}</title>"
        "<style>p { color: teal }</style><script>var hidden = 'script';</script></head>"
        f"<body><p>{escape(text)}</p></body></html>"
    ).encode()


def make_eml(text: str = TEXT, subject: str = "Our agreement", html: str = "") -> bytes:
    """An e-mail as it travels; with ``html`` a second, alternative body."""
    message = EmailMessage(policy=SMTP)
    message["From"] = "Anna Miller <anna@example.org>"
    message["To"] = "Ben Smith <ben@example.org>"
    message["Subject"] = subject
    message["Date"] = "Mon, 02 Mar 2026 09:41:00 +0000"
    message["Message-ID"] = "<1@example.org>"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message.as_bytes()


# The old binary formats of Microsoft Office


def make_doc(text: str = TEXT, *, encrypted: bool = False, pictures: bytes = b"") -> bytes:
    """A Word 97 document: a file information block, the text as one piece, and the piece table."""
    said = text.replace("\n", "\r") + "\r"
    start, length = 0x800, len(said)
    raw = said.encode("utf-16-le")
    plc = struct.pack("<IIHIH", 0, length, 0, start, 0)
    clx = b"\x02" + struct.pack("<I", len(plc)) + plc
    block = bytearray(start)
    struct.pack_into("<HH", block, 0, 0xA5EC, 0x00C1)
    struct.pack_into("<H", block, 0x0A, 0x0200 | (0x0100 if encrypted else 0) | 0x1000)
    struct.pack_into("<II", block, 0x18, start, start + len(raw))
    struct.pack_into("<H", block, 0x20, 14)
    struct.pack_into("<H", block, 0x3E, 22)
    struct.pack_into("<II", block, 0x40, start + len(raw), 0)
    struct.pack_into("<I", block, 0x4C, length)
    struct.pack_into("<H", block, 0x98, 93)
    struct.pack_into("<II", block, 0x1A2, 0, len(clx))
    return make_compound({"Data": pictures, "WordDocument": bytes(block) + raw, "1Table": clx})


def _biff(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def make_xls(text: str = TEXT, *, encrypted: bool = False) -> bytes:
    """An Excel 97 workbook of one sheet, a row a line."""
    version = struct.pack("<HHHII", 0x0600, 0, 0x0DBB, 0x07CC, 0)
    head = _biff(0x0809, version[:2] + b"\x05\x00" + version[4:])
    head += _biff(0x002F, struct.pack("<H", 0) + bytes(4)) if encrypted else b""
    head += _biff(0x0042, struct.pack("<H", 1200))
    name = b"Sheet1"
    where = len(head) + 4 + 8 + len(name) + 4
    head += _biff(0x0085, struct.pack("<IHBB", where, 0, len(name), 0) + name) + _biff(0x000A, b"")
    lines = text.split("\n")
    sheet = _biff(0x0809, version[:2] + b"\x10\x00" + version[4:])
    sheet += _biff(0x0200, struct.pack("<IIHHH", 0, len(lines), 0, 1, 0))
    for row, line in enumerate(lines):
        sheet += _biff(0x0204, struct.pack("<HHHHB", row, 0, 0, len(line), 1) + line.encode("utf-16-le"))
    return make_compound({"Workbook": head + sheet + _biff(0x000A, b"")})


def _record(kind: int, body: bytes, *, container: bool = False, instance: int = 0) -> bytes:
    return struct.pack("<HHI", (instance << 4) | (0xF if container else 0), kind, len(body)) + body


def make_ppt(text: str = TEXT) -> bytes:
    """A PowerPoint 97 presentation of one slide, whose text stands in the outline and on the slide."""
    atom = _record(0x0F9F, struct.pack("<I", 1)) + _record(0x0FA0, text.replace("\n", "\r").encode("utf-16-le"))
    slides = _record(0x0FF0, _record(0x03F3, struct.pack("<IIiII", 2, 0, 1, 256, 0)) + atom, container=True)
    document = _record(0x03E8, _record(0x03E9, bytes(40)) + slides, container=True)
    box = _record(0xF00D, atom, container=True)
    shape = _record(0xF003, _record(0xF004, box, container=True), container=True)
    drawing = _record(0x040C, _record(0xF002, shape, container=True), container=True)
    slide = _record(0x03EE, _record(0x03EF, bytes(24)) + drawing, container=True)
    saved = len(document) + len(slide)
    table = _record(0x1772, struct.pack("<III", (2 << 20) | 1, 0, len(document)))
    edit = _record(0x0FF5, struct.pack("<IHBBIIIIHH", 256, 0, 0, 3, 0, saved, 1, 3, 1, 0))
    user = _record(0x0FF6, struct.pack("<IIIHHBBH", 0x14, 0xE391C05F, saved + len(table), 4, 0x03F4, 3, 0, 0) + b"Anna")
    return make_compound({"PowerPoint Document": document + slide + table + edit, "Current User": user})


def make_msg(text: str = TEXT, subject: str = "Our agreement", attached: dict[str, bytes] | None = None) -> bytes:
    """An Outlook message, with files attached by their names; one named ``mail`` is a message within it."""
    said = {
        "001A": "IPM.Note", "0037": subject, "0C1A": "Anna Miller", "0C1F": "anna@example.org",
        "0E04": "Ben Smith", "1000": text,
    }  # fmt: skip
    streams = {f"__substg1.0_{tag}001F": value.encode("utf-16-le") for tag, value in said.items()}
    rows = b"".join(
        struct.pack("<HHIII", 0x001F, int(tag, 16), 6, 2 * len(value) + 2, 0) for tag, value in said.items()
    )
    streams["__properties_version1.0"] = bytes(32) + rows
    for number, (name, content) in enumerate((attached or {}).items()):
        storage = f"__attach_version1.0_#{number:08X}"
        streams[f"{storage}/__properties_version1.0"] = bytes(8)
        if name != "mail":
            streams[f"{storage}/__substg1.0_3707001F"] = name.encode("utf-16-le")
            streams[f"{storage}/__substg1.0_37010102"] = content
    return make_compound(streams)


def make_encrypted_docx() -> bytes:
    """What Office makes of any document that is saved with a password."""
    return make_compound({"EncryptionInfo": b"\x04\x00\x04\x00" + bytes(60), "EncryptedPackage": bytes(5000)})


# What is no document


def make_png() -> bytes:
    """A picture of one grey dot."""
    return bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
        "0000000a49444154789c6368000000820081dd436af40000000049454e44ae426082"
    )
