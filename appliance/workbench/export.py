"""The trained encoder becomes an ONNX graph: fused by optimum (level O2) for the CPU, of plain operators for a GPU."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from appliance.workbench.progress import hushed

if TYPE_CHECKING:
    from pathlib import Path

OPSET = 18
NAME, PLAIN = "encoder.onnx", "encoder-plain.onnx"


def export_encoder(encoder: Path, tokenizer: Path, folder: Path) -> Path:
    """Export and fuse an encoder.

    Args:
        encoder: A folder that transformers reads.
        tokenizer: Folder of the base encoder, for the tokenizer's settings.
        folder: Where the graph goes; what is there already is kept.

    Returns:
        The FP32 graph: ``input_ids``, ``attention_mask`` and ``token_type_ids`` (batch x tokens, int64) to
        ``last_hidden_state`` (batch x tokens x width).
    """
    return _export(encoder, tokenizer, folder / NAME, "O2")


def export_plain(encoder: Path, tokenizer: Path, folder: Path) -> Path:
    """Export an encoder as it is, of the standard's operators alone; otherwise as :func:`export_encoder`."""
    return _export(encoder, tokenizer, folder / PLAIN, None)


def _export(encoder: Path, tokenizer: Path, result: Path, level: str | None) -> Path:
    if result.exists():
        return result
    from optimum.exporters.onnx import main_export

    beside, source = result.with_suffix(".export"), result.with_suffix(".source")
    beside.mkdir(parents=True, exist_ok=True)
    shutil.copytree(
        encoder, source, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.onnx", "*.export", "*.source")
    )
    for name in ("tokenizer_config.json", "special_tokens_map.json", "vocab.txt"):
        if (tokenizer / name).exists():
            shutil.copy(tokenizer / name, source / name)
    with hushed():
        main_export(
            str(source),
            output=beside,
            task="feature-extraction",
            opset=OPSET,
            optimize=level,
            do_validation=False,
            library_name="transformers",
            local_files_only=True,
        )
    (beside / "model.onnx").replace(result)
    shutil.rmtree(beside)
    shutil.rmtree(source)
    return result
