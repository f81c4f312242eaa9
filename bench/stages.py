"""A walk taken apart: the box's own rooms in this process, each call timed from outside.

Watching, claiming, reading, recording and filing run as in the service, with
its threads and its reading workers; only the desk and the lock are left out.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from appliance.backlog import Backlog
from appliance.files import make_folder
from appliance.filing import Filing
from appliance.intake import Claims, Lookout, Tracker, Watch
from appliance.ledger import Ledger
from appliance.pipeline import Walk
from appliance.service import opened_reading
from appliance.settings import Settings
from bench.box import PATIENCE_SECONDS, BoxError, fresh_home

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

STAGES = {
    "event": "the kernel says so, a thread takes it",
    "claim": "a row, then out of the inbox",
    "read": "read in a worker, hashed and fsynced beside",
    "classify": "classify",
    "record": "record the decision",
    "move": "move, both folders durable, say so",
}


class Timed:
    """Stands before a part of the walk and notes when the calls of some methods began and ended.

    Args:
        part: What does the work.
        calls: Where each call is noted: name -> began, ended, result.
        names: The methods.
    """

    def __init__(self, part: object, calls: dict[str, tuple[float, float, Any]], *names: str) -> None:
        self._part, self._calls, self._names = part, calls, names

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the part has
        method = getattr(self._part, name)
        return self._noting(name, method) if name in self._names else method

    def _noting(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: object, **named: object) -> object:
            began = time.perf_counter()
            result = method(*arguments, **named)
            self._calls[name] = (began, time.perf_counter(), result)
            return result

        return call


def staged_seconds(documents: Sequence[Path], model: Path, pause: float) -> list[dict[str, float]]:
    """Walk documents one at a time and return the seconds of each stage, a table a document.

    Args:
        documents: Any the box reads.
        model: A bundle or a model folder.
        pause: Seconds between two documents.
    """
    calls: dict[str, tuple[float, float, Any]] = {}
    rested = threading.Event()
    parts = []
    with fresh_home(model) as home, _watching(Settings(home=home, factory_model=model), calls, rested):
        for number, document in enumerate(documents):
            content = document.read_bytes()
            rested.clear()
            with (home / "inbox" / f"{number:05}{document.suffix}").open("wb") as file:
                file.write(content)
            closed = time.perf_counter()
            if not rested.wait(PATIENCE_SECONDS):
                message = f"{document} did not come to rest"
                raise BoxError(message)
            parts.append(_stages(closed, calls))
            time.sleep(pause)
    return parts


def _stages(closed: float, calls: dict[str, tuple[float, float, Any]]) -> dict[str, float]:
    """Cut one walk into its stages, which add up to the whole."""
    began = calls["begin"][0]
    claimed, answered, decided, moved = (calls[name][1] for name in ("complete", "answer", "decide", "finish"))
    classify = calls["answer"][2].classify_ms / 1e3
    return {
        "event": began - closed,
        "claim": claimed - began,
        "read": answered - claimed - classify,
        "classify": classify,
        "record": decided - answered,
        "move": moved - decided,
    }


@contextmanager
def _watching(
    settings: Settings, calls: dict[str, tuple[float, float, Any]], rested: threading.Event
) -> Iterator[None]:
    """Watch the inbox of a root with every part of the walk timed."""
    make_folder(settings.holding)
    lookout = Lookout(settings.inbox_paths, Tracker(settings.settle_seconds, settings.empty_seconds), time.monotonic)

    def release(path: Path) -> None:
        lookout.release(path)
        rested.set()

    with ExitStack() as stack:
        ledger = stack.enter_context(Ledger(settings.ledger_path))
        walk = Walk(
            home=settings.home,
            ledger=Timed(ledger, calls, "decide"),  # type: ignore[arg-type]  # stands in for it
            claims=Timed(Claims(ledger, settings.home, settings.holding), calls, "begin", "complete"),  # type: ignore[arg-type]
            reading=Timed(stack.enter_context(opened_reading(settings)), calls, "answer"),  # type: ignore[arg-type]
            filing=Timed(Filing(settings.home, ledger), calls, "finish"),  # type: ignore[arg-type]
            beside=stack.enter_context(ThreadPoolExecutor(settings.walk_count, "beside")),
            duplicates=settings.duplicates,
            keep_text=settings.keep_text,
        )
        backlog = Backlog(walk, settings.walk_count, release)
        lookout.take = backlog.take
        stack.callback(backlog.stop, PATIENCE_SECONDS)
        watch = Watch(lookout, settings.sweep_seconds)
        watch.start()
        stack.callback(watch.stop)
        yield
