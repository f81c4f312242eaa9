"""A small, healthy file of every format the box reads, for the fuzzer to spoil."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage
from typing import TYPE_CHECKING

from tests import builders, builders_scans
from tests.attack import forging

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEXT = f"DISTRIBUTOR AGREEMENT\n{builders.TEXT}\nSigned on 2 March 2026 for 1,250.50."
MOST_BYTES = 2 * 1024**2
"""A larger file of a folder is left out: it would be spoilt too rarely where it matters."""


def _mail() -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "anna@example.org", "ben@example.org", "Our agreement"
    mail["Message-ID"] = "<1@example.org>"
    mail.set_content(TEXT)
    mail.add_alternative(f"<html><body><p hidden>x</p><p>{TEXT}</p></body></html>", subtype="html")
    mail.add_attachment(builders.make_pdf(), maintype="application", subtype="pdf", filename="a.pdf")
    mail.set_boundary("a-boundary")
    next(iter(mail.iter_parts())).set_boundary("another-boundary")
    return mail.as_bytes()


def _undated(content: bytes) -> bytes:
    """Return an archive whose entries bear no date: what is made tomorrow is the same file."""
    if not content.startswith(b"PK"):
        return content
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as dated, zipfile.ZipFile(out, "w") as archive:
        for name in dated.namelist():
            archive.writestr(zipfile.ZipInfo(name), dated.read(name), dated.getinfo(name).compress_type)
    return out.getvalue()


def made_seeds() -> dict[str, bytes]:
    """Return one by each name, the same bytes each time."""
    lines = {
        kind: getattr(builders, f"make_{kind}")(TEXT)
        for kind in ("pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp", "rtf", "html", "eml", "doc", "xls", "ppt")
    }
    page = builders_scans.draw_page("ANNUAL REPORT").reduce(2)
    pictures = {kind: builders_scans.make_picture(kind, page) for kind in ("png", "jpeg", "gif", "bmp", "webp")}
    made = {
        **lines,
        **pictures,
        "text": TEXT.encode(),
        "utf-16 text": TEXT.encode("utf-16"),
        "xml": f'<?xml version="1.0"?><a><b c="d">{TEXT}</b></a>'.encode(),
        "msg": builders.make_msg(TEXT, attached={"a.txt": TEXT.encode()}),
        "mail with attachments": _mail(),
        "pdf of pages": builders.make_pdf(TEXT, 5),
        "pdf with a form": builders.make_drawn_pdf(b"/X Do", form=b"BT /F1 9 Tf (A form.) Tj ET"),
        "pdf with object streams": forging.make_compressed_pdf(TEXT),
        "scanned pdf": builders_scans.make_scan_pdf(page),
        "workbook": builders.make_workbook({"S": '<row><c t="s"><v>1</v></c></row>'}, shared=["a", TEXT]),
        "tiff": builders_scans.make_tiff(page, page),
        "jpeg2000": builders_scans.make_picture("jpeg2000", page),
        "heic": builders_scans.make_heic(),
    }
    return {name: _undated(content) for name, content in made.items()}


def found_seeds(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the real files below a folder that are not too large, in the order of their names."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and 0 < path.stat().st_size <= MOST_BYTES:
            yield str(path.relative_to(folder)), path.read_bytes()
