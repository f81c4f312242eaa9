"""What a power cut may leave of some changes, and what it may not."""

from __future__ import annotations

import random

import pytest

from tests.crash.recording import FOLDER, Commit, Data, Name, Names, Step, Sync
from tests.crash.states import SAMPLES, WHOLE, Disk

FOUND: list[Step] = [
    *(Names((Name(".", name, FOLDER),), durable=True) for name in ("in", "out")),
    Names((Name("in", "a", 7),), durable=True),
    Data(7, "whole", durable=True),
    Commit(b"", frozenset()),
]
LINK = Names((Name("out", "a", 7),))
UNLINK = Names((Name("in", "a", None),))
RENAME = Names((Name("out", "a", 7), Name("in", "a", None)))


def left(*steps: Step) -> set[frozenset[str]]:
    """Return the sets of files that a power cut after some steps may leave."""
    states = Disk([*FOUND, *steps]).states(random.Random(1))
    return {frozenset(f"{folder}/{name}" for folder, name, shows in state.tree if shows != FOLDER) for state in states}


def names(*sets: str) -> set[frozenset[str]]:
    return {frozenset(each.split()) for each in sets}


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([], ["in/a"]),
        ([LINK], ["in/a", "in/a out/a"]),
        ([LINK, Sync("out", FOLDER)], ["in/a out/a"]),
        ([LINK, Sync("in", FOLDER)], ["in/a", "in/a out/a"]),
        ([LINK, UNLINK], ["in/a", "in/a out/a", "out/a", ""]),
        ([LINK, Sync("out", FOLDER), UNLINK], ["in/a out/a", "out/a"]),
        ([LINK, UNLINK, Sync("in", FOLDER)], ["out/a", ""]),
        ([RENAME], ["in/a", "in/a out/a", "out/a"]),
        ([RENAME, Sync("out", FOLDER)], ["in/a out/a", "out/a"]),
        ([RENAME, Sync("in", FOLDER)], ["out/a"]),
        ([Names((Name("in", "b", 7), Name("in", "a", None)))], ["in/a", "in/b"]),
        ([LINK, Sync(None, 7)], ["in/a", "in/a out/a"]),
    ],
    ids=[
        "nothing", "a link", "a synced link", "a link, another folder synced", "link and unlink may come in any order",
        "a link synced before the unlink", "an unlink synced alone", "a rename loses nothing",
        "a rename, the new folder synced", "a rename, the old folder synced", "a rename in one folder is one change",
        "a file's sync is not its name's",
    ],
)  # fmt: skip
def test_what_is_not_synced_may_be_there_or_not(steps: list[Step], expected: list[str]) -> None:
    assert left(*steps) == names(*expected)


def test_what_lies_in_a_folder_that_was_not_synced_may_be_gone_with_it() -> None:
    made = [Names((Name("out", "new", FOLDER),)), Names((Name("out/new", "a", 7),)), Sync("out/new", FOLDER)]
    assert left(*made, UNLINK, Sync("in", FOLDER)) == names("", "out/new/a")


def test_a_folder_does_not_go_before_the_names_in_it() -> None:
    emptied = [Names((Name("in", "a", None),)), Names((Name(".", "in", None),))]
    states = list(Disk([*FOUND, LINK, Sync("out", FOLDER), *emptied]).states(random.Random(1)))
    assert {(".", "in", FOLDER) in state.tree for state in states} == {True, False}
    assert left(LINK, Sync("out", FOLDER), *emptied, Sync(".", FOLDER)) == names("out/a")


@pytest.mark.parametrize(
    ("steps", "texts"),
    [
        ([Data(7, "whole and more")], {"whole", "whole a", "whole and more"}),
        ([Data(7, "whole and more"), Sync(None, 7)], {"whole and more"}),
    ],
    ids=["written", "synced"],
)
def test_data_that_were_not_synced_may_be_old_or_torn(steps: list[Step], texts: set[str]) -> None:
    states = Disk([*FOUND, *steps]).states(random.Random(1))
    assert {text for state in states for _, text in state.texts} == texts


@pytest.mark.parametrize(("pending", "tried"), [(WHOLE, 1 << WHOLE), (WHOLE + 4, SAMPLES)], ids=["all", "a sample"])
def test_so_many_subsets_are_tried(pending: int, tried: int) -> None:
    links = [Names((Name("out", str(number), 7),)) for number in range(pending)]
    assert len(list(Disk([*FOUND, *links]).states(random.Random(1)))) == tried


def test_the_ledger_is_as_it_was_last_committed() -> None:
    disk = Disk([*FOUND, Commit(b"", frozenset({7})), LINK])
    assert {state.ledger for state in disk.states(random.Random(1))} == {len(FOUND)}
