"""The box on real documents that no step of its making has seen, under meaningless names."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from appliance.workbench import splits
from tests.needs import needs_corpus

if TYPE_CHECKING:
    from tests.e2e.conftest import Box

pytestmark = pytest.mark.e2e

DOCUMENTS = 120


def test_unseen_documents_are_filed_well_and_none_is_lost(box: Box) -> None:
    corpus = needs_corpus()
    unseen = splits.held_out_documents(splits.read_corpus(corpus))
    unseen = sorted((each for each in unseen if each.label != "receipt"), key=lambda each: each.sha256)[:DOCUMENTS]
    for number, document in enumerate(unseen):
        shutil.copyfile(corpus / document.path, box.inbox / f"{number:03}")
    box.once()
    rows = {int(row["name"]): row for row in box.lines("documents")}
    assert sorted(rows) == list(range(len(unseen)))
    assert sorted(row["path"] for row in rows.values()) == sorted(str(path) for path in box.files())
    filed = [number for number, row in rows.items() if row["state"] == "filed"]
    wrong = [number for number in filed if not is_under(unseen[number].label, rows[number]["label"])]
    assert len(filed) >= len(unseen) / 2
    assert len(wrong) <= 0.05 * len(filed)
    assert box.is_clean()


def is_under(truth: str, label: str) -> bool:
    """Say whether a label is the true one, or its parent."""
    return truth == label or truth.startswith(f"{label}/")
