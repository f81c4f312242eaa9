"""Roots: who may sign what, made at the ceremony and followed by newer ones when a key is lost or stolen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tuf.api.metadata import Metadata, Root

from appliance.errors import ApplianceError, UsageError
from appliance.files import make_folder, write_whole
from appliance.updates.errors import TrustError
from appliance.updates.rules import MOST_ROOTS
from appliance.updates.trust import parse_root
from appliance.workbench.bundle.keys import NAME_FIELD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from appliance.workbench.bundle.keys import HeldKey

ROOT_KEYS = ("root-1", "root-2", "root-3")
RELEASE = "release"
THRESHOLD = 2
RELEASE_ROLES = ("timestamp", "snapshot", "targets")
_FILE = re.compile(r"([1-9][0-9]*)\.root\.json")


def first_root(roots: Iterable[HeldKey], release: HeldKey, expires: datetime) -> bytes:
    """Return root 1, signed by every root key."""
    signers = list(roots)
    root = Root(version=1, expires=expires, consistent_snapshot=True)
    for key in signers:
        root.add_key(key.public, Root.type)
    root.roles[Root.type].threshold = THRESHOLD
    for role in RELEASE_ROLES:
        root.add_key(release.public, role)
    return _signed(root, signers)


def next_root(before: bytes, signers: Sequence[HeldKey], replaced: Mapping[str, HeldKey], expires: datetime) -> bytes:
    """Return the root that follows, with some keys replaced.

    Args:
        before: The newest root.
        signers: Root keys at hand, enough of the old ones.
        replaced: New keys by the name of the one each takes the place of.
        expires: Of the new root.

    Raises:
        ApplianceError: Too few keys of the old root or the new one sign it, or a name is not in the root.
    """
    old = parse_root(before)
    root = Metadata[Root].from_bytes(before).signed
    root.version, root.expires = old.version + 1, expires
    for name, key in replaced.items():
        _replace(root, name, key)
    new_signers = [key for name, key in replaced.items() if name != RELEASE]
    data = _signed(root, [*signers, *new_signers])
    try:
        parse_root(data, old)
    except TrustError as error:
        raise ApplianceError(
            "The new root would not be believed.",
            error.why,
            f"Give the folders of {THRESHOLD} root keys of the root before with `--key`.",
        ) from error
    return data


def key_names(root: Root) -> dict[str, str]:
    """Return the names of a root's keys by their ids."""
    return {keyid: str(key.unrecognized_fields.get(NAME_FIELD, keyid[:8])) for keyid, key in root.keys.items()}


def read_roots(folder: Path) -> list[bytes]:
    """Return every root of a public folder, oldest first, each proven by the one before.

    Raises:
        UsageError: There is none, one is missing, or one does not follow.
    """
    found = {}
    for path in folder.glob("*.root.json"):
        if match := _FILE.fullmatch(path.name):
            found[int(match[1])] = path.read_bytes()
    wrong = None
    roots = [found[version] for version in sorted(found)]
    before: Root | None = None
    if not roots or sorted(found) != list(range(1, len(roots) + 1)) or len(roots) > MOST_ROOTS:
        wrong = f"It holds the roots {sorted(found)}; each from 1.root.json on must be there, {MOST_ROOTS} at most."
    try:
        for data in roots:
            before = parse_root(data, before)
    except TrustError as error:
        wrong = wrong or error.why
    if wrong:
        raise UsageError(
            f"{folder} does not hold a publisher's roots.", wrong, "Name the folder `public` of the ceremony."
        )
    return roots


def write_root(folder: Path, data: bytes) -> Path:
    """Write a root into a public folder under its version, and return where."""
    make_folder(folder)
    path = folder / f"{parse_root_version(data)}.root.json"
    write_whole(path, data)
    return path


def parse_root_version(data: bytes) -> int:
    """Return the version of a root that was just made."""
    return Metadata[Root].from_bytes(data).signed.version


def _replace(root: Root, name: str, key: HeldKey) -> None:
    ids = [keyid for keyid, called in key_names(root).items() if called == name]
    if not ids:
        raise UsageError(
            f"No key is called {name!r}.",
            f"The root names {', '.join(sorted(key_names(root).values()))}.",
            "Name one of these.",
        )
    for role in (Root.type, *RELEASE_ROLES):
        if ids[0] in root.roles[role].keyids:
            root.revoke_key(ids[0], role)
            root.add_key(key.public, role)


def _signed(root: Root, signers: Iterable[HeldKey]) -> bytes:
    metadata = Metadata(root)
    for key in signers:
        metadata.sign(key.signer, append=True)
    return metadata.to_bytes()
