"""A launcher whose workers do what a hostile document would make a parser do."""

from __future__ import annotations

from pathlib import Path

from appliance.reading.launcher import PlainLauncher

CRASH, HANG, HANG_LATER, OVERSIZED, TWO_FRAMES, UNFORESEEN, UNASKED = (
    f"planted {what}".encode()
    for what in ("crash", "hang", "hang later", "oversized", "two frames", "unforeseen", "unasked")
)


class PlantedLauncher(PlainLauncher):
    """Starts workers that read text with the parser below."""

    program = (
        f"import sys; sys.path[:0] = [{str(Path(__file__).resolve().parents[2])!r}]; "
        "from tests.reading.planted import main; main(*sys.argv[2:])"
    )


def main(descriptor: str, seconds: str) -> None:
    """Run a worker with the planted parser."""
    import os
    import signal
    import threading
    import time

    from appliance.reading import registry, worker
    from appliance.reading.base import Page
    from appliance.reading.wire import Answer

    genuine = registry.PARSERS["text"]

    def parse(source):  # noqa: ANN001, ANN202  # stands in for a parser
        match source.head:
            case b"planted crash":
                os.kill(os.getpid(), signal.SIGSEGV)
            case b"planted hang":
                time.sleep(60)
            case b"planted hang later":
                yield Page(1, "first")
                time.sleep(60)
            case b"planted oversized":
                os.write(int(descriptor), b"\x7f\xff\xff\xff")
            case b"planted two frames":
                os.write(int(descriptor), b"\0\0\0\x0b" + b'{"kind":""}')
            case b"planted unforeseen":
                raise KeyError("unforeseen", "unasked")
            case b"planted unasked":
                later = threading.Timer(0.05, os.write, (int(descriptor), Answer("text").encode()))
                later.start()
        yield from genuine(source)

    registry.PARSERS["text"] = parse
    worker.main(descriptor, seconds)
