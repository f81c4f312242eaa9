from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from appliance.files import (
    Fingerprint,
    fingerprint_of,
    fsync_folder,
    make_folder,
    move_exclusive,
    open_regular,
    sha256_of,
    write_whole,
)
from tests.fakes import HOW, Plug, every_cut

if TYPE_CHECKING:
    from pathlib import Path

BOTH = pytest.mark.parametrize("without", [False, True], ids=["one step", "link then unlink"])


@BOTH
def test_a_move_takes_the_file_itself(tmp_path: Path, *, without: bool) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_text("content")
    inode = source.stat().st_ino
    with Plug(without_renameat2=without):
        move_exclusive(source, target)
    assert (target.read_text(), target.stat().st_ino, source.exists()) == ("content", inode, False)


@BOTH
@pytest.mark.parametrize("taken", ["file", "link", "dangling link", "folder"])
def test_a_move_never_replaces_anything(tmp_path: Path, taken: str, *, without: bool) -> None:
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_text("content")
    {
        "file": lambda: target.write_text("other"),
        "link": lambda: target.symlink_to(source),
        "dangling link": lambda: target.symlink_to("nowhere"),
        "folder": target.mkdir,
    }[taken]()
    before = target.lstat()
    with Plug(without_renameat2=without), pytest.raises(FileExistsError):
        move_exclusive(source, target)
    assert source.read_text() == "content"
    assert target.lstat().st_ino == before.st_ino


@BOTH
def test_a_move_of_nothing_says_so(tmp_path: Path, *, without: bool) -> None:
    with Plug(without_renameat2=without), pytest.raises(FileNotFoundError):
        move_exclusive(tmp_path / "a", tmp_path / "b")


def test_a_move_onto_another_name_of_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    os.link(tmp_path / "a", tmp_path / "b")
    with pytest.raises(FileExistsError):
        move_exclusive(tmp_path / "a", tmp_path / "b")


@pytest.mark.parametrize("name", [b"\xff\n", "x" * 255], ids=["strange", "long"])
def test_a_move_takes_any_name(tmp_path: Path, name: str | bytes) -> None:
    (tmp_path / "a").write_text("content")
    move_exclusive(tmp_path / "a", tmp_path / os.fsdecode(name))
    assert (tmp_path / os.fsdecode(name)).read_text() == "content"


@pytest.mark.parametrize("how", HOW)
def test_a_whole_file_is_old_or_new_whatever_cuts_it(tmp_path: Path, how: str) -> None:
    for root, plug in every_cut(tmp_path, how):
        root.mkdir()
        (root / "a").write_bytes(b"old")
        with plug:
            write_whole(root / "a", b"new")
        assert (root / "a").read_bytes() in (b"old", b"new"), plug


def test_a_whole_file_is_durable_before_it_has_its_name(tmp_path: Path) -> None:
    with Plug() as plug:
        write_whole(tmp_path / "a", b"new")
    assert [step.split()[0] for step in plug.steps] == ["fsync", "replace", "fsync"]
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]


def test_a_whole_file_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    with Plug(1, "failing"):
        write_whole(tmp_path / "a", b"new")
    assert list(tmp_path.iterdir()) == []


def test_folders_are_made_durable_from_the_top(tmp_path: Path) -> None:
    with Plug() as plug:
        make_folder(tmp_path / "a" / "b")
        make_folder(tmp_path / "a" / "b")
    done = [step.replace(str(tmp_path), "") for step in plug.steps]
    made = ["mkdir /a", "fsync ", "mkdir /a/b", "fsync /a"]
    assert done == [f"fsync {tmp_path.parent}", *made, "fsync /a"]  # what is found may have been made and not synced


@pytest.mark.parametrize("taken", ["file", "dangling link"])
def test_a_folder_whose_name_is_taken_by_something_else_is_an_error(tmp_path: Path, taken: str) -> None:
    folder = tmp_path / "a"
    folder.touch() if taken == "file" else folder.symlink_to("nowhere")
    with pytest.raises(FileExistsError):
        make_folder(folder)


def test_a_folder_that_is_none_cannot_be_made_durable(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(NotADirectoryError):
        fsync_folder(tmp_path / "a")


@pytest.mark.parametrize("size", [0, 1, 1 << 20, (1 << 20) + 1])
def test_a_hash_is_of_every_byte_and_leaves_the_offset_alone(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)
    (tmp_path / "a").write_bytes(content)
    descriptor = open_regular(tmp_path / "a")
    os.lseek(descriptor, size // 2, os.SEEK_SET)
    assert sha256_of(descriptor) == hashlib.sha256(content).hexdigest()
    assert os.lseek(descriptor, 0, os.SEEK_CUR) == size // 2
    os.close(descriptor)


def test_a_fingerprint_tells_a_file_that_was_touched(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    descriptor = open_regular(tmp_path / "a")
    before = fingerprint_of(descriptor)
    os.utime(tmp_path / "a", ns=(1, 1))
    assert fingerprint_of(descriptor) == Fingerprint(1, 1, before.sha256) != before
    os.close(descriptor)


def test_opening_neither_follows_a_link_nor_waits_on_a_fifo(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links"):
        open_regular(tmp_path / "link")
    os.mkfifo(tmp_path / "fifo")
    os.close(open_regular(tmp_path / "fifo"))


def test_what_is_opened_is_not_inherited(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    descriptor = open_regular(tmp_path / "a")
    assert not os.get_inheritable(descriptor)
    os.close(descriptor)
