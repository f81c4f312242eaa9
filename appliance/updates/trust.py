"""Whom this box trusts: a pinned root, the newer roots that followed it, and the newest time ever proven.

The pinned root is the site's own or, until one is pinned, the packaged one.
Everything lies in one file that is replaced whole, so that no crash leaves a
root without its successor. It is written only after a bundle was accepted, or
when an admin pins a root. Damage is never passed over: without a readable
file nothing is imported, while the model in use goes on.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root

from appliance.files import make_folder, sweep_beside, write_whole
from appliance.updates.client import LIMITS
from appliance.updates.errors import TrustError
from appliance.updates.rules import LEAST_ROOT_SIGNATURES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

FILE = "trust.json"
LARGEST_ROOT_BYTES = LIMITS.root_max_length
BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the file says.

    Attributes:
        pinned: The site's own root; None where none was pinned.
        roots: Those that followed, oldest first.
        follows: SHA-256 of the root they follow.
        newest_time: The newest ever proven.
        by: Who pinned, and when; for a person.
    """

    pinned: bytes | None = None
    roots: tuple[bytes, ...] = ()
    follows: str = ""
    newest_time: datetime = BEGINNING
    by: Mapping[str, str] | None = None


class Trust:
    """What this box trusts, read once.

    Args:
        folder: Where it is kept; made when something is first kept.
        packaged_root: Serves until the site pins its own.

    Raises:
        TrustError: What is kept cannot be understood, or a root in it does not follow from the one before.
        OSError: It cannot be read.
    """

    def __init__(self, folder: Path, packaged_root: bytes) -> None:
        self._file = folder / FILE
        self._packaged = packaged_root
        self._kept = _load(self._file)
        self._chain = self._followed()

    @property
    def root(self) -> bytes:
        """The pinned root: the site's own, else the packaged one."""
        return self._packaged if self._kept.pinned is None else self._kept.pinned

    @property
    def current(self) -> bytes:
        """The newest root that was accepted; by it the next bundle is judged."""
        return self._chain[-1][1]

    @property
    def known(self) -> dict[int, bytes]:
        """The pinned root and all that followed, by version."""
        return {root.version: data for root, data in self._chain}

    @property
    def newest_time(self) -> datetime:
        """The newest time that an accepted bundle has proven to have come, in UTC."""
        return self._kept.newest_time

    @property
    def is_packaged(self) -> bool:
        """Whether the packaged root serves, because the site has not pinned its own."""
        return self._kept.pinned is None

    def described(self) -> dict[str, Any]:
        """Return what ``trust show`` shows: fingerprint, version, keys, expiry, who pinned it and when."""
        root = self._chain[-1][0]
        return {
            "root": fingerprint(self.root),
            "packaged": self.is_packaged,
            "version": root.version,
            "threshold": root.roles["root"].threshold,
            "keys": {name: list(root.roles[name].keyids) for name in ("root", "targets")},
            "expires": root.expires.isoformat(),
            "newest_time": None if self.newest_time == BEGINNING else self.newest_time.isoformat(),
            "pinned": dict(self._kept.by) if self._kept.by else None,
        }

    def accept(self, roots: Sequence[bytes], proven: datetime) -> None:
        """Keep what an accepted bundle brought; durable when this returns. Twice is once.

        Args:
            roots: Newer ones, verified, oldest first; those known already are passed over.
            proven: The time it was issued.

        Raises:
            TrustError: A root does not follow from the newest.
            OSError: It could not be written; what was kept stands.
        """
        known = set(self.known.values())
        newer = tuple(data for data in roots if data not in known)
        kept = _Kept(
            self._kept.pinned,
            (*(data for _, data in self._chain[1:]), *newer),
            fingerprint(self.root),
            max(self.newest_time, proven),
            self._kept.by,
        )
        self._keep(kept)

    def pin(self, data: bytes, who: str) -> None:
        """Trust another root from now on; what followed the one before, and the newest time, are forgotten.

        Args:
            data: A root, signed by enough of its own keys.
            who: For the record.

        Raises:
            TrustError: It is no such root.
            OSError: It could not be written; what was trusted before still is.
        """
        self._keep(_pinned(data, who))

    def _keep(self, kept: _Kept) -> None:
        before, self._kept = self._kept, kept
        try:
            chain = self._followed()
            _write(self._file, kept)
        except BaseException:
            self._kept = before
            raise
        self._chain = chain

    def _followed(self) -> list[tuple[Root, bytes]]:
        """Prove each root by the one before; those that followed another pinned root are not of this chain."""
        chain = [(parse_root(self.root), self.root)]
        following = self._kept.roots if self._kept.follows == fingerprint(self.root) else ()
        for data in following:
            chain.append((parse_root(data, chain[-1][0]), data))
        return chain


