"""What a bundle must be beyond its signatures: a pure machine that takes names, numbers and times.

The rules, in the order in which they are asked:

1. every name is one a bundle has, every root from the first on is there, and
   there is one of each other kind of metadata;
2. a root that this box knows already is the very one it knows;
3. the root wants two signatures, nothing is delegated, and all versions are
   the release's number;
4. the files that are signed, the files that are there and the files that the
   manifest lists are the same;
5. the release is not below the floor, not out of reach above it, and the box
   has what the release asks to have been there before;
6. the bundle was issued before it expires.

Signatures, lengths, hashes and expiry are python-tuf's to judge
(:mod:`appliance.updates.verifier`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn

from appliance.classify.errors import ManifestError
from appliance.classify.manifest import LARGEST_BYTES, Manifest, Target, parse_manifest
from appliance.updates.client import LIMITS
from appliance.updates.errors import (
    BundleFormError,
    BundleTimeError,
    BundleTooLargeError,
    ForeignRootError,
    JumpError,
    MixedError,
    ReplayError,
    UntrustedError,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from tuf.api.metadata import Root, TargetFile, Targets

MANIFEST = "manifest.json"
TIMESTAMP = "metadata/timestamp.json"
MOST_ROOTS = LIMITS.max_root_rotations
LEAST_ROOT_SIGNATURES = 2
FURTHEST_JUMP = 1000
"""Releases above the floor; whoever steals a release key cannot lift the floor out of the publisher's reach."""

_ROOT = re.compile(r"metadata/([1-9][0-9]{0,8})\.root\.json")
_VERSIONED = re.compile(r"metadata/([1-9][0-9]{0,8})\.(snapshot|targets)\.json")
_STORED = re.compile(r"targets/([0-9a-f]{64}\.[a-z0-9][a-z0-9._-]{0,63})")


@dataclass(frozen=True, slots=True)
class Layout:
    """What the names of a bundle say.

    Attributes:
        roots: How many root files there are, numbered from 1.
        version: Of snapshot and targets.
        stored: The names below ``targets/``.
    """

    roots: int
    version: int
    stored: frozenset[str]


def root_name(version: int) -> str:
    """Return the name of a root file in a bundle."""
    return f"metadata/{version}.root.json"


def layout_of(names: Sequence[str]) -> Layout:
    """Understand the names of a bundle (rule 1).

    Raises:
        BundleFormError: One that no bundle has, or one is missing.
        BundleTooLargeError: More roots than a bundle may have.
    """
    roots = sorted(int(found[1]) for found in map(_ROOT.fullmatch, names) if found)
    versioned = [(found[2], int(found[1])) for found in map(_VERSIONED.fullmatch, names) if found]
    stored = frozenset(found[1] for found in map(_STORED.fullmatch, names) if found)
    if len(roots) + len(versioned) + len(stored) + (TIMESTAMP in names) != len(names):
        raise BundleFormError("It holds something that no bundle does.")
    if len(roots) > MOST_ROOTS:
        why = f"It has {len(roots)} roots, and at most {MOST_ROOTS} are followed."
        raise BundleTooLargeError(why)
    if not roots or roots != list(range(1, len(roots) + 1)):
        raise BundleFormError("A root between the first and the newest is missing.")
    if TIMESTAMP not in names or sorted(kind for kind, _ in versioned) != ["snapshot", "targets"]:
        raise BundleFormError("A part of its signed metadata is missing, or there twice.")
    [(_, version), (_, other)] = versioned
    if version != other:
        raise MixedError(f"Its snapshot and its targets are of the versions {version} and {other}.")
    return Layout(len(roots), version, stored)


def check_roots(known: Mapping[int, bytes], untrusted: Mapping[int, bytes]) -> None:
    """Refuse a bundle whose root is not the one this box knows under the same version (rule 2).

    Raises:
        ForeignRootError: They differ.
    """
    for version, data in untrusted.items():
        if known.get(version, data) != data:
            why = f"Its root {version} is not the root {version} this box has."
            raise ForeignRootError(why)


