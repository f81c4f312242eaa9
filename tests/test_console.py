from __future__ import annotations

import io
import json
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from appliance import console
from appliance.ledger import State
from tests.builders_ledger import FilledLedger, make_verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def filled(home: Path) -> Iterator[FilledLedger]:
    made = FilledLedger(home)
    yield made
    made.close()


def test_json_is_one_line_of_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    console.print_json({"name": "ü\n\u2028\ud800"})
    told = capsys.readouterr().out
    assert told == '{"name": "\\u00fc\\n\\u2028\\ud800"}\n'


def test_a_table_is_aligned_and_ends_no_line_with_blanks(capsys: pytest.CaptureFixture[str]) -> None:
    console.print_table(("id", "name"), [("1", "long name"), ("100", "")])
    assert capsys.readouterr().out == "id   name\n1    long name\n100\n"


def test_a_table_without_rows_is_its_header(capsys: pytest.CaptureFixture[str]) -> None:
    console.print_table(("id", "name"), [])
    assert capsys.readouterr().out == "id  name\n"


def test_an_answer_as_json_has_the_fields_that_were_promised() -> None:
    told = console.verdict_json("a.pdf", make_verdict())
    promised = {"path", "status", "label", "confidence", "alternatives", "passage", "pages_read", "reason", "ms"}
    assert promised <= set(told)
    assert (told["status"], told["label"]) == ("auto", "contract/distributor")
    assert told["alternatives"][0] == {"label": "contract/distributor", "confidence": 0.62}
    assert told["ms"] == {"read": 12.0, "classify": 9.0}


def test_an_unreadable_answer_as_json_has_numbers_for_its_times() -> None:
    told = json.loads(json.dumps(console.verdict_json("a.pdf", make_verdict("unreadable"))))
    assert (told["label"], told["alternatives"]) == (None, [])
    assert all(isinstance(value, int | float) for value in told["ms"].values())


def test_a_document_is_one_row(filled: FilledLedger) -> None:
    row = console.document_row(filled.rested("a.pdf"))
    assert (row[0], row[2:5]) == ("1", ("a.pdf", "filed", "contract / distributor"))
    assert row[5:] == ("98 %", "var/filed/contract/distributor/a.pdf")


def test_a_time_is_that_of_the_box(filled: FilledLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "EST5")
        time.tzset()
        assert console.document_row(filled.claimed())[1] == "2026-11-24 04:41"
    time.tzset()


def test_an_unreadable_document_shows_no_confidence(filled: FilledLedger) -> None:
    assert console.document_row(filled.rested(status="unreadable"))[5] == ""


def test_a_withdrawn_document_lies_nowhere(filled: FilledLedger, capsys: pytest.CaptureFixture[str]) -> None:
    document = filled.ledger.withdraw(filled.claimed())
    assert console.document_row(document)[-1] == ""
    console.print_document(document, [], filled.ledger.history(1))
    assert "Is not with the box." in capsys.readouterr().out


def test_a_whole_history_is_told(filled: FilledLedger, capsys: pytest.CaptureFixture[str]) -> None:
    document = filled.ledger.rest(filled.decided("a.pdf", make_verdict(passage="so be it")))
    console.print_document(document, filled.ledger.decisions(1), filled.ledger.history(1))
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "1  a.pdf: filed."
    assert told[-1] == "    The passage that decided: \u201cso be it\u201d"
    assert told[1] == "    Lies at var/filed/contract/distributor/a.pdf."
    assert all(line.isprintable() for line in told)


def test_words_are_told_once_and_with_their_places_as_json(
    filled: FilledLedger, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (("Supply", 40, 46, 2.0), ("supply", 50, 56, 2.0), ("term", 57, 61, 0.5))
    verdict = make_verdict("review", passage="Supply of supply term", words=words)
    told = console.verdict_json("a.pdf", verdict)
    assert told["passage_span"] == [40, 61]
    assert told["words"][2] == {"text": "term", "start": 57, "end": 61, "weight": 0.5}
    document = filled.decided("a.pdf", verdict)
    console.print_document(document, filled.ledger.decisions(1), [])
    assert "    The words that weighed most: Supply, term.\n" in capsys.readouterr().out


def test_words_nobody_asked_for_are_null() -> None:
    assert console.verdict_json("a.pdf", make_verdict("unreadable"))["words"] is None


def test_progress_says_nothing_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with console.progress("Reading", 2) as step:
        step()
    assert capsys.readouterr() == ("", "")


def test_progress_shows_on_a_terminal_and_never_in_the_output(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    with console.progress("Reading", 2) as step:
        step()
        step()
    assert "Reading" in sys.stderr.getvalue()  # type: ignore[attr-defined]
    assert capsys.readouterr().out == ""


def test_a_document_in_work_is_said_to_be(filled: FilledLedger) -> None:
    document = filled.decided()
    assert console.document_row(document)[3] == console.document_row(replace(document, state=State.CLAIMED))[3]


def test_what_was_noticed_of_a_text_is_told_to_people_and_programs(
    capsys: pytest.CaptureFixture[str], filled: FilledLedger
) -> None:
    verdict = replace(make_verdict(), notes=("hidden_text",), language="de")
    told = console.verdict_json("a", verdict)
    assert (told["notes"], told["language"]) == (["hidden_text"], "de")
    document = filled.decided(verdict=verdict)
    console.print_document(document, filled.ledger.decisions(document.id), filled.ledger.history(document.id))
    shown = capsys.readouterr().out
    assert "Note: It holds text that nobody who looks at it sees; the box did not heed it." in shown
    assert "in German" in shown


def test_a_mail_and_what_was_attached_to_it_name_each_other(
    capsys: pytest.CaptureFixture[str], filled: FilledLedger
) -> None:
    mail = filled.decided("mail.eml", attached=("lease.pdf",))
    [part] = filled.ledger.parts(mail.id)
    console.print_document(mail, [], [], [part])
    console.print_document(part, [], filled.ledger.history(part.id))
    shown = capsys.readouterr().out
    assert "Attached: 2  lease.pdf: in work." in shown
    assert "was attached to document 1" in shown
