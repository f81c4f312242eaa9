from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.lock import AlreadyRunningError, only_one

HOLD = """
import sys, time
from pathlib import Path
from appliance.lock import only_one
with only_one(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_holder_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    refused = pytest.raises(AlreadyRunningError, match=f"Process {os.getpid()} holds it")
    with only_one(tmp_path / "lock"), refused, only_one(tmp_path / "lock"):
        pass


def test_another_process_is_refused_until_the_first_one_is_killed(tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", HOLD, tmp_path / "lock"]
    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(AlreadyRunningError, match=f"Process {holder.pid} holds it"), only_one(tmp_path / "lock"):
            pass
        holder.kill()
        holder.wait(10)
    with only_one(tmp_path / "lock"):
        pass


@pytest.mark.parametrize("error", [None, KeyError, KeyboardInterrupt])
def test_it_is_free_again_however_the_block_ends(tmp_path: Path, error: type[BaseException] | None) -> None:
    try:
        with only_one(tmp_path / "lock"):
            if error:
                raise error
    except (KeyError, KeyboardInterrupt):
        pass
    with only_one(tmp_path / "lock"):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_no_child_inherits_it(tmp_path: Path) -> None:
    with only_one(tmp_path / "lock"):
        child = subprocess.Popen(
            ["/bin/sh", "-c", "echo up; read line"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, close_fds=False
        )
    with child:
        assert child.stdout
        assert child.stdout.readline() == b"up\n"
        with only_one(tmp_path / "lock"):
            pass


def test_a_longer_number_left_by_an_earlier_holder_is_gone(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("123456789012\n")
    with only_one(tmp_path / "lock"):
        assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"


def test_a_link_in_the_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("kept")
    (tmp_path / "lock").symlink_to("other")
    with pytest.raises(OSError, match="symbolic links"), only_one(tmp_path / "lock"):
        pass
    assert (tmp_path / "other").read_text() == "kept"
