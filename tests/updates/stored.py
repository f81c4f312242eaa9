"""Small models for the store: whole by their hashes, loaded by reading them, never run."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from appliance.classify import ModelUnfitError
from appliance.classify.store import ModelFolder
from tests.classify.builders import make_manifest_fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.updates.slots import Slot, Slots

FACTORY = "factory"
UNFIT = b"made for another box"


class Loader:
    """Reads a model as a start of the service does: every byte, proven; what it gives is the model's release.

    Attributes:
        loaded: What it was asked for, in order.
    """

    def __init__(self) -> None:
        self.loaded: list[str] = []

    def __call__(self, source: Slot | str) -> int:
        """Load a slot, or the stand-in of the model the box came with, whose release is 0."""
        if isinstance(source, str):
            self.loaded.append(source)
            return 0
        self.loaded.append(source.name)
        model = ModelFolder(source.folder)
        if UNFIT in {model.read(name) for name in model.manifest.targets}:
            raise ModelUnfitError("It was made for another box.")
        return model.manifest.release


def make_files(release: int, network: bytes | None = None) -> tuple[bytes, list[tuple[str, bytes]]]:
    """A manifest and the files it lists, by the names they are stored under."""
    contents = {"model.onnx": network or b"network %d " % release * 64, "tokenizer.json": b"{}"}
    files = [
        {"name": name, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        for name, content in contents.items()
    ]
    manifest = json.dumps(make_manifest_fields(files=files, release=release)).encode()
    return manifest, [(f"{file['sha256']}.{file['name']}", contents[str(file["name"])]) for file in files]


def in_pieces(files: list[tuple[str, bytes]], size: int = 100) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The files as a bundle hands them over."""
    for name, content in files:
        yield name, (content[at : at + size] for at in range(0, len(content), size))


def add_slot(slots: Slots, release: int, network: bytes | None = None) -> Slot:
    """A slot with a small model of this release."""
    manifest, files = make_files(release, network)
    return slots.add(manifest, in_pieces(files))
