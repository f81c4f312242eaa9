"""Slots: there whole or not at all, never changed, put aside when broken, pruned when nothing refers to them."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from appliance.classify import ModelDamagedError
from appliance.classify.store import MANIFEST, SUMS, TARGETS, ModelFolder
from appliance.updates.pointer import Pointer, PointerState, activated
from appliance.updates.slots import SlotBrokenError, Slots
from tests.updates.stored import add_slot, in_pieces, make_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from appliance.updates.slots import Slot


@pytest.fixture
def slots(tmp_path: Path) -> Slots:
    """The slots of an empty box."""
    return Slots(tmp_path / "models")


def left(slots: Slots) -> list[str]:
    """Everything that lies in slots and staging."""
    return sorted(path.name for folder in (slots.folder, slots.staging) if folder.exists() for path in folder.iterdir())


def test_a_slot_is_a_model_folder(slots: Slots) -> None:
    slot = add_slot(slots, 4)
    assert ModelFolder(slot.folder).manifest.release == slot.manifest().release == 4
    assert slots.all() == [slot]
    assert left(slots) == [slot.name]


def test_a_slot_is_listed_as_sha256sum_reads_it(slots: Slots) -> None:
    slot = add_slot(slots, 4)
    done = subprocess.run(
        ["/usr/bin/sha256sum", "--strict", "--check", SUMS], cwd=slot.folder, capture_output=True, check=True
    )
    assert done.stdout.count(b": OK") == 3


def test_a_slot_cannot_be_written_to(slots: Slots) -> None:
    slot = add_slot(slots, 4)
    modes = {path.stat().st_mode & 0o777 for path in slot.folder.rglob("*") if path.is_file()}
    assert modes == {0o444}


def test_slots_are_counted_up(slots: Slots) -> None:
    assert [add_slot(slots, release).name for release in (4, 5)] == ["0001", "0002"]


def test_a_number_is_never_used_again(slots: Slots) -> None:
    first, second = add_slot(slots, 4), add_slot(slots, 5)
    Pointer(slots.folder.parent).write(activated(PointerState(), first.name, 4))
    slots.discard(first)
    slots.quarantine(second, "It was broken.")
    assert add_slot(slots, 6).name == "0003"


def test_a_file_that_is_not_what_its_name_says_leaves_nothing(slots: Slots) -> None:
    manifest, [(name, _), other] = make_files(4)
    with pytest.raises(ModelDamagedError, match="does not match its hash"):
        slots.add(manifest, in_pieces([other, (name, b"other")]))
    assert left(slots) == []


@pytest.mark.parametrize("name", ["../../x", "/etc/passwd", "a" * 64 + "./x", MANIFEST, "a" * 64 + ".X"])
def test_a_file_with_a_name_that_no_file_of_a_model_has_is_not_written(slots: Slots, name: str) -> None:
    with pytest.raises(ModelDamagedError, match="no name of a model's file"):
        slots.add(b"{}", in_pieces([(name, b"content")]))
    assert left(slots) == []


def test_a_bundle_that_ends_in_the_middle_leaves_nothing(slots: Slots) -> None:
    def pulled() -> Iterator[bytes]:
        yield b"half"
        raise OSError(5, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        slots.add(b"{}", [("a" * 64 + ".model.onnx", pulled())])
    assert left(slots) == []


def _flip(path: Path) -> None:
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _network(slot: Slot) -> Path:
    return next((slot.folder / TARGETS).glob("*.model.onnx"))


BREAKS: dict[str, Callable[[Slot], object]] = {
    "a bit of the network": lambda slot: _flip(_network(slot)),
    "a bit of the manifest": lambda slot: _flip(slot.folder / MANIFEST),
    "a bit of the list": lambda slot: _flip(slot.folder / SUMS),
    "a file gone": lambda slot: _network(slot).unlink(),
    "the manifest gone": lambda slot: (slot.folder / MANIFEST).unlink(),
    "the list gone": lambda slot: (slot.folder / SUMS).unlink(),
    "a file cut short": lambda slot: os.truncate(slot.folder / TARGETS / _network(slot).name, 5),
    "a link for a file": lambda slot: _network(slot).rename(slot.folder.parent / "x") and _network_link(slot),
    "a file more": lambda slot: (slot.folder / TARGETS / "more").touch(),
    "a folder more": lambda slot: (slot.folder / "more").mkdir(),
    "a pipe more": lambda slot: os.mkfifo(slot.folder / TARGETS / "pipe"),
    "no targets": lambda slot: (slot.folder / TARGETS).rename(slot.folder.parent / "x"),
}


def _network_link(slot: Slot) -> None:
    listed = next(line.split("  ")[1] for line in (slot.folder / SUMS).read_text().splitlines() if "onnx" in line)
    (slot.folder / listed).symlink_to(slot.folder.parent / "x")


@pytest.mark.parametrize("how", BREAKS)
def test_a_broken_slot_is_found_out(slots: Slots, how: str) -> None:
    slot = add_slot(slots, 4)
    slot.prove()
    BREAKS[how](slot)
    with pytest.raises(SlotBrokenError):
        slot.prove()


def test_a_slot_of_which_a_file_was_swapped_for_a_pipe_does_not_hang(slots: Slots) -> None:
    slot = add_slot(slots, 4)
    network = _network(slot)
    network.unlink()
    os.mkfifo(network)
    with pytest.raises(SlotBrokenError, match="not a regular file"):
        slot.prove()


def test_an_altered_manifest_is_not_believed(slots: Slots) -> None:
    slot = add_slot(slots, 4)
    path = slot.folder / MANIFEST
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b'"threshold": 0.9', b'"threshold": 0.1'))
    with pytest.raises(SlotBrokenError, match="manifest of slot 0001 was altered"):
        slot.manifest()


def test_quarantine_keeps_what_it_puts_aside_and_says_why(slots: Slots) -> None:
    slot = add_slot(slots, 4)
    slots.quarantine(slot, "The network was altered.")
    assert slots.all() == []
    assert ModelFolder(slots.aside / slot.name).manifest.release == 4
    assert json.loads((slots.aside / f"{slot.name}.json").read_text())["why"] == "The network was altered."


def test_the_oldest_are_pruned_and_what_is_referred_to_stays(slots: Slots) -> None:
    for release in range(1, 7):
        add_slot(slots, release)
    assert slots.prune(3, {"0002"}) == ["0001", "0003"]
    assert [slot.name for slot in slots.all()] == ["0002", "0004", "0005", "0006"]
    assert left(slots) == ["0002", "0004", "0005", "0006"]


def test_what_an_earlier_import_left_is_cleared(slots: Slots) -> None:
    (slots.staging / "0001.ab" / TARGETS).mkdir(parents=True)
    (slots.staging / "copy.bundle").write_bytes(b"half")
    (slots.staging / "link").symlink_to(slots.folder.parent)
    slots.clear_staging()
    assert left(slots) == []
    assert slots.folder.parent.exists()


def test_strangers_among_the_slots_are_no_slots(slots: Slots) -> None:
    slot = add_slot(slots, 4)
    for name in ("lost+found", "1", "00001", "0002.bak"):
        (slots.folder / name).mkdir()
    assert slots.all() == [slot]
