"""The publisher's side: what it makes a box believes, the same input makes the same bytes, and keys stay safe."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from appliance.errors import ApplianceError, UsageError
from appliance.updates.archive import Archive, open_bundle
from appliance.updates.errors import UntrustedError
from appliance.updates.verifier import verify_packaged
from appliance.workbench.bundle import bundle
from appliance.workbench.bundle.keys import assert_passphrase, load_key
from appliance.workbench.bundle.making import as_a_box_would
from tests.classify.builders import write_folder

if TYPE_CHECKING:
    from pathlib import Path

WORDS = "four words in a row"


def call(*arguments: object, lines: str = WORDS) -> str:
    """Run a command of the group; its errors come through."""
    result = CliRunner().invoke(bundle, [str(each) for each in arguments], input=lines)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


def held(path: Path) -> dict[str, bytes]:
    with Archive(open_bundle(path)) as archive:
        return {name: archive.read(name, archive.length(name)) for name in archive.names}


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """What a ceremony made."""
    call("ceremony", tmp_path / "keys", "--passphrase-stdin")
    return tmp_path / "keys"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model folder."""
    return write_model_folder(tmp_path / "model")


def write_model_folder(folder: Path, **fields: Any) -> Path:
    targets = {"model.onnx": b"not a graph", "tokenizer.json": b"{}", "model-card.md": b"# Card\n"}
    said = {"issued": "2026-11-27T12:00:00+00:00", "card": "model-card.md", "built_with": {"python": "3.11"}}
    return write_folder(folder, targets=targets, **{**said, **fields})


def made(model: Path, keys: Path, out: Path, *options: object) -> Path:
    """A signed bundle."""
    out.mkdir(exist_ok=True)
    call("make", model, "--roots", keys / "public", "--out", out, *options)
    [path] = out.glob("*.bundle")
    call("sign", path, "--key", keys / "release", "--passphrase-stdin")
    return path


def root_of(keys: Path, version: int = 1) -> bytes:
    return (keys / "public" / f"{version}.root.json").read_bytes()


def test_a_signed_bundle_is_believed_by_a_box_that_pins_the_root(keys: Path, model: Path, tmp_path: Path) -> None:
    path = made(model, keys, tmp_path / "out")
    assert path.name == "tiny-3.bundle"
    verified = as_a_box_would(path, root_of(keys))
    assert (verified.model, verified.release) == ("tiny", 3)
    assert verified.proven == datetime(2026, 11, 27, 12, tzinfo=UTC)


