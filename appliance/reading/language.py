"""Which language a text is in, by its script and its commonest words.

A table of some thirty words for each of twenty office languages, and a range of
letters for those that have a script to themselves: no model, no import, a
quarter of a millisecond a document. Promises a code only where one language is
plainly ahead; a form of figures, a list of names or a language that is not in
the table is None. What follows from a language is the policy's to say.
"""

from __future__ import annotations

import re
from collections import Counter

SAMPLE_CHARS = 4_000
"""So much of a document's beginning is looked at."""

FEWEST = 5
"""So many different ones of its common words must be there before a language is named, each of two letters or more: of
single letters a misread scan has every one."""

SHARE = 0.06
"""So large a share of all words must they be; in running text it is 0.2 to 0.5, in headings less."""

LEAD = 1.25
"""So many times as much as any other language's must they weigh: a word that n languages have weighs 1/n^2."""

# ruff: noqa: RUF001 - letters of other alphabets are the point of this table
_WORDS = {
    "en": "the of and to in is that for with as on be are by this at from or an was not it which have has will"
    " shall any such other may under all if their we you your our its no been",
    "de": "der die das und ist von zu mit den im für auf nicht ein eine dem des sich als auch an es werden bei oder"
    " wird nach zum zur sind über haben durch wir sie ich nur noch kann",
    "fr": "le la les de des et est un une du en pour dans que qui sur par au aux avec ce cette ne pas vous nous ou"
    " sont plus être votre il elle peut",
    "es": "el la los las de del y en que un una es por con para se no al su lo como más o este esta son sus ha si"
    " pero puede está",
    "it": "il lo la i gli le di del della dei e è un una che per con non in da al alla sono si come più questo nel"
    " nella o essere dal ha delle",
    "pt": "o a os as de do da dos das e em que um uma é por com para se não no na ao como mais ou seu sua são foi"
    " pelo pela está pode você",
    "nl": "de het een en van in is dat op te zijn met voor niet aan er om als bij ook of uit door naar wordt dit"
    " deze die kan worden heeft maar geen",
    "sv": "och att det som en på är av för med den till inte om ett har de kan från eller vid så ska detta var vi"
    " du inga utan denna när också mellan vad något vara blir fel",
    "da": "og at det som en på er af for med den til ikke om et har de kan fra eller ved så skal dette var vi du"
    " blev efter denne hvis når kunne også mellem uden hvad noget være bliver fejl",
    "nb": "og å det som en på er av for med den til ikke om et har de kan fra eller ved så skal dette var vi du"
    " etter denne hvis når kunne ble",
    "fi": "ja on ei se että ole oli tai kun mutta myös ovat joka jos niin voi hän sen tämä ne kuin mukaan olla"
    " tämän sekä käyttää ovatko voidaan tulee ilman jotka jonka kanssa sitä vain kaikki mitä",
    "pl": "i w nie na z do się jest to że o od po za jak dla przez przy oraz lub są być może ten tego które jego"
    " który zostać czy można",
    "cs": "a v se na je že s z do o i k ve pro za by není nebo jako od po jsou být při která který které lze může"
    " pouze tento podle",
    "sk": "a v sa na je že s z do o aj k vo pre za by nie alebo ako od po sú byť pri ktorá ktorý ktoré možno môže"
    " iba tento podľa bol",
    "hu": "a az és hogy nem is egy ez van meg vagy de ha mint csak már ki kell volt lehet el azt lesz még szerint"
    " alapján nincs ezt egyik lehetséges nélkül valamint ebben ennek ezek által illetve kerül",
    "ro": "și de în a la pe cu o nu este un care din mai să sau pentru prin ca se sunt fi acest această ce lui al"
    " ale dacă fost poate după",
    "tr": "ve bir bu için ile de da olarak olan daha veya ne çok gibi kadar en değil sonra her olduğu ancak ise var"
    " yok tarafından ya mi olup",
    "ru": "и в не на с что по для из от к как это или при за но быть же о до если то его только может будет так нет"
    " все этого этот эта использовать является можно вы мы они был была были также чтобы",
    "uk": "і в не на з що та для до від як це або при за але бути у по якщо його тільки може буде так є немає всі про",
    "bg": "и в не на с че за от да по към как това или при но се до ако са само може така няма всички със е ще",
}
_OWN_SCRIPT = {
    "el": "\u0370-\u03ff",
    "he": "\u0590-\u05ff",
    "ar": "\u0600-\u06ff",
    "hi": "\u0900-\u097f",
    "th": "\u0e00-\u0e7f",
    "ja": "\u3040-\u30ff",
    "ko": "\uac00-\ud7af",
    "zh": "\u4e00-\u9fff",
}
"""Japanese stands before Chinese: it writes both its own letters and Chinese ones."""

SCRIPT_SHARE = 0.25
"""So large a share of all letters must be of a script; Japanese has a third of its own letters and more."""

FEWEST_LETTERS = 16
"""So many different ones must there be: a scan's row of stars is read as a row of one or two Chinese letters."""

_WORD = re.compile(r"[^\W\d_]+")
_SPOKEN_BY: dict[str, list[str]] = {}
for _language, _common in _WORDS.items():
    for _each in set(_common.split()):
        _SPOKEN_BY.setdefault(_each, []).append(_language)
_LETTERS = {language: re.compile(f"[{letters}]") for language, letters in _OWN_SCRIPT.items()}


def language_of(text: str) -> str | None:
    """Name the language of a text by its ISO 639-1 code, or None where it cannot be told."""
    sample = text[:SAMPLE_CHARS].lower()
    return (None if sample.isascii() else _by_script(sample)) or _by_words(_WORD.findall(sample))


def _by_script(sample: str) -> str | None:
    letters = sum(map(str.isalpha, sample))
    for language, own in _LETTERS.items():
        found = own.findall(sample)
        if len(found) > SCRIPT_SHARE * letters and len(set(found)) >= FEWEST_LETTERS:
            return language
    return None


def _by_words(words: list[str]) -> str | None:
    weights: Counter[str] = Counter()
    for word, times in Counter(words).items():
        for language in (languages := _SPOKEN_BY.get(word, [])):
            weights[language] += times / len(languages) ** 2  # type: ignore[assignment]  # weights, not counts
    (best, most), (_, next_most) = [*weights.most_common(2), ("", 0), ("", 0)][:2]
    common = [word for word in words if best in _SPOKEN_BY.get(word, ())]
    different = {word for word in common if len(word) > 1}
    plain = len(different) >= FEWEST and len(common) >= SHARE * len(words) and most >= LEAD * next_most
    return best if plain else None
