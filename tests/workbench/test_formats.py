"""The same words come out of every format, through the box's own readers; only the scans may lose a few."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from appliance.answer import Reading
from appliance.classify import Status
from appliance.classify.evaluation import Answer
from appliance.reading import UnreadableError
from appliance.workbench.formats import RENDERERS, SCANNED, render
from appliance.workbench.formats.hearing import Heard, Hearings, Replay, Said, hear
from appliance.workbench.formats.shift import NATIVE_NAME, SHIFTED_NAME, Shifted, answered, misses, table
from appliance.workbench.splits import Document, digest_of
from tests.builders import make_rtf
from tests.fakes import CONTRACT, PAPER, FakeModel

if TYPE_CHECKING:
    from pathlib import Path

TEXT = (
    "SALE OF A BOAT\n\nThe seller owns the boat \u201cPetrel\u201d & sells it to the buyer for 4,000 \u20ac.\n"
    "It lies in the harbour at the caf\u00e9.\n\n" + "The buyer has looked at the hull (twice) and the sails. " * 20
)


@pytest.fixture(scope="module", autouse=True)
def kreuzberg() -> None:
    """Let kreuzberg open what it keeps open for good before any test counts what is left behind."""
    hear(make_rtf())


def words(text: str) -> list[str]:
    return text.split()


@pytest.mark.parametrize("name", [name for name in RENDERERS if name not in SCANNED])
@pytest.mark.parametrize("seed", ["one", "two", "three"])
def test_every_word_is_heard_in_order(name: str, seed: str) -> None:
    heard = words(hear(render(TEXT, name, seed)).text)
    start = heard.index("SALE")
    assert heard[start : start + len(words(TEXT))] == words(TEXT)


@pytest.mark.parametrize("name", sorted(SCANNED))
def test_a_scan_is_heard_but_for_a_few_letters(name: str) -> None:
    heard = hear(render(TEXT[:240], name, "one"))
    assert all(said.by_line for said in heard.said)
    assert len({"seller", "buyer", "boat", "harbour"} & set(words(heard.text))) >= 3


@pytest.mark.parametrize("name", RENDERERS)
def test_the_same_seed_gives_the_same_file(name: str) -> None:
    assert render(TEXT, name, "one") == render(TEXT, name, "one")


def test_plain_text_comes_in_two_encodings() -> None:
    assert len({render(TEXT, "text", str(seed)) for seed in range(40)}) == 2


@pytest.mark.parametrize("name", RENDERERS)
@pytest.mark.parametrize("text", ["", "W" * 5_000, "a\0b \u4e2d\ufffe"], ids=["nothing", "one word", "odd"])
def test_any_text_is_rendered(name: str, text: str) -> None:
    assert render(text, name, "one") or (name, text) == ("text", "")


def test_no_letter_lies_outside_the_page() -> None:
    text = "WIDE CAPITALS AND MANY WWWW MMMM " * 60
    assert words(hear(render(text, "pdf", "one")).text) == words(text)


def test_what_was_heard_is_not_read_again(tmp_path: Path) -> None:
    heard = Hearings(tmp_path / "heard.jsonl").of("a", lambda: b"Words.")
    with (tmp_path / "heard.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"key": "b", "cut of')
    assert Hearings(tmp_path / "heard.jsonl").of("a", lambda: pytest.fail("read again")) == heard


def test_an_answer_to_what_was_heard_is_the_answer_to_the_document() -> None:
    verdict = Reading(Replay(hear(CONTRACT.encode())), FakeModel(), 5).answer(-1)
    assert (verdict.status, verdict.label, verdict.kind) == ("auto", "contract/distributor", "text")


def test_a_trouble_is_played_back_too() -> None:
    with pytest.raises(UnreadableError, match="password"):
        Replay(Heard("pdf", (), "encrypted")).open(-1)
    session = Replay(Heard("pdf", (Said(1, "one", by_line=False),), "damaged")).open(-1)
    assert session.next() is not None
    with pytest.raises(UnreadableError):
        session.next()


def make_shifted(name: str, best: str, status: Status = Status.AUTO, document: str = "a") -> Shifted:
    truth = "contract/lease"
    return Shifted(document, name, Answer(truth, status, best if status is Status.AUTO else None, best, 0.9))


def test_a_fifth_of_what_is_shifted_is_scans() -> None:
    right, wrong = "contract/lease", "paper"
    found = [make_shifted(NATIVE_NAME, right), make_shifted("docx", right), make_shifted("html", right)]
    row = table([*found, make_shifted("scan", wrong)])[-1]
    assert (row.name, row.accuracy, row.wrong, row.native) == pytest.approx((SHIFTED_NAME, 0.8, 0.2, 1.0))


def test_a_miss_is_what_another_format_spoils() -> None:
    found = [make_shifted(NATIVE_NAME, "contract/lease"), make_shifted("mail", "message")]
    assert misses([*found, make_shifted("docx", "contract/lease")]) == found[1:]
    assert misses([make_shifted(NATIVE_NAME, "paper"), make_shifted("mail", "message")]) == []


def test_a_document_is_not_rendered_in_the_format_it_has(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text(PAPER, encoding="utf-8")
    document = (Document("a", "paper", digest_of(path)), PAPER)
    found = answered(tmp_path, [document], Hearings(tmp_path / "heard"), lambda _: FakeModel(), most_scans=0)
    assert [each.name for each in found] == [NATIVE_NAME, "pdf", "docx", "html", "mail"]
    assert {each.answer.best for each in found} == {"paper"}


@pytest.mark.parametrize("heavy", ["torch", "transformers", "sklearn", "rapidocr"])
def test_rendering_and_hearing_load_nothing_heavy(heavy: str) -> None:
    code = f"import sys, appliance.workbench.formats.shift; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
