"""Fixed bytes at fixed places that say what a file is, and the plain rule for what is text.

Only signatures that are certain are here; a pair of letters that a text might
begin with as well counts only in a file that is no text.
"""

from __future__ import annotations

import codecs
import re

CERTAIN: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"\xff\xd8\xff", "jpeg"),
    (0, b"II*\0", "tiff"),
    (0, b"MM\0*", "tiff"),
    (0, b"II+\0", "tiff"),
    (0, b"GIF87a", "gif"),
    (0, b"GIF89a", "gif"),
    (8, b"WEBP", "webp"),
    (4, b"ftypheic", "heic"),
    (4, b"ftypheix", "heic"),
    (4, b"ftypmif1", "heic"),
    (4, b"ftypmsf1", "heic"),
    (4, b"ftypavif", "heic"),
    (4, b"jP  \r\n\x87\n", "jpeg2000"),
    (4, b"ftyp", "video"),
    (0, b"\x1a\x45\xdf\xa3", "video"),
    (0, b"0&\xb2u\x8ef\xcf\x11", "video"),
    (8, b"AVI LIST", "video"),
    (8, b"WAVE", "sound"),
    (0, b"OggS", "sound"),
    (0, b"fLaC", "sound"),
    (0, b"ID3", "sound"),
    (0, b"{\\rtf", "rtf"),
    (0, b"PK\x03\x04", "zip"),
    (0, b"PK\x05\x06", "zip"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "compound"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "rar"),
    (0, b"\x1f\x8b\x08", "gzip"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (0, b"MSCF\0\0\0\0", "cab"),
    (257, b"ustar", "tar"),
    (32769, b"CD001", "iso"),
    (0, b"\x7fELF", "program"),
    (0, b"\xca\xfe\xba\xbe", "program"),
    (0, b"\xcf\xfa\xed\xfe", "program"),
    (0, b"L\0\0\0\x01\x14\x02\0", "shortcut"),
    (0, b"SQLite format 3\0", "database"),
    (4, b"Standard Jet DB", "database"),
    (4, b"Standard ACE DB", "database"),
    (0, b"!BDN", "mailbox"),
    (0, b"\x78\x9f\x3e\x22", "winmail"),
    (0, b"%!PS", "postscript"),
    (0, b"\xffWPC", "wordperfect"),
    (0, b"8BPS", "photoshop"),
)
LIKELY: tuple[tuple[int, bytes, str], ...] = (
    (0, b"BM", "bmp"),
    (0, b"MZ", "program"),
    (0, b"BZh", "bzip2"),
    (0, b"AC10", "drawing"),
    (0, b"\xff\xfb", "sound"),
)
"""Too short to be believed of a file that reads as text."""

CONTROL_SHARE = 0.01
NUL_SHARE = 0.3
"""UTF-16 of any Western text has a NUL in nearly every second byte, other text in none."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = bytes({*range(0x20), 0x7F} - set(b"\t\n\v\f\r\x1b"))


def matching(head: bytes, table: tuple[tuple[int, bytes, str], ...]) -> str:
    """Return the kind of the first signature that stands in ``head``, or "" where none does."""
    for at, mark, kind in table:
        if head.startswith(mark, at) and (at != len(b"RIFFsize") or head.startswith(b"RIFF")):
            return kind
    return ""


def is_pdf(head: bytes) -> bool:
    """Tell a PDF, whose header may stand anywhere in its first 1,024 bytes."""
    return head.lstrip().startswith(b"%PDF-") or (b"%PDF-" in head[:1024] and not is_text(head))


def marked_encoding(head: bytes) -> str:
    """Return the encoding that a byte order mark or a pattern of NULs gives away, or ""."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    half = max(len(head) // 2, 1)
    odd, even = head[1::2].count(0) / half, head[::2].count(0) / half
    if odd > NUL_SHARE > NUL_SHARE / 10 > even:
        return "utf-16-le"
    if even > NUL_SHARE > NUL_SHARE / 10 > odd:
        return "utf-16-be"
    return ""


def is_text(head: bytes) -> bool:
    """Tell text in any encoding from a file for programs: text has hardly a control character."""
    if marked_encoding(head):
        return True
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return b"\0" not in head and controls <= CONTROL_SHARE * len(head)


_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_XML = re.compile(rb"\s*<\?xml\s")
_MAIL_FIELD = re.compile(rb"^([A-Za-z][A-Za-z0-9-]*):", re.MULTILINE)
_MAIL_BLOCK = re.compile(rb"(?:From [^\n]*\n)?(?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*)+(?:\r?\n|\Z)")
_BY_PEOPLE = frozenset({b"from", b"subject", b"to"})
_BY_MACHINES = frozenset(
    {b"message-id", b"mime-version", b"received", b"return-path", b"delivered-to", b"content-type"}
)
"""A memo also begins with From, To and Subject, and is better read as the text it is."""


def markup_of(head: bytes) -> str:
    """Tell the texts that have a form of their own: "html", "xml", "eml", or "" for any other."""
    mark = head.removeprefix(codecs.BOM_UTF8)
    if _HTML.match(mark[:4096]):
        return "html"
    if _XML.match(mark):
        return "xml"
    if block := _MAIL_BLOCK.match(mark):
        fields = {field.lower() for field in _MAIL_FIELD.findall(block[0])}
        if fields & _BY_PEOPLE and fields & _BY_MACHINES:
            return "eml"
    return ""
