from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from appliance.intake import InboxError, assert_inbox_apart, assert_inbox_usable
from appliance.intake.guards import is_litter, is_temporary

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "name",
    [
        "~$report.docx", ".~lock.report.odt#", "a.tmp", "A.TMP", "a.part", "a.pdf.part", "a.filepart", "a.crdownload",
        "Unconfirmed 1.crdownload", ".a.pdf", ".a.pdf.Xy12", "..a",
    ],
)  # fmt: skip
def test_a_temporary_name_waits(name: str) -> None:
    assert is_temporary(name)


@pytest.mark.parametrize("name", ["Thumbs.db", "THUMBS.DB", "desktop.ini", "Desktop.ini", ".DS_Store", "._a.pdf"])
def test_litter_is_left_alone(name: str) -> None:
    assert is_litter(name)


@pytest.mark.parametrize(
    "name",
    [
        "a", "a.pdf", "tmp", "a.tmp.pdf", "part", "apart", "a.partial", "~a.pdf", "$a", "thumbs.db.pdf", "_a", "a.",
        "[a].pdf", "*", "\udcff.pdf", "a\n.pdf", "-rf",
    ],
)  # fmt: skip
def test_any_other_name_is_a_document(name: str) -> None:
    assert not is_litter(name)
    assert not is_temporary(name)


@pytest.mark.parametrize(
    ("inbox", "var"),
    [("a/var", "a/var"), ("a/var/inbox", "a/var"), ("a", "a/var"), ("a/x/../var", "a/var"), ("link", "a/var")],
    ids=["the same", "inside it", "around it", "spelt otherwise", "through a link"],
)
def test_an_inbox_that_overlaps_the_box_is_refused(tmp_path: Path, inbox: str, var: str) -> None:
    (tmp_path / "a" / "var").mkdir(parents=True)
    (tmp_path / "link").symlink_to("a")
    with pytest.raises(InboxError):
        assert_inbox_apart(tmp_path / inbox, tmp_path / var)


def test_an_inbox_beside_the_box_is_accepted(tmp_path: Path) -> None:
    assert_inbox_apart(tmp_path / "inbox", tmp_path / "var")
    assert_inbox_apart(tmp_path / "variety", tmp_path / "var")


def test_an_inbox_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "inbox").touch()
    with pytest.raises(InboxError) as refused:
        assert_inbox_usable(tmp_path / "inbox")
    assert refused.value.exit_code == 2
