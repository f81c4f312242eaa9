"""A model folder in the layout of a bundle: ``manifest.json`` and ``targets/<sha256>.<name>``.

Written beside and moved into place, so that a folder is whole or not there. An
older one is moved aside first and removed last.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def write_model(folder: Path, manifest: dict[str, Any], targets: dict[str, bytes]) -> None:
    """Write a model folder.

    Args:
        folder: Replaced if it is there.
        manifest: Everything but ``files``.
        targets: Content by name.
    """
    beside = folder.with_name(folder.name + ".part")
    shutil.rmtree(beside, ignore_errors=True)
    (beside / "targets").mkdir(parents=True)
    files = []
    for name, content in sorted(targets.items()):
        digest = hashlib.sha256(content).hexdigest()
        (beside / "targets" / f"{digest}.{name}").write_bytes(content)
        files.append({"name": name, "sha256": digest, "size": len(content)})
    text = json.dumps({**manifest, "files": files}, indent=1, ensure_ascii=False)
    (beside / "manifest.json").write_text(text + "\n", encoding="utf-8")
    old = folder.with_name(folder.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    beside.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
