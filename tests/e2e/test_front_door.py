"""The stable front door: commands, fields and exit codes that others rely on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.builders import make_pdf, make_scanned_pdf
from tests.e2e.texts import CONTRACT, PRIVACY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Box

pytestmark = pytest.mark.e2e

DOCUMENT_FIELDS = {
    "id", "name", "sha256", "state", "label", "confidence", "path", "origin", "model", "arrived", "filed",
}  # fmt: skip
ANSWER_FIELDS = {
    "path", "status", "label", "confidence", "alternatives", "passage", "pages_read", "reason", "ms",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "papers"
    made.mkdir()
    (made / "ä.pdf").write_bytes(make_pdf(CONTRACT))
    (made / ".hidden").write_bytes(PRIVACY.encode())
    (made / "fax").write_bytes(make_scanned_pdf())
    return made


def test_classify_answers_every_file_and_writes_nothing(box: Box, folder: Path) -> None:
    answers = box.lines("classify", folder)
    assert len(answers) == 3
    assert {answer["status"] for answer in answers} <= {"auto", "review", "unknown", "unreadable"}
    assert list(box.home.iterdir()) == [box.inbox]


def test_classify_gives_the_promised_fields(box: Box, folder: Path) -> None:
    for answer in box.lines("classify", folder):
        assert set(answer) >= ANSWER_FIELDS
        assert (answer["label"] is not None) == (answer["status"] == "auto")
        assert isinstance(answer["ms"]["read"], float)
        assert isinstance(answer["ms"]["classify"], float)
        shares = [choice["confidence"] for choice in answer["alternatives"]]
        assert shares == sorted(shares, reverse=True)
        if answer["status"] == "auto":
            assert any(choice["label"].startswith(answer["label"]) for choice in answer["alternatives"])


def test_a_name_is_never_an_input(box: Box, tmp_path: Path) -> None:
    for name in ("receipt.pdf", "contract-distributor.txt"):
        (tmp_path / name).write_bytes(PRIVACY.encode())
    one, other = box.lines("classify", tmp_path / "receipt.pdf", tmp_path / "contract-distributor.txt")
    assert [one[key] for key in ("label", "confidence")] == [other[key] for key in ("label", "confidence")]


def test_documents_gives_the_promised_fields_and_filters(box: Box) -> None:
    box.drop(make_pdf(PRIVACY), "a.pdf")
    box.drop(make_pdf(CONTRACT), "b.pdf")
    box.once()
    rows = box.lines("documents")
    assert all(set(row) >= DOCUMENT_FIELDS for row in rows)
    assert [row["name"] for row in box.lines("documents", "--label", "policy")] == ["a.pdf"]
    assert len(box.lines("documents", "--limit", "1")) == 1
    assert box.lines("documents", "--state", "unreadable") == []


def test_evaluate_judges_a_labelled_folder(box: Box, folder: Path) -> None:
    (folder / "labels.csv").write_text("path,label\nä.pdf,contract/distributor\n.hidden,policy/privacy\n")
    (figures,) = box.lines("evaluate", folder)
    assert figures["documents"] == 2
    assert 0 <= figures["error"] <= figures["error_bound"] <= 1
    assert {"accuracy", "macro_f1", "labels", "coverage", "calibration_error", "confusion"} <= set(figures)


def test_evaluate_draws_a_report_and_says_the_budget(box: Box, folder: Path, tmp_path: Path) -> None:
    (folder / "labels.csv").write_text("path,label\nä.pdf,contract/distributor\n.hidden,\n")
    done = box.command("evaluate", folder, "--report", tmp_path / "report.html")
    assert done.returncode == 0, done.stderr
    assert "Error budget: at most 1 in 100 filed wrongly" in done.stdout
    assert "Of 1 document of no label" in done.stdout
    assert "</html>" in (tmp_path / "report.html").read_text()


def test_why_tells_the_words_and_where_they_stand(box: Box, tmp_path: Path) -> None:
    (tmp_path / "a").write_text(PRIVACY)
    (answer,) = box.lines("classify", "--why", tmp_path / "a")
    start, end = answer["passage_span"]
    text = " ".join(PRIVACY.split())
    assert text[start:end] == answer["passage"]
    assert answer["words"]
    assert all(text[word["start"] : word["end"]] == word["text"] for word in answer["words"])
    assert box.lines("classify", tmp_path / "a")[0]["words"] is None


def test_what_waits_has_its_words_in_the_ledger(box: Box) -> None:
    box.drop(b"Harper, Judge. The Distributor shall purchase cookies. Privacy of the invoice total. " * 4, "odd.txt")
    box.once()
    (shown,) = box.lines("show", "1")
    assert shown["state"] == "in_review"
    assert shown["decisions"][0]["words"]


def test_an_error_budget_the_model_was_not_calibrated_for_is_explained(box: Box) -> None:
    (box.home / "appliance.toml").write_text("error_budget = 0.03\n")
    done = box.command("run", "--once")
    assert done.returncode == 2
    assert "The error budget 0.03 cannot be kept." in done.stderr


def test_model_status_and_doctor_speak_json(box: Box) -> None:
    (status,) = box.lines("model", "status")
    assert set(status) == {"active", "fallback", "provider", "floor", "passed_over"}
    findings = box.lines("doctor")
    assert "problem" not in {finding["level"] for finding in findings}


def test_check_speaks_json(box: Box) -> None:
    box.once()
    assert box.lines("check") == [{"ok": True, "documents": 0, "problems": []}]


@pytest.mark.parametrize(
    "arguments",
    [
        ["classify", "/nowhere"],
        ["evaluate", "/tmp"],
        ["show", "nothing-of-this-name"],
        ["documents", "--state", "lost"],
        ["frobnicate"],
        ["run", "--twice"],
    ],
    ids=" ".join,
)
def test_wrong_use_is_exit_2_and_a_sentence(box: Box, arguments: list[str]) -> None:
    box.once()
    done = box.command(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr


def test_a_wrong_setting_is_explained(box: Box) -> None:
    (box.home / "appliance.toml").write_text("settle_secnods = 3\n")
    done = box.command("run", "--once")
    assert done.returncode == 2
    assert "settle_secnods" in done.stderr
    assert "docs/settings.md" in done.stderr


def test_a_ledger_that_is_none_is_explained(box: Box) -> None:
    (box.home / "var").mkdir()
    (box.home / "var" / "ledger.db").write_bytes(b"not a database at all" * 100)
    done = box.command("documents")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["run", "classify", "evaluate", "documents", "show", "check", "doctor"])
def test_help_has_an_example(box: Box, command: str) -> None:
    assert f"Example: appliance {command}" in box.command(command, "--help").stdout


def test_json_lines_are_whole_even_for_odd_names(box: Box, tmp_path: Path) -> None:
    odd = tmp_path / "line\nbreak \u202e.txt"
    odd.write_text(PRIVACY)
    done = box.command("classify", odd, "--json")
    assert json.loads(done.stdout)["path"].endswith("line\nbreak \u202e.txt")
    assert done.stdout.count("\n") == 1
