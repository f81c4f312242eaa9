from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.intake.lease import Writers, writers_of


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"x")
    return path


def test_a_file_nobody_has_open_has_no_writers(file: Path) -> None:
    assert writers_of(file) is Writers.NONE


@pytest.mark.parametrize("mode", ["ab", "r+b", "wb"])
def test_a_file_open_for_writing_has_some_until_it_is_closed(file: Path, mode: str) -> None:
    with file.open(mode):
        assert writers_of(file) is Writers.SOME
    assert writers_of(file) is Writers.NONE


def test_a_writer_in_another_process_is_seen(file: Path) -> None:
    code = "import sys; f = open(sys.argv[1], 'ab'); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-I", "-c", code, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout
        assert writer.stdout.readline() == b"open\n"
        assert writers_of(file) is Writers.SOME
        writer.communicate(timeout=10)
    assert writers_of(file) is Writers.NONE


def test_a_reader_is_no_writer(file: Path) -> None:
    with file.open("rb"):
        assert writers_of(file) is Writers.NONE


def test_a_writer_by_another_name_is_seen(file: Path) -> None:
    other = file.with_name("b.pdf")
    os.link(file, other)
    with other.open("ab"):
        assert writers_of(file) is Writers.SOME


def test_looking_leaves_no_lease_that_a_writer_would_wait_for(file: Path) -> None:
    writers_of(file)
    descriptor = os.open(file, os.O_WRONLY | os.O_NONBLOCK)  # EWOULDBLOCK while a lease is held
    os.close(descriptor)


def test_looking_changes_neither_the_bytes_nor_the_times(file: Path) -> None:
    before = file.stat()
    writers_of(file)
    after = file.stat()
    assert (after.st_mtime_ns, after.st_ctime_ns, after.st_size) == (
        before.st_mtime_ns,
        before.st_ctime_ns,
        before.st_size,
    )


def test_a_link_is_not_followed(file: Path) -> None:
    link = file.with_name("link")
    link.symlink_to(file)
    with pytest.raises(OSError, match="symbolic links"):
        writers_of(link)


def test_where_the_kernel_does_not_tell_writers_are_unseen() -> None:
    assert writers_of(Path("/proc/version")) is not Writers.SOME
