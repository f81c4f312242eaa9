from __future__ import annotations

import random

import pytest

from appliance.names import clean_name, shortened

BAD = "\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(
    "name",
    ["a.pdf", "Rechnung Nr. 5.pdf", "日本語.txt", "e\u0301.txt", "👩‍👩‍👧.txt", "-rf *", "a'\"$`.pdf", "مرحبا.pdf"],
)
def test_a_name_that_can_be_shown_stays_as_it_is(name: str) -> None:
    assert clean_name(name.encode()) == name


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"a\xffb", f"a{BAD}b"),
        (b"a\nb\tc\x00d\x7f", f"a{BAD}b{BAD}c{BAD}d{BAD}"),
        (b"\x1b[31mred", f"{BAD}[31mred"),
        (b"\xc2\x9b31m", f"{BAD}31m"),
        ("a\u202ecod.exe".encode(), f"a{BAD}cod.exe"),
        ("a\u2066b\u2069".encode(), f"a{BAD}b{BAD}"),
        ("a\u2028b\u2029".encode(), f"a{BAD}b{BAD}"),
        (b"a/b", f"a{BAD}b"),
        (b"\xed\xa0\x80", BAD * 3),
        (b"\xc0\xaf", BAD * 2),
    ],
    ids=[
        "bytes",
        "control",
        "escape",
        "C1",
        "override",
        "isolate",
        "line ends",
        "slash",
        "surrogate",
        "overlong slash",
    ],
)
def test_what_could_harm_is_replaced(raw: bytes, name: str) -> None:
    assert clean_name(raw) == name


@pytest.mark.parametrize("raw", [b"x" * 255, b"\xff" * 255, "ü".encode() * 127, "€".encode() * 85, "😀".encode() * 63])
def test_a_cleaned_name_fits_a_file_system_and_is_cleaned_once_and_for_all(raw: bytes) -> None:
    name = clean_name(raw)
    assert len(name.encode()) <= 255
    assert clean_name(name.encode()) == name


def test_a_thousand_random_names_are_harmless() -> None:
    source = random.Random(5)
    for _ in range(1000):
        name = clean_name(source.randbytes(source.randint(1, 255)))
        assert len(name.encode()) <= 255
        assert clean_name(name.encode()) == name
        assert not set(name) & {"/", "\0", "\n"}


def test_a_short_name_is_not_cut() -> None:
    assert shortened("a", " (2).pdf") == "a (2).pdf"


def test_a_long_name_is_cut_between_characters_and_keeps_its_tail() -> None:
    assert shortened("ü" * 200, ".pdf") == "ü" * 125 + ".pdf"
