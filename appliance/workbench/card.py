"""The model card: what the model is, what it learnt from, how good it is and where it ends."""

from __future__ import annotations

import csv
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = {
    "CUAD v1": "The Atticus Project, *Contract Understanding Atticus Dataset (CUAD) v1*, CC BY 4.0. Changes: only the "
    "opening of each contract was read, and the model holds no contract's text.",
    "ACL Anthology": "Papers of the ACL Anthology as collected in SciSumm, © their authors, CC BY 4.0. Changes: as "
    "above.",
    "Caselaw": "Caselaw Access Project, New Mexico reports: public domain.",
    "Open Terms": "Open Terms Archive contributors, *contrib* collection, ODC-By 1.0: contains information from Open "
    "Terms Archive, made available under the ODC Attribution License.",
    "SROIE": "ICDAR 2019 SROIE receipts, as published in an MIT-licensed repository.",
    "20 Newsgroups": "20 Newsgroups, by date, train part: public posts.",
}


def write_card(manifest: dict[str, Any], figures: dict[str, Any], corpus: Path) -> str:
    """The card as Markdown."""
    parts = [
        f"# Model card: {manifest['model']} {manifest['release']}\n",
        _about(manifest),
        _figures_table(figures),
        _choices(figures),
        _label_table(figures),
        _sources(corpus),
        _making(manifest),
        LIMITS,
    ]
    return "\n".join(parts)


def _about(manifest: dict[str, Any]) -> str:
    calibration = manifest["calibration"]
    glance = calibration.get("glance")
    looks = f"It glances at {glance['tokens']} tokens, then reads" if glance else "It reads"
    return (
        f"Tells {len(manifest['labels'])} kinds of office documents apart from the words of their opening, on the box "
        f"itself. {looks} at most "
        f"{calibration['max_windows']} windows of {calibration['window_tokens']} tokens, and "
        "stops as soon as it is sure. It never sees a document's name. What it is unsure of goes to a person; what is "
        "unlike anything it was taught is called unknown.\n\n"
        "Base encoder: sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), fine-tuned, INT8. Beside it a linear model "
        "over tokens and pairs of tokens; the two are averaged in logarithms inside one ONNX graph, which also holds "
        "the centre of each label, to tell what is far from all of them.\n"
    )


def _figures_table(figures: dict[str, Any]) -> str:
    test, fold, float_test = figures["test"], figures["out_of_fold"], figures["test_fp32"]
    rows = [
        ("documents", f"{test['documents']}", f"{fold['documents']}"),
        ("accuracy of the best leaf", _share(test["accuracy"]), _share(fold["accuracy"])),
        ("... the same network in FP32", _share(float_test["accuracy"]), ""),
        ("... of contracts alone", _share(test["contract_accuracy"]), ""),
        ("macro F1", _share(test["macro_f1"]), _share(fold["macro_f1"])),
        ("filed unasked (coverage)", _share(test["coverage"]), _share(fold["coverage"])),
        ("of those wrong (error)", _share(test["error"]), _share(fold["error"])),
        ("upper bound of that error, 95 %", _share(test["error_bound"]), _share(fold["error_bound"])),
        ("expected calibration error", _share(test["calibration_error"]), _share(fold["calibration_error"])),
    ]
    strangers, both = figures["strangers"], figures["with_strangers"]
    table = "\n".join(f"| {name} | {a} | {b} |" for name, a, b in rows)
    return (
        "## How good it is\n\nThe test split was neither trained nor tuned on; the out-of-fold figures set the "
        f"threshold.\n\n| | test split | out of fold |\n| --- | --- | --- |\n{table}\n\n"
        f"Of {strangers['documents']} documents of no class it knows (speeches, plays and declarations, and papers of "
        f"an office made for this: letters, invoices, manuals, tables) {strangers['auto']} would be filed unasked, "
        f"{strangers['unknown']} are called unknown, "
        f"{strangers['review']} go to a person as unsure. Others stood among the out-of-fold documents when "
        f"the threshold was set, where filing one counts as an error: {_share(both['error'])} of what is filed of all "
        f"{both['documents']}, at most {_share(both['error_bound'])} with 95 % confidence.\n"
    )


