"""The words: figures, sizes, times and sentences, as pure functions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from appliance.history import history_lines
from appliance.ledger import State
from appliance.words import percent, size_words
from ui.sentence import day_sentence
from ui.times import full_time, short_time

NOW = datetime(2026, 11, 24, 9, 41, tzinfo=timezone(timedelta(hours=1)))


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("share", "shown"), [(0.0, "0 %"), (0.29, "29 %"), (0.62, "62 %"), (0.999, "99 %"), (1.0, "100 %")]
)
def test_a_share_is_whole_percent_never_rounded_up(share: float, shown: str) -> None:
    assert plain(percent(share)) == shown


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "no bytes"),
        (1, "1 byte"),
        (870, "870 bytes"),
        (1400, "1.4 KB"),
        (12_300_000, "12 MB"),
        (5 * 10**12, "5,000 GB"),
    ],
)
def test_sizes_have_two_digits(size: int, shown: str) -> None:
    assert plain(size_words(size)) == shown


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        ("2026-11-24T08:41:07.123+00:00", "09:41"),
        ("2026-11-23T22:59:00.000+00:00", "23 Nov 23:59"),
        ("2025-03-01T12:00:00.000+00:00", "1 Mar 2025"),
    ],
)
def test_a_time_is_local_and_short(moment: str, shown: str) -> None:
    assert short_time(moment, NOW) == shown


def test_the_full_time_names_the_day() -> None:
    assert full_time(datetime(2026, 11, 24, 8, 41, 7, tzinfo=UTC), NOW) == "24 November 2026, 09:41:07"


@pytest.mark.parametrize(
    ("arrivals", "by_people", "said"),
    [
        ({}, 0, "no documents today."),
        ({State.FILED: 1}, 0, "1 document today, 1 filed unasked."),
        ({State.FILED: 3}, 1, "3 documents today, 2 filed unasked, 1 filed by a person."),
        ({State.CLAIMED: 1, State.DECIDED: 1, State.WITHDRAWN: 1}, 0, "3 documents today, 2 in work, 1 taken back."),
        ({State.FILED: 1200}, 0, "1,200 documents today, 1,200 filed unasked."),
    ],
)
def test_the_sentence_adds_up(arrivals: dict[State, int], by_people: int, said: str) -> None:
    assert plain(day_sentence(arrivals, by_people)) == said


def test_what_a_person_did_carries_their_name() -> None:
    event = {"at": "x", "kind": "filed", "actor": "Anna", "detail": {"path": "var/filed/receipt/a.pdf"}}
    assert history_lines([event])[0].text == "Anna: filed in var/filed/receipt"


def test_an_event_of_a_later_release_is_said_by_its_name() -> None:
    event = {"at": "x", "kind": "looked_at_twice", "actor": "box", "detail": {}}
    assert history_lines([event])[0].text == "looked at twice"
