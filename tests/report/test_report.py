from __future__ import annotations

import random
import re
from html.parser import HTMLParser

import pytest

from appliance.classify.decision import Status
from appliance.classify.evaluation import Answer
from appliance.report import Sheet, Speed, page_of
from appliance.report.page import verdict_of
from appliance.report.sheet import coverage_curve, fates, mistakes, reliability

LABELS = ("contract/agency", "contract/supply", "paper", "<b>odd</b> & co")


def make_answer(
    truth: str = "paper", best: str | None = "paper", confidence: float = 0.99, status: Status = Status.AUTO
) -> Answer:
    return Answer(truth, status, best if status is Status.AUTO else None, best, confidence)


def make_sheet(*answers: Answer, strangers: tuple[Answer, ...] = (), budget: float = 0.01) -> Sheet:
    facts = (("Model", "tiny 3"),)
    return Sheet("A <title>", "Today.", answers, strangers, 0.9, budget, (Speed("reading", 6.0, 41.0),), facts)


RIGHT, WRONG = make_answer(), make_answer("contract/agency")
UNSURE = make_answer("contract/supply", "contract/agency", 0.6, Status.REVIEW)
UNREAD = make_answer("paper", None, 0.0, Status.UNREADABLE)
FAR = make_answer("paper", "paper", 0.95, Status.UNKNOWN)


def make_many() -> list[Answer]:
    chance = random.Random(2)
    return [
        make_answer(chance.choice(LABELS), chance.choice(LABELS), chance.random(), Status.REVIEW) for _ in range(300)
    ]


class Tags(HTMLParser):
    """Refuses a page whose tags do not close."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loads += [name for name, _ in attrs if name in {"src", "href", "srcset", "action", "xlink:href"}]
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    "sheet",
    [
        make_sheet(RIGHT),
        make_sheet(UNREAD),
        make_sheet(RIGHT, WRONG, UNSURE, UNREAD, FAR, strangers=(FAR, RIGHT)),
        make_sheet(*make_many()),
    ],
    ids=["one", "one that was not read", "of every kind", "many"],
)
def test_the_page_is_whole_and_loads_nothing(sheet: Sheet) -> None:
    page, tags = page_of(sheet), Tags()
    tags.feed(page)
    assert (tags.open, tags.loads) == ([], [])
    assert not re.search(r"<script|@import|url\(|https?://", page)
    assert "default-src 'none'" in page


def test_a_label_that_is_markup_is_shown_as_text() -> None:
    page = page_of(make_sheet(make_answer(LABELS[3], LABELS[3]), make_answer("paper", LABELS[3])))
    assert "<b>odd" not in page
    assert "&lt;b&gt;odd&lt; / b&gt; &amp; co" in page
    assert "<title>A &lt;title&gt;</title>" in page


def test_only_labels_that_occur_stand_in_the_confusion() -> None:
    page = page_of(make_sheet(RIGHT, UNSURE))
    assert "contract / supply taken for contract / agency: 1 of 1" in page
    assert "receipt" not in page


def test_answers_stand_in_the_bin_of_their_confidence() -> None:
    bins = reliability([RIGHT, WRONG, UNSURE, make_answer(confidence=1.0)])
    assert [each.count for each in bins] == [0, 0, 0, 0, 0, 0, 1, 0, 0, 3]
    assert bins[9].right == pytest.approx(2 / 3)
    assert bins[9].least < 2 / 3 < bins[9].most
    assert (bins[6].least, bins[6].right) == (0.0, 0.0)


def test_the_curve_counts_what_each_threshold_would_file() -> None:
    points = coverage_curve([RIGHT, make_answer(confidence=0.8), UNSURE, UNREAD])
    assert [(point.coverage, round(point.error, 3)) for point in points] == [(0.25, 0.0), (0.5, 0.0), (0.75, 0.333)]


def test_answers_of_one_confidence_are_filed_together_or_not_at_all() -> None:
    assert [point.coverage for point in coverage_curve([RIGHT, WRONG])] == [1.0]


def test_what_is_unknown_is_never_on_the_curve() -> None:
    assert coverage_curve([FAR, UNREAD]) == []


def test_fates_and_mistakes_are_counted() -> None:
    sheet = make_sheet(RIGHT, WRONG, WRONG, UNSURE, UNREAD)
    assert fates(sheet.answers) == {Status.AUTO: 3, Status.REVIEW: 1, Status.UNKNOWN: 0, Status.UNREADABLE: 1}
    assert mistakes(sheet.figures)[0] == ("contract/agency", "paper", 2)


VERDICTS = {
    "kept": ([RIGHT] * 400, "is kept, with 95 % confidence"),
    "too few": ([RIGHT] * 20, "do not prove it kept"),
    "by chance": ([*[RIGHT] * 70, WRONG], "chance alone may do that"),
    "overdrawn": ([*[RIGHT] * 50, *[WRONG] * 20], "wrongly, is overdrawn."),
    "nothing filed": ([UNSURE], "every one waits for a person"),
}


@pytest.mark.parametrize(("answers", "said"), VERDICTS.values(), ids=VERDICTS.keys())
def test_the_first_sentence_says_whether_the_budget_is_kept(answers: list[Answer], said: str) -> None:
    assert said in verdict_of(make_sheet(*answers))


def test_documents_of_no_label_have_a_part_of_their_own() -> None:
    page = page_of(make_sheet(RIGHT, strangers=(FAR, RIGHT)))
    assert "1 of 2 is filed unasked" in page
    assert "Documents of no label" not in page_of(make_sheet(RIGHT))
