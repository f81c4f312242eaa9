from __future__ import annotations

import pytest

from appliance.filing import LabelError, destination_folder, first_free, numbered


@pytest.mark.parametrize(
    ("status", "label", "folder"),
    [
        ("auto", "paper", "var/filed/paper"),
        ("auto", "contract/distributor", "var/filed/contract/distributor"),
        ("auto", "Ünïcode name/x y", "var/filed/Ünïcode name/x y"),
        ("review", None, "var/review"),
        ("unknown", None, "var/review"),
        ("unreadable", None, "var/unreadable"),
        ("review", "paper", "var/review"),
    ],
)
def test_a_decision_has_a_folder(status: str, label: str | None, folder: str) -> None:
    assert str(destination_folder(status, label)) == folder


@pytest.mark.parametrize(
    "label",
    [
        "", "/", "/etc", "a/", "a//b", "..", "../x", "a/../../x", ".", "a/./b", ".hidden", "a/.hidden", "a\0b", "a\nb",
        "\x1b[2J", "a\u202eb", "\ud800", "x" * 256, "a/" + "ü" * 128,
    ],
    ids=ascii,
)  # fmt: skip
def test_a_label_that_could_escape_or_hide_is_refused(label: str) -> None:
    with pytest.raises(LabelError):
        destination_folder("auto", label)


@pytest.mark.parametrize(
    ("name", "second"),
    [
        ("a.pdf", "a (2).pdf"),
        ("a", "a (2)"),
        ("a.tar.gz", "a.tar (2).gz"),
        ("a (2).pdf", "a (2) (2).pdf"),
        ("a.", "a. (2)"),
        ("x" * 251 + ".pdf", "x" * 247 + " (2).pdf"),
        ("x" * 255, "x" * 251 + " (2)"),
        ("ü" * 125 + "x.pdf", "ü" * 123 + " (2).pdf"),
        ("a." + "x" * 253, "a." + "x" * 249 + " (2)"),
        ("😀" * 63 + "abc", "😀" * 62 + " (2)"),
    ],
    ids=[
        "suffix",
        "no suffix",
        "two",
        "numbered",
        "a dot",
        "255",
        "255 bare",
        "255 in pairs",
        "all suffix",
        "255 in fours",
    ],
)
def test_a_taken_name_is_numbered_before_its_suffix(name: str, second: str) -> None:
    assert (numbered(name, 1), numbered(name, 2)) == (name, second)


@pytest.mark.parametrize(
    "name", ["x" * 255, "ü" * 127, "€" * 85, "x" * 128 + "." + "ü" * 63, "a." + "x" * 253], ids=len
)
def test_the_thousandth_name_still_fits_and_none_comes_twice(name: str) -> None:
    names = [numbered(name, number) for number in range(1, 1001)]
    assert len(set(names)) == 1000
    assert max(len(each.encode()) for each in names) <= 255


@pytest.mark.parametrize("taken", [0, 1, 2, 3, 7, 8, 100, 10_000])
def test_the_first_free_number_is_found_in_few_looks(taken: int) -> None:
    names = {numbered("a.pdf", number) for number in range(1, taken + 1)}
    looks = []

    def is_taken(name: str) -> bool:
        looks.append(name)
        return name in names

    assert first_free("a.pdf", is_taken) == numbered("a.pdf", taken + 1)
    assert len(looks) <= 30
