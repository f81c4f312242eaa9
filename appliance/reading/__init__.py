"""A file descriptor becomes pages of text, lazily, whatever the file claims to be.

Promises: the format is told from the content, never from the name; a page is
read when it is asked for; what leaves is valid text without control characters,
without what nobody sees, and with a note where there was some;
every file that cannot be read is one :class:`UnreadableError` with a sentence
for a clerk; and a hostile document costs itself and nothing else. Never moves
the offset of the caller's descriptor, never writes, never opens a connection.
"""

from appliance.reading.base import Note, Page, Picture, Piece, Reader, Session, Trouble, UnreadableError
from appliance.reading.child import ReaderBusyError, ReaderError
from appliance.reading.language import language_of
from appliance.reading.launcher import Launcher, PlainLauncher
from appliance.reading.layers import Layer, layers
from appliance.reading.local import LocalReader
from appliance.reading.pool import ReaderPool
from appliance.reading.registry import ATTACHED
from appliance.reading.sandbox import SandboxError, launcher_for
from appliance.reading.scans import SCAN_MEMORY_BYTES, SCAN_PROGRAM, LayeredReader, can_read_scans
from appliance.reading.troubles import unreadable

MAILS = frozenset(ATTACHED)
"""Kinds of content that something can be attached to."""

__all__ = [
    "MAILS",
    "SCAN_MEMORY_BYTES",
    "SCAN_PROGRAM",
    "Launcher",
    "Layer",
    "LayeredReader",
    "LocalReader",
    "Note",
    "Page",
    "Picture",
    "Piece",
    "PlainLauncher",
    "Reader",
    "ReaderBusyError",
    "ReaderError",
    "ReaderPool",
    "SandboxError",
    "Session",
    "Trouble",
    "UnreadableError",
    "can_read_scans",
    "language_of",
    "launcher_for",
    "layers",
    "unreadable",
]
