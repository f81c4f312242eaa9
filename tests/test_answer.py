from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from appliance.answer import WORTH_A_RETRY, Reading
from appliance.reading import Note, Page, Trouble, unreadable
from tests.fakes import CONTRACT, UNSURE, FakeClock, FakeModel, FakeReader, FakeSession

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from appliance.classify import Decision
    from appliance.ledger import Verdict
    from appliance.reading import UnreadableError


@pytest.fixture
def answer(tmp_path: Path) -> Iterator[Callable[..., Verdict]]:
    """Answer one document with a reader that was told what to give."""
    (tmp_path / "document").write_text(CONTRACT)
    descriptor = os.open(tmp_path / "document", os.O_RDONLY)

    def ask(reader: FakeReader, read_seconds: float = 5.0, model: FakeModel | None = None) -> Verdict:
        return Reading(reader, model or FakeModel(), read_seconds).answer(descriptor)

    yield ask
    os.close(descriptor)


CRASHED, SLOW, LOCKED = (unreadable(trouble) for trouble in (Trouble.CRASHED, Trouble.TOO_SLOW, Trouble.ENCRYPTED))


def test_a_sure_document_is_answered_from_its_first_page(answer: Callable[..., Verdict]) -> None:
    verdict = answer(FakeReader([CONTRACT, "second", "third"]))
    assert (verdict.status, verdict.label, verdict.pages_read) == ("auto", "contract/distributor", 1)
    assert (verdict.passage, verdict.kind, verdict.model) == (CONTRACT, "text", "fake-1")


def test_an_unsure_document_is_read_to_its_end(answer: Callable[..., Verdict]) -> None:
    verdict = answer(FakeReader([UNSURE, UNSURE, UNSURE]))
    assert (verdict.status, verdict.label, verdict.pages_read) == ("review", None, 3)


@pytest.mark.parametrize("trouble", Trouble)
@pytest.mark.parametrize("where", ["opening", "reading"])
def test_only_the_readers_own_trouble_gets_one_more_try(
    answer: Callable[..., Verdict], trouble: Trouble, where: str
) -> None:
    error = unreadable(trouble, "pdf")
    reader = FakeReader(error if where == "opening" else [error], [CONTRACT])
    verdict = answer(reader)
    again = trouble in {Trouble.CRASHED, Trouble.OUT_OF_MEMORY, Trouble.TOO_SLOW}
    answered = "unknown" if trouble is Trouble.NO_TEXT else "unreadable"
    assert (reader.opened, verdict.status) == ((2, "auto") if again else (1, answered))
    assert (trouble in WORTH_A_RETRY) is again


@pytest.mark.parametrize("first", [CRASHED, SLOW], ids=["crashed", "slow"])
@pytest.mark.parametrize("second", [CRASHED, SLOW, LOCKED], ids=["crashed", "slow", "locked"])
def test_there_is_never_a_third_try_and_the_second_ones_reason_is_given(
    answer: Callable[..., Verdict], first: UnreadableError, second: UnreadableError
) -> None:
    reader = FakeReader(first, second, [CONTRACT])
    verdict = answer(reader)
    assert (reader.opened, verdict.status, verdict.reason) == (2, "unreadable", str(second))


def test_what_cannot_be_read_has_no_label_and_a_sentence_for_a_clerk(answer: Callable[..., Verdict]) -> None:
    verdict = answer(FakeReader(unreadable(Trouble.ENCRYPTED, "pdf")))
    assert (verdict.label, verdict.confidence, verdict.alternatives, verdict.passage) == (None, 0.0, (), None)
    assert (verdict.kind, verdict.pages_read, verdict.model) == ("pdf", 0, "fake-1")
    assert "protected by a password" in verdict.reason


@pytest.mark.parametrize("trouble", Trouble)
def test_trouble_after_the_first_words_is_an_end(answer: Callable[..., Verdict], trouble: Trouble) -> None:
    reader = FakeReader([UNSURE, unreadable(trouble)])
    verdict = answer(reader)
    assert (reader.opened, verdict.status, verdict.pages_read) == (1, "review", 1)


def test_trouble_after_blank_pages_is_trouble(answer: Callable[..., Verdict]) -> None:
    assert answer(FakeReader([" \n", unreadable(Trouble.DAMAGED)])).status == "unreadable"


