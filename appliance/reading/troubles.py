"""Why a document could not be read, in words a clerk understands: one table for the whole room.

Each code has one sentence of what is the matter and one of what to do. Where
naming the thing helps, the name comes from a second table by its key, so that
not a single word of a sentence is ever taken from a hostile document or from
the process that parsed it.
"""

from __future__ import annotations

from typing import NamedTuple

from appliance.reading.base import Trouble, UnreadableError


class Sentence(NamedTuple):
    """What is said of a trouble; ``{one}`` and ``{the}`` are where the thing's name goes."""

    what: str
    remedy: str


SENTENCES: dict[Trouble, Sentence] = {
    Trouble.EMPTY: Sentence(
        "The file is empty.",
        "Ask whoever sent it to send it again.",
    ),
    Trouble.NO_TEXT: Sentence(
        "There is no text in {the}.",
        "Open it and look; if it does say something, save it as a PDF and drop that.",
    ),
    Trouble.HIDDEN: Sentence(
        "All the text of {the} is hidden: nobody who looks at it sees a word.",
        "Open it and look before you trust it; file it by hand.",
    ),
    Trouble.SCAN: Sentence(
        "This is a scan, and this box cannot read scans.",
        "File it by hand, and tell the admin, who sees with `appliance doctor` what is missing.",
    ),
    Trouble.ENCRYPTED: Sentence(
        "{the} is protected by a password.",
        "Save a copy without the password and drop that.",
    ),
    Trouble.DAMAGED: Sentence(
        "{the} is damaged and cannot be opened.",
        "Try to open it; if that works save a new copy and drop that, otherwise ask for it again.",
    ),
    Trouble.UNSUPPORTED: Sentence(
        "This is {one}, not a document the box can read.",
        "If it holds documents, take them out and drop them one by one; otherwise file it by hand.",
    ),
    Trouble.TOO_SLOW: Sentence(
        "The file took too long to read.",
        "File it by hand, or save it as a PDF and drop that.",
    ),
    Trouble.TOO_LARGE: Sentence(
        "The file is too large to read.",
        "File it by hand, or split it and drop the parts.",
    ),
    Trouble.OUT_OF_MEMORY: Sentence(
        "Reading the file takes more memory than one file may have.",
        "File it by hand, or split it and drop the parts.",
    ),
    Trouble.TOO_MANY_PIXELS: Sentence(
        "{the} has more dots than the box can read.",
        "Scan it again at 300 dots an inch, or file it by hand.",
    ),
    Trouble.NO_PAGE: Sentence(
        "There is no such page in {the}.",
        "Look at one that there is.",
    ),
    Trouble.CRASHED: Sentence(
        "The file broke the program that reads it.",
        "File it by hand, or save it as a PDF and drop that.",
    ),
}

NAMES: dict[str, str] = {
    "": "a file of an unknown kind",
    "text": "a text file",
    "html": "a web page",
    "xml": "an XML file",
    "eml": "an e-mail",
    "msg": "an Outlook e-mail",
    "pdf": "a PDF file",
    "docx": "a Word document",
    "doc": "a Word document",
    "odt": "an OpenDocument text",
    "rtf": "an RTF document",
    "xlsx": "an Excel workbook",
    "xls": "an Excel workbook",
    "ods": "an OpenDocument spreadsheet",
    "pptx": "a PowerPoint presentation",
    "ppt": "a PowerPoint presentation",
    "odp": "an OpenDocument presentation",
    "epub": "an electronic book",
    "office": "an Office document",
    "compound": "an Office file of an unknown kind",
    "visio": "a Visio drawing",
    "wordperfect": "a WordPerfect document",
    "postscript": "a PostScript file",
    "jpeg": "a JPEG picture",
    "png": "a PNG picture",
    "tiff": "a TIFF picture",
    "gif": "a GIF picture",
    "webp": "a WebP picture",
    "heic": "a HEIC picture",
    "bmp": "a BMP picture",
    "jpeg2000": "a JPEG 2000 picture",
    "photoshop": "a Photoshop picture",
    "drawing": "a CAD drawing",
    "zip": "a zip archive",
    "7z": "a 7z archive",
    "rar": "a RAR archive",
    "gzip": "a gzip archive",
    "bzip2": "a bzip2 archive",
    "xz": "an xz archive",
    "zstd": "a zstd archive",
    "cab": "a cabinet archive",
    "tar": "a tar archive",
    "iso": "a disc image",
    "program": "a program",
    "shortcut": "a shortcut to another file",
    "database": "a database",
    "mailbox": "an Outlook mailbox",
    "winmail": "an Outlook winmail.dat attachment",
    "sound": "a sound recording",
    "video": "a video",
}
"""What a clerk calls each kind of content, with its article."""


def unreadable(trouble: Trouble, found: str = "") -> UnreadableError:
    """Return the error for one trouble.

    Args:
        trouble: The stable code.
        found: The kind of content, a key of the table of names; any other reads as unknown.
    """
    sentence = SENTENCES[trouble]
    found = found if found in NAMES else ""
    one = NAMES[found]
    the = f"the {one.split(' ', 1)[1]}" if found else "the file"
    what = sentence.what.format(one=one, the=the)
    return UnreadableError(trouble, what[0].upper() + what[1:], sentence.remedy, found)
