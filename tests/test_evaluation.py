from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from appliance.answer import Reading
from appliance.evaluation import (
    Example,
    LabelledFolderError,
    answer_file,
    answers_for,
    judge_folder,
    read_examples,
)
from tests.fakes import CONTRACT, PAPER, UNSURE, FakeModel, FakeReader

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, table: str, **documents: str) -> Path:
    for name, content in documents.items():
        (folder / f"{name}.txt").write_text(content)
    (folder / "labels.csv").write_text(table, encoding="utf-8")
    return folder


@pytest.fixture
def reading() -> Reading:
    return Reading(FakeReader(), FakeModel(), 5)


def test_a_table_names_documents_and_their_labels(tmp_path: Path) -> None:
    write(tmp_path, "path,label\na.txt,paper\nb.txt,contract/distributor\n", a=PAPER, b=CONTRACT)
    expected = [Example(tmp_path / "a.txt", "paper"), Example(tmp_path / "b.txt", "contract/distributor")]
    assert read_examples(tmp_path) == expected


@pytest.mark.parametrize(
    "table",
    ["\ufeffpath,label\na.txt,paper\n", "label,path\r\npaper,a.txt\r\n", 'path,label,more\n"a.txt","paper",x\n'],
    ids=["a byte order mark", "other order and line ends", "quotes and a third column"],
)
def test_a_table_may_come_from_a_spreadsheet(tmp_path: Path, table: str) -> None:
    assert read_examples(write(tmp_path, table, a=PAPER)) == [Example(tmp_path / "a.txt", "paper")]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "labels no document"),
        ("path,label\n", "labels no document"),
        ("path,label\na.txt,\n", "labels no document"),
        ("path,label\na.txt,paper\n,paper\n", "Line 3"),
        ("path,label\na.txt,paper\nmissing.txt,paper\n", "Line 3"),
        ("path,label\n.,paper\n", "Line 2"),
        ("path,label\na.txt\n", "Line 2"),
        ("file,class\na.txt,paper\n", "Line 2"),
        ("path,label\n../outside.txt,paper\n", "Line 2"),
        ("path,label\nsub/../../outside.txt,paper\n", "Line 2"),
        ("path,label\n/etc/passwd,paper\n", "Line 2"),
    ],
    ids=[
        "nothing", "no row", "no label", "no path", "no such file", "a folder", "one cell", "other columns",
        "outside", "outside by a detour", "anywhere",
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_used_is_refused_as_wrong_use(tmp_path: Path, table: str, said: str) -> None:
    (tmp_path / "outside.txt").write_text(PAPER)
    (tmp_path / "set" / "sub").mkdir(parents=True)
    with pytest.raises(LabelledFolderError, match=said) as refused:
        read_examples(write(tmp_path / "set", table, a=PAPER))
    assert refused.value.exit_code == 2


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b'path,label\n"a.txt,paper\n' + b"x" * 200_000], ids=["bytes", "endless"]
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "labels.csv").write_bytes(content)
    with pytest.raises(LabelledFolderError):
        read_examples(tmp_path)


def test_a_folder_without_a_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabelledFolderError, match="cannot be read"):
        read_examples(tmp_path)


def test_answers_come_in_the_order_of_the_files(tmp_path: Path, reading: Reading) -> None:
    contents = [CONTRACT, PAPER, UNSURE] * 5
    paths = [tmp_path / str(number) for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_text(content)
    labels = [verdict.label for verdict in answers_for(paths, reading, 4)]
    assert labels == ["contract/distributor", "paper", None] * 5


@pytest.mark.parametrize("kind", ["link", "fifo", "folder", "missing"])
def test_what_is_no_plain_file_is_unreadable_and_not_read(tmp_path: Path, reading: Reading, kind: str) -> None:
    path = tmp_path / "a"
    (tmp_path / "real").write_text(CONTRACT)
    make = {"link": lambda: path.symlink_to("real"), "fifo": lambda: os.mkfifo(path), "folder": path.mkdir}
    make.get(kind, lambda: None)()
    verdict = answer_file(path, reading)
    assert verdict.status == "unreadable"
    assert verdict.reason.startswith("The file cannot be opened: ")
    assert reading.reader.opened == 0  # type: ignore[attr-defined]


def test_answering_changes_nothing(tmp_path: Path, reading: Reading) -> None:
    (tmp_path / "a").write_text(CONTRACT)
    before = (tmp_path / "a").stat()
    answer_file(tmp_path / "a", reading)
    assert (tmp_path / "a").stat().st_ctime_ns == before.st_ctime_ns
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]


def test_a_labelled_folder_is_judged(tmp_path: Path, reading: Reading) -> None:
    table = "path,label\na.txt,contract/distributor\nb.txt,paper\nc.txt,contract/distributor\nd.txt,paper\n"
    write(tmp_path, table, a=CONTRACT, b=CONTRACT, c=UNSURE, d="")
    told: list[None] = []
    figures = judge_folder(tmp_path, reading, 2, lambda: told.append(None)).figures
    assert (figures.documents, figures.accuracy, len(told)) == (4, 0.5, 4)
    assert (figures.coverage, figures.error) == (0.5, 0.5)
    assert figures.confusion["paper"] == {"contract/distributor": 1, "(none)": 1}


def test_documents_of_no_label_are_judged_apart(tmp_path: Path, reading: Reading) -> None:
    table = "path,label\na.txt,paper\nb.txt,\nc.txt,\n"
    judged = judge_folder(write(tmp_path, table, a=PAPER, b=CONTRACT, c="strange"), reading, 2)
    told = judged.as_dict()
    assert (told["documents"], told["accuracy"]) == (1, 1.0)
    assert told["strangers"] == {"documents": 2, "auto": 1, "unknown": 1}
    assert set(told["ms"]) == {"read", "classify"}
