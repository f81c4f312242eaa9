"""kill -9 of the installed box at random instants under load, again and again, and then the proof that nothing went.

``python -m bench.kill --times 1000 --seed 1 [--home DIR]``. Documents arrive all
the time, in several folders, renamed in, copied in or copied slowly; each says
something no other says. Half of the kills come while the box works, a quarter
anywhere in its start, a quarter around the moment at which it takes up what the
last kill left; one in four takes the workers and the desk with it. At the end
the box works off what is left, and every file that was dropped must lie in
exactly one place, with one row. With ``--home`` a run that was stopped with
Ctrl-C goes on where it was. By hand, not part of ``make bench``: 1,000 kills
take about 25 minutes.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from appliance.ledger import Queries, State
from appliance.settings import Settings
from bench.arrivals import Arrivals, digest_of
from bench.box import APPLIANCE, DISK, BoxError, lacks, parser, prepare_home, start, wait_ready
from bench.figures import percentile
from bench.memory import family
from bench.rows import note, row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WORK_SECONDS = 0.6
"""How long after its start a working box may live."""

KINDS = {"work": 50, "start": 25, "recovery": 25}
WHOLE_FAMILY = 0.25
TELL_EVERY = 20
ONCE_SECONDS = 500


@dataclass
class Killer:
    """Starts the box and kills it.

    Args:
        home: The root.
        seed: Decides every instant, together with the number of the kill.
    """

    home: Path
    seed: int

    def __post_init__(self) -> None:
        self._log = self.home / "proof" / "kills.jsonl"
        self.kills = [json.loads(line) for line in self._log.read_text().splitlines()] if self._log.exists() else []

    def kill(self) -> None:
        """Start the box once and kill it once."""
        chance = random.Random(f"{self.seed}/{len(self.kills)}")  # noqa: S311 - a run that can be repeated
        kind = chance.choices(list(KINDS), list(KINDS.values()))[0] if self.kills else "work"
        began = time.monotonic()
        process = start(self.home)
        try:
            ready = self._wait(kind, process, chance)
            failed = process.poll() is not None
        finally:
            relatives = list(family(process.pid)) if chance.random() < WHOLE_FAMILY else []
            process.kill()
            process.wait()
            process.stdout.close()  # type: ignore[union-attr]  # it is a pipe
        for relative in relatives[1:]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(relative, signal.SIGKILL)
        lived = time.monotonic() - began
        self._keep({"kind": kind, "ready": ready, "lived": lived, "family": len(relatives), "failed": failed})

    def _wait(self, kind: str, process: subprocess.Popen[str], chance: random.Random) -> float | None:
        """Wait until the instant of the kill; returns when the box was ready, where that was waited for."""
        began = time.monotonic()
        if kind == "work":
            with contextlib.suppress(BoxError):  # it ended by itself: counted as a start that failed
                wait_ready(process, self.home)
            ready = time.monotonic() - began
            time.sleep(chance.uniform(0, WORK_SECONDS))
            return ready
        usual = percentile([each["ready"] for each in self.kills if each["ready"]], 50)
        time.sleep(usual * (chance.uniform(0, 1) if kind == "start" else chance.uniform(0.85, 1.15)))
        return None

    def _keep(self, kill: dict[str, Any]) -> None:
        self.kills.append(kill)
        with self._log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(kill) + "\n")


def torment(home: Path, times: int, seed: int) -> float:
    """Kill the box so many times under load, going on from an earlier run; returns the seconds a kill took."""
    killer, began = Killer(home, seed), time.monotonic()
    before = len(killer.kills)
    with Arrivals(home, seed) as arrivals:
        while len(killer.kills) < times:
            killer.kill()
            done = len(killer.kills)
            if done % TELL_EVERY == 0 or done == times:
                pace = (time.monotonic() - began) / (done - before)
                note(f"kill: {done} of {times}, {arrivals.count} documents dropped, {pace:.2f} s a kill")
    return (time.monotonic() - began) / max(len(killer.kills) - before, 1)


def judge(home: Path) -> Iterator[tuple[str, int]]:
    """Yield what must be nought, once everything has come to rest."""
    dropped = {json.loads(line)["sha256"] for line in (home / "proof" / "dropped.jsonl").read_text().splitlines()}
    files = Counter(digest_of(path.read_bytes()) for path in _files(home))
    with Queries.read_only(Settings(home=home).ledger_path) as ledger:
        documents = [document for document in ledger.documents() if document.state is not State.WITHDRAWN]
    rows = Counter(document.sha256 for document in documents)
    yield "files lost", sum(not files[sha256] for sha256 in dropped)
    yield "files doubled", sum(files[sha256] > 1 for sha256 in dropped)
    yield "files that nobody dropped", sum(sha256 not in dropped for sha256 in files)
    yield "documents without a row", sum(not rows[sha256] for sha256 in dropped)
    yield "documents with two rows", sum(rows[sha256] > 1 for sha256 in dropped)
    yield "rows without their file", sum(not _lies_there(home, document) for document in documents)
    yield "rows not at rest", sum(not document.is_at_rest for document in documents)
    yield "problems found by check, the audit chain included", len(_checked(home))


def _files(home: Path) -> Iterator[Path]:
    for place in (home / "inbox", *(home / "var" / name for name in ("holding", "filed", "review", "unreadable"))):
        yield from (path for path in place.rglob("*") if path.is_file())


def _lies_there(home: Path, document: Any) -> bool:  # noqa: ANN401 - a row
    path = home / str(document.path)
    return path.is_file() and digest_of(path.read_bytes()) == document.sha256


def _checked(home: Path) -> list[str]:
    done = _appliance(home, "check", "--json")
    return list(json.loads(done.stdout)["problems"]) if done.stdout else [done.stderr]


def _appliance(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "APPLIANCE_HOME": str(home)}
    return subprocess.run(
        [APPLIANCE, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=ONCE_SECONDS
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the rows; 1 when the run was stopped or something is not as promised."""
    known = parser(__doc__)
    known.add_argument("--times", type=int, default=1000)
    known.add_argument("--seed", type=int, default=1)
    known.add_argument("--home", type=Path, help="a root that is kept and gone on with")
    chosen = known.parse_args(arguments)
    if lacks("kill", corpus=False, model=chosen.model):
        return 0
    home = chosen.home or Path(tempfile.mkdtemp(prefix="bench-kill-", dir=DISK if os.access(DISK, os.W_OK) else None))
    (home / "proof").mkdir(parents=True, exist_ok=True)
    prepare_home(home, chosen.model)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        pace = torment(home, chosen.times, chosen.seed)
    except KeyboardInterrupt:
        note(f"kill: stopped; go on with --home {home}")
        return 1
    clean = _print_proof(home, pace)
    if clean and not chosen.home:
        shutil.rmtree(home)
    else:
        note(f"kill: the root is kept at {home}")
    return 0 if clean else 1


