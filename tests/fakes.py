"""Stand-ins that honour the rooms' interfaces, a box of real rooms around them, and a plug to pull.

A :class:`Box` is the service without its threads and children. A :class:`Plug`
counts every step that changes the disk or the ledger and ends the walk at one
of them, as a power cut or a failing disk would.
"""

from __future__ import annotations

import errno
import os
import tempfile
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from appliance import files
from appliance.answer import Reading
from appliance.attachments import Splitter, sweep_parts
from appliance.classify import Alternative, Decision, Passage, Status, Word
from appliance.files import open_regular
from appliance.filing import Check, Filing
from appliance.intake import Candidate, Claims, Lookout, Tracker
from appliance.ledger import Ledger
from appliance.pipeline import Walk
from appliance.reading import Page, Piece, Trouble, UnreadableError, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import TracebackType
    from typing import Literal, Self

    from appliance.files import Fingerprint
    from appliance.ledger import Document, Part, Verdict

CONTRACT = "This contract binds the Distributor."
PAPER = "This paper presents an experiment."
UNSURE = "Words that could be anything."
ATTACHES = "\x1e"
FILED = "home/var/filed/contract/distributor"
HOLDING = "home/var/holding"
NO_DISK = frozenset({"ledger.db", "ledger.db-wal", "ledger.db-shm"})


class FakeClock:
    """Seconds that a test turns."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def turn(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


class FakeSession:
    """Gives what it was told to, page by page; an error in the list is raised when its turn comes."""

    waited = 0.0
    by_line = False

    def __init__(
        self,
        pages: Iterable[str | Page | UnreadableError],
        while_reading: Callable[[], None],
        attached: Sequence[str] = (),
    ) -> None:
        self.kind = "eml" if attached else "text"
        self._pages = iter(pages)
        self._pieces = iter([piece for number, each in enumerate(attached, 1) for piece in _pieces(number, each)])
        self._while_reading = while_reading
        self._numbers = count(1)
        self.closed = False

    def next(self) -> Page | None:
        """Return the next page, or None after the last."""
        self._while_reading()
        page = next(self._pages, None)
        if isinstance(page, UnreadableError):
            raise page
        return Page(next(self._numbers), page) if isinstance(page, str) else page

    def next_piece(self) -> Piece | None:
        """Return the next piece of what is attached."""
        return next(self._pieces, None)

    def close(self) -> None:
        """Be closed."""
        self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def make_mail(text: str, **attached: str) -> str:
    """What a stand-in reads as a mail with attachments, each called after its argument: two pieces of text."""
    return ATTACHES.join([text, *(f"{name}.txt\n{content}" for name, content in attached.items())])


def attached_to(text: str) -> list[str]:
    """Return what each attachment says of what :func:`make_mail` made, be it torn."""
    return [each.partition("\n")[2] for each in text.split(ATTACHES)[1:]]


def _pieces(number: int, attached: str) -> list[Piece]:
    name, _, content = attached.partition("\n")
    half = len(content) // 2
    first, last = content[:half].encode(), content[half:].encode()
    return [Piece(number, name, first, is_last=False), Piece(number, name, last, is_last=True)]


class FakeReader:
    """Opens a document as the pages planned for that opening; unplanned, as its own text, a page a form feed.

    What :func:`make_mail` made has attachments.

    Args:
        planned: For the first opening, the second and so on: pages, or an error that opening raises.
        while_reading: Called as each page is asked for.
    """

    def __init__(
        self, *planned: list[str | Page | UnreadableError] | Exception, while_reading: Callable[[], None] = lambda: None
    ) -> None:
        self._planned = list(planned)
        self.while_reading = while_reading
        self.sessions: list[FakeSession] = []
        self.opened = 0

    def open(self, descriptor: int) -> FakeSession:
        """Begin to read."""
        self.opened += 1
        text, *attached = _text_of(descriptor).split(ATTACHES)
        pages = self._planned.pop(0) if self._planned else text.split("\f")
        if isinstance(pages, Exception):
            raise pages
        if pages == [""]:
            raise unreadable(Trouble.EMPTY)
        self.sessions.append(FakeSession(pages, self.while_reading, attached))
        return self.sessions[-1]

    def rest(self) -> None:
        """Have nothing to end."""

    def close(self) -> None:
        """Have nothing to close."""


class FakeModel:
    """Decides by the first telling word it is given; pulls pages only until then."""

    model_id = "fake-1"
    languages: tuple[str, ...] = ()

    def words(self, passage: str, start: int, label: str) -> tuple[Word, ...]:
        """Say the passage's first word, whatever the label is."""
        first = (passage or label).split()[0]
        return (Word(first, start, start + len(first), 1.0),)

    def decide(self, pages: Iterator[str]) -> Decision:
        """Say contract or paper, else strange, else unsure."""
        heard = ""
        for text in pages:
            heard += text
            for word, label in (("contract", "contract/distributor"), ("paper", "paper")):
                if word in text.lower():
                    return _decision(Status.AUTO, label, heard)
            if "strange" in text:
                return _decision(Status.UNKNOWN, None, heard)
        return _decision(Status.REVIEW, None, heard)


