"""Models from outside: imported by the command, taken up by the running service, and never lost."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from appliance.ledger import Ledger
from appliance.settings import Settings
from appliance.updates.house import House
from tests.builders import make_pdf
from tests.e2e.conftest import APPLIANCE, Box, wait_for
from tests.e2e.texts import CONTRACT
from tests.updates.modelbox import long_lived, write_bundle
from tests.updates.tiny import TELLS, make_model

if TYPE_CHECKING:
    from tests.updates.forger import Forger
    from tests.updates.tiny import TinyModel

pytestmark = pytest.mark.e2e

FACTORY = "tiny 1"
WRONG = {"text": "total", "label": "paper", "probabilities": [0.0, 0.0, 1.0, 0.0]}


class ModelHome:
    """A root whose box came with a tiny model and trusts one publisher."""

    def __init__(self, box: Box, forger: Forger) -> None:
        self.box, self.forger = box, forger
        write_model_folder(box.home / "came-with", make_model(1))
        (box.home / "appliance.toml").write_text(
            f"factory_model = '{box.home / 'came-with'}'\ndesk_port = 0\nlatency_ratio = 9.0\nworkers = 1\n"
        )
        (box.home / "1.root.json").write_bytes(forger.root)
        assert self.run("trust", "pin", box.home / "1.root.json").returncode == 0

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return self.box.command(*arguments)

    def bundle(self, release: int, name: str = "", **fields: Any) -> Path:
        return write_bundle(
            self.box.home / (name or f"tiny-{release}.bundle"), make_model(release, **fields), self.forger
        )

    @property
    def status(self) -> dict[str, Any]:
        [found] = self.box.lines("model", "status")
        return found

    @property
    def models(self) -> list[str]:
        return [document["model"] for document in self.box.lines("documents")]

    def state(self) -> bytes | None:
        path = Settings(home=self.box.home).models / "state.json"
        return path.read_bytes() if path.exists() else None


def write_model_folder(folder: Path, model: TinyModel) -> None:
    (folder / "targets").mkdir(parents=True)
    (folder / "manifest.json").write_bytes(model.data)
    for name, content in model.targets.items():
        (folder / "targets" / name).write_bytes(content)


@pytest.fixture(scope="module")
def publisher() -> Forger:
    return long_lived()


@pytest.fixture
def home_of_models(box: Box, publisher: Forger) -> ModelHome:
    return ModelHome(box, publisher)


def test_a_good_bundle_is_imported_and_every_rung_is_told(home_of_models: ModelHome) -> None:
    done = home_of_models.run("model", "import", home_of_models.bundle(2))
    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()[:10]] == [str(rung) for rung in range(1, 11)]
    told = {"active": "tiny 2", "fallback": FACTORY, "provider": "cpu", "floor": 2, "passed_over": []}
    assert home_of_models.status == told


def test_a_refused_bundle_ends_with_1_and_one_reason(home_of_models: ModelHome) -> None:
    bundle = home_of_models.bundle(2)
    bundle.write_bytes(bundle.read_bytes()[:-1])
    done = home_of_models.run("model", "import", bundle)
    assert done.returncode == 1
    assert f"Nothing changed; {FACTORY} is still active." in done.stderr
    assert "Traceback" not in done.stderr
    assert (home_of_models.status["active"], home_of_models.state()) == (FACTORY, None)
    [row] = home_of_models.box.lines("model", "history")
    assert (row["outcome"], row["rung"], row["bundle"]) == ("refused", 2, "tiny-2.bundle")


def test_a_program_is_told_of_a_refusal_too(home_of_models: ModelHome) -> None:
    *rungs, last = home_of_models.box.lines("model", "import", home_of_models.bundle(2, golden=[WRONG]))
    assert (rungs[-1]["name"], rungs[-1]["result"], last["accepted"]) == ("golden", "refused", False)


def test_a_model_worse_on_what_people_reviewed_here_is_refused(home_of_models: ModelHome) -> None:
    box = home_of_models.box
    for number in range(12):
        box.drop(f"total word {number}".encode(), f"{number}.txt")
    box.once()
    with Ledger(Settings(home=box.home).ledger_path) as ledger:
        ledger._db.execute(
            "INSERT INTO reviews (document, at, actor, label, chance)"
            " SELECT id, '2026', 'ada', 'receipt', 1 FROM documents"
        )
    done = home_of_models.run("model", "import", home_of_models.bundle(2, tells={**TELLS, "total": 2}))
    assert (done.returncode, "refused on rung 7, reviewed" in done.stderr) == (1, True), done.stdout + done.stderr
    assert "On 12 documents reviewed here it is right on 0.0%" in done.stderr
    assert home_of_models.run("model", "import", home_of_models.bundle(2)).returncode == 0


def test_a_held_model_answers_once_it_is_activated(home_of_models: ModelHome) -> None:
    home_of_models.run("model", "import", home_of_models.bundle(2), "--activate", "hold")
    assert home_of_models.status["active"] == FACTORY
    assert home_of_models.run("model", "activate").returncode == 0
    assert home_of_models.status["active"] == "tiny 2"


def test_going_back_is_one_command_and_on_record(home_of_models: ModelHome) -> None:
    home_of_models.run("model", "import", home_of_models.bundle(2))
    assert home_of_models.run("model", "rollback", "--why", "odd answers", "--as", "ada").returncode == 0
    assert (home_of_models.status["active"], home_of_models.status["floor"]) == (FACTORY, 2)
    assert home_of_models.box.is_clean()


def test_the_service_takes_a_model_up_while_it_classifies(home_of_models: ModelHome) -> None:
    box = home_of_models.box
    box.start()
    box.drop(make_pdf(CONTRACT), "before.pdf")
    assert wait_for(lambda: home_of_models.models == [FACTORY])
    importing = subprocess.Popen([APPLIANCE, "model", "import", home_of_models.bundle(2)], env=box.environment,
                                 stdout=subprocess.DEVNULL)  # fmt: skip
    for number in range(30):
        box.drop(make_pdf(f"{CONTRACT} {number}"), f"{number}.pdf")
        time.sleep(0.05)
    assert importing.wait(60) == 0
    assert wait_for(lambda: _drop_one(box) and home_of_models.models[0] == "tiny 2")
    assert box.end() == 0
    assert set(home_of_models.models) == {FACTORY, "tiny 2"}
    assert box.is_clean()


def _drop_one(box: Box) -> bool:
    """Drop one more document and wait until it is decided."""
    name = f"{time.monotonic_ns()}.pdf"
    box.drop(make_pdf(f"{CONTRACT} {name}"), name)
    return wait_for(lambda: any(row["name"] == name and row["model"] for row in box.lines("documents")))


def test_of_two_imports_at_once_the_second_is_told_to_wait(home_of_models: ModelHome) -> None:
    settings = Settings(home=home_of_models.box.home)
    with House.of(settings).importing():
        done = home_of_models.run("model", "import", home_of_models.bundle(2))
    assert (done.returncode, done.stderr.startswith("Another import is under way.")) == (1, True)
    assert home_of_models.run("model", "import", home_of_models.bundle(2)).returncode == 0


def test_a_full_disk_refuses_and_changes_nothing(home_of_models: ModelHome) -> None:
    bundle = home_of_models.bundle(2, extra={"large.bin": bytes(3_000_000)})
    done = subprocess.run(
        [APPLIANCE, "model", "import", bundle],
        env=home_of_models.box.environment,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=partial(resource.setrlimit, resource.RLIMIT_FSIZE, (2_000_000, 2_000_000)),
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert (home_of_models.status["active"], home_of_models.state()) == (FACTORY, None)


@pytest.mark.parametrize("seed", range(4))
def test_an_import_killed_at_any_moment_leaves_a_model_that_answers(home_of_models: ModelHome, seed: int) -> None:
    bundle = home_of_models.bundle(2)
    process = subprocess.Popen([APPLIANCE, "model", "import", bundle], env=home_of_models.box.environment,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    time.sleep(random.Random(seed).uniform(0.2, 2.5))
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert home_of_models.status["active"] in (FACTORY, "tiny 2")
    assert home_of_models.run("model", "import", bundle).returncode == 0
    assert home_of_models.status["active"] == "tiny 2"


def test_three_starts_that_are_killed_go_back(home_of_models: ModelHome) -> None:
    home_of_models.run("model", "import", home_of_models.bundle(2))
    for _ in range(3):
        home_of_models.box.start()
        home_of_models.box.end(signal.SIGKILL)
    home_of_models.box.start()
    assert home_of_models.status["active"] == FACTORY
    assert home_of_models.box.end() == 0


def test_a_broken_slot_is_put_aside_and_the_box_starts(home_of_models: ModelHome) -> None:
    home_of_models.run("model", "import", home_of_models.bundle(2))
    models = Settings(home=home_of_models.box.home).models
    graph = next(models.glob("slots/0001/targets/*.onnx"))
    graph.chmod(0o644)
    graph.write_bytes(b"other")
    home_of_models.box.once()
    assert home_of_models.status["active"] == FACTORY
    assert json.loads((models / "quarantine" / "0001.json").read_text())["slot"] == "0001"


def test_what_a_stick_offers_is_shown_and_not_installed(home_of_models: ModelHome, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    (stick / "models").mkdir(parents=True)
    home_of_models.bundle(2).rename(stick / "models" / "tiny-2.bundle")
    (stick / "bad\x1b[2J.bundle").write_bytes(b"PK")
    os.mkfifo(stick / "pipe.bundle")
    (stick / "link.bundle").symlink_to(stick / "models" / "tiny-2.bundle")
    offers = {Path(offer["path"]).name: offer["model"] for offer in home_of_models.box.lines("model", "offered", stick)}
    assert offers == {"tiny-2.bundle": "tiny 2", "bad\x1b[2J.bundle": None}
    assert "\x1b" not in home_of_models.run("model", "offered", stick).stdout
    assert home_of_models.state() is None
