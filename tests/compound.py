"""Write a compound file (OLE2, [MS-CFB] version 3), the container of the old Office formats."""

from __future__ import annotations

import struct

SECTOR, MINI, CUTOFF, IN_HEADER = 512, 64, 4096, 109
END, FREE, FAT_SECTOR, INDEX_SECTOR, NOBODY = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFC, 0xFFFFFFFF


def _padded(data: bytes, unit: int) -> bytes:
    return data + bytes(-len(data) % unit)


def _chain(table: list[int], count: int) -> int:
    """Add a run of ``count`` sectors to an allocation table and return where it starts."""
    if not count:
        return END
    start = len(table)
    table += [*range(start + 1, start + count), END]
    return start


def _allocation_sizes(used: int) -> tuple[int, int]:
    """Return how many sectors the allocation table takes, and how many the index of those beyond the header."""
    places = index = 0
    while places * SECTOR // 4 < used + places + index:
        places += 1
        index = max(0, -(-(places - IN_HEADER) // 127))
    return places, index


def _entry(name: str, kind: int, links: tuple[int, int], start: int, size: int) -> bytes:
    raw = name.encode("utf-16-le") + b"\0\0"
    right, child = links
    return struct.pack(
        "<64sHBBIII16sIQQIQ", raw, len(raw), kind, 1, NOBODY, right, child, b"", 0, 0, 0, start, size
    )  # fmt: skip


def _directory(streams: dict[str, bytes], names: list[str], places: dict[str, int]) -> bytes:
    """Return the entries below the root: each storage's own stand after those of the root, one chain a storage."""
    storages = sorted({name.rpartition("/")[0] for name in names} - {""})
    top = [name for name in names if "/" not in name] + storages
    listed, chains = list(top), {}
    for storage in storages:
        inner = [name for name in names if name.startswith(f"{storage}/")]
        chains[storage] = len(listed) + 1
        listed += inner
    ends = {len(top), *(start - 1 for start in chains.values()), len(listed)}
    entries = b""
    for number, name in enumerate(listed, 1):
        right = NOBODY if number in ends else number + 1
        if name in chains:
            entries += _entry(name, 1, (right, chains[name]), 0, 0)
        else:
            entries += _entry(name.rpartition("/")[2], 2, (right, NOBODY), places[name], len(streams[name]))
    return entries


def make_compound(streams: dict[str, bytes]) -> bytes:
    """Return a compound file with these streams, small ones in the mini stream; one named ``a/b`` lies in storage a."""
    names = sorted(streams, key=lambda name: (len(name), name.upper()))
    fat: list[int] = []
    mini_fat: list[int] = []
    mini, body, places = b"", b"", {}
    for name in names:
        data = streams[name]
        if len(data) < CUTOFF:
            places[name] = _chain(mini_fat, len(_padded(data, MINI)) // MINI)
            mini += _padded(data, MINI)
        else:
            places[name] = _chain(fat, len(_padded(data, SECTOR)) // SECTOR)
            body += _padded(data, SECTOR)
    mini_start = _chain(fat, len(_padded(mini, SECTOR)) // SECTOR)
    body += _padded(mini, SECTOR)
    entries = _entry("Root Entry", 5, (NOBODY, 1), mini_start, len(mini)) + _directory(streams, names, places)
    while len(entries) % SECTOR:
        entries += struct.pack("<66sBBIII16sIQQIQ", b"", 0, 0, NOBODY, NOBODY, NOBODY, b"", 0, 0, 0, 0, 0)
    directory = _chain(fat, len(entries) // SECTOR)
    allocation = struct.pack(f"<{len(mini_fat)}I", *mini_fat)
    allocation += b"\xff" * (-len(allocation) % SECTOR)
    mini_table = _chain(fat, len(allocation) // SECTOR)
    body += entries + allocation
    first, (places, index) = len(fat), _allocation_sizes(len(fat))
    fat += [FAT_SECTOR] * places + [INDEX_SECTOR] * index
    table = struct.pack(f"<{len(fat)}I", *fat)
    table = table + b"\xff" * (places * SECTOR - len(table))
    listed = list(range(first, first + places))
    for number in range(index):
        more = listed[IN_HEADER + number * 127 :][:127]
        following = first + places + number + 1 if number + 1 < index else END
        table += struct.pack("<128I", *more, *[FREE] * (127 - len(more)), following)
    listed = listed[:IN_HEADER] + [FREE] * (IN_HEADER - places)
    header = struct.pack(
        "<8s16sHHHHH6s9I109I", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, b"",
        0, places, directory, 0, CUTOFF, mini_table, len(allocation) // SECTOR, first + places if index else END,
        index, *listed,
    )  # fmt: skip
    return header + body + table
