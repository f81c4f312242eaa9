"""What a model was made of and made with, as a CycloneDX 1.6 document (ECMA-424)."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from appliance.classify.manifest import Target

NAME = "sbom.cdx.json"
_SPACE = uuid.UUID("6f1d4b7e-7d0a-5c3e-9b1f-1d6d9f0d2b55")
"""Ours; makes the serial number of a document out of its content, so that the same model has the same one."""


def write_sbom(document: Mapping[str, Any], targets: Iterable[Target]) -> bytes:
    """Return the document of a model.

    Args:
        document: Its manifest.
        targets: Its files, without this one.
    """
    files = [_file(target) for target in sorted(targets, key=lambda target: target.name)]
    libraries = [_library(name, str(version)) for name, version in sorted(document.get("built_with", {}).items())]
    body: dict[str, Any] = {
        "metadata": {"timestamp": document["issued"], "component": _model(document)},
        "components": [*files, *libraries],
        "dependencies": [{"ref": "model", "dependsOn": sorted(part["bom-ref"] for part in (*files, *libraries))}],
    }
    serial = uuid.uuid5(_SPACE, json.dumps(body, sort_keys=True))
    head = {"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": f"urn:uuid:{serial}", "version": 1}
    return (json.dumps({**head, **body}, indent=1, ensure_ascii=False) + "\n").encode()


def _model(document: Mapping[str, Any]) -> dict[str, Any]:
    model = {
        "type": "machine-learning-model",
        "bom-ref": "model",
        "name": document["model"],
        "version": str(document["release"]),
    }
    if document.get("licence"):
        model["licenses"] = [{"license": {"name": document["licence"]}}]
    return model


def _file(target: Target) -> dict[str, Any]:
    hashes = [{"alg": "SHA-256", "content": target.sha256}]
    return {"type": "file", "bom-ref": f"file:{target.name}", "name": target.name, "hashes": hashes}


def _library(name: str, version: str) -> dict[str, Any]:
    kind = "generic" if name == "python" else "pypi"
    purl = f"pkg:{kind}/{quote(name)}@{quote(version)}"
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
