"""What is in a language the factory model does not read is unknown, and English is never taken for one."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from appliance.answer import Reading
from appliance.reading import LocalReader, language_of
from appliance.settings import Settings
from appliance.updates.bundled import load_factory
from tests.needs import CORPUS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from appliance.ledger import Verdict

STRANGERS = CORPUS / "strangers"
GERMAN = (
    "VERTRIEBSVERTRAG. Dieser Vertrag wird zwischen der Alder Pumpen GmbH und der Brook Handels AG geschlossen. Der"
    " Händler kauft die Erzeugnisse auf eigene Rechnung und verkauft sie im Gebiet, das in der Anlage beschrieben ist."
    " Die Preise sind die der gültigen Liste und werden bei der Bestellung nicht mehr geändert. "
)
NOISE = "abcdefghijklmnopqrstuvwxyz  .,1l0Oéèüßçñ"


@pytest.fixture(scope="module")
def reading() -> Iterator[Reading]:
    reader = LocalReader()
    yield Reading(reader, load_factory(Settings().factory_model), 5)  # type: ignore[arg-type]  # it needs no rest
    reader.close()


def answer(reading: Reading, path: Path) -> Verdict:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return reading.answer(descriptor)
    finally:
        os.close(descriptor)


def test_a_contract_in_german_is_unknown_and_says_why(reading: Reading, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(GERMAN * 4, encoding="utf-8")
    verdict = answer(reading, tmp_path / "a")
    assert (verdict.status, verdict.label) == ("unknown", None)
    assert verdict.reason == "Unknown: it is in German, which the model does not read."


@pytest.mark.skipif(not STRANGERS.is_dir(), reason="needs the labelled corpus")
def test_the_declaration_of_human_rights_is_unknown_in_every_language(reading: Reading) -> None:
    declarations = sorted(STRANGERS.glob("udhr-*"))
    assert len(declarations) > 40
    assert {path.name for path in declarations if answer(reading, path).status != "unknown"} == set()


@pytest.mark.parametrize("misread", [0.0, 0.02, 0.1, 0.3])
def test_short_and_misread_english_is_never_foreign(reading: Reading, misread: float) -> None:
    chance = random.Random(7)
    texts = [golden.text for golden in reading.model.manifest.golden]  # type: ignore[attr-defined]
    for _ in range(1_000):
        text = chance.choice(texts)
        start = chance.randrange(len(text) // 2)
        seen = text[start : start + chance.choice((40, 120, 400))]
        said = "".join(chance.choice(NOISE) if chance.random() < misread else one for one in seen)
        assert language_of(said) in {"en", None}, said


def test_a_row_of_stars_that_was_read_as_chinese_is_not_chinese() -> None:
    assert language_of("TOTAL 50.45 CASH\n" + "\u5bb6" * 30 + "\u672b\u51c9\u519c" * 5) is None
