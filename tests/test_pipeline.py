"""The walk: the order of its promises, seen from the disk and the ledger at each step, and every way to go on."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from appliance.filing import LabelError
from appliance.intake import Claims
from appliance.ledger import Ledger, State, Verdict
from appliance.pipeline import LOOKS, STARTS, StillChangingError
from tests.fakes import CONTRACT, FILED, HOLDING, UNSURE, Box, FakeReader, Plug, in_memory, open_box

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from appliance.ledger import Document

A, HELD = f"{FILED}/a.txt", f"{HOLDING}/1/a.txt"


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    with in_memory(tmp_path) as folder:
        yield folder


@pytest.fixture
def box(memory: Path) -> Iterator[Box]:
    with open_box(memory) as opened:
        yield opened


# The order of the promises


def test_every_step_is_in_the_order_that_the_promises_need(box: Box) -> None:
    candidate = box.drop()
    with Plug() as plug:
        box.walk.carry(box.walk.claim(candidate))
    steps = [step.replace(f"{box.root}/", "") for step in plug.steps]
    needed = [
        "commit",  # the row
        "link home/inbox/a.txt",
        f"fsync {HOLDING}/1",
        "unlink home/inbox/a.txt",
        "fsync home/inbox",
        "fsync home/inbox/a.txt (deleted)",  # the document's own data, by a descriptor that was opened there
        "fsync home/var/filed/contract",
        "commit",  # the decision and the place
        f"renameat2 {HELD}",
        f"fsync {FILED}",
        "commit",  # at rest
    ]
    places = iter(steps)
    assert all(step in places for step in needed), steps
    assert steps.count("commit") == 3


def seen_at(box: Box, step: str, after: str = "") -> tuple[Document, list[str]]:
    """Walk a document, and return its row and the files as they were just before a step."""
    seen: list[tuple[Document, list[str]]] = []
    candidate = box.drop()
    with Plug() as plug:
        plug.when(step, lambda: seen.append((box.ledger.document(1), list(box.files()))), after=after)
        box.walk.carry(box.walk.claim(candidate))
    return seen[0]


def test_the_row_is_known_before_the_file_has_another_name(box: Box) -> None:
    document, files = seen_at(box, "link")
    assert (document.state, files) == (State.CLAIMED, ["home/inbox/a.txt"])


def test_the_file_is_in_holding_before_it_leaves_the_inbox(box: Box) -> None:
    document, files = seen_at(box, "unlink")
    assert (document.state, files) == (State.CLAIMED, ["home/inbox/a.txt", HELD])


def test_the_decision_and_the_place_are_known_before_the_file_moves(box: Box) -> None:
    document, files = seen_at(box, "renameat2")
    assert (document.state, document.destination) == (State.DECIDED, A.removeprefix("home/"))
    assert document.sha256 is not None
    assert len(box.ledger.decisions(1)) == 1
    assert files == [HELD]


def test_the_file_is_at_its_place_before_the_ledger_says_so(box: Box) -> None:
    document, files = seen_at(box, "commit", after="renameat2")
    assert (document.state, files) == (State.DECIDED, [A])


def test_the_data_are_durable_while_it_is_read_and_nothing_is_decided_when_that_fails(box: Box) -> None:
    document = box.claims.complete(box.claim())
    with Plug(4, "failing") as plug:  # after the three syncs of a claim that is completed again
        box.walk.carry(document)
    assert plug.pulled
    assert plug.steps[3].endswith(HELD)
    assert box.ledger.document(1).state is State.CLAIMED
    assert box.files() == {HELD: CONTRACT}


# A document that changes while it is read


def changing(box: Box, change: Callable[[Path], object], times: int) -> list[int]:
    """Let somebody change the held document as each of its first pages is read."""
    left = list(range(times))

    def act() -> None:
        if left:
            change(box.root / HELD)
            left.pop()

    box.reader.while_reading = act
    return left


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_text(path.read_text() + " and more"),
        lambda path: path.write_text(CONTRACT[:30]),
        lambda path: os.utime(path, ns=(1, 1)),
        lambda path: (path.write_text(CONTRACT.upper()), os.utime(path, ns=(1, 1))),
    ],
    ids=["grows", "shrinks", "is touched", "is rewritten in its size"],
)
def test_a_document_that_changes_is_read_again_and_filed_as_it_is_then(
    box: Box, change: Callable[[Path], object]
) -> None:
    changing(box, change, times=1)
    document = box.file()
    assert box.reader.opened == 2
    assert document.state is State.FILED
    assert box.problems() == []


def test_the_answer_is_of_the_bytes_that_were_filed(box: Box) -> None:
    changing(box, lambda path: path.write_text(CONTRACT), times=1)
    document = box.file(content=UNSURE)
    assert (document.label, box.files()) == ("contract/distributor", {A: CONTRACT})


def test_a_document_that_keeps_changing_stays_in_holding_until_it_is_calm(box: Box) -> None:
    changing(box, lambda path: path.write_text(path.read_text() + " more"), times=LOOKS)
    with pytest.raises(StillChangingError, match="still being written"):
        box.file()
    assert box.reader.opened == LOOKS
    assert list(box.files()) == [HELD]
    [document] = box.ledger.in_flight()
    assert document.state is State.CLAIMED
    assert box.walk.carry(document).state is State.FILED
    assert box.problems() == []


def test_a_document_that_changed_before_its_last_look_is_still_filed(box: Box) -> None:
    changing(box, lambda path: path.write_text(path.read_text() + " more"), times=LOOKS - 1)
    assert box.file().state is State.FILED


# Going on from wherever it was left


def test_a_decided_document_is_moved_without_being_read_again(box: Box) -> None:
    document = box.decide()
    assert box.walk.carry(document).state is State.FILED
    assert box.reader.opened == 1


def test_a_document_taken_back_is_let_go_unread(box: Box) -> None:
    document = box.claim()
    document.inbox_path.unlink()
    assert box.walk.carry(document).state is State.WITHDRAWN
    assert box.reader.opened == 0


@pytest.mark.parametrize("content", [CONTRACT, UNSURE, ""], ids=["filed", "in review", "unreadable"])
def test_a_document_at_rest_is_left_as_it_is(box: Box, content: str) -> None:
    document = box.file(content=content)
    files, opened = box.files(), box.reader.opened
    assert box.walk.carry(document) == document
    assert (box.files(), box.reader.opened) == (files, opened)


def test_a_backup_of_a_filed_document_does_not_make_it_look_taken_back(box: Box) -> None:
    document = box.file()
    os.link(box.root / A, box.root / "backup")
    box.walk.carry(document)
    assert box.files() == {A: CONTRACT}


@pytest.mark.parametrize(("starts", "read"), [(STARTS, True), (STARTS + 1, False)])
def test_a_document_that_ends_the_box_at_each_start_is_not_read_for_ever(box: Box, starts: int, *, read: bool) -> None:
    document = box.claim()
    for _ in range(starts):
        document = box.ledger.attempt(document)
    document = box.walk.carry(document)
    assert (document.state, box.reader.opened) == ((State.FILED, 1) if read else (State.UNREADABLE, 0))
    assert list(box.files()) == [A if read else "home/var/unreadable/a.txt"]


def test_a_held_document_replaced_by_a_link_is_not_followed(box: Box) -> None:
    document = box.claims.complete(box.claim())
    (box.root / HELD).unlink()
    (box.root / HELD).symlink_to("/etc/passwd")
    with pytest.raises(OSError, match="symbolic links"):
        box.walk.carry(document)
    assert box.reader.opened == 0


# What is recorded


def test_a_document_that_cannot_be_read_goes_to_unreadable_with_a_reason(box: Box) -> None:
    document = box.file(content="")
    assert (document.state, document.label, document.path) == (State.UNREADABLE, None, "var/unreadable/a.txt")
    assert document.reason == "The file is empty. Ask whoever sent it to send it again."


@pytest.mark.parametrize(("keep", "kept"), [("snippet", CONTRACT), ("none", None)])
def test_the_passage_is_kept_as_the_settings_say(memory: Path, keep: str, kept: str | None) -> None:
    with open_box(memory, keep_text=keep) as box:
        box.file()
        assert box.ledger.decisions(1)[0]["passage"] == kept


def test_the_words_behind_what_waits_are_found_afterwards(box: Box) -> None:
    box.file(content=UNSURE)
    assert box.ledger.decisions(1)[0]["words"] == []
    assert (box.walk.explain(), box.walk.explain()) == (True, False)
    assert box.ledger.decisions(1)[0]["words"] == [["Words", 0, 5, 1.0]]
    assert box.problems() == []


def test_an_answer_of_another_model_is_not_explained_by_this_one(box: Box) -> None:
    box.file(content=UNSURE)
    box.walk.reading.model.model_id = "fake-2"
    assert box.walk.explain()
    assert (box.walk.explain(), box.ledger.decisions(1)[0]["words"]) == (False, [])


def test_the_same_bytes_while_the_first_is_in_work_are_decided_alike(box: Box) -> None:
    first, second = box.decide("a.txt"), box.decide("b.txt")
    assert (second.duplicate_of, second.label) == (first.id, first.label)
    for document in (second, first):
        box.walk.carry(document)
    assert box.files() == {A: CONTRACT, f"{FILED}/b.txt": CONTRACT}


def test_unreadable_again_is_unreadable_whatever_the_rule(memory: Path) -> None:
    with open_box(memory, duplicates="hold") as box:
        box.file("a.txt", "")
        assert box.file("b.txt", "").state is State.UNREADABLE


def test_a_label_that_would_escape_leaves_the_document_in_holding(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    model = type(box.walk.reading.model)
    answered = model.decide
    monkeypatch.setattr(
        model,
        "decide",
        lambda *given: _relabelled(answered(*given), "../../../inbox/again"),  # type: ignore[arg-type]
    )
    with pytest.raises(LabelError):
        box.file()
    assert box.files() == {HELD: CONTRACT}


def _relabelled(decision: object, label: str) -> object:
    from dataclasses import replace

    return replace(decision, label=label)  # type: ignore[type-var]


def test_no_name_reaches_the_reader_or_the_model(memory: Path) -> None:
    with open_box(memory, reader=FakeReader()) as box:
        assert box.file("this contract.txt", UNSURE).state is State.IN_REVIEW


def test_a_ledger_that_refuses_costs_no_file(memory: Path) -> None:
    class Refusing(Ledger):
        def decide(self, document: Document, verdict: Verdict, *rest: object, **named: object) -> Document:
            raise LookupError(document, verdict, rest, named)

    with open_box(memory, ledger=Refusing) as box, pytest.raises(LookupError):
        box.file()
    with open_box(memory) as box:
        box.start_again()
        assert box.files() == {A: CONTRACT}


# Reading while the file is brought in


def test_a_document_is_read_while_it_is_brought_in_and_what_was_read_is_what_is_held(memory: Path) -> None:
    with ThreadPoolExecutor(1) as beside, open_box(memory, beside=beside) as box:
        waiting = threading.Event()
        beside.submit(waiting.wait)  # nothing is brought in until the reader has the document
        box.reader.while_reading = waiting.set
        assert box.file().label == "contract/distributor"
        assert (box.reader.opened, box.problems()) == (1, [])


def test_a_document_that_is_copied_in_is_read_from_its_copy(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Claims, "_will_link", lambda *_: True)
    monkeypatch.setattr("appliance.intake.claim._could_link", lambda *_: False)
    assert box.file().state is State.FILED
    assert box.reader.opened == 2
    assert box.problems() == []


def test_a_document_taken_back_while_it_is_read_early_is_let_go(memory: Path) -> None:
    with ThreadPoolExecutor(1) as beside, open_box(memory, beside=beside) as box:
        waiting = threading.Event()
        beside.submit(waiting.wait)

        def take_back() -> None:
            (box.inbox / "a.txt").unlink()
            waiting.set()

        box.reader.while_reading = take_back
        assert box.file().state is State.WITHDRAWN
        assert box.files() == {}
        assert box.problems() == []
