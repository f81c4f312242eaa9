"""Where the models of one box lie, and the only hands that change which of them answers.

``slots/``, ``trust/``, ``staging/`` and the pointer, all below ``var/models``.
An import holds one lock from beginning to end; whoever changes the pointer
holds another for the moment it takes, so that the service and a command never
write over each other.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from appliance.classify import ModelError
from appliance.classify.store import ModelFolder
from appliance.errors import ApplianceError
from appliance.files import make_folder
from appliance.updates.bundled import FACTORY_ROOT, opened_factory
from appliance.updates.pointer import Pointer, PointerState, activated, rolled_back
from appliance.updates.slots import Slots
from appliance.updates.trust import Trust

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from appliance.classify.store import ModelFiles
    from appliance.settings import Settings
    from appliance.updates.slots import Slot


class BusyError(ApplianceError):
    """Another import is under way."""

    def __init__(self) -> None:
        super().__init__(
            "Another import is under way.", "One bundle is imported at a time.", "Try again when the other has ended."
        )
