"""The model's network and tokenizer at work: a window in, its score out.

The graph of the CPU takes one unpadded window, because dynamic quantisation
scales over a whole batch and an answer must not depend on its neighbours. A
parted network has its encoder on another provider and the rest on the CPU,
where the lexical view's counting can run.
"""

from __future__ import annotations

from threading import Semaphore
from typing import TYPE_CHECKING, Protocol

import numpy as np
from tokenizers import Tokenizer

from appliance.classify.errors import ModelUnfitError
from appliance.classify.policy import WindowScore

if TYPE_CHECKING:
    import onnxruntime

    from appliance.classify.manifest import Profile
    from appliance.classify.windows import Window

OUTPUTS = ("log_probabilities", "similarity")
POOLED = "pooled"
"""What an encoder alone gives: the mean of its token vectors, 1 x width, not of unit length."""


class Scorer(Protocol):
    """A network, whole or parted; may be used from several threads at once."""

    def score(self, window: Window) -> WindowScore:
        """Run one window."""
        ...

    def score_aside(self, window: Window) -> WindowScore:
        """Run one window where no document waits for it, so that one that comes meanwhile is as fast as ever."""
        ...


class Network:
    """A loaded network on one execution provider; may be used from several threads at once.

    A document that is alone in work gets all the threads; several at once get one each, because threads that
    take turns on the same cores make a backlog slower.

    Args:
        session: Loaded, with the outputs ``log_probabilities`` (1 x labels) and ``similarity`` (1).
        labels: How many leaves it must know.
        alone: The same network with more threads, or None for one session in any case.

    Raises:
        ModelUnfitError: The graph is not of this kind.
    """

    def __init__(
        self,
        session: onnxruntime.InferenceSession,
        labels: int,
        alone: onnxruntime.InferenceSession | None = None,
    ) -> None:
        self._session = session
        self._alone = alone or session
        self._busy = Semaphore(1)
        self._inputs = frozenset(value.name for value in session.get_inputs())
        _check_outputs(session, labels)

    def score(self, window: Window) -> WindowScore:
        """Run one window."""
        if not self._busy.acquire(blocking=False):
            return self.score_aside(window)
        try:
            return self._run(self._alone, window)
        finally:
            self._busy.release()

    def score_aside(self, window: Window) -> WindowScore:
        """Run one window on one thread, so that a document that comes meanwhile is still alone in work."""
        return self._run(self._session, window)

    def _run(self, session: onnxruntime.InferenceSession, window: Window) -> WindowScore:
        ids = np.asarray([window.ids], dtype=np.int64)
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        used = {name: value for name, value in feeds.items() if name in self._inputs}
        rows, similarity = session.run(list(OUTPUTS), used)
        return WindowScore(np.asarray(rows[0], dtype=np.float64), float(similarity[0]))


class PartedNetwork:
    """The encoder on one execution provider, everything after it on the CPU.

    A window shorter than the profile is padded and masked; its scales are fixed, so padding changes no answer.

    Args:
        encoder: Loaded; ``input_ids`` and ``attention_mask`` to ``pooled`` (1 x width).
        rest: Loaded on the CPU; ``input_ids`` and ``pooled`` to the outputs of a whole network.
        labels: How many leaves it must know.
        profile: The shapes the encoder takes.

    Raises:
        ModelUnfitError: The graphs are not of this kind, or do not fit each other.
    """

    def __init__(
        self,
        encoder: onnxruntime.InferenceSession,
        rest: onnxruntime.InferenceSession,
        labels: int,
        profile: Profile,
    ) -> None:
        self._encoder = encoder
        self._rest = rest
        self._least = profile.tokens[0]
        given = {value.name: value.shape for value in encoder.get_outputs()}
        taken = {value.name: value.shape for value in rest.get_inputs()}
        if POOLED not in given or POOLED not in taken or given[POOLED][-1] != taken[POOLED][-1]:
            raise ModelUnfitError(f"Its encoder does not give the {POOLED} vector that the rest of it takes.")
        self._whole_window = "input_ids" in taken
        _check_outputs(rest, labels)

    def score(self, window: Window) -> WindowScore:
        """Run one window."""
        ids = np.asarray([window.ids], dtype=np.int64)
        padding = ((0, 0), (0, max(0, self._least - ids.shape[1])))
        feeds = {"input_ids": np.pad(ids, padding), "attention_mask": np.pad(np.ones_like(ids), padding)}
        [pooled] = self._encoder.run([POOLED], feeds)
        after = {POOLED: pooled, "input_ids": ids} if self._whole_window else {POOLED: pooled}
        rows, similarity = self._rest.run(list(OUTPUTS), after)
        return WindowScore(np.asarray(rows[0], dtype=np.float64), float(similarity[0]))

    def score_aside(self, window: Window) -> WindowScore:
        """Run one window as any other: its provider has no second lane."""
        return self.score(window)


def _check_outputs(session: onnxruntime.InferenceSession, labels: int) -> None:
    """Refuse a graph that does not score windows for so many labels."""
    shapes = {value.name: value.shape for value in session.get_outputs()}
    if not set(OUTPUTS) <= set(shapes) or shapes[OUTPUTS[0]][-1] != labels:
        why = f"Its graph does not give {' and '.join(OUTPUTS)} for {labels} labels."
        raise ModelUnfitError(why)


def open_tokenizer(data: bytes) -> Tokenizer:
    """Read a tokenizer that neither truncates nor pads.

    Raises:
        ModelUnfitError: It cannot be read.
    """
    try:
        tokenizer = Tokenizer.from_str(data.decode("utf-8"))
    except Exception as error:  # the library raises the bare class
        why = "Its tokenizer cannot be read by the library on this box."
        raise ModelUnfitError(why) from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
