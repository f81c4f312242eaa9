"""A parser that a document has taken over: it tries what the text asks for and tells what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.reading.launcher import Launcher

PROGRAM = "import sys; sys.path += sys.argv[2:]; from tests.reading.hostile import main; main(sys.argv[1])"


def taken_over(launcher: Launcher) -> Launcher:
    """Let a launcher start workers whose parser is the one below."""
    launcher.program = PROGRAM
    launcher.packages = ("appliance", "tests")
    return launcher


def main(argument: str) -> None:
    """Run a worker whose parser does what the text says, ``verb argument``."""
    from appliance.reading import registry, worker
    from appliance.reading.base import Page

    genuine = registry.PARSERS["text"]

    def parse(source):  # noqa: ANN001, ANN202  # stands in for a parser
        verb, _, rest = source.head.decode().partition(" ")
        if verb not in ATTEMPTS:
            yield from genuine(source)
            return
        try:
            said = ATTEMPTS[verb](rest)
        except OSError as error:
            said = f"stopped: {error.errno}"
        yield Page(1, f"{said}")

    registry.PARSERS["text"] = parse
    worker.main(argument)


def _reads(path: str) -> str:
    import os

    descriptor = os.open(path, os.O_RDONLY)
    return f"got {len(os.read(descriptor, 100))} bytes"


def _writes(path: str) -> str:
    import os

    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    return f"got {os.write(descriptor, b'x')} bytes out"


def _makes(path: str) -> str:
    import os

    os.mkdir(path)  # noqa: PTH102 - the bare call
    return "got a folder"


def _empties(path: str) -> str:
    import os

    os.open(path, os.O_RDONLY | os.O_TRUNC)
    return "got it empty"


def _links(path: str) -> str:
    import os

    os.symlink("/etc/passwd", path)  # noqa: PTH211 - the bare call
    return "got a link"


def _makes_memory(_rest: str) -> str:
    import os

    os.memfd_create("memory")
    return "got a file in memory"


def _socket(family: str) -> str:
    import socket

    socket.socket(getattr(socket, family), socket.SOCK_STREAM)
    return "got a socket"


def _connects(port: str) -> str:
    import socket

    socket.create_connection(("127.0.0.1", int(port)), 2)
    return "got a connection"


def _forks(_rest: str) -> str:
    import os

    if os.fork() == 0:
        os._exit(0)
    os.wait()
    return "got a child"


def _threads(_rest: str) -> str:
    import threading
    import time

    started = 0
    try:
        while started < 20_000:
            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
            started += 1
    except RuntimeError:
        return f"stopped: {started} threads"
    return f"got {started} threads"


def _runs(path: str) -> str:
    import os

    os.execv(path, [path])  # noqa: S606 - that is the attempt
    return ""


def _fills(_rest: str) -> str:
    return f"got {len(bytearray(1 << 40))} bytes"


def _fills_slowly(_rest: str) -> str:
    held = []
    while True:
        held.append(b"x" * (1 << 24))


def _spins(_rest: str) -> str:
    while True:
        pass


def _signals(number: str) -> str:
    import os

    os.kill(int(number), 0)
    return "got a signal through"


def _calls(number: str) -> str:
    """Make a system call by its number, past every library."""
    import ctypes
    import os

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(*(ctypes.c_long(int(part)) for part in number.split())) == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return "got through"


def _raises_limit(_rest: str) -> str:
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
    except ValueError:
        return "stopped: the limit stays"
    return "got a higher limit"


def _sees(_rest: str) -> str:
    import os

    found = []
    for folder, folders, files in os.walk("/"):
        if folder.count("/") < 3:
            found += [f"{folder.rstrip('/')}/{name}" for name in (*folders, *files)]
    return "\n".join(sorted(found))


def _environment(_rest: str) -> str:
    import os

    return "\n".join((" ".join(sorted(os.environ)), f"{os.getuid()}", f"{os.getpid()}"))


def _descriptors(_rest: str) -> str:
    import os

    found = []
    for number in range(64):
        try:
            os.fstat(number)
        except OSError:
            continue
        found.append(f"{number}")
    return " ".join(found)


ATTEMPTS = {
    "reads": _reads,
    "writes": _writes,
    "makes": _makes,
    "empties": _empties,
    "links": _links,
    "makes-memory": _makes_memory,
    "socket": _socket,
    "connects": _connects,
    "forks": _forks,
    "threads": _threads,
    "runs": _runs,
    "fills": _fills,
    "fills-slowly": _fills_slowly,
    "spins": _spins,
    "signals": _signals,
    "calls": _calls,
    "raises-limit": _raises_limit,
    "sees": _sees,
    "environment": _environment,
    "descriptors": _descriptors,
}
