"""The language of a text is named where one is plainly ahead, and not where none is."""

from __future__ import annotations

import pytest

from appliance.reading import language_of
from appliance.reading.language import _OWN_SCRIPT, _WORDS
from appliance.words import LANGUAGES

# Article 1 of the Universal Declaration of Human Rights, and the opening of Article 2 where that is short.
DECLARED = {
    "en": "All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience"
    " and should act towards one another in a spirit of brotherhood. This is for all of us and by all.",
    "de": "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt"
    " und sollen einander im Geist der Brüderlichkeit begegnen. Der Mensch hat das Recht auf ein Leben.",
    "fr": "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de"
    " conscience et doivent agir les uns envers les autres dans un esprit de fraternité.",
    "es": "Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están de razón y"
    " conciencia, deben comportarse fraternalmente los unos con los otros por el bien de la familia.",
    "it": "Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti. Essi sono dotati di ragione e di"
    " coscienza e devono agire gli uni verso gli altri in spirito di fratellanza che è della famiglia.",
    "pl": "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni obdarzeni rozumem i"
    " sumieniem oraz powinni postępować wobec innych w duchu braterstwa, a nie jak wrogowie lub do tego.",
    "ru": "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью и"  # noqa: RUF001
    " должны поступать в отношении друг друга в духе братства, а не как враги, и это для всех.",  # noqa: RUF001
    "el": "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.",  # noqa: RUF001
    "ar": "يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق.",
    "ja": "すべての人間は、生れながらにして自由であり、かつ、尊厳と権利とについて平等である。",
    "zh": "人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心,并应以兄弟关系的精神相对待。",
    "ko": "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.",
}


@pytest.mark.parametrize("code", DECLARED)
def test_a_sentence_or_two_tell_the_language(code: str) -> None:
    assert language_of(DECLARED[code]) == code


@pytest.mark.parametrize(
    "text",
    ["", "1 2 3 4 5", "Total 12.00 EUR\nVAT 2.40\n" * 20, "kin in an im in an kin in an" * 20, "Meier, Müller, Łódź"],
)
def test_what_is_in_no_language_plainly_has_none(text: str) -> None:
    assert language_of(text) is None


def test_an_english_letter_about_a_greek_one_is_english() -> None:
    assert language_of(DECLARED["en"] * 5 + DECLARED["el"]) == "en"


def test_every_language_has_a_name() -> None:
    assert {*_WORDS, *_OWN_SCRIPT} == LANGUAGES.keys()
