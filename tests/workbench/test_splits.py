"""Needs the standard library only: other tests pick unseen documents with it."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from appliance.workbench import splits

if TYPE_CHECKING:
    from pathlib import Path


def make_documents() -> list[splits.Document]:
    sizes = {"contract/agency": 6, "receipt": 100, "note": 3}
    return [
        splits.Document(f"{label}/{n}", label, f"{label}-{n}") for label, size in sizes.items() for n in range(size)
    ]


def test_the_split_is_by_content_and_not_by_name() -> None:
    renamed = [splits.Document("x", d.label, d.sha256) for d in reversed(make_documents())]
    first, second = (splits.held_out_documents(documents) for documents in (make_documents(), renamed))
    assert {d.sha256 for d in first} == {d.sha256 for d in second}


def test_every_label_with_four_documents_is_tested() -> None:
    counts = Counter(d.label for d in splits.held_out_documents(make_documents()))
    assert counts == {"contract/agency": 1, "receipt": 12}


def test_what_is_held_out_is_never_taught() -> None:
    documents = make_documents()
    held_out, taught = splits.held_out_documents(documents), splits.dev_documents(documents)
    assert not {d.sha256 for d in held_out} & {d.sha256 for d in taught}
    assert len(held_out) + len(taught) == len(documents)


def test_folds_are_stratified() -> None:
    documents = make_documents()
    where = splits.fold_of(documents, 3)
    receipts = Counter(where[d.sha256] for d in documents if d.label == "receipt")
    assert sorted(receipts.values()) == [33, 33, 34]


def test_another_seed_gives_another_split() -> None:
    first, second = (splits.held_out_documents(make_documents(), seed=seed) for seed in ("a", "b"))
    assert first != second


def test_a_corpus_is_read_from_its_table(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"one")
    (tmp_path / "labels.csv").write_text("path,label,source\na.txt,paper,x\n", encoding="utf-8")
    [document] = splits.read_corpus(tmp_path)
    assert (document.label, document.sha256[:8]) == ("paper", "7692c3ad")


@pytest.mark.parametrize("heavy", ["torch", "transformers", "optimum", "sklearn", "onnx"])
def test_the_room_is_light_to_import(heavy: str) -> None:
    code = f"import sys, appliance.workbench.splits; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