def check_metadata(root: Root, targets: Targets, versions: tuple[int, ...], layout: Layout) -> None:
    """Refuse what python-tuf allows and this box does not (rules 3 and 4).

    Args:
        root: The newest, verified.
        targets: Verified.
        versions: What timestamp, snapshot and targets say of themselves.
        layout: Of the bundle.

    Raises:
        UntrustedError: One signature would do for a new root.
        MixedError: Versions or files do not agree.
    """
    if root.roles["root"].threshold < LEAST_ROOT_SIGNATURES:
        raise UntrustedError("A single key could change whom this box trusts.")
    if targets.delegations is not None:
        raise MixedError("It hands part of its signing on to others, which no bundle does.")
    if set(versions) != {layout.version}:
        raise MixedError(f"Its metadata are of the versions {', '.join(map(str, versions))}.")
    for name, file in targets.targets.items():
        if name != file.path or set(file.hashes) != {"sha256"}:
            raise MixedError("A file in it is signed by another hash than SHA-256.")
    signed = {stored_name(file) for file in targets.targets.values()}
    if signed != layout.stored:
        _refuse_difference("signed", "there", signed ^ layout.stored)


def stored_name(file: TargetFile) -> str:
    """Return the name under which a signed file lies in a bundle, and in a model's ``targets`` folder."""
    return f"{file.hashes['sha256']}.{file.path}"


def check_manifest(data: bytes, targets: Targets) -> Manifest:
    """Understand the manifest and hold its files against the signed ones (rules 3 and 4).

    Args:
        data: The manifest, its signature and hash proven.
        targets: Verified.

    Raises:
        MixedError: It cannot be understood, or it lists other files or another release than were signed.
    """
    try:
        manifest = parse_manifest(data)
    except ManifestError as error:
        raise MixedError(f"Its manifest cannot be used: {error.why[0].lower()}{error.why[1:]}") from error
    if manifest.release != targets.version:
        raise MixedError(f"Its manifest says release {manifest.release}, and release {targets.version} was signed.")
    listed = {(target.stored_name, target.size) for target in manifest.targets.values()}
    signed = {(stored_name(file), file.length) for name, file in targets.targets.items() if name != MANIFEST}
    if listed != signed:
        _refuse_difference("in its manifest", "signed", {name for name, _ in listed ^ signed})
    return manifest


def manifest_file(targets: Targets) -> TargetFile:
    """Return the manifest's entry among the signed files.

    Raises:
        MixedError: There is none.
        BundleTooLargeError: It is larger than any manifest.
    """
    found = targets.targets.get(MANIFEST)
    if found is None:
        raise MixedError("No manifest is among the signed files.")
    if found.length > LARGEST_BYTES:
        why = f"Its manifest has {found.length} bytes, and a manifest has at most {LARGEST_BYTES}."
        raise BundleTooLargeError(why)
    return found


def check_release(manifest: Manifest, floor: int) -> None:
    """Hold the release against the highest this box has accepted (rule 5). An equal one is a repair.

    Raises:
        ReplayError: It is lower.
        JumpError: It is out of reach, or asks for a release that was skipped.
    """
    release, asked = manifest.release, _whole(manifest, "min_release")
    if release < floor:
        raise ReplayError(f"It is release {release}; release {floor} has been accepted here.")
    if release > floor + FURTHEST_JUMP:
        raise JumpError(f"It is release {release}, more than {FURTHEST_JUMP} above the {floor} this box has.")
    if asked > floor:
        raise JumpError(f"It asks for release {asked} to have been installed before; this box has {floor}.")


def check_issued(manifest: Manifest, expires: datetime) -> datetime:
    """Return when the bundle was issued (rule 6): by its signature this time has come.

    Raises:
        BundleTimeError: It states no such time, or one after its own expiry.
    """
    text = manifest.document.get("issued")
    try:
        issued = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        issued = None
    if issued is None or issued.tzinfo is None:
        raise BundleTimeError("Its manifest does not say when it was issued.")
    if issued >= expires:
        raise BundleTimeError(f"It was issued on {issued:%Y-%m-%d} and had expired on {expires:%Y-%m-%d}.")
    return issued.astimezone(UTC)


def files_of(manifest: Manifest) -> dict[str, Target]:
    """Return the files of a model by the names they are stored under."""
    return {target.stored_name: target for target in manifest.targets.values()}


def _whole(manifest: Manifest, name: str) -> int:
    value = manifest.document.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise MixedError(f"Its manifest's {name!r} is not a whole number.")
    return value


def _refuse_difference(one: str, other: str, names: Collection[str]) -> NoReturn:
    name = min(names, default="").partition(".")[2] or "their lengths differ"
    raise MixedError(f"The files that are {one} and those that are {other} are not the same: {name}.")
