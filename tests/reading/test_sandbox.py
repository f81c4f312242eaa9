"""What this machine offers is found by trying, and a wall that is missing is said or refused."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from appliance.reading import PlainLauncher, ReaderPool, SandboxError, launcher_for, layers
from appliance.reading.bubblewrap import BubblewrapLauncher, outermost, walls
from appliance.reading.launcher import ROOT, library_folders
from appliance.reading.sandbox import SWITCHES, _warn, explained, sandbox
from appliance.reading.syscalls import NoFilterError
from tests.needs import needs_sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

needs_sandbox()


@pytest.fixture(autouse=True)
def tried_anew() -> Iterator[None]:
    for cached in (sandbox, _warn):
        cached.cache_clear()
    yield
    for cached in (sandbox, _warn):
        cached.cache_clear()


@pytest.fixture
def without_bubblewrap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def without_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_stage: object) -> bytes:
        raise NoFilterError("Unable to find libseccomp")

    monkeypatch.setattr("appliance.reading.sandbox.compiled", refuse)


def test_a_whole_sandbox_is_used_without_a_word(caplog: pytest.LogCaptureFixture) -> None:
    launcher = launcher_for("require")
    assert isinstance(launcher, BubblewrapLauncher)
    assert launcher.syscalls
    assert caplog.records == []


@pytest.mark.usefixtures("without_bubblewrap")
def test_without_bubblewrap_one_line_says_so_and_the_filter_still_holds(caplog: pytest.LogCaptureFixture) -> None:
    launcher = launcher_for("prefer")
    launcher_for("prefer")
    assert isinstance(launcher, PlainLauncher)
    assert launcher.syscalls
    [line] = caplog.records
    assert line.levelno == logging.WARNING
    assert line.__dict__["missing"] == "namespaces"


@pytest.mark.usefixtures("without_bubblewrap")
def test_without_bubblewrap_a_box_that_requires_it_refuses_and_says_what_to_do() -> None:
    with pytest.raises(SandboxError) as caught:
        launcher_for("require")
    assert "apt install bubblewrap" in caught.value.remedy
    assert "namespaces" in caught.value.why


@pytest.mark.usefixtures("without_filter")
def test_without_libseccomp_the_walls_still_hold(caplog: pytest.LogCaptureFixture) -> None:
    launcher = launcher_for("prefer")
    assert isinstance(launcher, BubblewrapLauncher)
    assert launcher.syscalls == b""
    assert "system calls" in caplog.records[0].__dict__["missing"]
    with pytest.raises(SandboxError, match="libseccomp2"):
        launcher_for("require")


def test_a_bubblewrap_that_fails_is_missing_with_what_it_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'setting up uid map: Permission denied' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert sandbox().bubblewrap == ""
    assert "setting up uid map: Permission denied" in sandbox().missing["namespaces"]


@pytest.mark.parametrize(
    ("switch", "value", "advice"),
    [
        ("kernel/apparmor_restrict_unprivileged_userns", "1", "AppArmor"),
        ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
        ("user/max_user_namespaces", "0", "user.max_user_namespaces"),
    ],
)
def test_a_switch_of_the_kernel_that_forbids_namespaces_is_named(switch: str, value: str, advice: str) -> None:
    innocent = dict.fromkeys(SWITCHES, "")
    assert "no word" in explained("", innocent)
    assert advice in explained("Permission denied", {**innocent, switch: value})


def test_memory_is_the_launchers_to_give() -> None:
    with ReaderPool(1, launcher=launcher_for("prefer", memory_bytes=1 << 30)) as pool:
        pool.warm()
        worker = psutil.Process(pool.processes[0]).children(recursive=True)[-1]
        limits = Path(f"/proc/{worker.pid}/limits").read_text(encoding="ascii")
    [line] = [line for line in limits.splitlines() if line.startswith("Max address space")]
    assert line.split()[3:5] == [str(1 << 30)] * 2


def test_every_layer_holds_in_a_process_behind_the_walls() -> None:
    found = layers()
    assert [layer.name for layer in found] == ["namespaces", "system calls", "resource limits", "no new privileges"]
    assert all(layer.applied for layer in found)


@pytest.mark.usefixtures("without_bubblewrap", "without_filter")
def test_a_layer_that_is_missing_says_why() -> None:
    found = {layer.name: layer for layer in layers()}
    assert [name for name, layer in found.items() if not layer.applied] == ["namespaces", "system calls"]
    assert "not installed" in found["namespaces"].detail
    assert "libseccomp" in found["system calls"].detail


def test_nothing_of_the_box_but_its_code_is_behind_the_walls() -> None:
    arguments = walls()
    bound = [Path(arguments[at + 1]) for at, each in enumerate(arguments) if each == "--ro-bind"]
    assert ROOT / "appliance" in bound
    assert not any((ROOT / "var").is_relative_to(place) or (ROOT / "inbox").is_relative_to(place) for place in bound)
    assert not any(Path("/etc/passwd").is_relative_to(place) or place == Path("/usr") for place in bound)
    assert not {"--bind", "--dev", "--proc", "--share-net"} & set(arguments)


def test_a_place_inside_another_is_bound_once() -> None:
    places = [Path("/a/b"), Path("/a"), Path("/ab"), Path("/a/b/c")]
    assert outermost(places) == [Path("/a"), Path("/ab")]


ORDINARY = """
import os, sys
from appliance.reading import launcher_for, layers, ReaderPool
assert os.getuid() == 65534
assert all(layer.applied for layer in layers()), layers()
with ReaderPool(1, launcher=launcher_for("require")) as pool:
    descriptor = os.memfd_create("document")
    os.write(descriptor, b"Plain words.")
    print(pool.open(descriptor).next().text)
"""


NOBODY: dict[str, Any] = {"user": 65534, "group": 65534, "extra_groups": [], "cwd": "/"}


def _may_run(interpreter: str) -> bool:
    try:
        return subprocess.run([interpreter, "-c", ""], **NOBODY, check=False).returncode == 0
    except OSError:
        return False


@pytest.fixture
def as_nobody() -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Run a script as a user without any rights, by an interpreter that such a user may run."""
    if os.getuid() != 0:
        pytest.skip("is an ordinary user already: every other test here shows it")
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    candidates = [sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"]
    usable = [each for each in candidates if _may_run(each)]
    if not usable:
        pytest.skip("needs an interpreter that an ordinary user may run")
    paths = os.pathsep.join(map(str, (ROOT, *library_folders())))

    def run(script: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [usable[0], "-c", script],
            **NOBODY,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


def test_an_ordinary_user_has_every_layer(as_nobody: Callable[[str], subprocess.CompletedProcess[str]]) -> None:
    done = as_nobody(ORDINARY)
    assert (done.stdout, done.returncode) == ("Plain words.\n", 0), done.stderr
