"""The model's network and tokenizer at work: a window in, its score out.

The graph takes one unpadded window, because dynamic quantisation scales over a
whole batch and an answer must not depend on its neighbours.
"""

from __future__ import annotations

from threading import Semaphore
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from appliance.classify.errors import ModelUnfitError
from appliance.classify.policy import WindowScore
from appliance.classify.providers import PROVIDERS, Provider

if TYPE_CHECKING:
    from collections.abc import Sequence

    from appliance.classify.manifest import Variant
    from appliance.classify.store import ModelFiles
    from appliance.classify.windows import Window

OUTPUTS = ("log_probabilities", "similarity")

_RUNTIME_ERRORS = (
    onnxruntime.capi.onnxruntime_pybind11_state.Fail,
    onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument,
    onnxruntime.capi.onnxruntime_pybind11_state.InvalidGraph,
    onnxruntime.capi.onnxruntime_pybind11_state.InvalidProtobuf,
    onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented,
    onnxruntime.capi.onnxruntime_pybind11_state.RuntimeException,
)


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
        shapes = {value.name: value.shape for value in session.get_outputs()}
        if not set(OUTPUTS) <= set(shapes) or shapes[OUTPUTS[0]][-1] != labels:
            why = f"Its graph does not give {' and '.join(OUTPUTS)} for {labels} labels."
            raise ModelUnfitError(why)

    def score(self, window: Window) -> WindowScore:
        """Run one window."""
        ids = np.asarray([window.ids], dtype=np.int64)
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        used = {name: value for name, value in feeds.items() if name in self._inputs}
        if self._busy.acquire(blocking=False):
            try:
                rows, similarity = self._alone.run(list(OUTPUTS), used)
            finally:
                self._busy.release()
        else:
            rows, similarity = self._session.run(list(OUTPUTS), used)
        return WindowScore(np.asarray(rows[0], dtype=np.float64), float(similarity[0]))


def open_network(files: ModelFiles, threads: int, providers: Sequence[Provider] = PROVIDERS) -> tuple[Network, Variant]:
    """Load the model on the first provider that this box has, that the manifest serves and that works.

    Raises:
        ModelUnfitError: None of them works.
    """
    variants = {variant.provider: variant for variant in files.manifest.variants}
    failures = []
    for provider in providers:
        if provider.name not in variants or not provider.available():
            continue
        variant = variants[provider.name]
        try:
            model = files.read(variant.model)
            session = provider.open(model, 1)
            alone = provider.open(model, threads) if threads > 1 else None
        except _RUNTIME_ERRORS as error:
            failures.append(f"{provider.name}: {str(error).splitlines()[0][:200]}")
            continue
        return Network(session, len(files.manifest.labels), alone), variant
    why = f"It loads on no execution provider here ({'; '.join(failures) or 'none of its variants is for this box'})."
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