def _decision(status: Status, label: str | None, heard: str) -> Decision:
    sure = 0.98 if status is Status.AUTO else 0.5
    return Decision(
        status=status,
        label=label,
        confidence=sure,
        alternatives=(Alternative(label or "contract/distributor", sure),),
        passage=Passage(heard, 0, len(heard)),
        reason=f"Said {status}.",
        windows=len(heard.split()),
        similarity=0.8,
        model=FakeModel.model_id,
    )


def _text_of(descriptor: int) -> str:
    return os.pread(descriptor, 1 << 20, 0).decode()


@dataclass
class Box:
    """One root, with real rooms around a fake reader and a fake model."""

    root: Path
    inbox: Path
    ledger: Ledger
    reader: FakeReader
    walk: Walk
    clock: FakeClock = field(default_factory=FakeClock)

    @property
    def claims(self) -> Claims:
        """Its intake."""
        return self.walk.claims

    @property
    def filing(self) -> Filing:
        """Its filing."""
        return self.walk.filing

    def write(self, name: str | bytes, content: str = CONTRACT) -> Path:
        """Put a file into the inbox, or into a sub-folder of it."""
        path = self.inbox / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return path

    def look(self) -> list[Candidate]:
        """Return what a fresh lookout hands over of the inbox as it is."""
        found: list[Candidate] = []
        Lookout((self.inbox,), Tracker(2, 60), self.clock, found.append).sweep()
        return found

    def drop(self, name: str | bytes = "a.txt", content: str = CONTRACT) -> Candidate:
        """Put a file into the inbox and see it settled, an empty one after its time."""
        found: list[Candidate] = []
        lookout = Lookout((self.inbox,), Tracker(2, 60), self.clock, found.append)
        lookout.look(self.write(name, content))
        self.clock.turn(60)
        lookout.look_at_due()
        [candidate] = found
        return candidate

    def claim(self, name: str | bytes = "a.txt", content: str = CONTRACT) -> Document:
        """Drop a file and write its row."""
        return self.claims.begin(self.drop(name, content))

    def file(self, name: str | bytes = "a.txt", content: str = CONTRACT) -> Document:
        """Drop a file and take it the whole way."""
        return self.carry(self.claim(name, content))

    def carry(self, document: Document) -> Document:
        """Take a document the whole way, and what is attached to it after it."""
        carried = self.walk.carry(document)
        for part in self.walk.attached(carried):
            self.carry(part)
        return carried

    def decide(self, name: str = "a.txt", content: str = CONTRACT) -> Document:
        """Drop a file and take it as far as its decision."""
        held = self.claims.complete(self.claim(name, content))
        return self.walk._record(held, *self.read(held))

    def read(self, held: Document) -> tuple[Verdict, Fingerprint, list[Part]]:
        """Read and classify a held document."""
        descriptor = open_regular(self.root / "home" / str(held.path))
        try:
            return self.walk._read(held, descriptor)
        finally:
            os.close(descriptor)

    def start_again(self) -> None:
        """Do what a start does: sweep, carry what was left in work, then take what lies in the inbox."""
        sweep_parts(self.claims.holding, self.ledger)
        for document in self.ledger.in_flight():
            self.carry(self.ledger.attempt(self.ledger.document(document.id)))
        for candidate in self.look():
            self.carry(self.walk.claim(candidate))

    def files(self) -> dict[str, str]:
        """Return every file in the inbox and the box: its place below the root, and what it says."""
        trees = [self.inbox] if self.inbox.is_relative_to(self.root / "home") else [self.inbox, self.root / "home"]
        found = [
            Path(at, name) for tree in {*trees, self.root / "home"} for at, _, names in os.walk(tree) for name in names
        ]
        return {
            os.path.relpath(path, self.root): path.read_text() if path.is_file() else "?"
            for path in sorted(found)
            if path.name not in NO_DISK
        }

    def problems(self) -> list[str]:
        """Return what ``appliance check`` would say."""
        return list(Check(self.root / "home", self.ledger).problems())