def _choices(figures: dict[str, Any]) -> str:
    calibration, size, speed, forms = (figures[key] for key in ("calibration", "size", "speed", "forms"))
    shown = "; ".join(
        f"{form}: loss {f['loss']:.4f}, accuracy {_share(f['accuracy'])}, "
        f"{speed[form + '_ms']:.1f} ms a window, {speed[form + '_times_faster']:.2f} times PyTorch FP32"
        for form, f in forms.items()
    )
    return (
        "## Calibration and size\n\n"
        f"- Filed unasked from a confidence of {calibration['threshold']:.4f}: the error budget this reaches, with "
        f"95 % confidence, is {_share(calibration['error_budget'])}. It may be stricter than that asks, to stay "
        "above what documents of no class look like.\n"
        f"- On the test split {_share(figures['glance']['filed'])} are filed at a glance.\n"
        f"- Window weights {calibration['weights']}, temperatures {calibration['temperatures']}, floor of nearness "
        f"{calibration['floor']:.3f}.\n"
        f"- Encoder {size['encoder_ratio']:.3f} of its FP32 size; the whole CPU file {size['file'] / 1e6:.1f} MB.\n"
        f"- Two INT8 forms were measured out of fold, with and without the reduced range ({shown}); {figures['form']} "
        "ships.\n"
    )


def _label_table(figures: dict[str, Any]) -> str:
    rows = "\n".join(
        f"| {label} | {_share(row['precision'])} | {_share(row['recall'])} | {row['support']} |"
        for label, row in figures["out_of_fold"]["labels"].items()
    )
    head = "| label | precision | recall | documents |\n| --- | --- | --- | --- |"
    return f"## Label by label (out of fold)\n\n{head}\n{rows}\n"


def _sources(corpus: Path) -> str:
    with (corpus / "labels.csv").open(newline="", encoding="utf-8") as table:
        counts = Counter((row["source"], row["licence"]) for row in csv.DictReader(table))
    rows = "\n".join(f"| {source} | {licence} | {count} |" for (source, licence), count in sorted(counts.items()))
    notes = "\n".join(f"- {text}" for text in SOURCES.values())
    return (
        "## What it learnt from\n\n| source | licence | documents, test split included |\n| --- | --- | --- |\n"
        f"{rows}\n\nAttributions:\n\n{notes}\n- all-MiniLM-L6-v2: the sentence-transformers authors, Apache-2.0.\n"
    )


def _making(manifest: dict[str, Any]) -> str:
    recipe = ", ".join(f"{name} {value}" for name, value in manifest["recipe"].items())
    libraries = ", ".join(f"{name} {version}" for name, version in manifest["built_with"].items())
    return (
        f"## How it was made\n\n`appliance workbench build`, issued {manifest['issued']}. Recipe: {recipe}. Versions: "
        f"{libraries}. Times were measured on {manifest['variants'][0]['measured_on']}.\n"
    )


def _share(value: float) -> str:
    return f"{value:.2%}".replace("%", " %")


LIMITS = """## Where it ends

- Reads English. A document in another language is unknown, and a person decides.
- Contract types overlap in the source itself (distributor and reseller, licence and intellectual property); most of
  its mistakes are among them, and it often says only `contract`.
- A few contract types were taught by fewer than ten documents.
- Policies, opinions and messages were seen as plain text and Markdown, contracts and papers as PDF, receipts as scans
  read by OCR; the words were also shown without markup, without headers and with misread letters, but a very poor scan
  is still beyond it.
- The threshold holds for documents like these. Where the mix or the kind of documents is another, look at what it
  filed, and set the threshold anew from labelled documents of your own.
"""
