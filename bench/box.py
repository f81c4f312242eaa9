"""One box on a root of its own, run by the installed command, for a benchmark to load and to look at.

Roots lie in ``/var/tmp``, which is on a disk where ``/tmp`` may be memory: what a
commit costs is part of what is measured.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.settings import CHECKOUT, Settings
from bench.corpus import CORPUS
from bench.rows import note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_BESIDE = Path(sys.executable).parent / "appliance"
APPLIANCE = _BESIDE if _BESIDE.exists() else CHECKOUT / ".venv" / "bin" / "appliance"
"""The installed command: beside this Python, else the checkout's own."""

DISK = Path("/var/tmp")  # noqa: S108 - a disk is wanted, and each root there has a name of its own
FAREWELL_SECONDS = 10.0
"""How long a box may take to end."""

LOOK_SECONDS = 0.0003
"""How often a single document is looked for."""

PATIENCE_SECONDS = 120.0
AT_REST = "state IN ('filed', 'in_review', 'unreadable')"


class BoxError(Exception):
    """The box did not do what the benchmark waits for."""


class Box:
    """A running box.

    Args:
        home: Its root.
        process: The service.
        address: Of its desk.
    """

    def __init__(self, home: Path, process: subprocess.Popen[str], address: str) -> None:
        self.home = home
        self.inbox = home / "inbox"
        self.process = process
        self.address = address
        ledger = Settings(home=home).ledger_path
        self._ledger = sqlite3.connect(f"{ledger.as_uri()}?mode=ro", uri=True)

    def close(self) -> None:
        """Close the ledger and end the service."""
        self._ledger.close()
        end(self.process)

    def walk_seconds(self, document: Path, name: str) -> float:
        """Drop one document and return the seconds from its close until the ledger says it is at rest."""
        content = document.read_bytes()
        with (self.inbox / name).open("wb") as file:
            file.write(content)
        closed = time.perf_counter()
        query = f"SELECT 1 FROM documents WHERE name = ? AND {AT_REST}"  # noqa: S608 - our own words
        self._wait(lambda: self._ledger.execute(query, [name]).fetchone() is not None, LOOK_SECONDS)
        return time.perf_counter() - closed

    def backlog_seconds(self, documents: Sequence[Path]) -> float:
        """Put many documents in at once and return the seconds until all are at rest."""
        staged = self.home / "staged"
        staged.mkdir(exist_ok=True)
        before = self.resting()
        names = [f"{before + number:06}{document.suffix}" for number, document in enumerate(documents)]
        for document, name in zip(documents, names, strict=True):
            shutil.copyfile(document, staged / name)
        os.sync()  # what copying owes the disk is not the box's to pay
        began = time.perf_counter()
        for name in names:
            (staged / name).rename(self.inbox / name)
        self.wait_resting(before + len(names))
        return time.perf_counter() - began

    def resting(self) -> int:
        """How many documents are at rest."""
        query = f"SELECT count(*) FROM documents WHERE {AT_REST}"  # noqa: S608 - our own words
        return int(self._ledger.execute(query).fetchone()[0])

    def wait_resting(self, count: int, pause: float = 0.05) -> None:
        """Wait until so many documents are at rest."""
        self._wait(lambda: self.resting() >= count, pause)

    def _wait(self, holds: Callable[[], bool], pause: float) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise BoxError(_told("The box did not finish its documents", self.home))
            time.sleep(pause)


@contextmanager
def fresh_home(model: Path | None = None, **settings: object) -> Iterator[Path]:
    """Make a root with an inbox on a disk, and remove it afterwards.

    Args:
        model: Its factory model; the checkout's own by default.
        settings: Other settings that are not the defaults.
    """
    home = Path(tempfile.mkdtemp(prefix="bench-", dir=DISK if os.access(DISK, os.W_OK) else None))
    try:
        prepare_home(home, model, **settings)
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def prepare_home(home: Path, model: Path | None = None, **settings: object) -> None:
    """Write the settings of a root; its desk takes a free port, so that no other box is in the way."""
    (home / "inbox").mkdir(exist_ok=True)
    chosen = {"desk_port": 0, **({"factory_model": model} if model else {}), **settings}
    lines = (f"{key} = {_toml(value)}\n" for key, value in chosen.items())
    (home / "appliance.toml").write_text("".join(lines), encoding="utf-8")


def _toml(value: object) -> str:
    return str(value) if isinstance(value, int | float) else f"'{value}'"


@contextmanager
def running_box(home: Path) -> Iterator[Box]:
    """Run the installed command on a root until the block ends.

    Raises:
        BoxError: It ended before it was ready.
    """
    process = start(home)
    try:
        box = Box(home, process, wait_ready(process, home))
    except BaseException:
        end(process)
        raise
    try:
        yield box
    finally:
        box.close()


def start(home: Path, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Start the service on a root; what it logs goes to ``box.log`` there."""
    with (home / "box.log").open("ab") as log:
        return subprocess.Popen(
            [APPLIANCE, "run"],
            env={**os.environ, "APPLIANCE_HOME": str(home), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )


def wait_ready(process: subprocess.Popen[str], home: Path) -> str:
    """Wait until a service takes documents and return the desk's address.

    Raises:
        BoxError: It ended before.
    """
    for line in process.stdout or ():
        if line.startswith("Review desk: "):
            return line.split()[-1]
    raise BoxError(_told("The box ended before it was ready", home))


def end(process: subprocess.Popen[str]) -> None:
    """Ask a service to end, and make it where it does not."""
    process.terminate()
    try:
        process.wait(FAREWELL_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()


def _told(what: str, home: Path) -> str:
    lines = (home / "box.log").read_text(encoding="utf-8", errors="replace").splitlines()
    return f"{what}; its log ends: {' | '.join(lines[-3:]) or 'empty'}"


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with what every benchmark may be told."""
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    default = Settings.model_fields["factory_model"].default
    made.add_argument("--model", type=Path, default=default, help="bundle or model folder; default: the factory model")
    return made


def lacks(name: str, *modules: str, corpus: bool = True, model: Path | None = None) -> bool:
    """Say on stderr what this machine lacks for a benchmark.

    Args:
        name: The benchmark.
        modules: What it imports beyond the service.
        corpus: Whether it reads the labelled corpus.
        model: The model folder it uses.

    Returns:
        Whether anything is missing, so that the benchmark has to be skipped.
    """
    missing = [f"the Python module {module} (make workbench)" for module in modules if find_spec(module) is None]
    if corpus and not (CORPUS / "labels.csv").is_file():
        missing.append(f"the labelled corpus at {CORPUS}")
    if model and not model.exists():
        missing.append(f"a model at {model}")
    if not APPLIANCE.exists():
        missing.append(f"the command {APPLIANCE} (make setup)")
    if missing:
        note(f"{name} skipped: this machine lacks {' and '.join(missing)}")
    return bool(missing)
