"""Execution providers, the best first: a new one is one line here, or a module when it needs more than that.

A provider serves when the runtime on this box has it, the manifest has a file
for it, and it gives the answers it should. The CPU is always there, so it
stands last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import onnxruntime

from appliance.classify.tensorrt import tensorrt_options

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from appliance.classify.manifest import Profile

UNWANTED = ("SkipLayerNormFusion",)
"""Rewrites of a graph that make it slower: the fused norm takes five times as long as its parts on AVX2."""


class ProviderAbsentError(Exception):
    """The runtime offers a provider and then leaves it out, because a library of it is missing or too old."""


def no_options(_profile: Profile | None, _engines: Path | None) -> dict[str, str]:
    """Return the options of a provider that needs none."""
    return {}


@dataclass(frozen=True, slots=True)
class Provider:
    """One way to run a model.

    Attributes:
        name: As manifests and people call it.
        runtime_name: As onnxruntime calls it.
        options: What onnxruntime is told, from the shapes a file is for and the folder for what is built of it.
        builds: Whether it builds something of a file that takes minutes and is kept.
    """

    name: str
    runtime_name: str
    options: Callable[[Profile | None, Path | None], Mapping[str, str]] = no_options
    builds: bool = False

    def available(self) -> bool:
        """Whether the runtime on this box has it."""
        return self.runtime_name in onnxruntime.get_available_providers()

    def open(
        self, model: bytes, threads: int, *, profile: Profile | None = None, engines: Path | None = None
    ) -> onnxruntime.InferenceSession:
        """Load a model; what a provider builds of it is built here, never on the first document.

        Args:
            model: ONNX, proven.
            threads: For one run.
            profile: The shapes it is for; None for any.
            engines: A folder of this model's own, for what is built once; None to keep nothing.

        Returns:
            A session whose ``run`` may be called from several threads at once.

        Raises:
            ProviderAbsentError: The runtime left the provider out.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = 3
        # an idle box is idle: threads that spin for work keep a core busy and hot
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.inter_op.allow_spinning", "0")
        chosen = [(self.runtime_name, dict(self.options(profile, engines)))]
        # without `enable_fallback=0` it would print to standard output and go on with another provider, unsaid
        session = onnxruntime.InferenceSession(
            model, options, providers=chosen, disabled_optimizers=[*UNWANTED], enable_fallback=0
        )
        if self.runtime_name not in session.get_providers():
            raise ProviderAbsentError("The runtime left it out; a library of it is missing or too old.")
        return session


PROVIDERS: tuple[Provider, ...] = (
    Provider("tensorrt", "TensorrtExecutionProvider", tensorrt_options, builds=True),
    Provider("cuda", "CUDAExecutionProvider"),
    Provider("cpu", "CPUExecutionProvider"),
)
