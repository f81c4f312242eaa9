"""The line of a model's files, the best provider first: the next one serves where one cannot.

A provider is passed over when the runtime does not have it, when the model has
no file for it, when the file does not load, or when it answers otherwise than
where it was made; each with its reason, for ``doctor`` and ``model status``.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import onnxruntime

from appliance.classify.errors import ModelUnfitError
from appliance.classify.network import Network, PartedNetwork, Scorer
from appliance.classify.providers import PROVIDERS, Provider, ProviderAbsentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from appliance.classify.manifest import Variant
    from appliance.classify.store import ModelFiles

_STATE = onnxruntime.capi.onnxruntime_pybind11_state
RUNTIME_ERRORS = (
    _STATE.EPFail,
    _STATE.EngineError,
    _STATE.Fail,
    _STATE.InvalidArgument,
    _STATE.InvalidGraph,
    _STATE.InvalidProtobuf,
    _STATE.NotImplemented,
    _STATE.RuntimeException,
    RuntimeError,  # a provider's own library raises the bare class
)
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A provider that could have served and does not.

    Attributes:
        provider: Its name.
        why: One sentence or two.
        failed: Whether it was tried; False where the box or the model simply does not have it.
    """

    provider: str
    why: str
    failed: bool


@dataclass(frozen=True, slots=True)
class Serving:
    """A file of the model at work.

    Attributes:
        network: Loaded.
        variant: What it was loaded from.
    """

    network: Scorer
    variant: Variant


class Line:
    """The files of a model that may serve on this box, loaded one after the other and only when needed.

    Args:
        files: The model, proven.
        threads: For a document that is alone in work; several at once get one each.
        providers: The best first.
        engines: Where what a provider builds once is kept, a folder a file; None to keep nothing.
    """

    def __init__(
        self,
        files: ModelFiles,
        threads: int = 1,
        providers: Sequence[Provider] = PROVIDERS,
        engines: Path | None = None,
    ) -> None:
        self.passed_over: tuple[PassedOver, ...] = ()
        self._files = files
        self._threads = threads
        self._engines = engines
        self._left = self._candidates(providers)

    def first(self) -> Serving:
        """Load the first file that works.

        Raises:
            ModelUnfitError: None does.
        """
        serving = self.next()
        if serving is None:
            reasons = " ".join(f"{passed.provider}: {passed.why}" for passed in self.passed_over)
            why = f"It loads on no execution provider here. {reasons or 'None of its files is for this box.'}"
            raise ModelUnfitError(why)
        return serving

    def next(self) -> Serving | None:
        """Load the next file that works; None when there is none left."""
        for provider, variant in self._left:
            try:
                return Serving(self._open(provider, variant), variant)
            except (*RUNTIME_ERRORS, ProviderAbsentError, OSError) as error:
                told = (str(error).splitlines() or [type(error).__name__])[0][:_LONGEST_REASON]
            except ModelUnfitError as error:
                told = error.why
            self.pass_over(variant, f"does not load: {told}")
        return None

    def pass_over(self, variant: Variant, why: str) -> None:
        """Note that a file was tried and cannot serve.

        Args:
            variant: Which.
            why: What it does, without a subject: ``does not load: …``.
        """
        sentence = f"Its {variant.precision} file {why.rstrip('.')}."
        self.passed_over += (PassedOver(variant.provider, sentence, failed=True),)

    def _candidates(self, providers: Sequence[Provider]) -> Iterator[tuple[Provider, Variant]]:
        """Yield what may be tried; a provider that neither the box nor the model has is nothing to speak of."""
        for provider in providers:
            variants = [one for one in self._files.manifest.variants if one.provider == provider.name]
            if provider.available() == bool(variants):
                yield from ((provider, variant) for variant in variants)
                continue
            why = "The runtime on this box does not have it." if variants else "The model has no file for it."
            self.passed_over += (PassedOver(provider.name, why, failed=False),)

    def _open(self, provider: Provider, variant: Variant) -> Scorer:
        labels = len(self._files.manifest.labels)
        model = self._files.read(variant.model)
        if variant.rest is None or variant.profile is None:
            session = provider.open(model, 1)
            return Network(session, labels, provider.open(model, self._threads) if self._threads > 1 else None)
        encoder = self._open_encoder(provider, variant, model)
        rest = PROVIDERS[-1].open(self._files.read(variant.rest), 1)
        return PartedNetwork(encoder, rest, labels, variant.profile)

    def _open_encoder(self, provider: Provider, variant: Variant, model: bytes) -> onnxruntime.InferenceSession:
        """Load an encoder; where what was built of it before is torn, for example by a power cut, build it again."""
        engines = self._folder(variant) if provider.builds else None
        try:
            return provider.open(model, self._threads, profile=variant.profile, engines=engines)
        except RUNTIME_ERRORS:
            if engines is None or not any(engines.iterdir()):
                raise
        shutil.rmtree(engines)
        return provider.open(model, self._threads, profile=variant.profile, engines=self._folder(variant))

    def _folder(self, variant: Variant) -> Path | None:
        """A folder for what is built of one file, named by its hash: other weights never meet an old engine."""
        if self._engines is None:
            return None
        folder = self._engines / variant.provider / self._files.manifest.targets[variant.model].sha256
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder
