from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

import pytest

from appliance.filing import Check
from tests.fakes import FILED, HOLDING, Box, Plug

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def by_hand(box: Box, *statements: str) -> None:
    """Change the ledger as somebody with the file and SQLite's own shell would."""
    connection = sqlite3.connect(box.root / "home" / "var" / "ledger.db")
    for statement in (
        "DROP TRIGGER IF EXISTS events_refuse_update",
        "DROP TRIGGER IF EXISTS events_refuse_delete",
        *statements,
    ):
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_fresh_box_has_no_problems(box: Box) -> None:
    assert box.problems() == []


def test_documents_in_every_state_are_no_problem(box: Box) -> None:
    box.claim("claimed.txt")
    box.claims.complete(box.claim("held.txt"))
    box.decide("decided.txt")
    box.file("filed.txt")
    box.file("review.txt", "unsure")
    withdrawn = box.claim("withdrawn.txt")
    withdrawn.inbox_path.unlink()
    box.claims.complete(withdrawn)
    assert box.problems() == []


PATH = f"{FILED}/a.txt"


def _replace_by_link(path: Path) -> None:
    path.rename(path.with_name("real.txt"))
    path.symlink_to("real.txt")


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda path: path.unlink(), "cannot be opened"),
        (lambda path: path.write_text("other"), "not those that were filed"),
        (lambda path: path.write_text(path.read_text() + " "), "not those that were filed"),
        (lambda path: path.write_bytes(b""), "not those that were filed"),
        (_replace_by_link, "cannot be opened"),
        (lambda path: (path.unlink(), path.mkdir()), "not a plain file"),
        (lambda path: (path.unlink(), os.mkfifo(path)), "not a plain file"),
    ],
    ids=["missing", "changed", "grown", "emptied", "a link", "a folder", "a FIFO"],
)
def test_a_filed_document_is_proven(box: Box, act: Callable[[Path], object], said: str) -> None:
    box.file()
    act(box.root / PATH)
    problem = next(problem for problem in box.problems() if problem.startswith("Document 1: "))
    assert said in problem


@pytest.mark.parametrize(
    "place",
    [f"{FILED}/stray.txt", "home/var/review/x", "home/var/unreadable/x/y", f"{HOLDING}/9/x", f"{FILED}/.hidden"],
)
def test_a_file_without_a_row_is_said(box: Box, place: str) -> None:
    box.file()
    (box.root / place).parent.mkdir(parents=True, exist_ok=True)
    (box.root / place).touch()
    assert box.problems() == [f"{place.removeprefix('home/')} has no row in the ledger."]


def test_a_link_without_a_row_is_said_and_not_followed(box: Box) -> None:
    (box.root / "home" / "var" / "review").mkdir()
    (box.root / "home" / "var" / "review" / "link").symlink_to("/etc/passwd")
    assert box.problems() == ["var/review/link has no row in the ledger."]


def test_a_document_in_both_places_is_said(box: Box) -> None:
    document = box.decide()
    os.link(box.root / "home" / str(document.path), box.root / "home" / str(document.destination))
    [problem] = box.problems()
    assert "lies both at" in problem


@pytest.mark.parametrize("of", [Box.claim, Box.decide], ids=["claimed", "decided"])
def test_a_document_in_work_whose_file_is_gone_is_said(box: Box, of: Callable[[Box], object]) -> None:
    of(box)
    for path in (box.inbox / "a.txt", box.root / HOLDING / "1" / "a.txt"):
        path.unlink(missing_ok=True)
    [problem] = box.problems()
    assert problem.startswith("Document 1: it is in work, but its file is not at")


def test_a_claimed_document_whose_inbox_folder_became_a_file_is_said(box: Box) -> None:
    box.claim("case/a.txt").inbox_path.unlink()
    (box.inbox / "case").rmdir()
    (box.inbox / "case").touch()
    assert len(box.problems()) == 1


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE documents SET label = 'paper'", "its label is not what"),
        ("UPDATE documents SET label = NULL", "its label is not what"),
        ("UPDATE documents SET sha256 = 'ab'", "its sha256 is not what"),
        ("UPDATE documents SET state = 'in_review'", "its state is not what"),
        ("UPDATE documents SET path = 'var/filed/elsewhere.txt'", "cannot be opened"),
        ("UPDATE events SET detail = '{}' WHERE id = 2", "was changed"),
        ("UPDATE events SET actor = 'nobody' WHERE id = 2", "was changed"),
        ("DELETE FROM events WHERE id = 2", "Event 2 is missing"),
        ("DELETE FROM events WHERE id = 4", "its state is not what"),
        ("DELETE FROM documents", "its row is not what"),
    ],
)  # fmt: skip
def test_a_ledger_edited_by_hand_is_said(box: Box, statement: str, said: str) -> None:
    box.file()
    by_hand(box, statement)
    assert any(said in problem for problem in box.problems())


def test_a_document_removed_by_hand_with_its_file_is_said(box: Box) -> None:
    box.file()
    (box.root / PATH).unlink()
    by_hand(box, "DELETE FROM documents")
    assert len(box.problems()) == 1


def test_a_row_put_in_by_hand_is_said(box: Box) -> None:
    box.file()
    by_hand(box, "CREATE TABLE more AS SELECT * FROM documents", "UPDATE more SET id = 2")
    by_hand(box, "INSERT INTO documents SELECT * FROM more")
    assert box.problems()


def test_check_is_clean_at_every_step_of_a_walk(box: Box) -> None:
    found: list[str] = []
    with Plug() as plug:
        plug.always(lambda: found.extend(box.problems()))
        box.walk.carry(box.walk.claim(box.drop()))
    assert len(plug.steps) > 15
    assert found == []


def test_what_looked_wrong_is_looked_at_again_though_its_row_did_not_change(box: Box) -> None:
    document = box.claim()
    hidden = document.inbox_path.rename(box.root / "hidden")  # as between two looks of the check, one before each move

    class Later(type(box.ledger)):  # type: ignore[misc]
        def document(self, number: int) -> object:
            hidden.rename(document.inbox_path)
            return super().document(number)

    with Later(box.root / "home" / "var" / "ledger.db") as later:
        assert list(Check(box.root / "home", later).problems()) == []


def test_a_document_that_arrives_while_it_looks_is_no_stray(box: Box) -> None:
    box.file("a.txt")
    assert list(Check(box.root / "home", box.ledger, lambda: box.file("b.txt")).problems()) == []


def test_it_tells_of_its_progress(box: Box) -> None:
    box.file("a.txt")
    box.file("b.txt")
    told: list[None] = []
    list(Check(box.root / "home", box.ledger, lambda: told.append(None)).problems())
    assert len(told) == 2


def test_it_changes_nothing(box: Box) -> None:
    box.file()
    before = {path: path.stat().st_mtime_ns for path in (box.root / "home").rglob("*") if "ledger" not in path.name}
    box.problems()
    assert before == {path: path.stat().st_mtime_ns for path in before}
