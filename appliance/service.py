"""The service: puts the rooms together, keeps them going, and ends as promised.

It owns every thread, child and signal of the box; the rooms own none but what
they were given. Starting: lock, ledger, what was left in work, then the
inboxes. Stopping: what can finish in two seconds does, the rest stays claimed
for the next start.
"""

from __future__ import annotations

import logging
import os
import signal
import sqlite3
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from appliance.answer import Reading
from appliance.attachments import Splitter, sweep_parts
from appliance.backlog import Backlog
from appliance.desk import running_desk
from appliance.files import make_folder
from appliance.filing import Filing, remove_if_empty
from appliance.intake import Claims, Lookout, Room, Tracker, Watch, assert_inbox_apart, assert_inbox_usable
from appliance.ledger import Ledger
from appliance.lock import only_one
from appliance.pictures import Pictures
from appliance.pipeline import Walk
from appliance.reading import SCAN_MEMORY_BYTES, SCAN_PROGRAM, LayeredReader, ReaderPool, can_read_scans, launcher_for
from appliance.systemd import Notifier
from appliance.updates.house import House
from appliance.updates.keeper import Keeper, Watching
from appliance.updates.serving import load_active, loader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from appliance.ledger import Found
    from appliance.settings import Settings

log = logging.getLogger(__name__)

GRACE_SECONDS = 2.0
"""How long documents in work may take to finish once the box was asked to stop."""

BEAT_SECONDS = 0.5
TRIES_ONCE = 3
"""How often ``--once`` tries a document that could not be finished."""


def serve(settings: Settings, say: Callable[[str], None]) -> int:
    """Run the box until it is told to stop.

    Args:
        settings: The box's settings.
        say: Tells a person where to drop files and where the desk is.

    Returns:
        The exit code.
    """
    stop = _stop_on_signals()
    with _running(settings) as (walk, backlog, lookout, keeper), running_desk(settings) as address:
        watch = Watch(lookout, settings.sweep_seconds, settings.poll_seconds)
        watch.start()
        for inbox in settings.inbox_paths:
            say(f"Drop files into {inbox}")
        say(f"Review desk: {address}")
        notifier = Notifier.from_environment()
        notifier.ready(f"model {keeper.model_id}, desk {address}")
        log.info("ready", extra={"model": keeper.model_id})
        while watch.is_alive() and not stop.wait(BEAT_SECONDS):
            keeper.tick(idle=backlog.wait_idle(0))  # first, because an idle backlog finds itself something to do
            backlog.tick()
            walk.reading.reader.rest()
            notifier.alive()
        code = 0 if stop.is_set() else 1
        if code:
            log.error("the inboxes are no longer looked at; ending, so that a fresh start can")
        notifier.stopping()
        watch.stop()
        if stop.is_set():
            keeper.stop_asked()
        _finish(settings, backlog, code)
    log.info("stopped")
    return code


def work_off(settings: Settings) -> int:
    """Work off what lies in the inboxes now, and return.

    Returns:
        0 when every settled file came to rest, 1 when one could not be finished or the disk is full.
    """
    stop = _stop_on_signals()
    with _running(settings) as (_walk, backlog, lookout, keeper):
        for _ in range(TRIES_ONCE):
            lookout.sweep()
            while not stop.is_set() and not (backlog.wait_idle(BEAT_SECONDS) and _all_settled(lookout)):
                lookout.look_at_due()
                keeper.tick(idle=False)
            if stop.is_set() or not backlog.stalled:
                break
            time.sleep(BEAT_SECONDS)
            backlog.tick()
        while not stop.is_set() and backlog.explain():
            pass
        code = 1 if backlog.stalled or lookout.is_paused() else 0
        keeper.stop_asked()
        _finish(settings, backlog, code)
        return code


def _all_settled(lookout: Lookout) -> bool:
    return not lookout.tracker.will_settle_by_itself()


@contextmanager
def _running(settings: Settings) -> Iterator[tuple[Walk, Backlog, Lookout, Keeper]]:
    """Hold the root, take up what an earlier start left in work, and hand out the working parts."""
    _prepare(settings)
    with only_one(settings.var / "lock"), _opened_walk(settings) as (walk, keeper):
        _sweep_holding(settings.holding, walk.ledger)
        tracker = Tracker(settings.settle_seconds, settings.empty_seconds)
        lookout = Lookout(settings.inbox_paths, tracker, time.monotonic)
        backlog = Backlog(
            _hasty(walk),
            settings.walk_count,
            lookout.release,
            patient=walk,
            patient_workers=max(settings.scan_workers, 1),
        )
        lookout.take = backlog.take
        lookout.report = lambda found, gone: _take_note(walk.ledger, found, gone)
        lookout.is_paused = Room(settings.var, settings.reserve_bytes, time.monotonic).is_short
        lookout.remember(each.path for each in walk.ledger.waiting())
        stopped_cleanly = _take_away(_clean_mark(settings))
        for document in walk.ledger.in_flight():
            lookout.hold(document.inbox_path)
            backlog.resume(document, after_crash=not stopped_cleanly)
        yield walk, backlog, lookout, keeper


