"""XML that is parsed as it is unpacked: what office formats keep their text in.

Never reads a document type declaration, and with it no entity. A document that
goes on and on without saying anything is too large, long before it is unpacked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias
from xml.parsers import expat  # a document type declaration, its only danger, is refused below

from appliance.reading.base import Trouble
from appliance.reading.troubles import unreadable
from appliance.reading.zipped import ZIP_ERRORS

if TYPE_CHECKING:
    from collections.abc import Callable

Attributes: TypeAlias = "dict[str, str]"

SILENT_BYTES = 8 * 1024**2
"""So much of a document without a word is believed of the rest."""

BROKEN = (*ZIP_ERRORS, expat.ExpatError)
"""What is raised for a package that is damaged, or holds a declaration."""


class Part:
    """One XML entry of a package; a kind of text overrides what it wants to be told of."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._begun
        self._parser.EndElementHandler = self._ended
        self._parser.StartDoctypeDeclHandler = self._declared

    def feed(self, chunk: bytes, *, last: bool = False) -> None:
        """Parse so much more of it."""
        self._parser.Parse(chunk, last)

    def start(self, name: str, attributes: Attributes) -> None:
        """Be told of an element that begins, by its local name."""

    def end(self, name: str) -> None:
        """Be told of one that ends."""

    def listen(self, hear: Callable[[str], None] | None) -> None:
        """Have characters said from here on, or none."""
        self._parser.CharacterDataHandler = hear

    def _begun(self, name: str, attributes: Attributes) -> None:
        self.start(name.rpartition(" ")[2], attributes)

    def _ended(self, name: str) -> None:
        self.end(name.rpartition(" ")[2])

    def _declared(self, *_declared: object) -> None:
        raise expat.ExpatError


class Silence:
    """Counts for how long a document has said nothing.

    Args:
        kind: The format, for the trouble.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._bytes = 0

    def lasts(self, size: int) -> None:
        """Note that so many bytes more said nothing.

        Raises:
            UnreadableError: It is believed of the rest.
        """
        self._bytes += size
        if self._bytes > SILENT_BYTES:
            raise unreadable(Trouble.TOO_LARGE, self._kind)

    def ends(self) -> None:
        """Note that something was said."""
        self._bytes = 0
