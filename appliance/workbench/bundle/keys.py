"""Keys on sticks: each in a folder of its own, the private half encrypted with a passphrase.

The cryptography is the library's (Ed25519, PKCS#8 with a passphrase); here is
only where a key lies and how it is asked for. A folder that holds a key is
never written over.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from securesystemslib.signer import CryptoSigner

from appliance.errors import ApplianceError, UsageError
from appliance.files import fsync_folder, make_folder

if TYPE_CHECKING:
    from pathlib import Path

    from securesystemslib.signer import SSlibKey

PRIVATE, PUBLIC = "private.pem", "public.json"
NAME_FIELD = "x-appliance-name"
"""What a person calls a key, within the key's signed entry in a root."""
SHORTEST_PASSPHRASE = 12
"""Characters: the file may be tried at leisure by whoever finds the stick."""


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key that can sign.

    Attributes:
        name: ``root-1`` or ``release``, for a person.
        private: Its secret half.
    """

    name: str
    private: Ed25519PrivateKey

    @property
    def signer(self) -> CryptoSigner:
        """Signs with it."""
        return CryptoSigner(self.private)

    @property
    def public(self) -> SSlibKey:
        """The public half, with its name, as it stands in a root."""
        key = self.signer.public_key
        key.unrecognized_fields[NAME_FIELD] = self.name
        return key


def new_key(name: str) -> HeldKey:
    """Make a key that lies nowhere yet."""
    return HeldKey(name, Ed25519PrivateKey.generate())


def assert_free(folder: Path) -> None:
    """Refuse a folder that holds a key already.

    Raises:
        UsageError: It does.
    """
    for name in (PRIVATE, PUBLIC):
        if os.path.lexists(folder / name):
            raise UsageError(
                f"{folder / name} is there already.",
                "A key is never written over.",
                "Name another folder, or move the old key away first.",
            )


def assert_passphrase(passphrase: str) -> None:
    """Refuse a passphrase that is soon guessed.

    Raises:
        UsageError: It is too short.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise UsageError(
            "The passphrase is too short.",
            f"It has {len(passphrase)} characters, and whoever finds the stick can try at leisure.",
            f"Take {SHORTEST_PASSPHRASE} characters or more, for example four words that do not belong together.",
        )


def keep_key(key: HeldKey, folder: Path, passphrase: str) -> None:
    """Write a key into a folder, encrypted, durable, for its owner's eyes.

    Raises:
        UsageError: The passphrase is too short, or a key lies there.
        OSError: It could not be written.
    """
    assert_passphrase(passphrase)
    assert_free(folder)
    make_folder(folder)
    locked = BestAvailableEncryption(passphrase.encode())
    private = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked)
    public = {"name": key.name, "keyid": key.public.keyid, **key.public.to_dict()}
    _write_new(folder / PRIVATE, private)
    _write_new(folder / PUBLIC, (json.dumps(public, indent=1, sort_keys=True) + "\n").encode())
    fsync_folder(folder)


def load_key(folder: Path, passphrase: str) -> HeldKey:
    """Open a key.

    Raises:
        ApplianceError: There is none, the passphrase is wrong, or the file is spoilt.
    """
    try:
        private = load_pem_private_key((folder / PRIVATE).read_bytes(), passphrase.encode())
        name = json.loads((folder / PUBLIC).read_bytes())["name"]
    except OSError as error:
        raise ApplianceError(
            f"There is no key in {folder}.",
            f"{error.filename} cannot be read: {error.strerror}.",
            "Plug in the stick that holds it, and name its folder.",
        ) from error
    except (ValueError, TypeError, KeyError, UnsupportedAlgorithm) as error:
        raise ApplianceError(
            f"The key in {folder} cannot be opened.",
            "The passphrase is wrong, or the file is spoilt.",
            "Try again; a key whose passphrase is lost is a lost key.",
        ) from error
    if not isinstance(private, Ed25519PrivateKey) or not isinstance(name, str):
        raise ApplianceError(
            f"The key in {folder} is not one of ours.", "It is not an Ed25519 key.", "Name a folder the ceremony made."
        )
    return HeldKey(name, private)


def _write_new(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)
