"""Can this box do its work? Each probe looks at one thing and says what it found.

A new probe is one function and one line in ``PROBES``. Nothing is changed but
a temporary file in each inbox, which proves that events come back.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import onnxruntime

from appliance.classify.budget import odds
from appliance.errors import ApplianceError
from appliance.intake import Mode, areas_of, mode_of, read_mounts
from appliance.ledger import Queries
from appliance.reading import can_read_scans, layers
from appliance.updates.house import House
from appliance.updates.serving import load_active, loader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from appliance.intake import Area
    from appliance.settings import Settings

LOW_DISK_BYTES = 1 << 30
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
"""No box was built before this, so a clock that says so is wrong."""


class Level(StrEnum):
    """How serious a finding is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a probe found.

    Attributes:
        name: What was looked at.
        level: ok, warning (it works, but), or problem (it does not work).
        detail: One sentence of what is the case, and where it is not ok, one of what to do.
    """

    name: str
    level: Level
    detail: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Run every probe, yielding findings as they come."""
    for probe in PROBES:
        yield from probe(settings)


def _sandbox(settings: Settings) -> Iterator[Finding]:
    missing = Level.PROBLEM if settings.sandbox == "require" else Level.WARNING
    for layer in layers():
        yield Finding(f"sandbox, {layer.name}", Level.OK if layer.applied else missing, layer.detail)


def _providers(_settings: Settings) -> Iterator[Finding]:
    available = ", ".join(onnxruntime.get_available_providers())
    yield Finding("execution providers", Level.OK, f"onnxruntime {onnxruntime.__version__} offers {available}.")


def _scans(settings: Settings) -> Iterator[Finding]:
    if not settings.scan_workers:
        yield Finding("scans", Level.WARNING, "None is read, because `scan_workers` is 0. Set it to 1 or more.")
    elif can_read_scans():
        yield Finding(
            "scans", Level.OK, f"Read line by line, {settings.scan_workers} at once, in a process of its own."
        )
    else:
        yield Finding("scans", Level.WARNING, "None can be read: rapidocr is not installed. Install the box again.")


def _inboxes(settings: Settings) -> Iterator[Finding]:
    for inbox in settings.inbox_paths:
        name = f"inbox {inbox}"
        if not os.path.lexists(inbox):
            yield Finding(name, Level.WARNING, "It is not there yet. `appliance run` makes it.")
        elif not inbox.is_dir():
            yield Finding(name, Level.PROBLEM, "It is not a folder. Remove it, or set `inboxes` to another folder.")
        elif not os.access(inbox, os.R_OK | os.W_OK | os.X_OK):
            yield Finding(name, Level.PROBLEM, "It may not be read and written. Mend its owner or permissions.")
        else:
            for area in areas_of(inbox, read_mounts()):
                yield _watching(area, settings)


def _watching(area: Area, settings: Settings) -> Finding:
    name, kind = f"inbox {area.folder}", area.mount.kind
    if area.mount.read_only:
        return Finding(
            name, Level.PROBLEM, f"Its {kind} mount refuses writes, so no file can be taken. Mount it writable."
        )
    if mode_of(area) is Mode.EVENTS:
        return Finding(name, Level.OK, f"Watched by inotify on {kind}: a new file is seen at once.")
    level = Level.OK if area.mount.is_remote else Level.WARNING
    return Finding(
        name, level, f"No events come back from {kind}; it is looked through every {settings.poll_seconds:g} s."
    )


def _disk(settings: Settings) -> Iterator[Finding]:
    place = next(folder for folder in (settings.var, *settings.var.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    level = Level.OK if free >= LOW_DISK_BYTES else Level.PROBLEM
    advice = "" if level is Level.OK else " Make room; intake needs at least 1 GiB."
    yield Finding("disk", level, f"{free / 1e9:.1f} GB are free for {settings.var}.{advice}")


def _clock(_settings: Settings) -> Iterator[Finding]:
    now = datetime.now(UTC)
    if now >= EARLIEST:
        yield Finding("clock", Level.OK, f"It says {now:%Y-%m-%d %H:%M} UTC.")
    else:
        yield Finding(
            "clock", Level.WARNING, f"It says {now:%Y-%m-%d}, which is past. Set it; times in the ledger use it."
        )


def _model(settings: Settings) -> Iterator[Finding]:
    try:
        serving = load_active(House.of(settings), loader(settings))
    except ApplianceError as error:
        yield Finding("model", Level.PROBLEM, str(error))
        return
    for name, why in serving.passed_over:
        detail = (
            f"{name} does not serve: {why} Import its bundle again, or go back for good: `appliance model rollback`."
        )
        yield Finding("model", Level.WARNING, detail)
    classifier = serving.model
    budget = f"at most {odds(classifier.calibration.error_budget)} filed wrongly"
    said = f"{classifier.model_id} answers its golden inputs as it should, on {classifier.provider}. Budget: {budget}."
    yield Finding("model", Level.OK, said)
    for passed in classifier.passed_over:
        level, advice = Level.OK, ""
        if passed.failed:
            level, advice = Level.WARNING, " Mend its driver and libraries, or import a model made for this box."
        yield Finding(f"model, on {passed.provider}", level, f"{passed.why}{advice}")


def _ledger(settings: Settings) -> Iterator[Finding]:
    if not settings.ledger_path.exists():
        yield Finding("ledger", Level.OK, "There is none yet. `appliance run` makes it.")
        return
    try:
        with Queries.read_only(settings.ledger_path) as ledger:
            count = sum(ledger.counts().values())
    except ApplianceError as error:
        yield Finding("ledger", Level.PROBLEM, str(error))
    else:
        yield Finding("ledger", Level.OK, f"{count} documents. `appliance check` proves each against the disk.")


PROBES: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _sandbox,
    _providers,
    _scans,
    _inboxes,
    _disk,
    _clock,
    _model,
    _ledger,
)
"""Every probe, in the order in which its findings are shown."""
