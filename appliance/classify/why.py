"""Which words of a passage spoke for a label: each is left out in turn, and what changes is its weight.

The model itself is asked, so that what is said of it is true of it (occlusion;
Zeiler and Fergus 2014, Li and others 2016). A word is left out wherever it
stands in the passage, with all its tokens. Every run is one short window, some
eight milliseconds, and there are at most ``RUNS``: this is for documents that
wait for a person and for whoever asks, never for the walk.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from appliance.classify.decision import Word
from appliance.classify.windows import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tokenizers import Encoding, Tokenizer

    Span = tuple[int, int]

RUNS = 40
"""So many different words are tried, the first ones of a passage; one of 300 characters has 20 to 35."""

MOST = 8
"""So many different words are told, the weightiest first."""

LEAST = 0.05
"""A word that weighs less is not told: INT8 moves the odds that much by itself."""

_WORD = re.compile(r"[^\W_]+(?:['\u2019&.-][^\W_]+)*")
_LETTERS = re.compile(r"[^\W\d_].*[^\W\d_]", re.DOTALL)
_COMMON = """
a about after all also an and any are as at be been but by can could do does for from had has have he her his if in
into is it its may me more my no nor not of on or other our out shall she should so such than that the their them then
there these they this those to under up us was we were what when which who will with would you your
"""
_STOP = frozenset(_COMMON.split())


def weigh_words(
    text: str, start: int, tokenizer: Tokenizer, tokens: int, odds: Callable[[Window], float]
) -> tuple[Word, ...]:
    """Find the words of a passage that weigh most.

    Args:
        text: The passage, whitespace collapsed.
        start: Its first character in the text that was read.
        tokenizer: The model's.
        tokens: The most a window holds, special tokens included.
        odds: The logarithm of the label's odds, of a window.

    Returns:
        The weightiest first, each at every place where it stands; words that spoke against the label are not told.
    """
    encoding = tokenizer.encode(text)
    places = _places(text)
    if not places:
        return ()
    whole = odds(_without(text, encoding, (), tokens))
    weights = {}
    for word, spans in list(places.items())[:RUNS]:
        weight = whole - odds(_without(text, encoding, spans, tokens))
        if weight >= LEAST:
            weights[word] = round(weight, 3)
    best = sorted(weights, key=lambda word: (-weights[word], places[word]))[:MOST]
    return tuple(
        Word(text[first:last], start + first, start + last, weights[word])
        for word in best
        for first, last in places[word]
    )


def _places(text: str) -> dict[str, list[Span]]:
    """The words worth trying, in lower case and in order, each with all its places."""
    places: dict[str, list[Span]] = {}
    for found in _WORD.finditer(text):
        word = found.group().casefold()
        if word not in _STOP and _LETTERS.search(word):
            places.setdefault(word, []).append(found.span())
    return places


def _without(text: str, encoding: Encoding, spans: Sequence[Span], tokens: int) -> Window:
    """The passage as a window, without the tokens that touch any of these stretches."""
    kept = [
        number
        for number, (first, last) in zip(encoding.ids, encoding.offsets, strict=True)
        if not any(first < end and last > begin for begin, end in spans)
    ]
    closed = kept if len(kept) <= tokens else [*kept[: tokens - 1], kept[-1]]
    left = "".join(text[end:begin] for (_, end), (begin, _) in pairwise([(0, 0), *spans, (len(text), 0)]))
    return Window(tuple(closed), left, 0, len(left))
