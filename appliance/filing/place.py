"""Where a document goes: pure functions from a decision and a name to a place.

Nothing here touches the disk.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from appliance.errors import ApplianceError
from appliance.names import NAME_BYTES, clean_name, shortened

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDERS = {"auto": "filed", "review": "review", "unknown": "review", "unreadable": "unreadable"}
"""The folder below ``var/`` for each status."""


class LabelError(ApplianceError):
    """A label that cannot be a folder."""


def destination_folder(status: str, label: str | None) -> PurePosixPath:
    """Return the folder for a decision, relative to the root.

    Raises:
        LabelError: The label cannot be a path below ``filed/``.
    """
    folder = PurePosixPath("var") / FOLDERS[status]
    return folder / _label_path(label) if status == "auto" and label is not None else folder


def numbered(name: str, number: int) -> str:
    """Return the name itself for 1, else ``stem (2).suffix`` and so on; at most 255 bytes long."""
    if number == 1:
        return name
    stem, suffix = _split(name)
    return shortened(stem, f" ({number}){suffix}")


def first_free(name: str, is_taken: Callable[[str], bool]) -> str:
    """Return a numbered name that is free, the first one where numbers were given in turn.

    Doubles the number until one is free, then halves the gap: ten thousand
    files of one name cost thirty looks each and not ten thousand.
    """
    high = 1
    while is_taken(numbered(name, high)):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_taken(numbered(name, middle)) else (low, middle)
    return numbered(name, high)


def _label_path(label: str) -> PurePosixPath:
    parts = label.split("/")
    for part in parts:
        if not part or part.startswith(".") or clean_name(part.encode(errors="surrogatepass")) != part:
            raise LabelError(
                f"The label {label!r} cannot be a folder.",
                "Each of its parts must be a plain name.",
                "Have the model's bundle corrected; the document waits in var/holding.",
            )
    return PurePosixPath(*parts)


def _split(name: str) -> tuple[str, str]:
    path = PurePosixPath(name)
    return (path.stem, path.suffix) if len(path.suffix.encode()) < NAME_BYTES // 2 else (name, "")
