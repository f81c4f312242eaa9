"""Word documents (Office Open XML, ECMA-376): the few parts that one needs."""

from __future__ import annotations

import io
import zipfile
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
OFFICE = "application/vnd.openxmlformats-officedocument"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_BOLD_SHARE = 0.5
_SHORT = 80
"""Characters; a line of its own that is no longer may be a heading."""

_RUN = "<w:p><w:r>{properties}<w:t xml:space='preserve'>{text}</w:t></w:r></w:p>"


def docx_of(text: str, random: Random) -> bytes:
    """A Word document, a paragraph a line; some have their short lines in bold."""
    bold = random.random() < _BOLD_SHARE
    paragraphs = []
    for line in text.split("\n"):
        properties = "<w:rPr><w:b/></w:rPr>" if bold and 0 < len(line) <= _SHORT else ""
        paragraphs.append(_RUN.format(properties=properties, text=escape(_writable(line))))
    return word_of("".join(paragraphs))


def word_of(body: str) -> bytes:
    """A Word document with this XML for its body."""
    return zip_of(
        {
            "[Content_Types].xml": types_of({"word/document.xml": "wordprocessingml.document.main"}),
            "_rels/.rels": relations_of([("officeDocument", "word/document.xml")]),
            "word/document.xml": f'{XML}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>',
        }
    )


def zip_of(entries: Mapping[str, str | bytes]) -> bytes:
    """A zip archive of one date; an entry named ``mimetype`` is stored, as OpenDocument wants it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            kept = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), content, kept)
    return out.getvalue()


def types_of(parts: Mapping[str, str]) -> str:
    """The part that says of each other part what it is."""
    rows = "".join(f'<Override PartName="/{name}" ContentType="{OFFICE}.{kind}+xml"/>' for name, kind in parts.items())
    return (
        f'{XML}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{rows}</Types>'
    )


def relations_of(targets: Sequence[tuple[str, str]]) -> str:
    """The part that leads from one part to others: kind and target of each."""
    rows = "".join(
        f'<Relationship Id="rId{number}" Type="{RELATION}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{rows}</Relationships>'


def _writable(line: str) -> str:
    """A line without what XML cannot hold."""
    return "".join(sign for sign in line if sign == "\t" or (ord(sign) >= ord(" ") and sign not in "\ufffe\uffff"))
