"""Execution providers, the best first: a new one is one line here, or a module when it needs more than that.

A provider serves when the runtime on this box has it and the manifest has a
variant for it. The CPU is always there, so it stands last.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import onnxruntime

if TYPE_CHECKING:
    from collections.abc import Mapping


UNWANTED = ("SkipLayerNormFusion",)
"""Rewrites of a graph that make it slower: the fused norm takes five times as long as its parts on AVX2."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One way to run a model.

    Attributes:
        name: As manifests and people call it.
        runtime_name: As onnxruntime calls it.
        options: Passed to onnxruntime.
    """

    name: str
    runtime_name: str
    options: Mapping[str, str] = field(default_factory=dict)

    def available(self) -> bool:
        """Whether the runtime on this box has it."""
        return self.runtime_name in onnxruntime.get_available_providers()

    def open(self, model: bytes, threads: int) -> onnxruntime.InferenceSession:
        """Load a model.

        Args:
            model: ONNX, proven.
            threads: For one run.

        Returns:
            A session whose ``run`` may be called from several threads at once.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = 3
        # an idle box is idle: threads that spin for work keep a core busy and hot
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.inter_op.allow_spinning", "0")
        chosen = [(self.runtime_name, dict(self.options))]
        return onnxruntime.InferenceSession(model, options, providers=chosen, disabled_optimizers=[*UNWANTED])


PROVIDERS: tuple[Provider, ...] = (Provider("cpu", "CPUExecutionProvider"),)
