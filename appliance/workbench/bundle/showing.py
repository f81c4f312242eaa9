"""What a bundle holds and whether a box would believe it, for a person or a program; nothing is trusted by looking."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Targets

from appliance.classify.manifest import LARGEST_BYTES
from appliance.errors import ApplianceError
from appliance.updates import rules
from appliance.updates.archive import Archive, open_bundle
from appliance.updates.client import LIMITS
from appliance.updates.errors import BundleFormError, MixedError
from appliance.updates.trust import LARGEST_ROOT_BYTES, fingerprint
from appliance.workbench.bundle.making import as_a_box_would

if TYPE_CHECKING:
    from pathlib import Path


def look_into(path: Path, root: bytes | None, now: datetime | None = None) -> dict[str, Any]:
    """Describe a bundle.

    Args:
        path: Of the bundle.
        root: What a box pins; None takes the bundle's own first root, whose fingerprint is then to be compared.
        now: The moment to judge at.

    Raises:
        BundleError: It is not a bundle at all.
    """
    with Archive(open_bundle(path)) as archive:
        layout = rules.layout_of(archive.names)
        pinned = root or archive.read(rules.root_name(1), LARGEST_ROOT_BYTES)
        newest = archive.read(rules.root_name(layout.roots), LARGEST_ROOT_BYTES)
        shown = {
            "bytes": path.stat().st_size,
            "root": fingerprint(pinned),
            "roots": layout.roots,
            "newest_root": fingerprint(newest),
            "signatures": _signatures(archive, layout),
            "files": {name: archive.length(name) for name in archive.names},
            **_claims(archive, layout),
        }
    return {**shown, **_judged(path, pinned, now or datetime.now(UTC))}


def _signatures(archive: Archive, layout: rules.Layout) -> dict[str, int]:
    names = {
        "timestamp": rules.TIMESTAMP,
        "snapshot": f"metadata/{layout.version}.snapshot.json",
        "targets": f"metadata/{layout.version}.targets.json",
    }
    return {role: len(_metadata(archive, name).signatures) for role, name in names.items()}


def _metadata(archive: Archive, name: str) -> Metadata[Any]:
    try:
        return Metadata.from_bytes(archive.read(name, LIMITS.targets_max_length))
    except RepositoryError as error:
        raise BundleFormError(f"{name} cannot be understood.") from error


def _claims(archive: Archive, layout: rules.Layout) -> dict[str, Any]:
    """What the bundle says of itself, proven or not."""
    signed = _metadata(archive, f"metadata/{layout.version}.targets.json").signed
    if not isinstance(signed, Targets):
        raise BundleFormError("Its list of files is another kind of metadata.")
    entry = f"targets/{rules.stored_name(rules.manifest_file(signed))}"
    if entry not in archive.names:
        raise MixedError("Its manifest is missing.")
    manifest = rules.check_manifest(archive.read(entry, LARGEST_BYTES), signed)
    chosen = ("issued", "min_release", "appliance", "runtime", "licence", "card", "sbom")
    return {
        "model": manifest.model,
        "release": manifest.release,
        "labels": len(manifest.labels),
        "expires": signed.expires.isoformat(),
        **{name: manifest.document.get(name) for name in chosen},
    }


def _judged(path: Path, root: bytes, now: datetime) -> dict[str, Any]:
    try:
        as_a_box_would(path, root, now)
    except ApplianceError as error:
        return {"good": False, "why": f"{error.what} {error.why}"}
    return {"good": True, "why": None}
