"""From a model folder to a bundle, and from a bundle to a signed one.

Making needs no key and is reproducible; signing needs the release key and
changes only the three small metadata files. Both write beside and rename.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, MetaFile, Root, Signed, Snapshot, TargetFile, Targets, Timestamp

from appliance.classify.manifest import Manifest, Target, parse_manifest
from appliance.classify.store import MANIFEST, ModelFolder
from appliance.errors import ApplianceError, UsageError
from appliance.files import fsync_folder
from appliance.updates import rules
from appliance.updates.archive import Archive, open_bundle, write_archive
from appliance.updates.client import LIMITS
from appliance.updates.trust import Trust
from appliance.updates.verifier import Verified, verify
from appliance.workbench.bundle import sbom
from appliance.workbench.bundle.roots import RELEASE_ROLES, key_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from securesystemslib.signer import Signer

    from appliance.workbench.bundle.keys import HeldKey

SUFFIX = ".bundle"
DAYS = 365


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything of a bundle but signed metadata.

    Attributes:
        roots: Oldest first.
        manifest: Its bytes.
        stored: The other files' content, in pieces, by stored name.
        targets: What is to be signed.
    """

    roots: Sequence[bytes]
    manifest: Manifest
    stored: Mapping[str, Iterable[bytes]]
    targets: Targets

    @property
    def file_name(self) -> str:
        """``NAME-VERSION.bundle``."""
        return f"{self.manifest.model}-{self.manifest.release}{SUFFIX}"


