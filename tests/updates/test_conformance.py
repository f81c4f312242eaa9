"""The adapter for the public conformance suite works from any folder, against a repository on loopback."""

from __future__ import annotations

import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.updates.forger import EXPIRES, FILES, Forger, make_signer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLIENT = Path(__file__).with_name("conformance_client")
ROOT = CLIENT.parents[2]

if not (ROOT / ".venv" / "bin" / "python").exists():
    pytest.skip("needs the project's .venv, made by `make setup`", allow_module_level=True)


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def forger() -> Forger:
    """A publisher whose metadata are good by the real clock."""
    return Forger(expires=EXPIRES.replace(year=2090))


@pytest.fixture
def served(tmp_path: Path, forger: Forger) -> Iterator[tuple[Path, str]]:
    """The folder of a repository, and its address."""
    folder = tmp_path / "served"
    publish(folder, forger, 3)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def call(tmp_path: Path, forger: Forger, served: tuple[Path, str]) -> Callable[..., int]:
    """Call the adapter, initialised, and return its exit code."""
    metadata, root = tmp_path / "metadata", tmp_path / "root.json"
    metadata.mkdir()
    root.write_bytes(forger.root)
    url = served[1]

    def run(*arguments: str) -> int:
        command = [CLIENT, "--metadata-dir", metadata, "--metadata-url", f"{url}/metadata", *arguments]
        return subprocess.run(command, cwd="/", capture_output=True, check=False).returncode

    assert run("init", str(root)) == 0
    return run


def publish(folder: Path, forger: Forger, release: int) -> None:
    for name, data in forger.entries(release).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def test_refresh_follows_and_never_goes_back(
    call: Callable[..., int], served: tuple[Path, str], forger: Forger
) -> None:
    assert call("refresh") == 0
    publish(served[0], forger, 2)
    assert call("refresh") == 1
    forger.rotate(release=make_signer())
    publish(served[0], forger, 4)
    assert call("refresh") == 0


def test_download_proves_what_it_writes(call: Callable[..., int], served: tuple[Path, str], tmp_path: Path) -> None:
    wanted = ("--target-name", "model.onnx", "--target-base-url", f"{served[1]}/targets", "--target-dir")
    assert call(*wanted, str(tmp_path / "one"), "download") == 0
    assert (tmp_path / "one" / "model.onnx").read_bytes() == FILES["model.onnx"]
    next((served[0] / "targets").glob("*.model.onnx")).write_bytes(b"not a grapH")
    assert call(*wanted, str(tmp_path / "two"), "download") == 1
    assert not (tmp_path / "two" / "model.onnx").exists()
