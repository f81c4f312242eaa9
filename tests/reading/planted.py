"""A launcher whose workers do what a hostile document would make a parser do."""

from __future__ import annotations

from appliance.reading.launcher import Launcher, PlainLauncher

CRASH, HANG, HANG_LATER, OVERSIZED, TWO_FRAMES, UNFORESEEN, UNASKED = (
    f"planted {what}".encode()
    for what in ("crash", "hang", "hang later", "oversized", "two frames", "unforeseen", "unasked")
)


PROGRAM = "import sys; sys.path += sys.argv[2:]; from tests.reading.planted import main; main(sys.argv[1])"


class PlantedLauncher(PlainLauncher):
    """Starts workers that read text with the parser below."""

    program = PROGRAM


def planted(launcher: Launcher) -> Launcher:
    """Let a launcher start workers that read text with the parser below."""
    launcher.program = PROGRAM
    launcher.packages = ("appliance", "tests")
    return launcher


def main(argument: str) -> None:
    """Run a worker with the planted parser."""
    import os
    import signal
    import threading
    import time

    from appliance.reading import registry, worker
    from appliance.reading.base import Page
    from appliance.reading.confine import Terms
    from appliance.reading.wire import Answer

    channel = Terms.decode(argument).channel
    genuine = registry.PARSERS["text"]

    def parse(source):  # noqa: ANN001, ANN202  # stands in for a parser
        match source.head:
            case b"planted crash":
                signal.raise_signal(signal.SIGSEGV)
            case b"planted hang":
                time.sleep(60)
            case b"planted hang later":
                yield Page(1, "first")
                time.sleep(60)
            case b"planted oversized":
                os.write(channel, b"\x7f\xff\xff\xff")
            case b"planted two frames":
                os.write(channel, b"\0\0\0\x0b" + b'{"kind":""}')
            case b"planted unforeseen":
                raise KeyError("unforeseen", "unasked")
            case b"planted unasked":
                later = threading.Timer(0.05, os.write, (channel, Answer("text").encode()))
                later.start()
        yield from genuine(source)

    registry.PARSERS["text"] = parse
    worker.main(argument)
