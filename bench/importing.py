"""An import from outside: how long a bundle as large as the factory's takes, and that a huge one takes no more memory.

The bundle is the factory model under a higher release, made and signed here with
keys of its own. The huge one carries a file that nothing on this box uses. Time
is the whole command, every rung included; memory is the peak of its process
(``VmHWM``). With ``--kills N`` an import is killed at N random moments
instead, and after each the box must name a model and take the bundle.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.updates.bundled import opened_factory
from appliance.workbench.bundle import keys, making, roots
from bench.box import APPLIANCE, BoxError, fresh_home, lacks, parser
from bench.rows import row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.classify.store import ModelFiles

SECONDS, FLAT_BYTES = 20.0, 60_000_000
MEGABYTE = 1_000_000
PIECE = bytes(MEGABYTE)
DAYS = 30
LOOK_SECONDS = 0.02


class Publisher:
    """Signs bundles for one root."""

    def __init__(self) -> None:
        *self._three, self._release = [keys.new_key(name) for name in (*roots.ROOT_KEYS, roots.RELEASE)]
        self._expires = making.expiry(DAYS)
        self.root = roots.first_root(self._three, self._release, self._expires)

    def bundle(self, model: Path, release: int, path: Path) -> Path:
        """Make and sign a bundle of a model folder."""
        draft = making.draft(model, [self.root], release=release)
        making.write_bundle(path, making.sealed(draft, self._release.signer, self._expires))
        return path


def write_folder(folder: Path, files: ModelFiles, ballast: int) -> Path:
    """Write a model as a folder, with a file of so many bytes that no variant uses."""
    (folder / "targets").mkdir(parents=True)
    document = dict(files.manifest.document)
    for target in files.manifest.targets.values():
        (folder / "targets" / target.stored_name).write_bytes(files.read(target.name))
    if ballast:
        digest = hashlib.sha256()
        with (folder / "ballast").open("wb") as file:
            for _ in range(ballast // len(PIECE)):
                file.write(PIECE)
                digest.update(PIECE)
        size = (folder / "ballast").stat().st_size
        (folder / "ballast").rename(folder / "targets" / f"{digest.hexdigest()}.ballast.bin")
        listed = {"name": "ballast.bin", "sha256": digest.hexdigest(), "size": size}
        document["files"] = [*document["files"], listed]
    (folder / "manifest.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


def command(home: Path, *arguments: str | Path) -> tuple[int, float, int]:
    """Run the command on a root; return its exit code, seconds, and peak memory in bytes."""
    began, most = time.perf_counter(), 0
    process = started(home, *arguments)
    while process.poll() is None:
        most = max(most, high_water(process.pid))
        time.sleep(LOOK_SECONDS)
    return process.returncode, time.perf_counter() - began, most


def high_water(process: int) -> int:
    """Return the most memory a process has had so far; ``ru_maxrss`` would also count whoever started it."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


def started(home: Path, *arguments: str | Path) -> subprocess.Popen[bytes]:
    """Start the command on a root, its output kept there."""
    with (home / "importing.log").open("ab") as log:
        return subprocess.Popen(
            [APPLIANCE, *arguments], env={**os.environ, "APPLIANCE_HOME": str(home)}, stdout=log, stderr=log
        )


def must(home: Path, *arguments: str | Path) -> tuple[float, int]:
    """Run the command; return its seconds and peak memory.

    Raises:
        BoxError: It refused.
    """
    code, seconds, memory = command(home, *arguments)
    if code:
        raise BoxError((home / "importing.log").read_text(errors="replace").splitlines()[-1])
    return seconds, memory


def measure(home: Path, files: ModelFiles, huge: int) -> int:
    """Import a bundle as it is, and one with a huge file; print the rows and return 1 where a bar was missed."""
    publisher, first = Publisher(), files.manifest.release + 1
    (home / "1.root.json").write_bytes(publisher.root)
    must(home, "trust", "pin", home / "1.root.json")
    peaks, good = [], True
    for release, ballast in enumerate((0, huge), first):
        folder = write_folder(home / f"model-{release}", files, ballast)
        bundle = publisher.bundle(folder, release, home / f"{release}.bundle")
        os.sync()  # what making it owes the disk is not the import's to pay
        seconds, memory = must(home, "model", "import", bundle)
        size, peaks = bundle.stat().st_size / MEGABYTE, [*peaks, memory]
        bar = None if ballast else SECONDS
        good = good and (bar is None or seconds <= bar)
        row(f"import of a bundle of {size:.0f} MB, all rungs", seconds, "s", bar=bar, ok=good)
        row(f"its peak memory, {size:.0f} MB", memory / MEGABYTE, "MB")
    more = peaks[1] - peaks[0]
    flat = more <= FLAT_BYTES
    row("more memory for the huge bundle", more / MEGABYTE, "MB", bar=FLAT_BYTES / MEGABYTE, ok=flat)
    return 0 if good and flat else 1


def kill(home: Path, files: ModelFiles, times: int, seed: int) -> int:
    """Kill an import at random moments; return how often the box had no model or did not take the bundle then."""
    publisher, chance, lost = Publisher(), random.Random(seed), 0  # noqa: S311 - repeatable on purpose
    (home / "1.root.json").write_bytes(publisher.root)
    must(home, "trust", "pin", home / "1.root.json")
    folder = write_folder(home / "model", files, 0)
    bundle = publisher.bundle(folder, files.manifest.release + 1, home / "new.bundle")
    whole, _ = must(home, "model", "import", bundle)
    for _ in range(times):
        process = started(home, "model", "import", bundle)
        time.sleep(chance.uniform(0, whole * 1.1))
        process.send_signal(signal.SIGKILL)
        process.wait()
        answers = command(home, "model", "status")[0] == 0
        lost += not (answers and command(home, "run", "--once")[0] == 0)
    lost += command(home, "model", "import", bundle)[0] != 0
    row(f"import killed {times} times at random: starts without a working model", lost, "starts", bar=0, ok=not lost)
    return 1 if lost else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the rows; 1 when a bar was missed."""
    known = parser(__doc__)
    known.add_argument("--huge", type=int, default=500, help="megabytes of the file nothing uses")
    known.add_argument("--kills", type=int, default=0, help="kill so many imports instead")
    known.add_argument("--seed", type=int, default=1)
    chosen = known.parse_args(arguments)
    if lacks("importing", corpus=False, model=chosen.model):
        return 0
    with fresh_home(chosen.model) as home, opened_factory(chosen.model) as files:
        if chosen.kills:
            return kill(home, files, chosen.kills, chosen.seed)
        return measure(home, files, chosen.huge * MEGABYTE)


if __name__ == "__main__":
    sys.exit(main())
