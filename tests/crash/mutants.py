"""Bugs that are put into a copy of the appliance, one at a time, each of which the crash proof must catch.

``python -m tests.crash.mutants`` seeds them all and prints a table;
``--sample N --seed S`` seeds N of them. The copy lies in a temporary folder and
the checkout is never written to. A mutant is caught when the power cuts or a
sample of the cuts at system calls find something; a mutation whose text stands
in the code no longer, or more than once, is an error. The unchanged copy goes
first and must pass.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tests.fakes import other_file_system

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

CHECKOUT = Path(__file__).resolve().parents[2]
TRIAL_SECONDS = 900
SWEEP_CUTS = 60
"""So many system calls are cut of each mutant, beside every state after a power cut."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A small bug.

    Attributes:
        name: What is wrong.
        file: Where, below ``appliance/``.
        search: The text that makes it right; it stands there once.
        replace: What stands there instead.
        scenario: A walk that passes through it.
        call: The system call at which it shows, where no power cut and no sample is likely to.
    """

    name: str
    file: str
    search: str
    replace: str
    scenario: str = "linked"
    call: str | None = None


SYNCED = "        fsync_folder(target.parent)\n        _fsync_nearest(source.parent)\n"
RESTED = "        rested = self.ledger.rest(document)\n"

MUTANTS = (
    Mutant(
        "the holding folder of a claim is not synced",
        "intake/claim.py",
        "        fsync_folder(held.parent)\n        fsync_folder(self.holding)\n",
        "        fsync_folder(self.holding)\n",
    ),
    Mutant(
        "the folder of the holding folders is not synced at a claim",
        "intake/claim.py",
        "        fsync_folder(held.parent)\n        fsync_folder(self.holding)\n",
        "        fsync_folder(held.parent)\n",
    ),
    Mutant(
        "the inbox is not synced after its name went",
        "intake/claim.py",
        "        fsync_folder(document.inbox_path.parent)",
        "        pass",
    ),
    Mutant(
        "the inbox name goes before the other one is durable",
        "intake/claim.py",
        "        fsync_folder(held.parent)\n        fsync_folder(self.holding)\n",
        "        _remove_from_inbox(document, held)\n"
        "        fsync_folder(held.parent)\n        fsync_folder(self.holding)\n",
    ),
    Mutant(
        "the inbox name goes before there is another one",
        "intake/claim.py",
        "            if status.st_nlink == 1 and _could_link(source, held):\n",
        "            if status.st_nlink == 1:\n                os.rename(source, held)\n",
    ),
    Mutant(
        "a copy is not synced",
        "intake/claim.py",
        "        os.fsync(copy.fileno())\n",
        "",
        "copied",
    ),
    Mutant(
        "a copy is made under its own name",
        "intake/claim.py",
        "    partial = held.with_name(PARTIAL)\n    descriptor",
        "    partial = held\n    descriptor",
        "far",
    ),
    Mutant(
        "a copy is not compared with its original",
        "intake/claim.py",
        "        if sha256_of(original.fileno()) != sha256_of(copy.fileno()):\n",
        "        if False:\n",
        "grows far",
    ),
    Mutant(
        "the original of a copy is not synced",
        "intake/claim.py",
        "        _sync_if_possible(original.fileno())\n",
        "",
        "far",
    ),
    Mutant(
        "a file is known by its name and not by its inode",
        "intake/claim.py",
        "    return status.st_ino == document.inode and (\n",
        "    return True or (\n",
        "replaced",
    ),
    Mutant(
        "a withdrawn file keeps its name in holding",
        "intake/claim.py",
        "        held.unlink(missing_ok=True)\n",
        "",
        "taken back",
    ),
    Mutant(
        "a withdrawal is recorded before it is durable",
        "intake/claim.py",
        "        fsync_folder(self.holding)  # or",
        "        # or",
        "taken back",
    ),
    Mutant(
        "a file that was taken back is kept all the same",
        "intake/claim.py",
        "        if _was_taken_back(document, held) and",
        "        if False and",
        "taken back",
    ),
    Mutant(
        "a claim is never taken up again",
        "intake/claim.py",
        "        if is_new and not self._bring_in(document, held):\n",
        "        if not self._bring_in(document, held):\n",
    ),
    Mutant(
        "the data are not synced before the decision",
        "pipeline.py",
        "    os.fsync(descriptor)\n",
        "",
    ),
    Mutant(
        "a document that grew while it was read is not read again",
        "pipeline.py",
        "            if _was(fingerprint, before) and fingerprint_of(descriptor) == fingerprint:\n",
        "            if fingerprint:\n",
        "grows",
    ),
    Mutant(
        "the decision is committed after the move",
        "pipeline.py",
        "        return self.ledger.decide(document, followed, fingerprint, destination=destination, parts=parts)\n",
        "        os.rename(self.home / str(document.path), self.home / destination)\n"
        "        return self.ledger.decide(document, followed, fingerprint, destination=destination, parts=parts)\n",
    ),
    Mutant(
        "an attachment is not synced",
        "attachments.py",
        "            os.fsync(file.fileno())\n",
        "",
        "mail",
    ),
    Mutant(
        "an attachment's name is not synced",
        "attachments.py",
        "        fsync_folder(folder)\n",
        "",
        "mail",
    ),
    Mutant(
        "the folders of attachments are not synced",
        "attachments.py",
        "            fsync_folder(self.holding)\n",
        "            pass\n",
        "mail",
    ),
    Mutant(
        "the rows of attachments come before their files",
        "attachments.py",
        "        partial.rename(held)\n",
        "        held.write_bytes(b'')\n",
        "mail",
    ),
    Mutant(
        "recovery reads a decided document again",
        "pipeline.py",
        "        if document.state is State.DECIDED:\n            return self.filing.finish(document)\n",
        "",
    ),
    Mutant(
        "recovery leaves decided documents as they are",
        "ledger/states.py",
        "IN_FLIGHT = frozenset({State.CLAIMED, State.READ, State.DECIDED})",
        "IN_FLIGHT = frozenset({State.CLAIMED, State.READ})",
    ),
    Mutant(
        "the ledger says at rest before the move",
        "filing/move.py",
        "        while True:\n            source, target",
        "        rested = self.ledger.rest(document)\n        while True:\n            source, target",
    ),
    Mutant(
        "the ledger says at rest before the folders are durable",
        "filing/move.py",
        SYNCED + RESTED,
        RESTED + SYNCED,
    ),
    Mutant(
        "neither folder of a move is synced",
        "filing/move.py",
        "        fsync_folder(target.parent)\n        _fsync_nearest(source.parent)\n",
        "",
    ),
    Mutant(
        "the folder that was left is not synced",
        "filing/move.py",
        "        fsync_folder(target.parent)\n        _fsync_nearest(source.parent)\n",
        "        fsync_folder(target.parent)\n",
    ),
    Mutant(
        "the folder that was left is not synced where a start has removed it",
        "filing/move.py",
        "        _fsync_nearest(folder.parent)\n",
        "        return\n",
    ),
    Mutant(
        "a cut link-then-unlink is finished before the link is durable",
        "filing/move.py",
        "            fsync_folder(target.parent)\n            source.unlink()",
        "            source.unlink()",
        "plain",
    ),
    Mutant(
        "a cut link-then-unlink takes its own file for a stranger's",
        "filing/move.py",
        "        if os.path.samestat(source.lstat(), target.lstat()):\n",
        "        if False:\n",
        "plain",
    ),
    Mutant(
        "a move that was done is not recognised",
        "filing/move.py",
        "            if not is_taken(source) and self._is_this(document, target):\n",
        "            if False:\n",
    ),
    Mutant(
        "a move replaces what has the name",
        "files.py",
        "_RENAME_NOREPLACE = 1\n",
        "_RENAME_NOREPLACE = 0\n",
        "taken",
    ),
    Mutant(
        "the first half of link-then-unlink is not synced",
        "files.py",
        "    fsync_folder(target.parent)\n    source.unlink()\n",
        "    source.unlink()\n",
        "plain",
    ),
    Mutant(
        "unlink then link",
        "files.py",
        "    os.link(source, target, follow_symlinks=False)\n    fsync_folder(target.parent)\n    source.unlink()\n",
        "    kept = os.open(source, os.O_RDONLY)\n    source.unlink()\n"
        '    os.link(f"/proc/self/fd/{kept}", target)\n    fsync_folder(target.parent)\n',
        "plain",
    ),
    Mutant(
        "a new folder is not synced into its parent",
        "files.py",
        "            raise\n    fsync_folder(folder.parent)\n",
        "            raise\n",
    ),
    Mutant(
        "a folder that is found is taken for durable",
        "files.py",
        "            fsync_folder(folder.parent)\n        return\n",
        "            pass\n        return\n",
    ),
    Mutant(
        "a disk that does not tell is taken for a name that is free",
        "files.py",
        "    except (FileNotFoundError, NotADirectoryError):\n        return False\n    return True\n",
        "    except OSError:\n        return False\n    return True\n",
        call="newfstatat",
    ),
)


class MutationError(Exception):
    """A mutation does not fit the code any longer."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one mutant, or of the code as it is: what each proof found first."""

    mutant: Mutant | None
    found: dict[str, str]
    seconds: float


