"""Claiming: whatever cuts it, and whoever touches the inbox meanwhile, no file is lost and none is written over."""

from __future__ import annotations

import errno
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from appliance.filing import Check
from appliance.ledger import State
from tests.fakes import CONTRACT, HOLDING, HOW, Box, Plug, every_cut, open_box

if TYPE_CHECKING:
    from pathlib import Path

TAKEN_BACK = {"home/inbox/b.txt": CONTRACT}


# What a claim writes down


def test_the_row_is_there_before_the_file_is_touched(box: Box) -> None:
    candidate = box.drop("Scanner 2/a.txt")
    before = candidate.sighting.path.stat()
    document = box.claims.begin(candidate)
    after = document.inbox_path.stat()
    assert (after.st_ino, after.st_nlink, after.st_ctime_ns) == (before.st_ino, 1, before.st_ctime_ns)
    assert (document.state, document.name, document.origin) == (State.CLAIMED, "a.txt", "Scanner 2")
    assert document.path == f"var/holding/{document.id}/a.txt"


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"\xff.txt", "\N{REPLACEMENT CHARACTER}.txt"),
        (b"a\nb.txt", "a\N{REPLACEMENT CHARACTER}b.txt"),
        ("gpj\u202efdp.exe".encode(), "gpj\N{REPLACEMENT CHARACTER}fdp.exe"),
        (b"\xff" * 255, "\N{REPLACEMENT CHARACTER}" * 85),
        (("ü" * 127).encode(), "ü" * 127),
    ],
    ids=["not UTF-8", "line break", "turned reading", "longer when shown", "255 bytes"],
)
def test_a_strange_name_is_held_under_a_harmless_one(box: Box, raw: bytes, name: str) -> None:
    document = box.claims.complete(box.claim(raw))
    assert document.name == name
    assert box.files() == {f"{HOLDING}/1/{name}": CONTRACT}
    assert os.fsencode(document.inbox_path).endswith(raw)


# Bringing in


def test_the_file_itself_is_brought_in_and_leaves_the_inbox(box: Box) -> None:
    document = box.claim()
    box.claims.complete(document)
    assert box.files() == {f"{HOLDING}/1/a.txt": CONTRACT}
    assert (box.root / HOLDING / "1" / "a.txt").stat().st_ino == document.inode


def test_completing_again_changes_nothing(box: Box) -> None:
    document = box.claim()
    for _ in range(3):
        assert box.claims.complete(document).state is State.CLAIMED
    assert box.files() == {f"{HOLDING}/1/a.txt": CONTRACT}


def test_a_sub_folder_of_the_inbox_stays_when_its_file_goes(box: Box) -> None:
    box.claims.complete(box.claim("Scanner 2/a.txt"))
    assert (box.inbox / "Scanner 2").is_dir()


def test_the_inbox_name_goes_only_after_the_other_one_is_durable(box: Box) -> None:
    document = box.claim()
    with Plug() as plug:
        box.claims.complete(document)
    done = [step.replace(f"{box.root}/", "") for step in plug.steps]
    assert done == [
        f"mkdir {HOLDING}/1",
        "link home/inbox/a.txt",
        f"fsync {HOLDING}/1",
        f"fsync {HOLDING}",
        "unlink home/inbox/a.txt",
        "fsync home/inbox",
    ]


# Cut at every step


@pytest.mark.parametrize("how", HOW)
def test_cut_at_any_step_it_ends_with_one_file_in_holding(memory: Path, how: str) -> None:
    for root, plug in every_cut(memory, how):
        with open_box(root) as box:
            document = box.claim()
            with plug:
                box.claims.complete(document)
        with open_box(root) as box:
            assert box.problems() == [], plug
            [again] = box.ledger.in_flight()
            assert box.claims.complete(again).state is State.CLAIMED, plug
            assert box.files() == {f"{HOLDING}/1/a.txt": CONTRACT}, plug
            assert box.problems() == [], plug


@pytest.mark.parametrize("how", HOW)
def test_cut_at_any_step_a_new_file_under_the_same_name_survives_beside_it(memory: Path, how: str) -> None:
    for root, plug in every_cut(memory, how):
        with open_box(root) as box:
            document = box.claim()
            with plug:
                box.claims.complete(document)
            os.replace(box.write("elsewhere", "another contract"), document.inbox_path)  # noqa: PTH105
        with open_box(root) as box:
            [again] = box.ledger.in_flight()
            state = box.claims.complete(again).state
            old = {} if state is State.WITHDRAWN else {f"{HOLDING}/1/a.txt": CONTRACT}
            assert box.files() == {"home/inbox/a.txt": "another contract", **old}, plug
            assert box.problems() == [], plug


