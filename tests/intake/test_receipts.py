"""Every file that lies in an inbox untaken has a receipt that says why."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from appliance.intake import Lookout, Tracker
from appliance.ledger import Found, Why
from tests.fakes import FakeClock

if TYPE_CHECKING:
    from pathlib import Path


class Desk:
    """An inbox, and what was reported of it."""

    def __init__(self, inbox: Path) -> None:
        self.inbox = inbox
        self.clock = FakeClock()
        self.why: dict[str, Why] = {}
        self.reports = 0
        self.takes_note = True
        self.lookout = Lookout((inbox,), Tracker(2, 60), self.clock, report=self.report)

    def report(self, found: list[Found], gone: list[Path]) -> bool:
        self.reports += 1
        if self.takes_note:
            self.why.update({each.name: each.why for each in found})
            for path in gone:
                self.why.pop(path.name)
        return self.takes_note


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    return Desk(inbox)


def test_every_oddity_says_what_it_waits_for(desk: Desk) -> None:
    for name in ("a.tmp", "Thumbs.db", "queued.pdf"):
        (desk.inbox / name).write_text("x")
    (desk.inbox / "empty.pdf").touch()
    (desk.inbox / "link").symlink_to("queued.pdf")
    os.mkfifo(desk.inbox / "pipe")
    with (desk.inbox / "open.pdf").open("w") as file:
        file.write("half")
        file.flush()
        desk.lookout.sweep()
    assert desk.why == {
        "a.tmp": Why.TEMPORARY,
        "Thumbs.db": Why.LITTER,
        "queued.pdf": Why.QUEUED,
        "empty.pdf": Why.EMPTY,
        "link": Why.ODD,
        "pipe": Why.ODD,
        "open.pdf": Why.WRITTEN,
    }


def test_nothing_is_reported_twice(desk: Desk) -> None:
    (desk.inbox / "a.tmp").write_text("x")
    desk.lookout.sweep()
    desk.lookout.sweep()
    assert desk.reports == 1


def test_what_was_not_noted_is_told_again(desk: Desk) -> None:
    desk.takes_note = False
    (desk.inbox / "a.tmp").write_text("x")
    desk.lookout.sweep()
    desk.takes_note = True
    desk.lookout.sweep()
    assert desk.why == {"a.tmp": Why.TEMPORARY}


def test_what_is_gone_is_reported_gone(desk: Desk) -> None:
    path = desk.inbox / "a.tmp"
    path.write_text("x")
    desk.lookout.sweep()
    path.unlink()
    desk.lookout.sweep()
    assert desk.why == {}


def test_a_paused_box_takes_nothing_and_says_so(desk: Desk) -> None:
    desk.lookout.is_paused = lambda: True
    (desk.inbox / "a.pdf").write_text("x")
    desk.lookout.sweep()
    assert desk.why == {"a.pdf": Why.PAUSED}
    desk.lookout.is_paused = lambda: False
    desk.lookout.sweep()
    assert desk.why == {"a.pdf": Why.QUEUED}


def test_what_went_away_while_the_box_was_stopped_is_reported_gone(desk: Desk) -> None:
    desk.why = {"a.tmp": Why.TEMPORARY, "b.tmp": Why.TEMPORARY}
    desk.lookout.remember([desk.inbox / "a.tmp", desk.inbox / "b.tmp"])
    (desk.inbox / "b.tmp").write_text("x")
    desk.lookout.sweep()
    assert desk.why == {"b.tmp": Why.TEMPORARY}
