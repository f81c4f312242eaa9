from __future__ import annotations

from pathlib import Path

import pytest

from appliance.intake.mounts import areas_of, parse_mounts, read_mounts

TABLE = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /srv/in\\040box rw shared:2 - cifs //host/share rw
31 22 0:41 / /srv/local rw - xfs /dev/sdb1 rw
32 31 0:42 / /srv/local/scans ro,nosuid - fuse.sshfs user@host: rw
33 22 0:43 / /srv/both rw - nfs4 host:/x rw
34 33 0:44 / /srv/both rw - ext4 /dev/sdc1 rw
nonsense
"""


def kinds(inbox: str) -> list[tuple[str, str, bool]]:
    found = areas_of(Path(inbox), parse_mounts(TABLE))
    return [(str(area.folder), area.mount.kind, area.mount.is_remote) for area in found]


@pytest.mark.parametrize(
    ("inbox", "expected"),
    [
        ("/home/inbox", [("/home/inbox", "ext4", False)]),
        ("/srv/in box/a", [("/srv/in box/a", "cifs", True)]),
        ("/srv/local", [("/srv/local", "xfs", False), ("/srv/local/scans", "fuse.sshfs", True)]),
        ("/srv/local/scans/today", [("/srv/local/scans/today", "fuse.sshfs", True)]),
        ("/srv/both", [("/srv/both", "ext4", False)]),
        ("/srv/locale", [("/srv/locale", "ext4", False)]),
    ],
    ids=["local", "share with a blank", "remote below local", "below remote", "the last mount counts", "no prefix"],
)
def test_an_inbox_is_divided_by_what_it_lies_on(inbox: str, expected: list[tuple[str, str, bool]]) -> None:
    assert kinds(inbox) == expected


def test_read_only_is_told() -> None:
    assert areas_of(Path("/srv/local"), parse_mounts(TABLE))[1].mount.read_only


def test_this_machine_has_a_root() -> None:
    assert Path("/") in {mount.point for mount in read_mounts()}


@pytest.mark.parametrize(("kind", "remote"), [("fuseblk", False), ("fuse", True), ("tmpfs", False), ("9p", True)])
def test_what_counts_as_remote(kind: str, *, remote: bool) -> None:
    (mount,) = parse_mounts(f"1 0 0:1 / / rw - {kind} x rw")
    assert mount.is_remote is remote
