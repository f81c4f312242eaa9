"""Signed bundles made in memory, good ones and any kind of bad one.

A :class:`Forger` is a publisher with keys: three root keys of which two must
sign, and one release key. Everything it signs may be altered before it signs
(``on_targets``, ``on_snapshot``, ``on_timestamp``, ``on_root``) and after
(the returned entries). It shares no code with the publisher's own commands.
"""

from __future__ import annotations

import hashlib
import io
import json
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    Metadata,
    MetaFile,
    Root,
    Signed,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from appliance.updates.archive import Archive, write_archive
from appliance.updates.trust import Trust
from appliance.updates.verifier import verify
from tests.classify.builders import make_manifest_fields, make_tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from securesystemslib.signer import Signer

    from appliance.updates.verifier import Verified

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
ISSUED = NOW - timedelta(days=1)
EXPIRES = NOW + timedelta(days=365)
FILES = {"model.onnx": b"not a graph", "tokenizer.json": make_tokenizer().to_str().encode()}
_ROLES = ("timestamp", "snapshot", "targets")

Entries = dict[str, bytes]


def make_signer() -> CryptoSigner:
    """A new Ed25519 key."""
    return CryptoSigner.generate_ed25519()


@dataclass
class Forger:
    """A publisher whose every step can be bent."""

    root_signers: list[Signer] = field(default_factory=lambda: [make_signer() for _ in range(3)])
    release_signer: Signer = field(default_factory=make_signer)
    threshold: int = 2
    expires: datetime = EXPIRES
    roots: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.roots:
            self.roots.append(self.signed_root(self.make_root(1), self.root_signers))

    @property
    def root(self) -> bytes:
        """The first root, the one a box pins."""
        return self.roots[0]

    def make_root(self, version: int) -> Root:
        """A root of the keys as they are, not signed."""
        root = Root(version=version, expires=self.expires, consistent_snapshot=True)
        for signer in self.root_signers:
            root.add_key(signer.public_key, "root")
        root.roles["root"].threshold = self.threshold
        for role in _ROLES:
            root.add_key(self.release_signer.public_key, role)
        return root

    @staticmethod
    def signed_root(root: Root, signers: list[Signer]) -> bytes:
        """A root file."""
        return signed(root, *signers)

    def rotate(
        self, *, roots: list[Signer] | None = None, release: Signer | None = None, by: list[Signer] | None = None
    ) -> bytes:
        """Follow the newest root by one with other keys, signed by the old and the new root keys or by whom is said."""
        before = list(self.root_signers)
        self.root_signers = roots or self.root_signers
        self.release_signer = release or self.release_signer
        every = {signer.public_key.keyid: signer for signer in (*before, *self.root_signers)}
        self.roots.append(self.signed_root(self.make_root(len(self.roots) + 1), by or list(every.values())))
        return self.roots[-1]

    def entries(
        self,
        release: int = 3,
        files: Mapping[str, bytes] | None = None,
        manifest: Mapping[str, Any] | None = None,
        on: Mapping[str, Callable[[Any], None]] | None = None,
        version: int | None = None,
    ) -> Entries:
        """Everything of a bundle, by name.

        Args:
            release: Of the model; the metadata's version is the same unless ``version`` says otherwise.
            files: The model's; by default two that pass for one.
            manifest: Fields to add or change.
            on: What to do to ``targets``, ``snapshot`` or ``timestamp`` before it is signed.
            version: Of the metadata.
        """
        content = dict(FILES if files is None else files)
        content["manifest.json"] = make_manifest(content, release, manifest or {})
        number = release if version is None else version
        entries = {f"metadata/{n}.root.json": data for n, data in enumerate(self.roots, 1)}
        entries |= {f"targets/{sha256(data)}.{name}": data for name, data in content.items()}
        return entries | self.metadata(content, number, on or {})

    def metadata(self, content: Mapping[str, bytes], version: int, on: Mapping[str, Callable[[Any], None]]) -> Entries:
        """Targets, snapshot and timestamp over some files."""
        targets = Targets(version=version, expires=self.expires)
        for name, data in content.items():
            targets.targets[name] = TargetFile.from_data(name, data, ["sha256"])
        files = self._sign("targets", targets, on)
        snapshot = Snapshot(version=version, expires=self.expires)
        snapshot.meta["targets.json"] = MetaFile.from_data(version, files, ["sha256"])
        named = self._sign("snapshot", snapshot, on)
        timestamp = Timestamp(version=version, expires=self.expires)
        timestamp.snapshot_meta = MetaFile.from_data(version, named, ["sha256"])
        return {
            f"metadata/{targets.version}.targets.json": files,
            f"metadata/{snapshot.version}.snapshot.json": named,
            "metadata/timestamp.json": self._sign("timestamp", timestamp, on),
        }

    def bundle(self, release: int = 3, **bent: Any) -> bytes:
        """A whole bundle; takes what :meth:`entries` takes."""
        return packed(self.entries(release, **bent))

    def archive(self, release: int = 3, **bent: Any) -> Archive:
        """A whole bundle, opened."""
        return Archive(io.BytesIO(self.bundle(release, **bent)))

    def write(self, path: Path, release: int = 3, **bent: Any) -> Path:
        """A whole bundle in a file."""
        path.write_bytes(self.bundle(release, **bent))
        return path

    def write_model(self, path: Path, folder: Path, release: int, **fields: Any) -> Path:
        """A bundle of a model folder, under another release and with other fields of its manifest."""
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        files = {
            entry["name"]: (folder / "targets" / f"{entry['sha256']}.{entry['name']}").read_bytes()
            for entry in manifest["files"]
        }
        bent = {**{name: value for name, value in manifest.items() if name not in ("files", "release")}, **fields}
        return self.write(path, release, files=files, manifest=bent)

    def _sign(self, role: str, content: Signed, on: Mapping[str, Callable[[Any], None]]) -> bytes:
        on.get(role, lambda _: None)(content)
        return signed(content, self.release_signer)


