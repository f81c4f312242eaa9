from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from appliance.intake import Room
from tests.fakes import FakeClock

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("reserve", "short"), [(0, False), (1 << 62, True)])
def test_less_than_the_reserve_is_too_little(tmp_path: Path, reserve: int, *, short: bool) -> None:
    assert Room(tmp_path, reserve, FakeClock()).is_short() is short


def test_each_change_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    clock = FakeClock()
    room = Room(tmp_path, 1 << 62, clock)
    for reserve in (1 << 62, 1 << 62, 0, 0):
        room.reserve_bytes = reserve
        room.is_short()
        clock.now += 2
    assert [record.message.split(":")[0] for record in caplog.records] == [
        "the disk is full",
        "the disk has room again",
    ]