@contextmanager
def open_box(  # noqa: PLR0913 - all but one have names
    root: Path,
    *,
    inbox: Path | None = None,
    reader: FakeReader | None = None,
    ledger: Callable[[Path], Ledger] = Ledger,
    read_seconds: float = 5.0,
    beside: Executor | None = None,
    **settings: Any,
) -> Iterator[Box]:
    """Open the box on a root, as often as a test likes."""
    home, reader = root / "home", reader or FakeReader()
    inbox = inbox or home / "inbox"
    (home / "var" / "holding").mkdir(parents=True, exist_ok=True)
    inbox.mkdir(parents=True, exist_ok=True)
    with ledger(home / "var" / "ledger.db") as opened, beside or OnTheSpot() as work_beside:
        reading = Reading(reader, FakeModel(), read_seconds)
        separate = settings.pop("separate", False)
        walk = Walk(
            home=home,
            ledger=opened,
            claims=Claims(opened, home, home / "var" / "holding"),
            reading=reading,
            filing=Filing(home, opened),
            beside=work_beside,
            splitter=Splitter(home, home / "var" / "holding", opened, reading) if separate else None,
            **{"duplicates": "beside", "keep_text": "snippet", **settings},
        )
        yield Box(root, inbox, opened, reader, walk)


class OnTheSpot(Executor):
    """Does at once, on the same thread, what it is given."""

    def submit(self, work: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(work(*arguments, **named))
        except Exception as error:  # noqa: BLE001 - it is the caller's to raise, as in a pool
            future.set_exception(error)
        return future


class PowerCut(BaseException):
    """The plug was pulled; not an ``Exception``, because nothing could have caught it."""


HOW: tuple[Literal["before", "after", "failing"], ...] = ("before", "after", "failing")
"""Ways to end at a step: just before it, just after it, or because the disk refuses it."""

_STEPS = ("link", "unlink", "mkdir", "rmdir", "rename", "replace", "fsync")


class Plug:
    """While the block runs, counts the steps that change the disk or the ledger, and ends it at one of them.

    Args:
        at: The number of the step, counted from 1; 0 to let everything pass.
        how: One of :data:`HOW`.
        without_renameat2: Answer as a file system that cannot move without replacing.

    Attributes:
        steps: What was done, for example ``fsync …/holding``.
        pulled: Whether the step was reached.
    """

    def __init__(self, at: int = 0, how: str = "before", *, without_renameat2: bool = False) -> None:
        self.steps: list[str] = []
        self.pulled = False
        self._at, self._how, self._without = at, how, without_renameat2
        self._always: Callable[[], object] | None = None
        self._interruptions: list[tuple[str, str, Callable[[], object]]] = []

    def __repr__(self) -> str:
        return f"{self._how} step {self._at}, {self.steps[-1] if self.steps else 'none'}"

    def when(self, kind: str, act: Callable[[], object], *, after: str = "") -> None:
        """Let somebody act, once, just before the first step of a kind that comes after one of another kind."""
        self._interruptions.append((kind, after, act))

    def __enter__(self) -> Self:
        self._kept = {name: getattr(os, name) for name in _STEPS}
        self._libc, self._writing = files._LIBC, Ledger._writing
        for name, call in self._kept.items():
            setattr(os, name, self._wrapped(name, call))
        files._LIBC = self  # type: ignore[assignment]  # has the one function that is called
        Ledger._writing = self._transaction(self._writing)  # type: ignore[method-assign]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        for name, call in self._kept.items():
            setattr(os, name, call)
        files._LIBC, Ledger._writing = self._libc, self._writing  # type: ignore[method-assign]
        return self.pulled and (isinstance(error, PowerCut) or self._how == "failing")

    def renameat2(self, *arguments: Any) -> int:
        """Stand in for the C library's."""
        with self._step(f"renameat2 {os.fsdecode(arguments[1])}"):
            if self._without:
                files.ctypes.set_errno(errno.EINVAL)
                return -1
            return int(self._libc.renameat2(*arguments))

    def _wrapped(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(path: Any, *rest: Any, **named: Any) -> Any:
            told = str(Path(f"/proc/self/fd/{path}").readlink()) if isinstance(path, int) else os.fspath(path)
            with self._step(f"{name} {told}"):
                return call(path, *rest, **named)

        return stepped

    def _transaction(self, writing: Callable[[Ledger], Any]) -> Callable[[Ledger], Any]:
        @contextmanager
        def stepped(ledger: Ledger) -> Iterator[str]:
            with self._step("commit"), writing(ledger) as at:
                yield at

        return stepped

    def always(self, act: Callable[[], object]) -> None:
        """Let somebody act just before every step."""
        self._always = act

    def _interrupt(self, told: str) -> None:
        if self._always:
            act, self._always = self._always, None
            act()
            self._always = act
        due = [
            each
            for each in self._interruptions
            if told.startswith(each[0]) and any(step.startswith(each[1]) for step in self.steps)
        ]
        self._interruptions = [each for each in self._interruptions if each not in due]
        for _, _, act in due:
            act()

    @contextmanager
    def _step(self, told: str) -> Iterator[None]:
        if self.pulled and self._how != "failing":
            raise PowerCut
        self._interrupt(told)
        self.steps.append(told)
        now = len(self.steps) == self._at
        self.pulled = self.pulled or now
        if now and self._how == "failing":
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        if now and self._how == "before":
            raise PowerCut
        yield
        if now:
            raise PowerCut


def every_cut(root: Path, how: str, *, without_renameat2: bool = False) -> Iterator[tuple[Path, Plug]]:
    """Yield a fresh root and a plug for the first step, the second and so on, until one is not reached."""
    for number in count(1):
        plug = Plug(number, how, without_renameat2=without_renameat2)
        yield root / str(number), plug
        if not plug.pulled:
            return


def other_file_system(path: Path) -> Path | None:
    """Return a folder on another file system than a path's, or None where there is none."""
    shared = Path("/dev/shm")
    usable = shared.is_dir() and os.access(shared, os.W_OK) and shared.stat().st_dev != path.stat().st_dev
    return shared if usable else None


@contextmanager
def in_memory(otherwise: Path) -> Iterator[Path]:
    """Give an empty folder in memory, where a thousand syncs cost nothing; another one where there is no such place."""
    shared = other_file_system(otherwise)
    with tempfile.TemporaryDirectory(dir=shared or otherwise) as folder:
        yield Path(folder)
