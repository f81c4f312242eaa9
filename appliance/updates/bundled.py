"""A model inside a bundle, with the face of a model folder: nothing is unpacked to answer with it.

The model the box came with is served so; a new one is proven so, before any of
it is written into a slot.
"""

from __future__ import annotations

import hashlib
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.classify import ModelDamagedError, ModelMissingError, load_classifier
from appliance.classify.manifest import parse_manifest
from appliance.classify.store import ModelFolder
from appliance.updates.archive import Archive, open_bundle
from appliance.updates.errors import BundleError, NotAFileError, TrustError
from appliance.updates.verifier import TARGETS, verify_packaged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from appliance.classify import Classifier
    from appliance.classify.store import ModelFiles

FACTORY_ROOT = Path(__file__).with_name("factory-root.json")
"""The keys of the model the box came with; they sign no other bundle."""


class BundledModel:
    """The model of a verified bundle.

    Args:
        archive: The bundle, open for as long as this is read.
        manifest: Its manifest, proven to list just what the bundle holds.

    Raises:
        ManifestError: The manifest cannot be understood.
    """

    def __init__(self, archive: Archive, manifest: bytes) -> None:
        self.manifest = parse_manifest(manifest)
        self._archive = archive

    def read(self, name: str) -> bytes:
        """Return the content of a listed file, proven once more as it is read.

        Raises:
            ModelDamagedError: It changed since.
            OSError: It cannot be read.
        """
        target = self.manifest.targets[name]
        try:
            content = self._archive.read(f"{TARGETS}{target.stored_name}", target.size)
        except BundleError as error:
            raise ModelDamagedError(error.why) from error
        except ValueError as error:  # what a closed file raises
            why = f"{name} can no longer be read: its bundle was closed."
            raise ModelDamagedError(why) from error
        if hashlib.sha256(content).hexdigest() != target.sha256:
            why = f"{target.name} was altered: its content does not match its hash."
            raise ModelDamagedError(why)
        return content


@contextmanager
def opened_factory(path: Path, root: Path = FACTORY_ROOT) -> Iterator[ModelFiles]:
    """Open the model the box came with; every signature and every byte is proven first.

    Args:
        path: Its bundle; or a model folder, which is how one that was just made is tried out.
        root: The keys it must be signed with.

    Raises:
        ModelError: It is missing or damaged; each its own subclass.
    """
    if path.is_dir():
        yield ModelFolder(path)
        return
    with ExitStack() as stack:
        yield _proven(path, root, stack)


def _proven(path: Path, root: Path, stack: ExitStack) -> BundledModel:
    try:
        archive = stack.enter_context(Archive(stack.enter_context(open_bundle(path))))
        return BundledModel(archive, verify_packaged(archive, root.read_bytes()).manifest)
    except NotAFileError as error:
        what = "There is no model to answer with."
        raise ModelMissingError(what, error.why, "Import a bundle, or install the box again.") from error
    except (BundleError, TrustError) as error:
        raise ModelDamagedError(error.why) from error
    except OSError as error:
        why = f"{path} cannot be read: {error.strerror}."
        raise ModelDamagedError(why) from error


def load_factory(path: Path, *, threads: int = 1, max_windows: int | None = None) -> Classifier:
    """Load the model the box came with; raises what :func:`opened_factory` and ``load_classifier`` do."""
    with opened_factory(path) as files:
        return load_classifier(files, threads=threads, max_windows=max_windows)
