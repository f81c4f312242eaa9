"""A mail says what its sender wrote; what is attached comes out of it byte for byte, and only when asked for."""

from __future__ import annotations

import time
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest

from appliance.reading import LocalReader, Note, UnreadableError
from appliance.reading.mail import PIECE_BYTES
from tests import builders

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.reading import Reader, ReaderPool

    Opened = Callable[[bytes], int]

CONTENT = bytes(range(256)) * 3_000


def make_message(text: str = "The body.") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Anna Miller <anna@example.org>"
    message["To"] = "Ben Smith <ben@example.org>"
    message["Subject"] = "Our agreement"
    message["Message-ID"] = "<1@example.org>"
    message.set_content(text)
    return message


def attached(content: bytes, opened: Opened, reader: Reader | None = None) -> list[tuple[str, bytes | None]]:
    """Return the name and the bytes of everything that is attached."""
    with (reader or LocalReader()).open(opened(content)) as session:
        pieces = list(iter(session.next_piece, None))
    numbers = list(dict.fromkeys(piece.number for piece in pieces))
    assert numbers == list(range(1, len(numbers) + 1))
    assert [piece.number for piece in pieces if piece.is_last] == numbers
    of = {number: [piece for piece in pieces if piece.number == number] for number in numbers}
    return [
        (each[0].name, None if each[0].data is None else b"".join(piece.data or b"" for piece in each))
        for each in of.values()
    ]


def test_files_come_out_of_a_mail_byte_for_byte(opened: Opened, pool: ReaderPool) -> None:
    message = make_message()
    message.add_attachment(CONTENT, maintype="application", subtype="pdf", filename="Lease – signed.pdf")  # noqa: RUF001
    message.add_attachment("Text, attached.\n", filename="a.txt")
    message.add_attachment(b"", maintype="application", subtype="octet-stream", filename="empty.bin")
    expected = [("Lease – signed.pdf", CONTENT), ("a.txt", b"Text, attached.\n"), ("empty.bin", b"")]  # noqa: RUF001
    assert len(CONTENT) > PIECE_BYTES
    assert attached(message.as_bytes(), opened) == expected
    assert attached(message.as_bytes(), opened, pool) == expected


def test_a_mail_within_a_mail_comes_out_as_a_mail(opened: Opened) -> None:
    inner, outer = make_message("The inner body."), make_message()
    inner.add_attachment(b"deep", maintype="application", subtype="octet-stream", filename="deep.bin")
    outer.add_attachment(inner)
    [(name, content)] = attached(outer.as_bytes(), opened)
    assert name == "message.eml"
    assert attached(content or b"", opened) == [("deep.bin", b"deep")]


def test_what_belongs_to_the_body_is_not_attached(opened: Opened) -> None:
    message = make_message()
    message.add_alternative("<p>The body.</p><img src='cid:logo'>", subtype="html")
    message.get_payload()[1].add_related(builders.make_png(), maintype="image", subtype="png", cid="<logo>")
    assert attached(message.as_bytes(), opened) == []


def test_nothing_is_attached_to_what_is_no_mail(opened: Opened) -> None:
    assert attached(builders.make_pdf(), opened) == []


@pytest.mark.parametrize("kind", ["an attachment", "none"])
def test_the_text_of_a_mail_is_its_own_alone(kind: str, opened: Opened) -> None:
    message = make_message("Größe & Maß <b>\nSecond line.")
    if kind == "an attachment":
        message.add_attachment(builders.make_pdf("an invoice"), maintype="application", subtype="pdf", filename="a.pdf")
        message.add_attachment(make_message("The inner body."))
    with LocalReader().open(opened(message.as_bytes())) as session:
        text = "".join(page.text for page in iter(session.next, None))
    assert "Subject: Our agreement" in text
    assert "Größe & Maß <b>\nSecond line." in text
    assert "invoice" not in text
    assert "inner" not in text


def test_what_the_body_of_a_mail_hides_is_left_out(opened: Opened) -> None:
    message = make_message()
    message.set_content("<p>A lease.</p><div style='display:none'>INVOICE</div>", subtype="html")
    with LocalReader().open(opened(message.as_bytes())) as session:
        page = session.next()
    assert page is not None
    assert ("A lease." in page.text, "INVOICE" in page.text, page.notes) == (True, False, {Note.HIDDEN_TEXT})


def test_what_is_attached_costs_the_text_of_a_mail_next_to_nothing(opened: Opened) -> None:
    message = make_message()
    message.add_attachment(builders.make_pdf(pages=2_000), maintype="application", subtype="pdf", filename="a.pdf")
    descriptor = opened(message.as_bytes())
    began = time.perf_counter()
    LocalReader().open(descriptor).close()
    assert time.perf_counter() - began < 1


def test_files_come_out_of_an_outlook_mail(opened: Opened, pool: ReaderPool) -> None:
    content = builders.make_msg(attached={"Lease.pdf": CONTENT, "small.txt": b"small"})
    expected = [("Lease.pdf", CONTENT), ("small.txt", b"small")]
    assert attached(content, opened) == expected
    assert attached(content, opened, pool) == expected


def test_an_outlook_mail_within_another_cannot_be_taken_out_and_says_so(opened: Opened) -> None:
    assert attached(builders.make_msg(attached={"mail": b"", "b.txt": b"b"}), opened) == [("", None), ("b.txt", b"b")]


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("kind", ["eml", "msg"])
def test_a_mail_that_is_cut_short_gives_what_it_can_or_says_that_it_is_damaged(
    kind: str, kept: float, opened: Opened
) -> None:
    message = make_message()
    message.add_attachment(CONTENT, maintype="application", subtype="pdf", filename="a.pdf")
    whole = message.as_bytes() if kind == "eml" else builders.make_msg(attached={"a.pdf": CONTENT})
    try:
        attached(whole[: int(len(whole) * kept)], opened)
    except UnreadableError as error:
        assert error.found in (kind, "compound")  # noqa: PT017 - either end is right


NO_HEADERS = (
    b"Subject: x\r\nFrom: a@b.c\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n"
    b"--q\r\n\r\nThis is the lease.\r\n--q\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n--q--\r\n"
)


def test_a_body_without_headers_of_its_own_is_read(opened: Opened) -> None:
    with LocalReader().open(opened(NO_HEADERS)) as session:
        page = session.next()
    assert page is not None
    assert "This is the lease." in page.text


def test_a_blank_stub_does_not_stand_for_the_page_beside_it(opened: Opened) -> None:
    message = make_message("\n")
    message.add_alternative("<p>This is the lease.</p>", subtype="html")
    with LocalReader().open(opened(message.as_bytes())) as session:
        page = session.next()
    assert page is not None
    assert "This is the lease." in page.text
