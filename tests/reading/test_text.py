"""Text is read in any encoding, never fails, and leaves clean."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from appliance.reading.base import Page
from appliance.reading.cleaning import PAGE_CHARS, clean, leaving, pieces

if TYPE_CHECKING:
    from collections.abc import Callable

    Read = Callable[..., tuple[str, str]]

GERMAN = "Sehr geehrte Damen und Herren, anbei die Rechnung über 1.250,00 für Jürgen Müller. "
FRENCH = "Veuillez trouver ci-joint la facture réglée à l\N{RIGHT SINGLE QUOTATION MARK}échéance, soit 100 €. "
RUSSIAN = "Уважаемые господа, направляем вам договор поставки оборудования и просим подписать его. "  # noqa: RUF001
JAPANESE = "拝啓 時下ますますご清栄のこととお慶び申し上げます。契約書を同封いたします。"
POLISH = "Szanowni Państwo, w załączeniu przesyłam umowę najmu lokalu. Łączę wyrazy szacunku. "


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("ascii", "Plain words."),
        ("utf-8", GERMAN),
        ("utf-8-sig", GERMAN),
        ("utf-16", GERMAN),
        ("utf-16-le", GERMAN),
        ("utf-16-be", GERMAN),
        ("utf-32", GERMAN),
        ("latin-1", GERMAN),
        ("cp1252", FRENCH),
        ("cp1250", POLISH),
        ("cp1251", RUSSIAN),
        ("koi8-r", RUSSIAN),
        ("shift_jis", JAPANESE),
        ("euc_jp", JAPANESE),
    ],
)
def test_text_is_read_in_the_encoding_it_was_written_in(encoding: str, text: str, read: Read) -> None:
    assert read(text.encode(encoding)) == ("text", text)


@pytest.mark.parametrize(
    "text",
    [
        "CONFIDENTIAL\N{NO-BREAK SPACE}TREATMENT " * 20,
        "Larkspur\N{REGISTERED SIGN} " + "All rights reserved. " * 20,
    ],
    ids=["blanks that do not break", "one sign"],
)
def test_an_english_text_with_the_signs_of_windows_is_not_taken_for_another_language(text: str, read: Read) -> None:
    assert read(text.encode("cp1252")) == ("text", text)


def test_a_stray_byte_in_utf8_is_read_as_the_western_letter_it_most_often_is(read: Read) -> None:
    content = "Grüße ".encode() * 20_000 + b"caf\xe9"
    assert read(content)[1].endswith("Grüße café")


def test_a_letter_cut_in_two_by_a_chunk_is_whole(read: Read) -> None:
    text = "a" + "€" * 40_000
    assert read(text.encode())[1] == text


@pytest.mark.parametrize("content", [bytes(range(0x80, 0x100)), b"\xff\xfe\x00\xd8x", b"a\xc3(" * 50])
def test_no_bytes_make_text_that_cannot_be_written(content: bytes, read: Read) -> None:
    read(content)[1].encode()


def test_control_characters_do_not_leave() -> None:
    assert clean("a\0b\x1b[31mc\x7f\x9b\ufffe\td\r\ne\rf\x0cg") == "ab[31mc\td\ne\nf\ng"


def test_lone_surrogates_are_replaced() -> None:
    assert clean("a\ud800b") == "a\N{REPLACEMENT CHARACTER}b"


def test_pieces_are_cut_between_words_and_lose_nothing() -> None:
    text = "one two three four " * 1_000
    cut = list(pieces(text, 100))
    assert "".join(cut) == text
    assert all(len(piece) <= 100 for piece in cut)
    assert all(piece.endswith(" ") for piece, _ in pairwise(cut))


def test_a_word_longer_than_a_page_is_cut_all_the_same() -> None:
    assert [len(piece) for piece in pieces("x" * 250, 100)] == [100, 100, 50]


def test_a_page_too_long_for_one_message_leaves_in_parts_with_its_number() -> None:
    pages = list(leaving(page for page in [Page(7, "x" * (PAGE_CHARS + 1))]))
    assert [(page.number, len(page.text)) for page in pages] == [(7, PAGE_CHARS), (7, 1)]


def test_markdown_and_tables_are_read_as_they_stand(read: Read) -> None:
    assert read(b"# Title\n\n| a | b |\n") == ("text", "# Title\n\n| a | b |\n")
    assert read(b"name,sum\nAnna,5\n") == ("text", "name,sum\nAnna,5\n")


@pytest.mark.parametrize(
    "charset", ["zlib_codec", "hex", "idna", "punycode", "undefined", "unicode_escape", "nonsense"]
)
def test_a_page_that_declares_what_no_text_is_in_is_read_all_the_same(charset: str, read: Read) -> None:
    word = "caf\u00e9" + "x" * 80 + "\\u0041"  # too long a label for the one, an escape to the other
    content = f"<html><head><meta charset={charset}></head><body>{word}".encode("cp1252")
    assert read(content)[1].strip() == word


@pytest.mark.parametrize("charset", ["zlib_codec", "idna", "punycode", "undefined", "nonsense"])
def test_a_mail_that_declares_what_no_text_is_in_is_read_all_the_same(charset: str, read: Read) -> None:
    content = (
        b"From: a@example.org\nSubject: s\nMessage-ID: <1@example.org>\nMIME-Version: 1.0\n"
        b"Content-Type: text/html; charset=%s\n\n<p>Words %s</p>\n" % (charset.encode(), b"x" * 80)
    )
    assert "x" * 80 in read(content)[1]