def pin_root(folder: Path, data: bytes, who: str) -> None:
    """Pin a root as :meth:`Trust.pin` does, without reading what is kept: the way out where that is spoilt.

    Raises:
        TrustError: It is no root that can be trusted.
        OSError: It could not be written; what was kept stands.
    """
    _write(folder / FILE, _pinned(data, who))


def fingerprint(root: bytes) -> str:
    """Return what two people compare on the telephone: the SHA-256 of a root file, 64 hexadecimal digits."""
    return hashlib.sha256(root).hexdigest()


def parse_root(data: bytes, before: Root | None = None) -> Root:
    """Prove a root by itself and, where there is one, by the root before.

    Raises:
        TrustError: It is not a root, lacks signatures, wants too few, or does not follow.
    """
    if len(data) > LARGEST_ROOT_BYTES:
        raise TrustError(f"A root has at most {LARGEST_ROOT_BYTES} bytes, and this one has {len(data)}.")
    try:
        metadata = Metadata[Root].from_bytes(data)
        root = metadata.signed
        if not isinstance(root, Root):
            raise TrustError("It is signed metadata, but not a root.")
        for judge in (root, *([before] if before else [])):
            judge.verify_delegate(Root.type, metadata.signed_bytes, metadata.signatures)
    except RepositoryError as error:
        raise TrustError(f"A root does not hold: {str(error).rstrip('.')}.") from error
    if before and root.version != before.version + 1:
        raise TrustError(f"Root {root.version} does not follow root {before.version}.")
    if root.roles[Root.type].threshold < LEAST_ROOT_SIGNATURES:
        raise TrustError("A single key could change whom this box trusts.")
    return root


def _pinned(data: bytes, who: str) -> _Kept:
    parse_root(data)
    by = {"by": who, "at": datetime.now(UTC).replace(microsecond=0).isoformat()}
    return _Kept(pinned=data, follows=fingerprint(data), by=by)


def _write(file: Path, kept: _Kept) -> None:
    make_folder(file.parent)
    sweep_beside(file)
    write_whole(file, _dumped(kept))


def _load(file: Path) -> _Kept:
    try:
        text = file.read_bytes()
    except FileNotFoundError:
        return _Kept()
    try:
        sealed = json.loads(text)
        fields = sealed["trust"]
        if sealed["sha256"] != _seal(fields):
            raise TrustError(f"{file} was altered, or its disk is failing.")
        pinned = fields["pinned"]
        return _Kept(
            None if pinned is None else pinned.encode(),
            tuple(root.encode() for root in fields["roots"]),
            str(fields["follows"]),
            _aware(fields["newest_time"]),
            fields["by"],
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise TrustError(f"{file} cannot be understood: {type(error).__name__}.") from error


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def _dumped(kept: _Kept) -> bytes:
    fields = {
        "pinned": None if kept.pinned is None else kept.pinned.decode(),
        "roots": [root.decode() for root in kept.roots],
        "follows": kept.follows,
        "newest_time": kept.newest_time.isoformat(),
        "by": kept.by,
    }
    return (json.dumps({"trust": fields, "sha256": _seal(fields)}, indent=1) + "\n").encode()


def _seal(fields: object) -> str:
    """A checksum: it tells a disk that fails, not an admin with an editor."""
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()
