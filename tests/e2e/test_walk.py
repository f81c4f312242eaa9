"""What a clerk sees: files dropped, and where each of them ends."""

from __future__ import annotations

import os
import textwrap
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.builders import make_docx, make_eml, make_pdf, make_scanned_pdf
from tests.builders_scans import draw_blank, draw_page, make_picture, make_scan_pdf
from tests.e2e.conftest import wait_for
from tests.e2e.texts import CONTRACT, OPINION, PRIVACY

if TYPE_CHECKING:
    from tests.e2e.conftest import Box

pytestmark = pytest.mark.e2e


def test_a_dropped_pdf_is_filed_and_stands_on_the_page(box: Box) -> None:
    address = box.start()
    box.drop(make_pdf(PRIVACY), "scan-7.pdf")
    assert wait_for(lambda: any(path.name == "scan-7.pdf" for path in (box.home / "var").rglob("*.pdf")))
    assert wait_for(lambda: [each["state"] for each in box.lines("documents")] in (["filed"], ["in_review"]))
    with urllib.request.urlopen(address) as page:
        assert "scan-7.pdf" in page.read().decode()
    assert box.end() == 0
    assert box.is_clean()


def test_each_format_comes_to_rest_in_one_place_with_one_row(box: Box) -> None:
    box.drop(make_pdf(CONTRACT), "a")
    box.drop(make_docx(PRIVACY), "b.jpg")
    box.drop(OPINION.encode(), "c.exe")
    box.drop(make_eml(PRIVACY), "d")
    box.once()
    rows = box.lines("documents")
    assert sorted(row["name"] for row in rows) == ["a", "b.jpg", "c.exe", "d"]
    assert {row["state"] for row in rows} <= {"filed", "in_review"}
    assert sorted(str(path) for path in box.files()) == sorted(row["path"] for row in rows)
    assert box.is_clean()


def test_a_filed_document_lies_under_its_label(box: Box) -> None:
    box.drop(make_pdf(PRIVACY), "a.pdf")
    box.once()
    (row,) = box.lines("documents")
    assert row["label"].startswith("policy")
    assert row["path"] == str(box.home / "var/filed" / row["label"] / "a.pdf")
    assert 0 < row["confidence"] <= 1


def test_a_scan_is_read_and_filed_like_any_document(box: Box) -> None:
    page = draw_page("\n".join(textwrap.wrap(PRIVACY, 44)))
    box.drop(make_picture("jpeg", page.rotate(180)), "photo")
    box.drop(make_scan_pdf(draw_blank(), page), "fax.pdf")
    box.once()
    rows = {row["name"]: row for row in box.lines("documents")}
    for row in rows.values():
        assert row["state"] == "filed"
        assert row["label"].startswith("policy")
    assert "1 page" in box.command("show", str(rows["fax.pdf"]["id"])).stdout
    assert box.is_clean()


def test_a_letter_is_not_held_up_by_a_stack_of_scans(box: Box) -> None:
    words = "\n".join(textwrap.wrap(PRIVACY, 44))
    box.start()
    for number in range(8):
        box.drop(make_picture("jpeg", draw_page(f"Page {number}\n{words}")), f"{number}.jpg")
    letter = box.drop(make_pdf(PRIVACY), "letter.pdf").name
    assert wait_for(lambda: letter in _at_rest(box))
    assert len(_at_rest(box)) < 9
    assert wait_for(lambda: len(_at_rest(box)) == 9)
    assert box.end() == 0
    assert box.is_clean()


def _at_rest(box: Box) -> list[str]:
    return [row["name"] for row in box.lines("documents") if row["state"] in ("filed", "in_review")]


def test_what_cannot_be_read_is_put_aside_and_what_says_nothing_goes_to_a_person(box: Box) -> None:
    box.drop(make_scanned_pdf(), "fax.pdf")
    box.drop(os.urandom(5000), "noise.bin")
    box.once()
    rows = {row["name"]: row for row in box.lines("documents")}
    assert (rows["noise.bin"]["state"], rows["fax.pdf"]["state"]) == ("unreadable", "in_review")
    assert "no text" in rows["fax.pdf"]["reason"]
    assert box.is_clean()


def test_sub_folders_become_the_origin(box: Box) -> None:
    box.drop(make_pdf(PRIVACY), "Scanner 2/today/a.pdf")
    box.once()
    assert [row["origin"] for row in box.lines("documents")] == ["Scanner 2/today"]


def test_what_is_temporary_or_still_written_stays(box: Box) -> None:
    names = ["~$letter.docx", ".~lock.a.odt#", "half.part", "x.tmp", ".hidden", "Thumbs.db", "._a.pdf"]
    for name in names:
        box.drop(make_pdf(PRIVACY), name)
    with (box.inbox / "slow.pdf").open("wb") as file:
        file.write(make_pdf(PRIVACY))
        file.flush()
        box.once()
    assert box.lines("documents") == []
    assert sorted(path.name for path in box.inbox.iterdir()) == sorted([*names, "slow.pdf"])


def test_links_and_pipes_are_never_taken(box: Box) -> None:
    secret = box.home / "secret.txt"
    secret.write_text(PRIVACY)
    (box.inbox / "link.txt").symlink_to(secret)
    (box.inbox / "folder").symlink_to(box.home)
    os.mkfifo(box.inbox / "pipe")
    box.once()
    assert box.lines("documents") == []
    assert secret.read_text() == PRIVACY


def test_the_same_name_twice_gets_a_number_and_the_same_bytes_a_note(box: Box) -> None:
    box.drop(make_pdf(PRIVACY), "one/a.pdf")
    box.once()
    box.drop(make_pdf(PRIVACY), "two/a.pdf")
    box.once()
    second, first = box.lines("documents")
    assert second["duplicate_of"] == first["id"]
    assert sorted(path.name for path in box.files()) == ["a (2).pdf", "a.pdf"]
    assert box.is_clean()


def test_every_document_can_tell_its_history(box: Box) -> None:
    box.drop(make_pdf(PRIVACY), "a.pdf")
    box.once()
    told = box.command("show", "1")
    assert told.returncode == 0
    for word in ("arrived", "read, 1 page", "filed"):
        assert word in told.stdout
    assert box.command("show", "a.pdf").stdout == told.stdout


def test_a_changed_file_is_found(box: Box) -> None:
    box.drop(make_pdf(PRIVACY), "a.pdf")
    box.once()
    (path,) = box.files()
    path.write_bytes(b"something else")
    done = box.command("check")
    assert done.returncode == 1
    assert "Document 1" in done.stdout
