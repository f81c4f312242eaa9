"""The pieces that let a stick be looked at, as far as a machine without a running systemd can prove them."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.needs import needs_program

ROOT = Path(__file__).resolve().parents[2]
INSTALLER = ROOT / "installer"
RULES = INSTALLER / "udev" / "70-appliance-sticks.rules"
UNIT = INSTALLER / "systemd" / "appliance-stick@.service"
SAFE = 20
"""Ten times the exposure that systemd-analyze may find at most."""


def mount_command() -> list[str]:
    """The program that the rule starts, with its arguments."""
    [command] = re.findall(r'RUN\+="([^"]+)"', RULES.read_text(encoding="utf-8"))
    return shlex.split(command)


def settings_of(unit: Path) -> dict[str, str]:
    """The last value of each key of a unit."""
    lines = unit.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


@pytest.fixture
def analyze() -> str:
    return needs_program("systemd-analyze", "Debian package systemd")


def test_a_stick_is_mounted_for_reading_alone() -> None:
    arguments = mount_command()
    [options] = [argument.partition("=")[2] for argument in arguments if argument.startswith("--options=")]
    assert {"ro", "nosuid", "nodev", "noexec"} <= set(options.split(","))
    assert {"--no-block", "--collect", "--owner=appliance-import"} <= set(arguments)


def test_only_usb_sticks_of_the_two_simple_file_systems_are_mounted() -> None:
    leaving = re.findall(r'^(\S+)!="([^"]+)", GOTO="appliance_end"$', RULES.read_text(encoding="utf-8"), re.MULTILINE)
    assert dict(leaving) == {
        "ACTION": "add",
        "SUBSYSTEM": "block",
        "ENV{ID_BUS}": "usb",
        "ENV{ID_FS_USAGE}": "filesystem",
        "ENV{ID_FS_TYPE}": "vfat|exfat",
    }


def test_the_mount_starts_the_unit_that_looks_and_no_other() -> None:
    wanted = [argument for argument in mount_command() if "Wants=" in argument]
    assert wanted == [f"--property=Wants={UNIT.name.replace('@', '@%k')}"]


def test_the_unit_looks_and_never_imports() -> None:
    assert settings_of(UNIT)["ExecStart"].split()[1:3] == ["model", "offered"]
    assert "import " not in settings_of(UNIT)["ExecStart"]


def test_the_unit_runs_as_its_own_user_without_network() -> None:
    held = settings_of(UNIT)
    assert (held["User"], held["PrivateNetwork"], held["RestrictAddressFamilies"]) == (
        "appliance-import",
        "yes",
        "none",
    )
    assert "u appliance-import " in (INSTALLER / "sysusers.d" / "appliance-import.conf").read_text(encoding="utf-8")


def test_the_unit_has_a_place_to_write_to() -> None:
    folder = str(Path(settings_of(UNIT)["StandardOutput"].partition(":")[2]).parent)
    places = (INSTALLER / "tmpfiles.d" / "appliance-sticks.conf").read_text(encoding="utf-8").splitlines()
    assert [line.split()[3] for line in places if line.startswith("d ") and line.split()[1] == folder] == [
        "appliance-import"
    ]


def test_the_unit_is_hardly_exposed(analyze: str, tmp_path: Path) -> None:
    copy = tmp_path / UNIT.name
    copy.write_bytes(UNIT.read_bytes())
    done = subprocess.run(
        [analyze, "security", "--offline=yes", f"--threshold={SAFE}", "--no-pager", copy],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


def test_the_unit_says_nothing_systemd_does_not_know(analyze: str, tmp_path: Path) -> None:
    copy = tmp_path / UNIT.name.replace("@", "@sdb1")
    copy.write_bytes(UNIT.read_bytes())
    done = subprocess.run([analyze, "verify", copy], capture_output=True, text=True, check=False)
    not_here = ("run-appliance-sticks-sdb1.mount", "is not executable")
    said = [line for line in done.stderr.splitlines() if copy.name in line]
    assert [line for line in said if not any(missing in line for missing in not_here)] == []


def test_users_are_made_as_systemd_understands_them() -> None:
    program = needs_program("systemd-sysusers", "Debian package systemd")
    done = subprocess.run(
        [program, "--dry-run", INSTALLER / "sysusers.d" / "appliance-import.conf"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