@pytest.mark.parametrize("pages", [[], [" "], ["\n", "\t"]], ids=["none", "blank", "blanks"])
def test_a_document_that_opens_and_says_nothing_is_for_a_person(
    answer: Callable[..., Verdict], pages: list[str]
) -> None:
    verdict = answer(FakeReader(pages or [" "]))
    assert (verdict.status, verdict.label) == ("unknown", None)
    assert verdict.reason == "Unknown: there is no text in the text file."


def test_when_the_reading_time_is_over_it_decides_with_what_it_has(answer: Callable[..., Verdict]) -> None:
    verdict = answer(FakeReader([UNSURE, CONTRACT]), read_seconds=1e-9)
    assert (verdict.status, verdict.pages_read) == ("review", 1)


def test_a_first_page_that_takes_all_the_time_is_still_used(answer: Callable[..., Verdict]) -> None:
    assert answer(FakeReader([CONTRACT]), read_seconds=1e-9).label == "contract/distributor"


def test_blank_pages_do_not_use_up_the_reading_time(answer: Callable[..., Verdict]) -> None:
    assert answer(FakeReader([" ", " ", CONTRACT]), read_seconds=1e-9).label == "contract/distributor"


def test_every_session_is_closed(answer: Callable[..., Verdict]) -> None:
    reader = FakeReader([UNSURE, CRASHED], [CRASHED], [CONTRACT])
    for _ in range(2):
        answer(reader)
    assert len(reader.sessions) == 3
    assert all(session.closed for session in reader.sessions)


def test_an_error_of_the_box_is_not_the_documents(answer: Callable[..., Verdict]) -> None:
    with pytest.raises(MemoryError):
        answer(FakeReader(MemoryError()))


def test_times_are_told_apart_and_are_never_negative(answer: Callable[..., Verdict]) -> None:
    for reader in (FakeReader([CONTRACT]), FakeReader(LOCKED)):
        verdict = answer(reader)
        assert verdict.read_ms > 0
        assert verdict.classify_ms >= 0


def test_a_refused_document_is_not_opened() -> None:
    reader = FakeReader()
    verdict = Reading(reader, FakeModel(), 5).refuse("Not this one.")
    assert (verdict.status, verdict.reason, reader.opened) == ("unreadable", "Not this one.", 0)


class ScanReader(FakeReader):
    """Gives what it was told to as the lines of one picture."""

    def open(self, descriptor: int) -> FakeSession:
        session = super().open(descriptor)
        session.by_line = True
        return session