@pytest.mark.parametrize("how", HOW)
def test_cut_at_any_step_a_file_renamed_in_the_inbox_is_never_lost(memory: Path, how: str) -> None:
    for root, plug in every_cut(memory, how):
        with open_box(root) as box:
            document = box.claim()
            with plug:
                box.claims.complete(document)
            was_there = document.inbox_path.exists()
            if was_there:
                document.inbox_path.rename(box.inbox / "b.txt")
        with open_box(root) as box:
            [again] = box.ledger.in_flight()
            assert (box.claims.complete(again).state is State.WITHDRAWN) == was_there, plug
            assert box.files() == (TAKEN_BACK if was_there else {f"{HOLDING}/1/a.txt": CONTRACT}), plug
            assert box.problems() == [], plug


@pytest.mark.parametrize("how", HOW)
def test_cut_at_any_step_of_a_withdrawal_it_is_withdrawn_in_the_end(memory: Path, how: str) -> None:
    for root, plug in every_cut(memory, how):
        with open_box(root) as box:
            document = box.claim()
            document.inbox_path.rename(box.inbox / "b.txt")
            with plug:
                box.claims.complete(document)
        with open_box(root) as box:
            for again in box.ledger.in_flight():
                box.claims.complete(again)
            assert box.ledger.document(1).state is State.WITHDRAWN, plug
            assert box.files() == TAKEN_BACK, plug
            assert box.problems() == [], plug


# Taken back, replaced, or changed by a clerk meanwhile


def test_a_file_taken_back_before_it_was_brought_in_is_withdrawn(box: Box) -> None:
    document = box.claim()
    document.inbox_path.unlink()
    assert box.claims.complete(document).state is State.WITHDRAWN
    assert box.files() == {}
    assert list((box.root / HOLDING).iterdir()) == []


def test_a_file_replaced_before_it_was_brought_in_is_withdrawn_and_the_new_one_stays(box: Box) -> None:
    document = box.claim()
    (box.inbox / "other").write_text("new")
    (box.inbox / "other").rename(document.inbox_path)
    assert box.claims.complete(document).state is State.WITHDRAWN
    assert box.files() == {"home/inbox/a.txt": "new"}


def test_a_file_whose_folder_became_a_file_is_withdrawn(box: Box) -> None:
    document = box.claim("case/a.txt")
    shutil.rmtree(box.inbox / "case")
    (box.inbox / "case").write_text("not a folder any more")
    assert box.claims.complete(document).state is State.WITHDRAWN
    assert box.files() == {"home/inbox/case": "not a folder any more"}


def test_a_link_put_in_the_place_of_a_claimed_file_is_not_followed(box: Box, tmp_path: Path) -> None:
    document = box.claim()
    secret = tmp_path / "secret.txt"
    document.inbox_path.rename(secret)
    document.inbox_path.symlink_to(secret)
    assert box.claims.complete(document).state is State.WITHDRAWN
    assert secret.read_text() == CONTRACT
    assert document.inbox_path.is_symlink()


def test_a_file_renamed_while_it_was_brought_in_is_withdrawn(box: Box) -> None:
    document = box.claim()
    with Plug() as plug:
        plug.when("fsync", lambda: document.inbox_path.rename(box.inbox / "b.txt"), after="link")
        assert box.claims.complete(document).state is State.WITHDRAWN
    assert box.files() == TAKEN_BACK


def test_a_file_replaced_while_it_was_brought_in_survives_beside_it(box: Box) -> None:
    document = box.claim()
    with Plug() as plug:
        plug.when("fsync", lambda: box.write("b.txt", "new").rename(document.inbox_path), after="link")
        assert box.claims.complete(document).state is State.CLAIMED
    assert box.files() == {"home/inbox/a.txt": "new", f"{HOLDING}/1/a.txt": CONTRACT}


def test_a_file_replaced_between_the_look_and_the_link_is_withdrawn_and_the_new_one_stays(box: Box) -> None:
    document = box.claim()
    with Plug() as plug:
        plug.when("link", lambda: box.write("b.txt", "new").rename(document.inbox_path))
        assert box.claims.complete(document).state is State.WITHDRAWN
    assert box.files() == {"home/inbox/a.txt": "new"}


