"""On real documents: receipts are read well enough to be told, and no contract is taken for garbage."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pypdfium2

from appliance.answer import Reading
from appliance.reading.legible import is_garbled
from appliance.reading.pdf import text_of
from appliance.settings import Settings
from appliance.updates.bundled import load_factory
from appliance.workbench.splits import held_out_documents, read_corpus
from tests.needs import needs_corpus

if TYPE_CHECKING:
    from appliance.reading import LayeredReader

CORPUS = needs_corpus()
CONTRACTS, RECEIPTS = 40, 6


def test_receipts_that_were_not_taught_are_filed_as_receipts(box: LayeredReader) -> None:
    reading = Reading(box, load_factory(Settings().factory_model), read_seconds=60)
    receipts = [each for each in held_out_documents(read_corpus(CORPUS)) if each.label == "receipt"][:RECEIPTS]
    verdicts = []
    for receipt in receipts:
        with (CORPUS / receipt.path).open("rb") as file:
            verdicts.append(reading.answer(file.fileno()))
    assert [verdict.alternatives[0][0] for verdict in verdicts] == ["receipt"] * len(receipts)
    assert sum(verdict.label == "receipt" for verdict in verdicts) >= RECEIPTS - 1
    assert {verdict.pages_read for verdict in verdicts} == {1}


def test_first_pages_of_contracts_are_believed() -> None:
    contracts = [each.path for each in read_corpus(CORPUS) if each.label.startswith("contract/")][:CONTRACTS]
    garbled = []
    for path in contracts:
        with closing(pypdfium2.PdfDocument(CORPUS / path)) as document:
            if is_garbled(text_of(document, 0)):
                garbled.append(path)
    assert garbled == []