class CountingModel(FakeModel):
    """Counts how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def decide(self, pages: Iterator[str]) -> Decision:
        heard = list(pages)
        self.asked.append(" ".join(heard))
        return super().decide(iter(heard))


def test_a_scan_is_read_no_further_than_to_the_first_sure_look(answer: Callable[..., Verdict]) -> None:
    reader = ScanReader([UNSURE, CONTRACT, "third"])
    assert answer(reader).label == "contract/distributor"
    assert reader.sessions[0].next().text == "third"


def test_each_look_at_a_scan_is_at_everything_so_far(tmp_path: Path) -> None:
    (tmp_path / "document").touch()
    model, reader = CountingModel(), ScanReader([UNSURE, "more", CONTRACT, "never"])
    with (tmp_path / "document").open("rb") as file:
        Reading(reader, model, 5.0).answer(file.fileno())
    assert model.asked == [UNSURE, f"{UNSURE} more", f"{UNSURE} more {CONTRACT}"]


def test_an_unsure_scan_is_read_to_its_end(answer: Callable[..., Verdict]) -> None:
    assert answer(ScanReader([UNSURE, "more", "most"])).status == "review"


def test_a_parent_answer_waits_for_the_rest_of_the_scan(answer: Callable[..., Verdict]) -> None:
    class ParentModel(FakeModel):
        def decide(self, pages: Iterator[str]) -> Decision:
            return replace(super().decide(iter(list(pages))), label="contract")

    reader = ScanReader([CONTRACT, "the whole"])
    assert answer(reader, model=ParentModel()).label == "contract"
    assert reader.sessions[0].next() is None


def test_a_model_that_asks_for_no_more_has_decided(answer: Callable[..., Verdict]) -> None:
    class Content(FakeModel):
        def decide(self, pages: Iterator[str]) -> Decision:
            return super().decide(iter([next(pages)]))

    reader = ScanReader([UNSURE, CONTRACT])
    assert answer(reader, model=Content()).status == "review"
    assert reader.sessions[0].next().text == CONTRACT


def test_waiting_for_a_reader_is_not_reading(answer: Callable[..., Verdict], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    monkeypatch.setattr("appliance.answer.time.perf_counter", clock)

    class BusyReader(ScanReader):
        def open(self, descriptor: int) -> FakeSession:
            session = super().open(descriptor)
            session.waited = 10.0
            clock.turn(10.0 + 0.5)
            return session

    verdict = answer(BusyReader([UNSURE, CONTRACT]))
    assert (verdict.label, verdict.read_ms, verdict.classify_ms) == ("contract/distributor", 500, 0)


def test_the_reading_time_ends_a_scan_too(answer: Callable[..., Verdict]) -> None:
    reader = ScanReader([UNSURE, CONTRACT])
    assert answer(reader, read_seconds=1e-9).status == "review"


def test_pages_that_said_something_are_counted_once(answer: Callable[..., Verdict]) -> None:
    class OnePage(ScanReader):
        def open(self, descriptor: int) -> FakeSession:
            session = super().open(descriptor)
            session._numbers = iter([3, 3, 1, 4])
            return session

    assert answer(OnePage([UNSURE, "more", "a page passed over", " "])).pages_read == 2


def test_what_was_noticed_on_the_pages_that_were_read_is_told(answer: Callable[..., Verdict]) -> None:
    pages = [Page(1, UNSURE, frozenset({Note.TURNED_TEXT})), Page(2, CONTRACT, frozenset({Note.HIDDEN_TEXT}))]
    verdict = answer(FakeReader(pages))
    assert verdict.notes == ("hidden_text", "turned_text")


def test_the_language_of_what_was_read_is_told(answer: Callable[..., Verdict]) -> None:
    german = "Der Vertrag wird von den Parteien mit der Unterschrift geschlossen und ist nicht an eine Form gebunden. "
    assert answer(FakeReader([german, german])).language == "de"


GERMAN = "Der Vertrag wird von den Parteien mit der Unterschrift geschlossen und ist nicht an eine Form gebunden. "


class Reads(FakeModel):
    """Says which languages it reads."""

    def __init__(self, *languages: str) -> None:
        self.languages = languages


def test_a_language_the_model_does_not_read_is_unknown(answer: Callable[..., Verdict]) -> None:
    verdict = answer(FakeReader([GERMAN + "contract"]), model=Reads("en"))
    assert (verdict.status, verdict.label, verdict.words) == ("unknown", None, ())
    assert verdict.reason == "Unknown: it is in German, which the model does not read."


@pytest.mark.parametrize(
    ("languages", "text"),
    [((), GERMAN), (("en", "de"), GERMAN), (("en",), "1 2 3 "), (("de",), "Kwa mujibu wa sheria ")],
    ids=["no rule", "one of several", "figures", "a language that cannot be told"],
)
def test_no_other_document_is_refused_for_its_language(
    answer: Callable[..., Verdict], languages: tuple[str, ...], text: str
) -> None:
    assert answer(FakeReader([text * 3 + "contract"]), model=Reads(*languages)).status == "auto"


def test_words_are_looked_for_once_and_only_in_a_passage(answer: Callable[..., Verdict]) -> None:
    reading = Reading(FakeReader(), FakeModel(), 5)
    verdict = answer(FakeReader([CONTRACT]))
    explained = reading.explain(verdict)
    assert (verdict.words, explained.words) == (None, (("This", 0, 4, 1.0),))
    assert reading.explain(explained) is explained
    unread = reading.refuse("Not this one.")
    assert reading.explain(unread) is unread


def test_a_document_that_hides_all_it_says_is_noted(answer: Callable[..., Verdict]) -> None:
    assert answer(FakeReader(unreadable(Trouble.HIDDEN, "pdf"))).notes == ("hidden_text",)
