"""E-mail as MIME (RFC 2045 to 2049): what it says, and what is attached to it, apart from each other.

Promises the text of the mail alone: what is attached is not looked into, or a
mail would cost what all its attachments do. A body that is HTML alone is read
as a web page is, so what it hides is left out. Attachments come one after
another in the order of the mail, in pieces; a signature, and a picture that is
part of the body, is no attachment.
"""

from __future__ import annotations

import email
from email.errors import MessageError
from typing import TYPE_CHECKING

from appliance.reading.base import Note, Page, Piece, Trouble
from appliance.reading.html import shown_whole
from appliance.reading.office import mail_text
from appliance.reading.text import is_for_text, paged
from appliance.reading.troubles import unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

    from appliance.reading.base import Pages
    from appliance.reading.source import Source

PIECE_BYTES = 512 * 1024
"""In base64 it fits a frame of the worker's with room to spare."""

_MAIL = "message/rfc822"
_SIGNATURES = frozenset({"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"})
_BROKEN = (MessageError, LookupError, TypeError, ValueError, AttributeError, RecursionError)
"""What the parser of the standard library lets through from mails that are broken in ways it does not check."""


def read_mail(source: Source) -> Pages:
    """Yield pages of about 4,000 characters: the body, then the headers that say who wrote what to whom.

    Raises:
        UnreadableError: It is damaged.
    """
    try:
        message = email.message_from_bytes(source.whole())
        leaves = list(_leaves(message))
        plain = next((leaf for leaf in leaves if _is_body(leaf, "text/plain")), None)
        html = next((leaf for leaf in leaves if _is_body(leaf, "text/html")), None)
        if plain is not None and (html is None or _decoded(plain).strip()):
            html = None  # a message has no truth of its own: without headers it is as false as an empty list
        text, hid = shown_whole(_decoded(html)) if html is not None else ("", False)
        body = text if html is not None or plain is None else _decoded(plain)
        alone = _without_attachments(message, body) if len(leaves) > 1 or html is not None else source.whole()
    except _BROKEN as error:
        raise unreadable(Trouble.DAMAGED, "eml") from error
    notes = frozenset({Note.HIDDEN_TEXT}) if hid else frozenset[Note]()
    for page in paged(iter((mail_text("eml", alone),))):
        yield Page(page.number, page.text, notes if page.number == 1 else frozenset())


def attached_to_mail(source: Source) -> Iterator[Piece]:
    """Yield what is attached, in pieces.

    Raises:
        UnreadableError: The mail is damaged.
    """
    try:
        attached = [leaf for leaf in _leaves(email.message_from_bytes(source.whole())) if _is_attached(leaf)]
    except _BROKEN as error:
        raise unreadable(Trouble.DAMAGED, "eml") from error
    for number, leaf in enumerate(attached, 1):
        try:
            name, content = _name(leaf), _content(leaf)
        except _BROKEN:
            yield Piece(number, "", None, is_last=True)
        else:
            yield from pieces_of(number, name, content)


def pieces_of(number: int, name: str, content: bytes) -> Iterator[Piece]:
    """Cut one attachment into pieces, the last of them marked; an empty one is one empty piece."""
    for start in range(0, max(len(content), 1), PIECE_BYTES):
        end = start + PIECE_BYTES
        yield Piece(number, name, content[start:end], is_last=end >= len(content))


def _leaves(message: Message) -> Iterator[Message]:
    """Yield the parts of a mail that are not made of parts, a mail within it as one."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting += [each for each in reversed(payload) if not isinstance(each, str)]
        else:
            yield part


def _is_body(leaf: Message, kind: str) -> bool:
    return leaf.get_content_type() == kind and not _is_attached(leaf)


def _is_attached(leaf: Message) -> bool:
    kind, disposition = leaf.get_content_type(), leaf.get_content_disposition()
    if kind in _SIGNATURES:
        return False
    if disposition == "attachment" or kind == _MAIL:
        return True
    if leaf.get("Content-ID") and leaf.get_content_maintype() == "image":
        return False
    return bool(leaf.get_filename()) or leaf.get_content_maintype() not in ("text", "message", "multipart")


def _name(leaf: Message) -> str:
    if name := leaf.get_filename():
        return name
    if leaf.get_content_type() == _MAIL:
        return "message.eml"
    return ""


def _content(leaf: Message) -> bytes:
    payload = leaf.get_payload()
    if leaf.get_content_type() == _MAIL and isinstance(payload, list):
        [inner] = payload
        return inner.as_bytes() if not isinstance(inner, str) else inner.encode()
    decoded = leaf.get_payload(decode=True)
    if not isinstance(decoded, bytes):
        message = "not an attachment"
        raise TypeError(message)
    return decoded


def _decoded(leaf: Message) -> str:
    raw, charset = leaf.get_payload(decode=True), leaf.get_content_charset("utf-8")
    if not isinstance(raw, bytes):
        return ""
    return raw.decode(charset if is_for_text(charset) else "utf-8", "replace")


def _without_attachments(message: Message, body: str) -> bytes:
    """Return the mail as if nothing were attached to it: its headers, and its body as plain text."""
    for header in ("Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "MIME-Version"):
        del message[header]
    message.set_payload(body.encode("utf-8", "replace").decode(), "utf-8")
    return message.as_bytes()
