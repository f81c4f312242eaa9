"""One step in the life of a box's models, by the appliance's own ladder, slots, pointer, trust and ledger on disk.

Only what a model answers is a stand-in, so that an import is some milliseconds
and each of its system calls has the same number in each run. A scenario is
what lies there before, and the act that is cut: an import, a start of the box,
or a person going back to the model before.
"""

from __future__ import annotations

import itertools
import secrets
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from appliance.classify.classifier import Classifier
from appliance.classify.store import TARGETS
from appliance.ledger import Ledger
from appliance.updates.house import House
from appliance.updates.ladder import Ladder, Means
from appliance.updates.pointer import MOST_TRIES, Status, confirmed
from appliance.updates.rungs import Limits
from tests.classify.builders import WordNetwork, make_tokenizer, write_folder
from tests.updates.forger import FILES, NOW, Forger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from appliance.classify.store import ModelFiles
    from appliance.updates.boot import Serving

KEPT = 3
NEXT = 9
"""The release that is imported once the box was started after a cut."""

FACTORY = 0
"""The release of the model the box came with."""

MODELS = "home/var/models"
_FORGER = Forger()
_BUNDLES: dict[int, bytes] = {}
_LIMITS = Limits(latency_ratio=1e9, memory_bytes=1 << 40, accuracy_margin=0.5)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One act on one box.

    Attributes:
        name: What is different in it.
        before: The releases that were imported one after the other, each confirmed.
        act: What is done: ``import``, ``hold``, ``start`` or ``back``.
        release: What is imported.
        prepare: What has happened to the box since.
        cut: The releases that may answer where the act was cut.
        done: The one that must answer once the act has returned.
        damaged: The release whose slot is broken; it must be kept for somebody to look at.
        aside: Whether it must lie in quarantine once the box was started.
    """

    name: str
    before: tuple[int, ...] = ()
    act: str = "import"
    release: int = 0
    prepare: Callable[[House], object] = lambda _: None
    cut: tuple[int, ...] = ()
    done: int = FACTORY
    damaged: int = 0
    aside: bool = False

    @property
    def floor(self) -> int:
        """The highest release accepted before the act."""
        return max(self.before, default=0)

    def may_be_pruned(self, imports: int) -> tuple[int, ...]:
        """Return the releases that need not be there any longer once so many imports have begun."""
        return self.before[: max(0, len(self.before) + imports - KEPT)] if self.release else ()


def _damage(house: House) -> None:
    """Alter the active model's network on the disk."""
    [network] = (house.slots.folder / str(house.state().active) / TARGETS).glob("*.model.onnx")
    network.chmod(0o644)
    network.write_bytes(b"altered")


def _go_back(house: House) -> None:
    """Let the oldest that is kept answer."""
    house.roll_back(house.slots.all()[0].name)
    house.pointer.change(confirmed)


def _on_trial(tries: int) -> Callable[[House], object]:
    return lambda house: house.pointer.change(
        lambda state: replace(state, generation=state.generation + 1, status=Status.TRIAL, tries=tries)
    )


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("second", (1,), release=2, cut=(1, 2), done=2),
        Scenario("first", (), release=1, cut=(FACTORY, 1), done=1),
        Scenario("fifth", (1, 2, 3, 4), release=5, cut=(4, 5), done=5),
        Scenario("after back", (1, 2, 3, 4), release=5, prepare=_go_back, cut=(2, 5), done=5),
        Scenario("held", (1,), "hold", 2, cut=(1,), done=1),
        Scenario("repair", (1, 2), release=2, prepare=_damage, cut=(1, 2), done=2, damaged=2),
        Scenario("broken", (1, 2), "start", prepare=_damage, cut=(1,), done=1, damaged=2, aside=True),
        Scenario("last try", (1, 2), "start", prepare=_on_trial(MOST_TRIES - 1), cut=(1, 2), done=1),
        Scenario("worn out", (1, 2), "start", prepare=_on_trial(MOST_TRIES), cut=(1,), done=1),
        Scenario("back", (1, 2), "back", cut=(2, 1), done=1),
    )
}


def bundle(release: int) -> bytes:
    """A small bundle of a model of this release; the same bytes for as long as this process lives."""
    if release not in _BUNDLES:
        files = {**FILES, "model.onnx": b"the network of release %d. " % release * 20}
        _BUNDLES[release] = _FORGER.bundle(release, files=files)
    return _BUNDLES[release]


def house_at(root: Path) -> House:
    """The models of the box whose home lies at a root."""
    return House(root / MODELS, root / "factory", root / "root.json")


def lay_out(root: Path, scenario: Scenario) -> None:
    """Make a box as a scenario finds it, and the stick."""
    shutil.rmtree(root, ignore_errors=True)
    (root / "home/var").mkdir(parents=True)
    (root / "stick").mkdir()
    (root / "root.json").write_bytes(_FORGER.root)
    write_folder(root / "factory", release=FACTORY)
    with Ledger(root / "home/var/ledger.db"):
        pass
    for release in scenario.before:
        climb(root, release)
        house_at(root).pointer.change(confirmed)
    (root / "stick" / f"{scenario.release}.bundle").write_bytes(bundle(scenario.release or NEXT))
    scenario.prepare(house_at(root))


def perform(root: Path, scenario: Scenario, first_name: int = 0) -> None:
    """Do what is cut in a scenario; raises what a command would tell a person.

    Args:
        root: Where the box lies.
        scenario: What is done.
        first_name: Where temporary names are counted from; another one on a root that was cut before.
    """
    with counted_names(first_name):
        if scenario.act == "start":
            start(root)
        elif scenario.act == "back":
            house_at(root).roll_back()
        else:
            climb(root, scenario.release, hold=scenario.act == "hold")


def start(root: Path) -> Serving[Classifier]:
    """Start the box, as far as its model goes."""
    return house_at(root).start(load)


def climb(root: Path, release: int, *, hold: bool = False) -> None:
    """Import a bundle from the stick."""
    stick = root / "stick" / f"{release}.bundle"
    if not stick.exists():
        stick.write_bytes(bundle(release))
    means = Means(_LIMITS, 0, KEPT, load, lambda *_: [], now=lambda: NOW)
    with Ledger(root / "home/var/ledger.db") as ledger:
        Ladder(house_at(root), ledger, means, lambda _: None).climb(stick, "the admin", hold=hold)


def load(files: ModelFiles) -> Classifier:
    """Read every file of a model, proven, and answer by words."""
    for name in files.manifest.targets:
        files.read(name)
    classifier = Classifier(files.manifest, files.manifest.variants[0], WordNetwork(), make_tokenizer())
    classifier.prove()
    return classifier


@contextmanager
def counted_names(first: int) -> Iterator[None]:
    """Count temporary names instead of drawing them, so that a call is spelt alike in each run."""
    kept = secrets.token_hex, tempfile._name_sequence  # type: ignore[attr-defined]
    counter = itertools.count(first)
    secrets.token_hex = lambda size=4: f"{next(counter):0{size * 2}x}"
    tempfile._name_sequence = (f"{number:08x}" for number in itertools.count(first))  # type: ignore[attr-defined]
    try:
        yield
    finally:
        secrets.token_hex, tempfile._name_sequence = kept  # type: ignore[attr-defined]