def source_of(checkout: Path, mutant: Mutant) -> str:
    """Return a module with a mutant's bug in it.

    Raises:
        MutationError: What it replaces does not stand there, or more than once.
    """
    source = (checkout / "appliance" / mutant.file).read_text(encoding="utf-8")
    if source.count(mutant.search) != 1:
        raise MutationError(f"{mutant.name}: its text stands {source.count(mutant.search)} times in {mutant.file}")
    return source.replace(mutant.search, mutant.replace)


def trials(mutants: Sequence[Mutant], folder: Path, proofs: Mapping[str, int | None]) -> Iterator[Trial]:
    """Try the unchanged code and then each mutant, in copies of the checkout.

    Args:
        mutants: The bugs.
        folder: An empty folder for the copy.
        proofs: The modules that must catch them, each with the size of its sample for a walk; None for all.
    """
    for name in ("appliance", "tests"):
        shutil.copytree(CHECKOUT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "workbench"))
    yield _trial(folder, None, sorted({mutant.scenario for mutant in mutants}), proofs)
    for mutant in mutants:
        place = folder / "appliance" / mutant.file
        place.write_text(source_of(CHECKOUT, mutant), encoding="utf-8")
        yield _trial(folder, mutant, [mutant.scenario], proofs)
        shutil.copyfile(CHECKOUT / "appliance" / mutant.file, place)


