"""A bundle's zip has one byte form, and every other is refused before a byte of content is believed."""

from __future__ import annotations

import io
import os
import random
import struct
import zipfile
from typing import TYPE_CHECKING

import pytest

from appliance.updates.archive import MOST_ENTRIES, Archive, open_bundle, write_archive
from appliance.updates.errors import (
    BundleDamagedError,
    BundleError,
    BundleFormError,
    BundleTooLargeError,
    NotAFileError,
)
from tests.updates.forger import packed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ENTRIES = {"metadata/1.root.json": b"{}", "targets/aa.model.onnx": bytes(range(256)) * 40}


def opened(data: bytes) -> Archive:
    return Archive(io.BytesIO(data))


def proven(data: bytes) -> None:
    with opened(data) as archive:
        archive.prove()


def zipped(write: Callable[[zipfile.ZipFile], None]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        write(archive)
    return file.getvalue()


def test_what_is_written_is_read_again() -> None:
    with opened(packed(ENTRIES)) as archive:
        assert {name: archive.read(name, archive.length(name)) for name in archive.names} == ENTRIES
        archive.prove()


def test_the_form_is_a_zip_for_everybody() -> None:
    with zipfile.ZipFile(io.BytesIO(packed(ENTRIES))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == ENTRIES


def test_the_same_content_makes_the_same_bytes_in_any_order() -> None:
    assert packed(ENTRIES) == packed(dict(reversed(ENTRIES.items())))


def test_an_entry_opens_as_a_file_without_a_copy() -> None:
    name = "targets/aa.model.onnx"
    with opened(packed(ENTRIES)) as archive, archive.open(name) as file:
        assert file.seek(0, io.SEEK_END) == len(ENTRIES[name])
        file.seek(-4, io.SEEK_END)
        assert file.read() == ENTRIES[name][-4:]


def test_every_flipped_bit_is_refused() -> None:
    good = packed({"metadata/1.root.json": b"{}", "targets/aa.x": b"content"})
    for place in range(len(good) * 8):
        bad = bytearray(good)
        bad[place // 8] ^= 1 << place % 8
        with pytest.raises(BundleError):
            proven(bytes(bad))


@pytest.mark.parametrize("length", [0, 1, 21, 22, 100, -1, -22, -23, -100])
def test_a_bundle_cut_short_is_refused(length: int) -> None:
    with pytest.raises(BundleFormError):
        opened(packed(ENTRIES)[:length])


@pytest.mark.parametrize("pad", [b"\0", b"PK\x05\x06" + bytes(18), b"x" * 5000], ids=["zero", "second end", "junk"])
@pytest.mark.parametrize("front", [True, False], ids=["before", "after"])
def test_a_padded_bundle_is_refused(pad: bytes, front: bool) -> None:  # noqa: FBT001 - a parameter
    good = packed(ENTRIES)
    with pytest.raises(BundleFormError):
        opened(pad + good if front else good + pad)


def test_random_bytes_in_random_places_are_refused() -> None:
    chance, good = random.Random(7), packed(ENTRIES)
    for _ in range(300):
        bad = bytearray(good)
        place = chance.randrange(len(bad))
        bad[place : place + chance.randrange(1, 9)] = chance.randbytes(chance.randrange(9))
        if bytes(bad) != good:
            with pytest.raises(BundleError):
                proven(bytes(bad))


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "targets/../evil",
        "/etc/passwd",
        "targets/",
        "targets/a/b",
        "targets/A.onnx",
        "targets/.hidden",
        "metadata/a b",
        "targets/a\n",
        "targets/a\\b",
        "targets/é",
        "other/a",
        "targets/" + "a" * 200,
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(BundleFormError):
        opened(zipped(lambda archive: archive.writestr(name, b"")))
    with pytest.raises(BundleFormError):
        write_archive(io.BytesIO(), {name: [b""]})


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_refused() -> None:
    with pytest.raises(BundleFormError, match="twice"):
        opened(zipped(lambda archive: [archive.writestr("targets/a", b"") for _ in range(2)]))


def test_a_symbolic_link_is_refused() -> None:
    link = zipfile.ZipInfo("targets/a", (1980, 1, 1, 0, 0, 0))
    link.external_attr = 0o120777 << 16
    with pytest.raises(BundleFormError):
        opened(zipped(lambda archive: archive.writestr(link, b"/etc/passwd")))


@pytest.mark.parametrize("change", [{"compress_type": zipfile.ZIP_DEFLATED}, {"comment": b"x"}, {"extra": b"\1\0\0\0"}])
def test_a_zip_bomb_or_anything_else_a_zip_can_do_is_refused(change: dict[str, object]) -> None:
    info = zipfile.ZipInfo("targets/a", (1980, 1, 1, 0, 0, 0))
    info.external_attr = 0o100644 << 16
    for name, value in change.items():
        setattr(info, name, value)
    with pytest.raises(BundleError):
        opened(zipped(lambda archive: archive.writestr(info, bytes(1 << 20))))


def test_overlapping_entries_are_refused() -> None:
    data = bytearray(packed({"targets/a": b"aaaa", "targets/b": b"bbbb"}))
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = struct.pack("<L", 0)
    with pytest.raises(BundleFormError):
        opened(bytes(data))


def test_too_many_entries_are_refused() -> None:
    entries = {f"targets/{number}": b"" for number in range(MOST_ENTRIES + 1)}
    with pytest.raises(BundleTooLargeError):
        packed(entries)
    with pytest.raises(BundleTooLargeError):
        opened(zipped(lambda archive: [archive.writestr(name, b"") for name in entries]))


def test_an_entry_longer_than_allowed_is_not_read() -> None:
    with opened(packed(ENTRIES)) as archive, pytest.raises(BundleTooLargeError):
        archive.pieces("targets/aa.model.onnx", 100)


def test_a_file_that_shrinks_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.bundle"
    path.write_bytes(packed(ENTRIES))
    with Archive(open_bundle(path)) as archive:
        os.truncate(path, 200)
        with pytest.raises(BundleDamagedError):
            archive.prove()


@pytest.mark.parametrize("kind", ["nothing", "folder", "link", "fifo", "device"])
def test_only_a_regular_file_is_opened(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.bundle"
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        (tmp_path / "good").write_bytes(packed(ENTRIES))
        path.symlink_to("good")
    elif kind == "fifo":
        os.mkfifo(path)
    with pytest.raises(NotAFileError):
        open_bundle(tmp_path / "a.bundle" if kind != "device" else type(path)("/dev/zero"))