def draft(model: Path, roots: Sequence[bytes], *, release: int | None = None) -> Draft:
    """Take up a model folder.

    Args:
        model: Proven as it is read.
        roots: The publisher's.
        release: Another number than the folder's manifest says.

    Raises:
        ApplianceError: The folder is not whole, its manifest does not fit a bundle, or it has no card.
    """
    folder = ModelFolder(model)
    document = {**folder.manifest.document, **({} if release is None else {"release": release})}
    _assert_complete(folder.manifest, document)
    files = [target for target in folder.manifest.targets.values() if target.name != sbom.NAME]
    bill = sbom.write_sbom(document, files)
    billed = Target(sbom.NAME, hashlib.sha256(bill).hexdigest(), len(bill))
    listed = sorted([*files, billed], key=lambda target: target.name)
    document |= {"sbom": sbom.NAME, "files": [_listed(target) for target in listed]}
    data = (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()
    signed = _targets(document["release"], listed, data, datetime.fromisoformat(document["issued"]))
    stored: dict[str, Iterable[bytes]] = {target.stored_name: _Lazily(folder, target.name) for target in files}
    stored |= {billed.stored_name: [bill], rules.stored_name(signed.targets[MANIFEST]): [data]}
    return Draft(roots, parse_manifest(data), stored, signed)


def sealed(draft: Draft, signer: Signer | None, expires: datetime) -> dict[str, Iterable[bytes]]:
    """Return every entry of a bundle; without a signer its metadata has no signatures yet."""
    version = draft.targets.version
    draft.targets.expires = expires
    files = _signed(draft.targets, signer)
    snapshot = Snapshot(version=version, expires=expires)
    snapshot.meta["targets.json"] = MetaFile.from_data(version, files, ["sha256"])
    named = _signed(snapshot, signer)
    timestamp = Timestamp(version=version, expires=expires)
    timestamp.snapshot_meta = MetaFile.from_data(version, named, ["sha256"])
    return {
        **{rules.root_name(number): [data] for number, data in enumerate(draft.roots, 1)},
        f"metadata/{version}.targets.json": [files],
        f"metadata/{version}.snapshot.json": [named],
        rules.TIMESTAMP: [_signed(timestamp, signer)],
        **{f"targets/{name}": pieces for name, pieces in draft.stored.items()},
    }


def opened_draft(archive: Archive) -> Draft:
    """Take up a bundle, signed or not, for signing.

    Raises:
        ApplianceError: It is not a whole bundle.
    """
    layout = rules.layout_of(archive.names)
    archive.prove()
    roots = [archive.read(rules.root_name(n), LIMITS.root_max_length) for n in range(1, layout.roots + 1)]
    data = archive.read(f"metadata/{layout.version}.targets.json", LIMITS.targets_max_length)
    try:
        targets = Metadata[Targets].from_bytes(data).signed
    except RepositoryError as error:
        raise UsageError(
            "The bundle cannot be signed.", "Its metadata cannot be understood.", "Make it again with `bundle make`."
        ) from error
    entry = f"targets/{rules.stored_name(rules.manifest_file(targets))}"
    manifest = rules.check_manifest(archive.read(entry, archive.length(entry)), targets)
    stored = {name: _Entry(archive, f"targets/{name}") for name in layout.stored}
    return Draft(roots, manifest, stored, targets)


def assert_release_key(key: HeldKey, root: Root) -> None:
    """Refuse a key that the newest root does not let sign releases.

    Raises:
        UsageError: It does not.
    """
    if any(key.public.keyid not in root.roles[role].keyids for role in RELEASE_ROLES):
        allowed = [key_names(root)[keyid] for keyid in root.roles[Targets.type].keyids]
        raise UsageError(
            f"The key {key.name!r} may not sign this bundle.",
            f"By its newest root, {root.version}, only {', '.join(allowed)} may, under another key id.",
            "Name the folder of the release key, or make the bundle with the newest roots.",
        )


def write_bundle(path: Path, entries: Mapping[str, Iterable[bytes]]) -> None:
    """Write a bundle so that it is whole or not there.

    Raises:
        ApplianceError: It would be larger than a bundle may be.
        OSError: It could not be written.
    """
    descriptor, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            write_archive(file, entries)
            file.flush()
            os.fchmod(descriptor, 0o644)
            os.fsync(descriptor)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    fsync_folder(path.parent)


def as_a_box_would(path: Path, root: bytes, now: datetime | None = None) -> Verified:
    """Verify a bundle as a box that pins ``root`` and has the bundle's own release as its floor.

    Raises:
        BundleError: Why that box would refuse it.
    """
    with tempfile.TemporaryDirectory() as folder, Archive(open_bundle(path)) as archive:
        work = Path(folder)
        floor = rules.layout_of(archive.names).version
        return verify(archive, Trust(work / "trust", root), floor=floor, now=now or datetime.now(UTC), work=work)


def expiry(days: int, now: datetime | None = None) -> datetime:
    """Return the moment in so many days, to the second."""
    return (now or datetime.now(UTC)).replace(microsecond=0) + timedelta(days=days)


class _Lazily:
    """The content of a model's file, read when it is written and not before."""

    def __init__(self, folder: ModelFolder, name: str) -> None:
        self._folder, self._name = folder, name

    def __iter__(self) -> Iterator[bytes]:
        yield self._folder.read(self._name)


class _Entry:
    """The content of a bundle's entry, likewise, a piece at a time."""

    def __init__(self, archive: Archive, name: str) -> None:
        self._archive, self._name = archive, name

    def __iter__(self) -> Iterator[bytes]:
        return self._archive.pieces(self._name, self._archive.length(self._name))


def _assert_complete(manifest: Manifest, document: Mapping[str, Any]) -> None:
    card, issued = document.get("card"), document.get("issued")
    wrong = None
    if card not in manifest.targets:
        wrong = "It has no model card."
    elif not isinstance(issued, str) or _moment(issued) is None:
        wrong = "Its manifest does not say when it was issued."
    elif document["release"] < 1:
        wrong = "A release is counted from 1."
    if wrong:
        raise ApplianceError(
            "The model folder does not make a bundle.", wrong, "Build it with `appliance workbench build`."
        )


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _targets(release: int, listed: Iterable[Target], manifest: bytes, issued: datetime) -> Targets:
    signed = Targets(version=release, expires=expiry(DAYS, issued.astimezone(UTC)))
    for target in listed:
        signed.targets[target.name] = TargetFile(target.size, {"sha256": target.sha256}, target.name)
    signed.targets[MANIFEST] = TargetFile.from_data(MANIFEST, manifest, ["sha256"])
    return signed


def _listed(target: Target) -> dict[str, Any]:
    return {"name": target.name, "sha256": target.sha256, "size": target.size}


def _signed(content: Signed, signer: Signer | None) -> bytes:
    metadata = Metadata[Any](content)
    if signer:
        metadata.sign(signer)
    return metadata.to_bytes()
