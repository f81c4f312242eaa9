"""Text that stands for nothing is told from text, whatever the language and however many figures it has."""

from __future__ import annotations

import pytest

from appliance.reading.legible import is_garbled

ENGLISH = "This Agreement is made between the Distributor and the Supplier on the first day of March."
SHIFTED = "".join(chr(ord(letter) - 29) if letter.isalpha() else letter for letter in ENGLISH)

LEGIBLE = {
    "English": ENGLISH,
    "German": "Der Vertrag wird zwischen dem Lieferanten und dem Händler auf unbestimmte Zeit geschlossen.",
    "Polish": "Umowa zawarta pomiędzy dostawcą a dystrybutorem na czas nieokreślony w Krakowie.",
    "Welsh": "Gwneir y cytundeb hwn rhwng y dosbarthwr a'r cyflenwr ar ddydd cyntaf mis Mawrth.",
    "Russian": "Договор заключён между поставщиком и покупателем на неопределённый срок в городе Москве.",
    "Chinese": "本合同由供应商与经销商于三月一日签订双方同意遵守以下各项条款和条件并承担相应责任。" * 2,
    "capitals": ENGLISH.upper(),
    "a price list": "\n".join(f"{n:04} ART-{n} {n * 1.25:.2f} {n * 3}" for n in range(40)),
    "a table of contents": "\n".join(f"Chapter {n} {'.' * 60} {n}" for n in range(20)),
    "a few words": "Annex B\x01",
    "nothing": "",
}
GARBLED = {
    "letters moved along": SHIFTED.upper(),
    "control characters": "".join(chr(1 + ord(letter) % 30) for letter in ENGLISH),
    "private use": "".join(chr(0xE000 + ord(letter)) for letter in ENGLISH),
    "replacement characters": "\N{REPLACEMENT CHARACTER}" * 80,
    "signs alone": "!\"#$%&'()*+,-./:;<=>?@[" * 4,
}


@pytest.mark.parametrize("text", LEGIBLE.values(), ids=LEGIBLE)
def test_text_is_believed(text: str) -> None:
    assert not is_garbled(text)


@pytest.mark.parametrize("text", GARBLED.values(), ids=GARBLED)
def test_garbage_is_not(text: str) -> None:
    assert is_garbled(text)