def test_a_file_deleted_by_a_clerk_after_it_was_brought_in_is_kept(box: Box) -> None:
    document = box.claim()
    with Plug() as plug:
        plug.when("fsync", document.inbox_path.unlink, after="link")
        box.claims.complete(document)
    assert box.files() == {f"{HOLDING}/1/a.txt": CONTRACT}


def test_a_backup_by_hard_links_does_not_make_a_held_document_look_taken_back(box: Box, tmp_path: Path) -> None:
    document = box.claims.complete(box.claim())
    os.link(box.root / HOLDING / "1" / "a.txt", tmp_path / "backup")
    assert box.claims.complete(document).state is State.CLAIMED
    assert box.files() == {f"{HOLDING}/1/a.txt": CONTRACT}


# Several names of one file


def test_two_names_of_one_file_become_two_documents_with_a_file_each(box: Box) -> None:
    os.link(box.write("a.txt"), box.inbox / "b.txt")
    documents = [box.claims.begin(candidate) for candidate in box.look()]
    for document in documents:
        box.claims.complete(document)
    held = [box.root / "home" / str(document.path) for document in documents]
    assert box.files() == {f"{HOLDING}/1/a.txt": CONTRACT, f"{HOLDING}/2/b.txt": CONTRACT}
    assert not held[0].samefile(held[1])


@pytest.mark.parametrize("how", HOW)
def test_two_names_of_one_file_cut_at_any_step_are_two_documents_still(memory: Path, how: str) -> None:
    for root, plug in every_cut(memory, how):
        with open_box(root) as box:
            os.link(box.write("a.txt"), box.inbox / "b.txt")
            documents = [box.claims.begin(candidate) for candidate in box.look()]
            with plug:
                box.claims.complete(documents[0])
                box.claims.complete(documents[1])
        with open_box(root) as box:
            box.start_again()
            assert [document.state for document in box.ledger.documents()] == [State.FILED, State.FILED], plug
            assert len(box.files()) == 2, plug
            assert box.problems() == [], plug


def test_a_name_outside_the_inbox_cannot_change_a_claimed_file(box: Box, tmp_path: Path) -> None:
    os.link(box.write("a.txt"), tmp_path / "kept")
    document = box.claims.begin(*box.look())
    box.claims.complete(document)
    (tmp_path / "kept").write_text("changed later")
    assert box.files() == {f"{HOLDING}/1/a.txt": CONTRACT}


# Where a link cannot be made: another file system, or a kernel that refuses


@pytest.fixture
def far(memory: Path, tmp_path: Path) -> Path:
    """An inbox on another file system than the box's."""
    if memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs a second file system that can be written: /dev/shm beside the one of the temporary folder")
    return tmp_path


def test_a_file_on_another_file_system_is_copied_whole_and_removed(memory: Path, far: Path) -> None:
    with open_box(memory, inbox=far) as box:
        box.claims.complete(box.claim())
        assert box.files() == {f"{HOLDING}/1/a.txt": CONTRACT}


@pytest.mark.parametrize("how", HOW)
def test_a_copy_cut_at_any_step_is_whole_in_the_end(memory: Path, far: Path, how: str) -> None:
    for root, plug in every_cut(memory, how):
        with open_box(root, inbox=far) as box:
            document = box.claim()
            with plug:
                box.claims.complete(document)
        with open_box(root, inbox=far) as box:
            assert box.problems() == [], plug
            [again] = box.ledger.in_flight()
            box.claims.complete(again)
            assert box.files() == {f"{HOLDING}/1/a.txt": CONTRACT}, plug


@pytest.mark.parametrize("how", HOW)
def test_a_copy_cut_at_any_step_leaves_the_original_until_it_is_proven(memory: Path, far: Path, how: str) -> None:
    for root, plug in every_cut(memory, how):
        with open_box(root, inbox=far) as box:
            document = box.claim()
            with plug:
                box.claims.complete(document)
            held = root / "home" / str(document.path)
            assert document.inbox_path.exists() or held.read_text() == CONTRACT, plug
            assert not held.exists() or held.read_text() == CONTRACT, plug
            document.inbox_path.unlink(missing_ok=True)


@pytest.mark.parametrize("how", HOW)
def test_an_original_taken_back_from_a_cut_copy_is_withdrawn(memory: Path, far: Path, how: str) -> None:
    for root, plug in every_cut(memory, how):
        with open_box(root, inbox=far) as box:
            document = box.claim()
            with plug:
                box.claims.complete(document)
            document.inbox_path.unlink(missing_ok=True)
        with open_box(root, inbox=far) as box:
            [again] = box.ledger.in_flight()
            withdrawn = box.claims.complete(again).state is State.WITHDRAWN
            assert box.files() == ({} if withdrawn else {f"{HOLDING}/1/a.txt": CONTRACT}), plug


