"""Names from strangers, made harmless once: shown, logged and filed only in this form."""

from __future__ import annotations

import re
import unicodedata

NAME_BYTES = 255
"""The longest name a Linux file system takes (man 7 path_resolution: NAME_MAX)."""

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_UNSHOWABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
_ATTACHMENT = re.compile(r"(\d+)\.(\d+)")
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean_name(raw: bytes) -> str:
    """Return a name that any program can show and open.

    Bytes that are not UTF-8, control characters and characters that turn the
    reading direction become U+FFFD; everything else stays as the clerk wrote it.
    """
    text = raw.decode("utf-8", errors="replace")
    shown = "".join(_REPLACEMENT if _is_unshowable(character) else character for character in text)
    return shortened(shown.replace("/", _REPLACEMENT))


def attachment_folder(mail: int, number: int) -> str:
    """Return the name of the folder in holding where what is attached to a mail lies in work."""
    return f"{mail}.{number}"


def attachment_of(folder: str) -> tuple[int, int] | None:
    """Return the mail and the number that a folder in holding is named after; None for one that is no attachment's."""
    named = _ATTACHMENT.fullmatch(folder)
    return (int(named[1]), int(named[2])) if named else None


def attachment_name(untrusted: str, number: int) -> str:
    """Return a harmless name for what is attached to a mail: its last part, never hidden, never empty.

    Args:
        untrusted: What the mail calls it, be it a path of any system.
        number: Which attachment it is; names one that has no name.
    """
    last = untrusted.replace("\\", "/").rpartition("/")[2]
    shown = clean_name(last.encode("utf-8", "replace")).strip().lstrip(".").strip()
    return shown or f"attachment {number}"


def shortened(stem: str, tail: str = "") -> str:
    """Return ``stem + tail`` with the stem cut so that the whole fits a file name."""
    room = NAME_BYTES - len(tail.encode())
    return stem.encode()[:room].decode("utf-8", errors="ignore") + tail


def _is_unshowable(character: str) -> bool:
    return unicodedata.category(character) in _UNSHOWABLE or character in _TURNING
