"""Bugs in how models are kept, each of which the proofs of an import must catch.

``python -m tests.crash.importing_mutants`` seeds them one at a time as
:mod:`tests.crash.mutants` does; its options are the same.
"""

from __future__ import annotations

import sys

from tests.crash.mutants import Mutant, main

MUTANTS = (
    Mutant(
        "a file of a slot is not synced",
        "updates/slots.py",
        "        os.fchmod(file.fileno(), 0o444)\n        os.fsync(file.fileno())\n",
        "        os.fchmod(file.fileno(), 0o444)\n",
        "second",
    ),
    Mutant(
        "the folder of a slot's files is not synced",
        "updates/slots.py",
        "    fsync_folder(work / TARGETS)\n",
        "",
        "second",
    ),
    Mutant(
        "the folder of a slot is not synced",
        "updates/slots.py",
        "    fsync_folder(work)\n",
        "",
        "second",
    ),
    Mutant(
        "the pointer names a slot whose name is not durable",
        "updates/slots.py",
        "            fsync_folder(self.folder)\n        except OSError:\n",
        "            pass\n        except OSError:\n",
        "second",
    ),
    Mutant(
        "a slot is written under its own name",
        "updates/slots.py",
        '        work = self.staging / f"{slot.name}.{secrets.token_hex(4)}"\n',
        "        work = slot.folder\n",
        "second",
    ),
    Mutant(
        "the pointer is written in place",
        "updates/pointer.py",
        '        write_whole(self.path, (json.dumps(asdict(state), indent=1) + "\\n").encode())\n',
        '        self.path.write_bytes((json.dumps(asdict(state), indent=1) + "\\n").encode())\n',
        "second",
    ),
    Mutant(
        "a whole file is not synced before it gets its name",
        "files.py",
        "            file.flush()\n            os.fsync(file.fileno())\n        beside.replace(target)\n",
        "            file.flush()\n        beside.replace(target)\n",
        "second",
    ),
    Mutant(
        "the folder of a whole file is not synced",
        "files.py",
        "        beside.unlink(missing_ok=True)\n        raise\n    fsync_folder(target.parent)\n",
        "        beside.unlink(missing_ok=True)\n        raise\n",
        "second",
    ),
    Mutant(
        "what a cut write left beside the pointer stays for ever",
        "updates/pointer.py",
        "                sweep_beside(self.path)\n",
        "",
        "second",
    ),
    Mutant(
        "an import does not raise the floor",
        "updates/pointer.py",
        "    return replace(after, floor=max(state.floor, floor))\n",
        "    return after\n",
        "second",
    ),
    Mutant(
        "a held import does not raise the floor",
        "updates/pointer.py",
        "    return replace(state, generation=state.generation + 1, floor=max(state.floor, floor))\n",
        "    return replace(state, generation=state.generation + 1)\n",
        "held",
    ),
    Mutant(
        "pruning takes what the pointer names",
        "updates/slots.py",
        "        gone = [slot for slot in old if slot.name not in referenced]\n",
        "        gone = old\n",
        "after back",
    ),
    Mutant(
        "the oldest slots go before the pointer moves",
        "updates/ladder.py",
        "        slot = self._house.slots.add(verified.manifest, pieces)\n",
        "        self._house.slots.prune(1, ())\n        slot = self._house.slots.add(verified.manifest, pieces)\n",
        "fifth",
    ),
    Mutant(
        "a slot is removed file by file where it lies",
        "updates/slots.py",
        "        slot.folder.rename(gone)\n",
        "        gone = slot.folder\n",
        "fifth",
    ),
    Mutant(
        "a slot is emptied before its going is durable",
        "updates/slots.py",
        "        fsync_folder(self.staging)\n        fsync_folder(self.folder)\n        shutil.rmtree(gone)\n",
        "        shutil.rmtree(gone)\n",
        "fifth",
    ),
    Mutant(
        "what a killed import moved to staging is emptied before that is durable",
        "updates/slots.py",
        "        self.settle()\n        for left in self.staging.iterdir():\n",
        "        for left in self.staging.iterdir():\n",
        "fifth",
    ),
    Mutant(
        "staging is not emptied",
        "updates/slots.py",
        "        for left in self.staging.iterdir():\n",
        "        for left in ():\n",
        "second",
        call="write",
    ),
    Mutant(
        "a broken slot is deleted",
        "updates/slots.py",
        "        slot.folder.rename(self.aside / slot.name)\n",
        "        shutil.rmtree(slot.folder)\n",
        "broken",
    ),
    Mutant(
        "nothing says why a slot was put aside",
        "updates/slots.py",
        '            write_whole(self.aside / f"{slot.name}.json", (json.dumps(note) + "\\n").encode())\n',
        "            pass\n",
        "broken",
    ),
    Mutant(
        "a slot that was put aside comes back",
        "updates/boot.py",
        "                    self._slots.settle()\n",
        "                    pass\n",
        "broken",
    ),
    Mutant(
        "a slot is not held against its hashes",
        "updates/slots.py",
        "                if _digest(self.folder / name) != digest:\n",
        "                if False:\n",
        "broken",
    ),
    Mutant(
        "a start on trial is not counted",
        "updates/pointer.py",
        "tries=state.tries + 1)",
        "tries=state.tries)",
        "last try",
    ),
    Mutant(
        "a model that is worn out is started once more",
        "updates/pointer.py",
        "self.tries >= MOST_TRIES",
        "self.tries > MOST_TRIES",
        "worn out",
    ),
    Mutant(
        "the model that is gone back to is not written down",
        "updates/boot.py",
        "    return started(state if name == seen else rolled_back(state, name))\n",
        "    return started(state) if name == seen else state\n",
        "broken",
    ),
    Mutant(
        "a pointer that was refused stands",
        "updates/pointer.py",
        "                if self.read() != before:\n",
        "                if False:\n",
        "second",
        call="fsync",
    ),
    Mutant(
        "a disk that does not answer is taken for a model that is broken",
        "updates/boot.py",
        "lasting=not is_disk(error))",
        "lasting=True)",
        "worn out",
        call="openat",
    ),
)


if __name__ == "__main__":
    sys.exit(main(every=MUTANTS, prefix="importing_"))