def make_manifest(files: Mapping[str, bytes], release: int, fields: Mapping[str, Any]) -> bytes:
    """A manifest that lists files."""
    listed = [{"name": name, "sha256": sha256(data), "size": len(data)} for name, data in sorted(files.items())]
    values = make_manifest_fields(files=listed, release=release, issued=ISSUED.isoformat(), min_release=0)
    return json.dumps({**values, **fields}).encode()


def signed(content: Signed, *signers: Signer) -> bytes:
    """A metadata file with the signatures of some keys, trusted or not."""
    metadata = Metadata(deepcopy(content))
    for signer in signers:
        metadata.sign(signer, append=True)
    return metadata.to_bytes()


def packed(entries: Mapping[str, bytes]) -> bytes:
    """A zip in the form of a bundle."""
    file = io.BytesIO()
    write_archive(file, {name: [data] for name, data in entries.items()})
    return file.getvalue()


def sha256(data: bytes) -> str:
    """64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


class Judge:
    """A box that has nothing but trust: says what its verifier makes of a bundle.

    Args:
        folder: Of the test.
        root: The packaged one.
    """

    def __init__(self, folder: Path, root: bytes) -> None:
        self.folder = folder / "judge"
        self.folder.mkdir()
        self.packaged = root

    @property
    def trust(self) -> Trust:
        """What the box trusts, read anew."""
        return Trust(self.folder / "trust", self.packaged)

    def verify(self, data: bytes | Mapping[str, bytes], *, floor: int = 2, now: datetime = NOW) -> Verified:
        """Prove a bundle, from its bytes or its entries, and find nothing left or changed whatever came of it."""
        before = self.state()
        raw = data if isinstance(data, bytes) else packed(data)
        try:
            with Archive(io.BytesIO(raw)) as archive:
                return verify(archive, self.trust, floor=floor, now=now, work=self.folder)
        finally:
            assert self.state() == before

    def accept(self, data: bytes | Mapping[str, bytes], *, floor: int = 2, now: datetime = NOW) -> Verified:
        """Prove a bundle and keep what it brought."""
        verified = self.verify(data, floor=floor, now=now)
        self.trust.accept(verified.roots, verified.proven)
        return verified

    def state(self) -> dict[str, bytes]:
        """Every file of the box."""
        return {str(path): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}
