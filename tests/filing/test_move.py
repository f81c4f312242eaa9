"""The last move: whatever cuts it, one file in one place; whatever lies there, nothing written over."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from appliance.filing import MissingFileError, remove_if_empty
from appliance.ledger import State
from tests.fakes import CONTRACT, FILED, HOLDING, HOW, PAPER, UNSURE, Box, Plug, every_cut, open_box

if TYPE_CHECKING:
    from pathlib import Path

A = f"{FILED}/a.txt"


@pytest.mark.parametrize(
    ("content", "place", "state"),
    [
        (CONTRACT, A, State.FILED),
        (PAPER, "home/var/filed/paper/a.txt", State.FILED),
        (UNSURE, "home/var/review/a.txt", State.IN_REVIEW),
        ("strange", "home/var/review/a.txt", State.IN_REVIEW),
        ("", "home/var/unreadable/a.txt", State.UNREADABLE),
    ],
    ids=["filed", "filed elsewhere", "unsure", "unknown", "unreadable"],
)
def test_a_document_comes_to_rest_where_its_decision_says(box: Box, content: str, place: str, state: State) -> None:
    document = box.filing.finish(box.decide(content=content))
    assert (document.state, document.path, document.destination) == (state, place.removeprefix("home/"), None)
    assert box.files() == {place: content}
    assert box.problems() == []


def test_the_holding_folder_goes_when_its_document_has_gone(box: Box) -> None:
    box.file()
    assert list((box.root / HOLDING).iterdir()) == []


def test_the_order_is_move_then_both_folders_then_the_ledger(box: Box) -> None:
    document = box.decide()
    with Plug() as plug:
        box.filing.finish(document)
    assert [step.replace(f"{box.root}/", "") for step in plug.steps] == [
        f"renameat2 {HOLDING}/1/a.txt",
        f"fsync {FILED}",
        f"fsync {HOLDING}/1",
        "commit",
        f"rmdir {HOLDING}/1",
    ]


def test_the_folders_of_a_place_are_durable_before_the_plan_is_known(box: Box) -> None:
    with Plug() as plug:
        box.filing.plan("a.txt", "auto", "contract/distributor")
    made = [step.replace(f"{box.root}/", "") for step in plug.steps]
    assert made == [
        "fsync home", "mkdir home/var/filed", "fsync home/var", "mkdir home/var/filed/contract", "fsync home/var/filed",
        "mkdir home/var/filed/contract/distributor", "fsync home/var/filed/contract",
    ]  # fmt: skip


# Cut at every step


@pytest.mark.parametrize("without", [False, True], ids=["one step", "link then unlink"])
@pytest.mark.parametrize("how", HOW)
def test_cut_at_any_step_it_ends_in_the_same_place(memory: Path, how: str, *, without: bool) -> None:
    for root, plug in every_cut(memory, how, without_renameat2=without):
        with open_box(root) as box:
            document = box.decide()
            with plug:
                box.filing.finish(document)
        with open_box(root) as box:
            for again in box.ledger.in_flight():
                box.filing.finish(again)
            assert box.ledger.document(1).state is State.FILED, plug
            assert box.files() == {A: CONTRACT}, plug
            assert box.problems() == [], plug


@pytest.mark.parametrize("without", [False, True], ids=["one step", "link then unlink"])
@pytest.mark.parametrize("how", HOW)
def test_cut_at_any_step_beside_a_taken_name_both_files_survive(memory: Path, how: str, *, without: bool) -> None:
    for root, plug in every_cut(memory, how, without_renameat2=without):
        with open_box(root) as box:
            document = box.decide()
            (root / A).write_text("somebody else's")
            with plug:
                box.filing.finish(document)
        with open_box(root) as box:
            for again in box.ledger.in_flight():
                box.filing.finish(again)
            assert box.files() == {A: "somebody else's", f"{FILED}/a (2).txt": CONTRACT}, plug
            assert box.ledger.document(1).path == "var/filed/contract/distributor/a (2).txt", plug


@pytest.mark.parametrize("how", HOW)
def test_the_whole_walk_cut_at_any_step_ends_with_one_file_in_one_place(memory: Path, how: str) -> None:
    for root, plug in every_cut(memory, how):
        with open_box(root) as box:
            candidate = box.drop()
            with plug:
                box.walk.carry(box.walk.claim(candidate))
        with open_box(root) as box:
            assert box.problems() == [], plug
            box.start_again()
            assert box.files() == {A: CONTRACT}, plug
            assert [document.state for document in box.ledger.documents()] == [State.FILED], plug
            assert box.problems() == [], plug


@pytest.mark.parametrize("how", HOW)
def test_a_recovery_that_is_cut_at_any_step_can_be_recovered(memory: Path, how: str) -> None:
    for root, plug in every_cut(memory, how):
        with open_box(root) as box:
            document = box.claim()
            with Plug(7):
                box.walk.carry(document)
            with plug:
                box.start_again()
        with open_box(root) as box:
            box.start_again()
            assert box.files() == {A: CONTRACT}, plug
            assert box.problems() == [], plug


# Names that are taken


def test_a_taken_name_is_numbered_and_nothing_is_written_over(box: Box) -> None:
    for content in (CONTRACT, f"{CONTRACT} 2", f"{CONTRACT} 3"):
        box.file("a.txt", content)
    assert box.files() == {
        A: CONTRACT,
        f"{FILED}/a (2).txt": f"{CONTRACT} 2",
        f"{FILED}/a (3).txt": f"{CONTRACT} 3",
    }
    assert box.problems() == []


def test_a_name_taken_between_plan_and_move_is_planned_anew(box: Box) -> None:
    document = box.decide()
    (box.root / A).write_text("somebody else's")
    rested = box.filing.finish(document)
    assert box.files() == {A: "somebody else's", f"{FILED}/a (2).txt": CONTRACT}
    assert rested.path == "var/filed/contract/distributor/a (2).txt"


def test_a_name_taken_by_the_same_bytes_is_still_taken(box: Box) -> None:
    document = box.decide()
    (box.root / A).write_text(CONTRACT)
    box.filing.finish(document)
    assert box.files() == {A: CONTRACT, f"{FILED}/a (2).txt": CONTRACT}


@pytest.mark.parametrize("kind", ["link", "dangling link", "folder", "fifo"])
def test_a_name_taken_by_something_else_is_left_alone(box: Box, kind: str) -> None:
    document = box.decide()
    taken, outside = box.root / A, box.root / "outside.txt"
    outside.write_text("outside")
    make = {
        "link": lambda: taken.symlink_to(outside),
        "dangling link": lambda: taken.symlink_to(box.root / "nowhere"),
        "folder": taken.mkdir,
        "fifo": lambda: os.mkfifo(taken),
    }
    make[kind]()
    before = taken.lstat().st_ino
    assert box.filing.finish(document).path == "var/filed/contract/distributor/a (2).txt"
    assert taken.lstat().st_ino == before
    assert outside.read_text() == "outside"
    assert not (box.root / "nowhere").exists()


@pytest.mark.parametrize("name", ["x" * 251 + ".txt", "ü" * 125 + "x.txt", "€" * 85], ids=["one", "two", "three"])
def test_names_of_255_bytes_are_filed_many_times(box: Box, name: str) -> None:
    for number in range(12):
        box.file(name, f"{CONTRACT} {number}")
    assert len(box.files()) == 12
    assert box.problems() == []


def test_two_decided_documents_with_one_planned_name_both_arrive(box: Box) -> None:
    first, second = box.decide(), box.decide(content=f"{CONTRACT} 2")
    assert first.destination == second.destination
    box.filing.finish(second)
    box.filing.finish(first)
    assert sorted(box.files().values()) == [CONTRACT, f"{CONTRACT} 2"]
    assert box.problems() == []


def test_two_names_of_one_file_with_one_planned_name_both_arrive(box: Box) -> None:
    (box.inbox / "sub").mkdir()
    os.link(box.write("a.txt"), box.inbox / "sub" / "a.txt")
    claimed = [box.claims.complete(box.claims.begin(candidate)) for candidate in box.look()]
    decided = [box.walk._record(document, *box.read(document)) for document in claimed]
    assert decided[0].destination == decided[1].destination
    for document in decided:
        box.filing.finish(document)
    assert len(box.files()) == 2
    assert box.problems() == []


# What may have become of the file or its place meanwhile


def test_finishing_again_is_the_same_as_finishing_once(box: Box) -> None:
    rested = box.file()
    assert box.filing.finish(rested) == rested
    assert box.files() == {A: CONTRACT}


def test_a_file_that_arrived_before_the_ledger_said_so_is_confirmed_by_its_hash(box: Box) -> None:
    document = box.decide()
    (box.root / "home" / str(document.path)).rename(box.root / A)
    assert box.filing.finish(document).state is State.FILED


def test_another_file_at_the_planned_place_does_not_pass_for_a_missing_one(box: Box) -> None:
    document = box.decide()
    (box.root / "home" / str(document.path)).unlink()
    (box.root / A).write_text("somebody else's")
    with pytest.raises(MissingFileError):
        box.filing.finish(document)
    assert box.ledger.document(1).state is State.DECIDED
    assert box.files() == {A: "somebody else's"}


def test_a_file_that_is_nowhere_is_said_to_be_missing(box: Box) -> None:
    document = box.decide()
    (box.root / "home" / str(document.path)).unlink()
    with pytest.raises(MissingFileError, match="document 1 is gone"):
        box.filing.finish(document)


def test_a_planned_folder_that_was_removed_is_made_again(box: Box) -> None:
    document = box.decide()
    (box.root / FILED).rmdir()
    box.filing.finish(document)
    assert box.files() == {A: CONTRACT}


@pytest.mark.parametrize("kind", ["file", "dangling link"])
def test_something_else_in_the_place_of_a_folder_is_an_error_and_not_an_endless_try(box: Box, kind: str) -> None:
    document = box.decide()
    folder = box.root / FILED
    folder.rmdir()
    folder.touch() if kind == "file" else folder.symlink_to("nowhere")
    with Plug(50) as plug, pytest.raises((FileExistsError, NotADirectoryError)):
        box.filing.finish(document)
    assert not plug.pulled
    assert (box.root / HOLDING / "1" / "a.txt").read_text() == CONTRACT


def test_the_same_bytes_are_filed_beside_the_first(box: Box) -> None:
    box.file("a.txt")
    second = box.file("b.txt")
    assert (second.duplicate_of, second.path) == (1, "var/filed/contract/distributor/b.txt")
    assert box.files() == {A: CONTRACT, f"{FILED}/b.txt": CONTRACT}


def test_the_same_bytes_are_held_where_the_settings_say_so(memory: Path) -> None:
    with open_box(memory, duplicates="hold") as box:
        box.file("a.txt")
        second = box.file("b.txt")
        assert (second.duplicate_of, second.state) == (1, State.IN_REVIEW)
        assert box.files() == {A: CONTRACT, "home/var/review/b.txt": CONTRACT}


def test_a_folder_that_is_not_empty_is_kept(tmp_path: Path) -> None:
    (tmp_path / "kept").touch()
    remove_if_empty(tmp_path)
    remove_if_empty(tmp_path / "never there")
    assert (tmp_path / "kept").exists()