def _hasty(walk: Walk) -> Walk:
    """The same walk, but one that hands a document back where it would have to wait for a reader of pictures."""
    reader = walk.reading.reader
    if not isinstance(reader, LayeredReader):
        return walk
    return replace(walk, reading=replace(walk.reading, reader=reader.hasty()))


def _take_note(ledger: Ledger, found: list[Found], gone: list[Path]) -> bool:
    """Keep receipts of what waits; a ledger that is busy or full is told again at the next sweep."""
    try:
        ledger.note_waiting(found, gone)
    except sqlite3.Error as error:
        log.warning("what waits in the inboxes could not be noted yet", extra={"error": type(error).__name__})
        return False
    return True


def _prepare(settings: Settings) -> None:
    """Make the folders the box needs and refuse inboxes it cannot work with."""
    make_folder(settings.holding)
    for inbox in settings.inbox_paths:
        assert_inbox_apart(inbox, settings.var)
        if not os.path.lexists(inbox):
            make_folder(inbox)
        assert_inbox_usable(inbox)


def _sweep_holding(holding: Path, ledger: Ledger) -> None:
    """Remove what a crash left behind: emptied folders, and attachments that are no documents yet."""
    sweep_parts(holding, ledger)
    for leftover in holding.iterdir():
        if leftover.is_dir():
            remove_if_empty(leftover)


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _finish(settings: Settings, backlog: Backlog, code: int) -> None:
    """Let documents in work finish for a moment; what cannot stays claimed, so the process may end at once."""
    finished = backlog.stop(GRACE_SECONDS)
    with suppress(OSError):  # on a full disk the documents in work are blamed for one start; that is all
        _clean_mark(settings).touch()
    if finished:
        return
    log.info("stopping with documents in work; the next start goes on with them")
    logging.shutdown()
    sys.stdout.flush()
    os._exit(code)


def _clean_mark(settings: Settings) -> Path:
    """Name the file that says the last stop was asked for, so no document in work is to blame for it."""
    return settings.var / "stopped"


def _take_away(mark: Path) -> bool:
    """Remove a file and say whether it was there."""
    try:
        mark.unlink()
    except FileNotFoundError:
        return False
    return True


def open_reader(settings: Settings) -> LayeredReader:
    """Start the workers that read text; the one that reads scans starts when a scan comes."""
    pool = partial(ReaderPool, seconds=settings.document_seconds, document_bytes=settings.document_bytes)
    texts = pool(settings.worker_count, launcher=launcher_for(settings.sandbox))
    if not settings.scan_workers or not can_read_scans():
        return LayeredReader(texts, None)
    walls = launcher_for(settings.sandbox, SCAN_MEMORY_BYTES, SCAN_PROGRAM)
    scans = pool(settings.scan_workers, launcher=walls, idle_seconds=settings.scan_idle_seconds, by_line=True)
    return LayeredReader(texts, scans)


@contextmanager
def opened_reading(settings: Settings) -> Iterator[Reading]:
    """Start the reading workers, load the active model and prove it; what comes out answers documents."""
    with open_reader(settings) as reader:
        classifier = load_active(House.of(settings), loader(settings)).model
        reader.warm()
        yield Reading(reader, classifier, settings.read_seconds)


@contextmanager
def _opened_walk(settings: Settings) -> Iterator[tuple[Walk, Keeper]]:
    """Put together everything one document's walk needs, and take it apart again."""
    with ExitStack() as stack:
        ledger = stack.enter_context(Ledger(settings.ledger_path))
        reader = stack.enter_context(open_reader(settings))
        watching = Watching(settings.confirm_documents, settings.confirm_seconds, settings.golden_seconds)
        keeper = stack.enter_context(Keeper(House.of(settings), loader(settings), ledger.note, watching))
        reader.warm()
        reading = Reading(reader, keeper, settings.read_seconds)
        beside = stack.enter_context(ThreadPoolExecutor(settings.walk_count, "beside"))
        split = settings.attachments == "separate"
        walk = Walk(
            home=settings.home,
            ledger=ledger,
            claims=Claims(ledger, settings.home, settings.holding),
            reading=reading,
            filing=Filing(settings.home, ledger),
            beside=beside,
            duplicates=settings.duplicates,
            keep_text=settings.keep_text,
            pictures=Pictures(settings.pictures, settings.picture_bytes, reading),
            splitter=Splitter(settings.home, settings.holding, ledger, reading) if split else None,
        )
        yield walk, keeper