def test_the_same_input_makes_the_same_bytes(keys: Path, model: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        call("make", model, "--roots", keys / "public", "--out", tmp_path / name)
    one, two = (tmp_path / name / "tiny-3.bundle" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_signing_changes_signatures_and_dates_and_nothing_else(keys: Path, model: Path, tmp_path: Path) -> None:
    call("make", model, "--roots", keys / "public", "--out", tmp_path)
    path = tmp_path / "tiny-3.bundle"
    before = held(path)
    call("sign", path, "--key", keys / "release", "--passphrase-stdin", "--days", 7)
    after = held(path)
    assert before.keys() == after.keys()
    assert {name for name in before if before[name] != after[name]} == {
        f"metadata/{name}.json" for name in ("timestamp", "3.snapshot", "3.targets")
    }


def test_a_bundle_that_is_not_signed_is_not_believed(keys: Path, model: Path, tmp_path: Path) -> None:
    call("make", model, "--roots", keys / "public", "--out", tmp_path)
    with pytest.raises(UntrustedError):
        as_a_box_would(tmp_path / "tiny-3.bundle", root_of(keys))
    shown = json.loads(call("inspect", tmp_path / "tiny-3.bundle", "--json"))
    assert (shown["good"], shown["signatures"]) == (False, {"timestamp": 0, "snapshot": 0, "targets": 0})


def test_signing_anew_gives_more_days(keys: Path, model: Path, tmp_path: Path) -> None:
    path = made(model, keys, tmp_path / "out")
    before = as_a_box_would(path, root_of(keys)).expires
    call("sign", path, "--key", keys / "release", "--passphrase-stdin", "--days", 1000)
    assert as_a_box_would(path, root_of(keys)).expires > before


def test_a_bill_of_materials_lists_every_file_and_library(keys: Path, model: Path, tmp_path: Path) -> None:
    entries = held(made(model, keys, tmp_path / "out"))
    [bill] = [json.loads(data) for name, data in entries.items() if name.endswith(".sbom.cdx.json")]
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["type"] == "machine-learning-model"
    assert {part["name"] for part in bill["components"]} == {"model.onnx", "tokenizer.json", "model-card.md", "python"}
    hashes = {part["hashes"][0]["content"] for part in bill["components"] if part["type"] == "file"}
    assert all(any(digest in name for name in entries) for digest in hashes)


def test_another_release_number_can_be_given(keys: Path, model: Path, tmp_path: Path) -> None:
    path = made(model, keys, tmp_path / "out", "--release", 8)
    assert (path.name, as_a_box_would(path, root_of(keys)).release) == ("tiny-8.bundle", 8)


@pytest.mark.parametrize(
    ("fields", "why"),
    [({"card": "missing.md"}, "card"), ({"issued": "soon"}, "issued"), ({"issued": "2026-01-01"}, "issued")],
)
def test_a_model_that_says_too_little_makes_no_bundle(
    keys: Path, tmp_path: Path, fields: dict[str, object], why: str
) -> None:
    folder = write_model_folder(tmp_path / "model", **fields)
    with pytest.raises(ApplianceError, match=why):
        call("make", folder, "--roots", keys / "public", "--out", tmp_path)
    assert not list(tmp_path.glob("*.bundle"))


def test_private_keys_are_encrypted_and_for_their_owner_alone(keys: Path) -> None:
    for name in ("root-1", "root-2", "root-3", "release"):
        private = keys / name / "private.pem"
        assert private.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
        assert stat.S_IMODE(private.stat().st_mode) == 0o600
        assert load_key(keys / name, WORDS).name == name
    assert sorted(path.name for path in (keys / "public").iterdir()) == ["1.root.json"]


def test_each_key_can_have_its_own_passphrase(tmp_path: Path) -> None:
    lines = [f"passphrase number {number}" for number in range(4)]
    call("ceremony", tmp_path, "--passphrase-stdin", lines="\n".join(lines))
    assert load_key(tmp_path / "root-3", lines[2]).name == "root-3"
    with pytest.raises(ApplianceError, match="passphrase is wrong"):
        load_key(tmp_path / "root-3", lines[1])


def test_a_person_is_asked_for_each_passphrase_twice_and_sees_none(tmp_path: Path) -> None:
    said = call(
        "ceremony", tmp_path, lines="\n".join(f"passphrase number {n}\npassphrase number {n}" for n in range(4))
    )
    assert load_key(tmp_path / "release", "passphrase number 3").name == "release"
    assert "Passphrase of root-2" in said
    assert "passphrase number" not in said


def test_a_short_passphrase_makes_no_keys(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="too short"):
        call("ceremony", tmp_path / "keys", "--passphrase-stdin", lines="secret")
    assert not (tmp_path / "keys").exists()
    assert_passphrase("x" * 12)


def test_a_second_ceremony_writes_over_nothing(keys: Path) -> None:
    before = {path: path.read_bytes() for path in keys.rglob("*") if path.is_file()}
    with pytest.raises(UsageError, match="never written over"):
        call("ceremony", keys, "--passphrase-stdin")
    assert {path: path.read_bytes() for path in keys.rglob("*") if path.is_file()} == before


def test_a_root_key_signs_no_bundle(keys: Path, model: Path, tmp_path: Path) -> None:
    path = made(model, keys, tmp_path / "out")
    before = path.read_bytes()
    with pytest.raises(UsageError, match="may not sign"):
        call("sign", path, "--key", keys / "root-1", "--passphrase-stdin")
    assert path.read_bytes() == before


def test_inspect_says_who_signed_and_whether_a_box_would_believe_it(keys: Path, model: Path, tmp_path: Path) -> None:
    path = made(model, keys, tmp_path / "out")
    shown = json.loads(call("inspect", path, "--json", "--root", keys / "public" / "1.root.json"))
    assert (shown["good"], shown["model"], shown["release"]) == (True, "tiny", 3)
    call("ceremony", tmp_path / "others", "--passphrase-stdin")
    said = call("inspect", path, "--root", tmp_path / "others" / "public" / "1.root.json")
    assert "A box refuses it." in said


def test_the_factory_bundle_drops_its_keys(model: Path, tmp_path: Path) -> None:
    path, root = tmp_path / "factory.bundle", tmp_path / "factory-root.json"
    call("factory", model, "--out", path, "--root", root)
    with Archive(open_bundle(path)) as archive:
        assert verify_packaged(archive, root.read_bytes()).model == "tiny"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["factory-root.json", "factory.bundle", "model"]
    assert b"PRIVATE" not in root.read_bytes() + path.read_bytes()


def test_a_damaged_model_folder_makes_no_bundle(keys: Path, model: Path, tmp_path: Path) -> None:
    next((model / "targets").glob("*.model.onnx")).write_bytes(b"not a grapH")
    with pytest.raises(ApplianceError):
        call("make", model, "--roots", keys / "public", "--out", tmp_path)
    assert not list(tmp_path.glob("*.bundle"))


def test_the_publishers_side_needs_no_training_library() -> None:
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom appliance.cli import cli\n"
        "assert CliRunner().invoke(cli, ['bundle', 'make', '--help']).exit_code == 0\n"
        "from appliance.workbench.bundle import keys, making, roots, showing\n"
        "sys.exit(bool({'torch', 'transformers', 'optimum', 'sklearn', 'onnx'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
