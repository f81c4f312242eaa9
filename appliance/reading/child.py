"""The parent's end of one worker: ask, wait no longer than agreed, and end it.

Promises that every way in which a worker can fail comes out as one of two
errors, and that no worker is left behind as a process, a zombie or a descriptor.
"""

from __future__ import annotations

import socket
import subprocess
import time
from typing import TYPE_CHECKING

from appliance.errors import ApplianceError
from appliance.reading.wire import WorkerLostError, parse_answer, receive_frame

if TYPE_CHECKING:
    from appliance.reading.launcher import Launcher
    from appliance.reading.wire import Answer

START_SECONDS = 30.0
FAREWELL_SECONDS = 1.0
FATE_SECONDS = 0.2
"""How long after its connection a lost worker may take to end."""

SHELL_SIGNALS = 128
"""What is added to a signal where bubblewrap tells of it as an exit code, as a shell does."""

SHORTEST_SECONDS = 0.001
"""A socket's timeout of nothing would mean "do not block" and of less is an error."""


class ReaderError(ApplianceError):
    """There is no reader to be had: the box's trouble, never a document's."""


class ReaderBusyError(ReaderError):
    """Every reader that could go on is at work, and the caller did not want to wait for one."""


class WorkerSlowError(Exception):
    """The worker did not answer in time; it must be replaced."""


class Child:
    """One worker process and the parent's end of its socket.

    Args:
        launcher: Starts and kills it.
        seconds: The limit for one document, told to the worker.

    Attributes:
        process: The process that was started.
        documents: How many documents it was given.
    """

    def __init__(self, launcher: Launcher, seconds: float) -> None:
        self._launcher = launcher
        self._ready = False
        self._resting_since = time.monotonic()
        self.documents = 0
        self._channel, theirs = socket.socketpair()
        with theirs:
            self.process = launcher.start(theirs, seconds)

    def warm(self) -> None:
        """Wait until the worker has loaded its parsers.

        Raises:
            ReaderError: It ended, or took too long.
        """
        if self._ready:
            return
        try:
            self._receive(time.monotonic() + START_SECONDS)
        except (WorkerLostError, WorkerSlowError) as error:
            self.kill()
            raise ReaderError(
                "No reader can be started.",
                f"Its process ended with {self.process.returncode} before it was ready ({error}).",
                "Run `appliance doctor`; documents stay where they are until it works.",
            ) from error
        self._ready = True

    def rest(self) -> None:
        """Note that it is not needed from now on."""
        self._resting_since = time.monotonic()

    @property
    def idle_seconds(self) -> float:
        """For how long it has not been needed; meaningful while it is not."""
        return time.monotonic() - self._resting_since

    def has_ended(self) -> bool:
        """Say whether a worker that was ready has ended since."""
        return self._ready and self.process.poll() is not None

    def ask(self, verb: bytes, seconds: float, *descriptors: int) -> Answer:
        """Ask one question and wait for its answer.

        Args:
            verb: What to do.
            seconds: How long the answer may take.
            descriptors: The document, where one is opened.

        Raises:
            WorkerLostError: The worker died, or said what no healthy worker says.
            WorkerSlowError: It did not answer in time.
        """
        deadline = time.monotonic() + seconds
        self._expect_silence()
        self.tell(verb, *descriptors)
        return self._receive(deadline)

    def _expect_silence(self) -> None:
        """Refuse a worker that has spoken without being asked: what it says would pass for the next answer."""
        self._channel.settimeout(0)
        try:
            untrusted = self._channel.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return
        except OSError as error:
            raise WorkerLostError(str(error)) from error
        message = "an answer that nobody asked for" if untrusted else "the connection ended"
        raise WorkerLostError(message)

    def tell(self, verb: bytes, *descriptors: int) -> None:
        """Ask for something that has no answer.

        Raises:
            WorkerLostError: The worker died.
        """
        try:
            socket.send_fds(self._channel, [verb], descriptors)
        except OSError as error:
            raise WorkerLostError(str(error)) from error

    def _receive(self, deadline: float) -> Answer:
        def receive(most: int) -> bytes:
            self._channel.settimeout(max(deadline - time.monotonic(), SHORTEST_SECONDS))
            return self._channel.recv(most)

        try:
            return parse_answer(receive_frame(receive))
        except TimeoutError as error:
            message = "no answer in time"
            raise WorkerSlowError(message) from error
        except OSError as error:
            raise WorkerLostError(str(error)) from error

    def ended_by(self) -> int:
        """Return the signal that ended the worker without our doing; 0 where none did, or none has yet."""
        try:
            code = self.process.wait(FATE_SECONDS)
        except subprocess.TimeoutExpired:
            return 0
        return -code if code < 0 else max(code - SHELL_SIGNALS, 0)

    def end(self) -> None:
        """Let the worker go: it ends when its socket does, and is killed where it does not."""
        self._channel.close()
        try:
            self.process.wait(FAREWELL_SECONDS)
        except subprocess.TimeoutExpired:
            self._launcher.kill(self.process)

    def kill(self) -> None:
        """End the worker at once; safe to call twice."""
        self._channel.close()
        self._launcher.kill(self.process)
