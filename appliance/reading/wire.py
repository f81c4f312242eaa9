"""What the parent and a worker say to each other over their socket pair.

The parent asks with one byte; with ``OPEN`` and ``PICTURE`` travels the document
as a descriptor, and after ``PICTURE`` two numbers. The worker answers all but ``CLOSE`` with one frame: four bytes
of length, then JSON. The parent trusts no frame: its length is checked before
anything is allocated for it, its bytes are decoded strictly, and it must be
exactly one of the five answers there are. A trouble crosses as a code and the
key of a name, a note as a code, neither ever as a sentence.
"""

from __future__ import annotations

import base64
import json
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.reading.base import Drawn, Note, Page, Piece, Trouble, UnreadableError
from appliance.reading.cleaning import PAGE_CHARS, clean
from appliance.reading.troubles import NAMES, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

OPEN, NEXT, PIECE, PICTURE, CLOSE = b"o", b"n", b"a", b"p", b"c"
PICTURE_OF = struct.Struct(">II")
"""What follows ``PICTURE``: the page, counted from 1, and the width in pixels."""


READY = "ready"
FRAME_BYTES = 1024**2
READ_BYTES = 65_536
PAGE_NUMBERS = 10_000_000
NAME_CHARS = 1_000
PICTURE_SIDE = 10_000

_LENGTH = struct.Struct(">I")


class WorkerLostError(Exception):
    """The worker is gone, or says what no healthy worker says; it must be replaced."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker found: a page, a trouble, or neither at the end.

    Attributes:
        kind: The kind of content; told with the first answer.
        page: The page asked for.
        error: Why there is none.
        piece: The piece asked for, of what is attached or of a picture's pixels.
        drawn: How large the picture is whose pixels are asked for next, piece by piece.
    """

    kind: str = ""
    page: Page | None = None
    error: UnreadableError | None = None
    piece: Piece | None = None
    drawn: Drawn | None = None

    def encode(self) -> bytes:
        """Return the frame that says this."""
        message: dict[str, object] = {"kind": self.kind}
        if self.page:
            message["page"] = [self.page.number, self.page.text, *sorted(self.page.notes)]
        if self.drawn:
            message["drawn"] = [self.drawn.width, self.drawn.height]
        if piece := self.piece:
            data = None if piece.data is None else base64.b64encode(piece.data).decode()
            message["piece"] = [piece.number, piece.name[:NAME_CHARS], data, piece.is_last]
        if self.error:
            message["trouble"] = [self.error.trouble, self.error.found]
        body = json.dumps(message, ensure_ascii=False).encode()
        return _LENGTH.pack(len(body)) + body


def receive_frame(receive: Callable[[int], bytes]) -> bytes:
    """Read exactly one frame.

    Args:
        receive: Returns up to so many bytes, none at the end; usually a socket's ``recv``.

    Raises:
        WorkerLostError: The stream ended, the frame is too long, or there is more than one.
    """
    untrusted = _more(receive, READ_BYTES)
    while len(untrusted) < _LENGTH.size:
        untrusted += _more(receive, READ_BYTES)
    (length,) = _LENGTH.unpack_from(untrusted)
    if length > FRAME_BYTES:
        message = f"a frame of {length} bytes"
        raise WorkerLostError(message)
    missing = _LENGTH.size + length - len(untrusted)
    parts = [untrusted[_LENGTH.size :]]
    while missing > 0:
        parts.append(_more(receive, min(missing, READ_BYTES)))
        missing -= len(parts[-1])
    if missing < 0:
        message = "more than one frame"
        raise WorkerLostError(message)
    return b"".join(parts)


def _more(receive: Callable[[int], bytes], most: int) -> bytes:
    if part := receive(most):
        return part
    message = "the connection ended"
    raise WorkerLostError(message)


def parse_answer(untrusted: bytes) -> Answer:
    """Return what one frame says.

    Raises:
        WorkerLostError: It says anything that a healthy worker does not.
    """
    try:
        match json.loads(untrusted.decode()):
            case {"kind": str(kind), "page": [int(number), str(text), *notes], **rest} if not rest:
                return Answer(_known(kind), page=_page(number, text, notes))
            case {"kind": str(kind), "drawn": [int(width), int(height)], **rest} if not rest:
                return Answer(_known(kind), drawn=_drawn(width, height))
            case {"kind": str(kind), "piece": [int(number), str(name), data, bool(is_last)], **rest} if not rest:
                return Answer(_known(kind), piece=_piece(number, name, data, is_last=is_last))
            case {"kind": str(kind), "trouble": [str(code), str(found)], **rest} if not rest:
                return Answer(_known(kind), error=unreadable(Trouble(code), _known(found)))
            case {"kind": str(kind), **rest} if not rest:
                return Answer(_known(kind))
    except (ValueError, RecursionError) as error:
        message = "not an answer"
        raise WorkerLostError(message) from error
    message = "not an answer"
    raise WorkerLostError(message)


def _known(kind: str) -> str:
    if kind not in NAMES:
        message = "an unknown kind"
        raise ValueError(message)
    return kind


def _page(number: int, text: str, notes: list[Any]) -> Page:
    if number is True or not 1 <= number <= PAGE_NUMBERS or len(text) > PAGE_CHARS or clean(text) != text:
        message = "not a page"
        raise ValueError(message)
    return Page(number, text, frozenset(Note(note) for note in notes))


def _piece(number: int, name: str, data: object, *, is_last: bool) -> Piece:
    if number is True or not 1 <= number <= PAGE_NUMBERS or len(name) > NAME_CHARS or not isinstance(data, str | None):
        message = "not a piece"
        raise ValueError(message)
    return Piece(number, name, None if data is None else base64.b64decode(data, validate=True), is_last)


def _drawn(width: int, height: int) -> Drawn:
    if True in (width is True, height is True) or not (1 <= width <= PICTURE_SIDE and 1 <= height <= PICTURE_SIDE):
        message = "not a picture"
        raise ValueError(message)
    return Drawn(width, height)
