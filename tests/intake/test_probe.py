from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.intake import Mode, Mount, mode_of
from appliance.intake.mounts import Area
from appliance.intake.probe import PROBE, events_come_back

if TYPE_CHECKING:
    from pathlib import Path


def area(folder: Path, kind: str) -> Area:
    return Area(folder, Mount(folder, kind, read_only=False))


def test_a_local_folder_sends_events_and_nothing_is_left_in_it(tmp_path: Path) -> None:
    assert mode_of(area(tmp_path, "ext4")) is Mode.EVENTS
    assert list(tmp_path.iterdir()) == []


def test_a_remote_mount_is_polled_even_where_our_own_events_come_back(tmp_path: Path) -> None:
    assert events_come_back(tmp_path)
    assert mode_of(area(tmp_path, "fuse.sshfs")) is Mode.POLLING


def test_events_of_a_folder_that_is_gone_do_not_come_back(tmp_path: Path) -> None:
    assert mode_of(area(tmp_path / "gone", "ext4")) is Mode.POLLING


def test_what_a_killed_start_left_of_the_probe_goes_with_the_next(tmp_path: Path) -> None:
    (tmp_path / PROBE).touch()
    assert events_come_back(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_has_the_name_of_the_probe_and_is_none_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / PROBE).mkdir()
    (tmp_path / PROBE / "letter.txt").write_text("Dear")
    assert not events_come_back(tmp_path)
    assert (tmp_path / PROBE / "letter.txt").read_text() == "Dear"
