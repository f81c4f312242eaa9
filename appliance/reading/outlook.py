"""What is attached to a mail that Outlook saved ([MS-OXMSG]): one storage an attachment, its bytes in one stream.

Promises pieces in the order of the attachments' own numbers. A mail within the
mail is a storage of its own and no file; it is told of as one that could not be
taken. A picture that is part of the body is no attachment.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import olefile

from appliance.reading.base import Piece, Trouble
from appliance.reading.mail import pieces_of
from appliance.reading.source import WHOLE_BYTES
from appliance.reading.troubles import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.reading.source import Source

_STORAGE = "__attach_version1.0_#"
_PROPERTY = "__substg1.0_"
_BYTES, _MAIL = "37010102", "3701000D"
_NAMES = ("3707001F", "3704001F", "3707001E", "3704001E", "3001001F")
_CONTENT_IDS = ("3712001F", "3712001E")
_MIME = ("370E001F", "370E001E")
_BROKEN = (OSError, LookupError, ValueError, TypeError, AttributeError, struct.error)
"""What olefile raises for a file that is not what it says."""


def attached_to_outlook(source: Source) -> Iterator[Piece]:
    """Yield what is attached, in pieces.

    Raises:
        UnreadableError: The mail is damaged or too large.
    """
    if source.size > WHOLE_BYTES:
        raise unreadable(Trouble.TOO_LARGE)
    try:
        with olefile.OleFileIO(source.file()) as mail:
            tops = {path[0] for path in mail.listdir(streams=True, storages=True)}
            storages = sorted(top for top in tops if top.startswith(_STORAGE))
            for number, storage in enumerate(filter(lambda each: not _is_of_the_body(mail, each), storages), 1):
                if mail.exists(f"{storage}/{_PROPERTY}{_BYTES}"):
                    content = mail.openstream(f"{storage}/{_PROPERTY}{_BYTES}").read()
                    yield from pieces_of(number, _text(mail, storage, _NAMES), content)
                else:
                    yield Piece(number, "", None, is_last=True)
    except _BROKEN as error:
        raise unreadable(Trouble.DAMAGED, "msg") from error


def _is_of_the_body(mail: olefile.OleFileIO, storage: str) -> bool:
    return bool(_text(mail, storage, _CONTENT_IDS)) and _text(mail, storage, _MIME).startswith("image/")


def _text(mail: olefile.OleFileIO, storage: str, tags: tuple[str, ...]) -> str:
    for tag in tags:
        place = f"{storage}/{_PROPERTY}{tag}"
        if mail.exists(place):
            raw: bytes = mail.openstream(place).read()
            return raw.decode("utf-16-le" if tag.endswith("F") else "cp1252", "replace").rstrip("\0")
    return ""