def test_a_copy_that_grew_before_it_was_removed_leaves_the_original(memory: Path, far: Path) -> None:
    with open_box(memory, inbox=far) as box:
        document = box.claim()
        with Plug() as plug:
            plug.when("rename", lambda: document.inbox_path.write_text("grown"))
            box.claims.complete(document)
        assert document.inbox_path.read_text() == "grown"


def test_a_copy_is_durable_before_it_has_its_name_and_the_original_goes_last(memory: Path, far: Path) -> None:
    with open_box(memory, inbox=far) as box:
        document = box.claim()
        with Plug() as plug:
            box.claims.complete(document)
    done = [step.replace(f"{memory}/", "").replace(f"{far}/", "far/") for step in plug.steps]
    assert done[3:] == [
        f"fsync {HOLDING}/1/.partial",
        f"rename {HOLDING}/1/.partial",
        f"fsync {HOLDING}/1",
        f"fsync {HOLDING}",
        "unlink far/a.txt",
        f"fsync {far}",
    ]


def test_an_original_that_changes_while_it_is_copied_is_copied_again_later(memory: Path, far: Path) -> None:
    with open_box(memory, inbox=far) as box:
        document = box.claim()
        with Plug() as plug:
            plug.when(f"fsync {memory / HOLDING / '1' / '.partial'}", lambda: document.inbox_path.write_text("grown"))
            with pytest.raises(OSError, match="changed while it was copied"):
                box.claims.complete(document)
        assert box.claims.complete(document).state is State.CLAIMED
        assert box.files() == {f"{HOLDING}/1/a.txt": "grown"}


def test_an_original_replaced_before_it_is_copied_is_withdrawn_and_the_new_one_stays(memory: Path, far: Path) -> None:
    with open_box(memory, inbox=far) as box:
        document = box.claim()
        box.write("b.txt", "new").rename(document.inbox_path)
        assert box.claims.complete(document).state is State.WITHDRAWN
        assert document.inbox_path.read_text() == "new"


def test_another_file_of_the_same_name_survives_a_copy(memory: Path, far: Path) -> None:
    with open_box(memory, inbox=far) as box:
        document = box.claim()
        with Plug() as plug:
            plug.when("rename", lambda: box.write("b.txt", "new").rename(document.inbox_path))
            box.claims.complete(document)
        assert document.inbox_path.read_text() == "new"
        assert (box.root / HOLDING / "1" / "a.txt").read_text() == CONTRACT


def test_a_copy_of_the_longest_name_is_never_made_under_that_name(memory: Path, far: Path) -> None:
    name = "x" * 247 + ".partial"
    with open_box(memory, inbox=far) as box:
        document = box.claim(name)
        with Plug() as plug:
            plug.when("fsync", lambda: seen.append((box.root / HOLDING / "1" / name).exists()), after="mkdir")
            seen: list[bool] = []
            box.claims.complete(document)
        assert not any(seen[:2])
        assert box.files() == {f"{HOLDING}/1/{name}": CONTRACT}


def test_check_is_clean_while_a_copy_is_being_made(memory: Path, far: Path) -> None:
    with open_box(memory, inbox=far) as box:
        document = box.claim()
        problems: list[str] = []
        check = Check(memory / "home", box.ledger)
        with Plug() as plug:
            plug.when("fsync", lambda: problems.extend(check.problems()))
            box.claims.complete(document)
        assert problems == []


@pytest.mark.parametrize("code", [errno.EPERM, errno.EXDEV, errno.EOPNOTSUPP, errno.EMLINK], ids=errno.errorcode.get)
def test_where_a_link_is_refused_the_file_is_copied(box: Box, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    document = box.claim()
    monkeypatch.setattr(os, "link", refuse)
    box.claims.complete(document)
    assert box.files() == {f"{HOLDING}/1/a.txt": CONTRACT}


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EROFS], ids=errno.errorcode.get)
def test_a_full_or_failing_disk_is_no_reason_to_withdraw(box: Box, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    document = box.claim()
    with monkeypatch.context() as patch:
        patch.setattr(os, "link", refuse)
        with pytest.raises(OSError, match=os.strerror(code)):
            box.claims.complete(document)
    assert box.files() == {"home/inbox/a.txt": CONTRACT}
    assert box.claims.complete(document).state is State.CLAIMED