def _print_proof(home: Path, pace: float) -> bool:
    once = _appliance(home, "run", "--once")
    kills = Killer(home, 0).kills
    with Queries.read_only(Settings(home=home).ledger_path) as ledger:
        withdrawn = ledger.count({State.WITHDRAWN})
        resting = list(ledger.documents(state=frozenset({State.FILED, State.IN_REVIEW, State.UNREADABLE})))
    row("kill: kills", len(kills), "times")
    for kind in KINDS:
        row(f"kill: of these at {kind}", sum(each["kind"] == kind for each in kills), "times")
    row("kill: seconds a kill", pace, "s", bar=1.5, ok=pace <= 1.5)
    row("kill: documents at rest", len(resting), "documents")
    row("kill: taken up by more than one start", sum(document.attempts > 0 for document in resting), "documents")
    row("kill: unreadable at the end", sum(each.state is State.UNREADABLE for each in resting), "documents")
    row("kill: withdrawn rows", withdrawn, "rows")
    failed = sum(each.get("failed", False) for each in kills)
    faults = [("starts that failed", failed), ("last run failed", int(once.returncode != 0)), *judge(home)]
    for name, count in faults:
        row(f"kill: {name}", count, "times" if name.endswith("failed") else "documents", bar=0, ok=count == 0)
    return not any(count for _, count in faults)


if __name__ == "__main__":
    sys.exit(main())
