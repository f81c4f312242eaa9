"""Bombs end in an answer: within the limit, in a sentence, and without a trace."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psutil
import pytest

from appliance.answer import Reading
from appliance.classify import Status
from appliance.reading import LocalReader
from tests.attack.bombs import BOMBS, LARGE, docx_with, markup_with, odt_with
from tests.attack.fuzz import let_loose
from tests.attack.ground import Ground, model_at_hand
from tests.fakes import FakeModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from appliance.answer import Model

LIMIT = 2.0
GROWN_BYTES = 200 * 1024**2
"""A bomb that went off in this process would fill it with gigabytes; the bomb itself, packed, is at most 25 MB."""

SAY_SOMETHING = frozenset(
    {"docx: 3 GB of words", "pdf: 50,000 tables of offsets", "pdf: a table that comes before itself"}
)
"""Those whose words can be had for the asking."""


@pytest.fixture(scope="module")
def model() -> Model:
    """What decides; onnxruntime keeps files of its own open from here on."""
    return model_at_hand()


@pytest.fixture(scope="module")
def ground(model: Model) -> Iterator[Ground]:
    """The readers, the same for all: what one bomb does to them the next would notice."""
    with Ground(LIMIT, model) as made:
        yield made
        assert made.close() == []


@pytest.fixture(autouse=True)
def nothing_is_left_behind(ground: Ground) -> Iterator[None]:
    """In place of the rule for every test: the ground's own, because its readers stay for the next bomb."""
    del ground
    held = psutil.Process().memory_info().rss
    yield
    assert psutil.Process().memory_info().rss - held < GROWN_BYTES


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_answered(name: str, ground: Ground) -> None:
    outcome = let_loose(ground, BOMBS[name]())
    assert outcome.faults == []
    assert outcome.verdict is not None
    if name in SAY_SOMETHING:
        assert outcome.verdict.status != Status.UNREADABLE


@pytest.mark.parametrize("name", LARGE)
def test_a_text_that_does_not_end_is_answered_by_its_beginning(name: str, ground: Ground, tmp_path: Path) -> None:
    path = tmp_path / "large"
    LARGE[name](path)
    with _opened(path) as descriptor:
        path.unlink()
        outcome = ground.meet(descriptor)
    assert outcome.faults == []
    assert outcome.verdict is not None
    assert outcome.verdict.pages_read > 0


@pytest.mark.parametrize("make", [docx_with, odt_with, markup_with], ids=["docx", "odt", "svg"])
def test_an_external_entity_is_never_read(make: Callable[[str, str], bytes], tmp_path: Path) -> None:
    """Asked without walls, so that it is the parser that does not look, not the sandbox that does not let it."""
    secret = tmp_path / "secret"
    secret.write_text("strange")
    assert _status(make("", "strange"), tmp_path) == Status.UNKNOWN
    assert _status(make(f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]>', "&x;"), tmp_path) != Status.UNKNOWN


def _status(content: bytes, folder: Path) -> str:
    path = folder / "document"
    path.write_bytes(content)
    with _opened(path) as descriptor:
        return Reading(LocalReader(), FakeModel(), LIMIT).answer(descriptor).status


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
