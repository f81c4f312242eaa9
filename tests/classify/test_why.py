from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from appliance.classify.decision import Word
from appliance.classify.why import MOST, RUNS, weigh_words
from tests.classify.builders import WordNetwork, make_classifier, make_tokenizer

if TYPE_CHECKING:
    from appliance.classify.windows import Window


class Odds:
    """The odds are how often a word's token stands in the window; counts the runs."""

    def __init__(self, word: str) -> None:
        self.token = make_tokenizer().token_to_id(word)
        self.runs = 0

    def __call__(self, window: Window) -> float:
        self.runs += 1
        return float(window.ids.count(self.token))


def words(text: str, odds: Odds, start: int = 0) -> tuple[Word, ...]:
    return weigh_words(text, start, make_tokenizer(), 10, odds)


def test_a_word_weighs_what_the_odds_lose_without_it() -> None:
    assert words("word resell abstract", Odds("resell"), 100) == (Word("resell", 105, 111, 1.0),)


def test_a_word_is_left_out_at_every_place_and_told_at_each() -> None:
    found = words("resell word resell", Odds("resell"))
    assert [(word.start, word.weight) for word in found] == [(0, 2.0), (12, 2.0)]


def test_words_that_say_nothing_and_figures_are_not_tried() -> None:
    odds = Odds("resell")
    assert words("the of and 1200 12.50 a", odds) == ()
    assert odds.runs == 0


def test_the_runs_have_an_end() -> None:
    odds = Odds("resell")
    words(" ".join(f"w{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(RUNS * 2)), odds)
    assert odds.runs == RUNS + 1


def test_only_the_weightiest_are_told_and_they_stand_first() -> None:
    def odds(window: Window) -> float:
        return float(sum(window.ids))

    found = weigh_words("word stranger total abstract resell distribute", 0, make_tokenizer(), 10, odds)
    assert [word.text for word in found] == ["stranger", "word", "total", "abstract", "resell", "distribute"]
    assert len(found) <= MOST


def test_a_passage_longer_than_a_window_is_weighed_as_far_as_a_window_reaches() -> None:
    assert words("word " * 20 + "resell", Odds("resell")) == ()


@pytest.mark.parametrize(
    ("label", "told"), [("contract/reseller", ["resell"]), ("contract", ["resell"]), ("lease", [])]
)
def test_a_leaf_a_parent_and_a_label_nobody_knows(label: str, told: list[str]) -> None:
    classifier = make_classifier(WordNetwork())
    assert [word.text for word in classifier.words("word resell word", 0, label)] == told
