"""A document that cannot be read says why, in words a clerk understands."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from appliance.reading import Trouble, UnreadableError
from appliance.reading.registry import PARSERS, PICTURES
from appliance.reading.signatures import CERTAIN, LIKELY
from appliance.reading.troubles import NAMES, SENTENCES, unreadable
from tests import builders

if TYPE_CHECKING:
    from collections.abc import Callable

    from appliance.reading import ReaderPool

    Read = Callable[..., tuple[str, str]]

CASES: dict[str, tuple[bytes, Trouble, str]] = {
    "nothing": (b"", Trouble.EMPTY, ""),
    "white space": (b" \r\n\t\n", Trouble.NO_TEXT, "text"),
    "a blank pdf": (builders.make_blank_pdf(), Trouble.NO_TEXT, "pdf"),
    "an empty letter": (builders.make_docx(""), Trouble.NO_TEXT, "docx"),
    "a picture": (builders.make_png(), Trouble.SCAN, "png"),
    "a scanned pdf": (builders.make_scanned_pdf(30), Trouble.SCAN, "pdf"),
    "a locked pdf": (builders.make_encrypted_pdf(), Trouble.ENCRYPTED, "pdf"),
    "a locked docx": (builders.make_encrypted_docx(), Trouble.ENCRYPTED, "office"),
    "a locked odt": (builders.make_encrypted_odt(), Trouble.ENCRYPTED, "odt"),
    "a locked doc": (builders.make_doc(encrypted=True), Trouble.ENCRYPTED, "doc"),
    "a locked xls": (builders.make_xls(encrypted=True), Trouble.ENCRYPTED, "xls"),
    "half a pdf": (builders.make_pdf()[:60], Trouble.DAMAGED, "pdf"),
    "half a docx": (builders.make_docx()[:-40], Trouble.DAMAGED, "zip"),
    "half a doc": (builders.make_doc()[:3000], Trouble.UNSUPPORTED, "compound"),
    "a docx with a declaration": (
        builders.make_zip({"[Content_Types].xml": "", "word/document.xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}),
        Trouble.DAMAGED,
        "docx",
    ),
    "an archive": (builders.make_zip({"a.pdf": b"x"}), Trouble.UNSUPPORTED, "zip"),
    "a program": (b"MZ\x90\0\3\0\0\0" + bytes(400), Trouble.UNSUPPORTED, "program"),
    "a film": (b"\0\0\0\x20ftypisom" + bytes(400), Trouble.UNSUPPORTED, "video"),
    "noise": (b"\0\1\2\3" + os.urandom(4_000), Trouble.UNSUPPORTED, ""),
}


@pytest.mark.parametrize(("content", "trouble", "found"), CASES.values(), ids=CASES)
def test_what_cannot_be_read_says_why(content: bytes, trouble: Trouble, found: str, read: Read) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(content)
    assert (caught.value.trouble, caught.value.found) == (trouble, found)


@pytest.mark.parametrize(("content", "trouble", "found"), CASES.values(), ids=CASES)
def test_a_worker_says_the_same(content: bytes, trouble: Trouble, found: str, read: Read, pool: ReaderPool) -> None:
    with pytest.raises(UnreadableError) as caught:
        read(content, pool)
    assert str(caught.value) == str(unreadable(trouble, found))


def test_every_trouble_has_its_two_sentences() -> None:
    assert set(SENTENCES) == set(Trouble)
    for trouble in Trouble:
        said = unreadable(trouble, "zip")
        assert said.what.endswith(".")
        assert said.remedy.endswith(".")
        assert "{" not in str(said)


def test_every_kind_has_a_name_a_clerk_knows() -> None:
    kinds = {kind for _, _, kind in CERTAIN + LIKELY} | set(PARSERS) | PICTURES
    assert kinds <= set(NAMES)


def test_the_thing_is_woven_into_the_sentence() -> None:
    assert unreadable(Trouble.UNSUPPORTED, "zip").what == "This is a zip archive, not a document the box can read."
    assert unreadable(Trouble.ENCRYPTED, "pdf").what == "The PDF file is protected by a password."
    assert unreadable(Trouble.DAMAGED).what == "The file is damaged and cannot be opened."


def test_no_word_of_a_document_gets_into_a_sentence() -> None:
    assert str(unreadable(Trouble.DAMAGED, "<script>")) == str(unreadable(Trouble.DAMAGED))


def test_an_archive_that_would_fill_the_memory_is_refused_before_it_is_unpacked(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appliance.reading.zipped.UNPACKED_BYTES", 1_000)
    with pytest.raises(UnreadableError) as caught:
        read(builders.make_docx("x" * 10_000))
    assert caught.value.trouble is Trouble.TOO_LARGE