def _trial(folder: Path, mutant: Mutant | None, scenarios: Sequence[str], proofs: Mapping[str, int | None]) -> Trial:
    began = time.monotonic()
    chosen = [part for scenario in scenarios for part in ("--scenario", scenario)]
    found = {}
    for module, sample in proofs.items():
        how_many = ["--all"] if sample is None else ["--sample", str(sample * len(scenarios))]
        if mutant is not None and mutant.call and module.endswith("sweep"):
            how_many = ["--all", "--call", mutant.call]
        said = _run(folder, [f"tests.crash.{module}", *how_many, "--until-found", *chosen])
        if said is not None:
            found[module] = said
    return Trial(mutant, found, time.monotonic() - began)


def _run(folder: Path, module: Sequence[str]) -> str | None:
    """Run a proof on the copy and return the first thing it found, or None."""
    command = [sys.executable, "-B", "-m", *module]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TRIAL_SECONDS, check=False)
    if done.returncode == 0:
        return None
    found = [line.strip() for line in done.stdout.splitlines() if line.startswith("  ")]
    if not found:
        raise MutationError(f"the proof itself failed: {done.stderr[-600:]}")
    return found[0]


def main(arguments: Sequence[str] | None = None, every: Sequence[Mutant] = MUTANTS, prefix: str = "") -> int:
    """Print the table; 1 when a mutant was not caught or the unchanged code did not pass.

    Args:
        arguments: Of the command line.
        every: The mutants to choose from.
        prefix: Of the names of the two proofs that must catch them.
    """
    chosen = _parser().parse_args(arguments)
    mutants = [mutant for mutant in every if not (chosen.quick and mutant.call)]  # those no power cut shows
    if chosen.only:
        mutants = [mutant for mutant in mutants if any(part in mutant.name for part in chosen.only)]
    if chosen.sample:
        mutants = random.Random(chosen.seed).sample(mutants, chosen.sample)
    for mutant in every:
        source_of(CHECKOUT, mutant)  # each must fit, also those that are not tried
    proofs = {f"{prefix}powercut": None} | ({} if chosen.quick else {f"{prefix}sweep": SWEEP_CUTS})
    caught, clean = Counter[str](), True
    with tempfile.TemporaryDirectory(prefix="mutants-", dir=other_file_system(Path(tempfile.gettempdir()))) as folder:
        for trial in trials(mutants, Path(folder), proofs):
            if trial.mutant is None:
                clean = not trial.found
            else:
                caught.update({"either": int(bool(trial.found)), **dict.fromkeys(trial.found, 1)})
            _tell(trial, verbose=chosen.verbose or (trial.mutant is None and not clean))
    each = ", ".join(f"{module} {caught[module]}" for module in proofs)
    click.echo(f"{caught['either']} of {len(mutants)} mutants caught ({each})")
    return 0 if clean and caught["either"] == len(mutants) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, metavar="N", help="seed N of them; otherwise all")
    parser.add_argument("--only", action="append", metavar="TEXT", help="seed those with this in their name")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="try the power cuts alone")
    parser.add_argument("--verbose", action="store_true", help="show the first findings of each")
    return parser


def _tell(trial: Trial, *, verbose: bool) -> None:
    name = f"{trial.mutant.file}: {trial.mutant.name}" if trial.mutant else "the code as it is"
    outcome = f"caught by {' and '.join(trial.found)}" if trial.found else "nothing found"
    click.echo(f"{outcome:<29} {trial.seconds:5.1f} s  {name}")
    for module, first in trial.found.items() if verbose else ():
        click.echo(f"    {module}: {first}")


if __name__ == "__main__":
    sys.exit(main())
