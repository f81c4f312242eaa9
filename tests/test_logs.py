from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING

import pytest

from appliance.logs import LineFormatter, start_logging

if TYPE_CHECKING:
    from collections.abc import Iterator


def line(
    message: str = "filed", *args: object, level: int = logging.INFO, journal: bool = False, **extra: object
) -> str:
    record = logging.LogRecord("room", level, __file__, 1, message, args, None)
    vars(record).update(extra, created=1795600000.0)
    return LineFormatter(journal=journal).format(record)


@pytest.fixture
def root_logger() -> Iterator[None]:
    root, watchdog = logging.getLogger(), logging.getLogger("watchdog")
    kept = root.handlers[:], root.level, watchdog.level
    yield
    root.handlers[:], root.level = kept[0], kept[1]
    watchdog.setLevel(kept[2])


def test_a_line_is_when_how_serious_what_and_with_what() -> None:
    assert line(document=7, ms=3.14159) == "2026-11-25T09:46:40Z info filed document=7 ms=3.1"


@pytest.mark.parametrize(
    ("level", "priority"), [(logging.DEBUG, 7), (logging.INFO, 6), (logging.WARNING, 4), (logging.ERROR, 3), (25, 6)]
)
def test_in_the_journal_a_line_has_a_priority_and_no_time(level: int, priority: int) -> None:
    assert line(level=level, journal=True) == f"<{priority}>filed"


@pytest.mark.parametrize(
    ("value", "spelt"),
    [
        ("plain", "plain"),
        ("two words", '"two words"'),
        ("a=b", '"a=b"'),
        ('"', '"\\""'),
        ("", '""'),
        ("two\nlines", '"two\\nlines"'),
        ("\x1b[2J", '"\\u001b[2J"'),
        ("\u2028\u202e", '"\\u2028\\u202e"'),
        (None, "None"),
    ],
)
def test_whatever_a_value_holds_the_line_stays_one_line(value: object, spelt: str) -> None:
    assert line(key=value).endswith(f" filed key={spelt}")


@pytest.mark.parametrize("name", ["two\nlines", "\x1b[2J", "\r<3>forged", "\u2028"], ids=ascii)
def test_whatever_a_message_holds_the_line_stays_one_line(name: str) -> None:
    told = line("a library says %s", name, journal=True)
    assert told.isprintable()
    assert len(told.splitlines()) == 1


def test_an_exception_is_named_without_its_message_or_its_traceback() -> None:
    error = ValueError("/inbox/secret-name.pdf")
    told = line("it failed", exc_info=(type(error), error, None))
    assert "secret" not in told
    assert "ValueError" in told
    assert len(told.splitlines()) == 1


@pytest.mark.usefixtures("root_logger")
def test_lines_go_to_stderr_from_the_level_on(capfd: pytest.CaptureFixture[str]) -> None:
    start_logging("warning")
    logging.getLogger("room").info("quiet")
    logging.getLogger("room").warning("loud")
    out, err = capfd.readouterr()
    assert out == ""
    assert err.endswith("warning loud\n")
    assert "quiet" not in err


@pytest.mark.usefixtures("root_logger")
@pytest.mark.parametrize("ours", [True, False])
def test_stderr_is_the_journal_only_when_systemd_names_this_very_file(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, ours: bool
) -> None:
    status = os.fstat(sys.stderr.fileno())
    monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino + (0 if ours else 1)}")
    start_logging("info")
    logging.getLogger("room").info("hello")
    assert capfd.readouterr().err.startswith("<6>hello") is ours
