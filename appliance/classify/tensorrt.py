"""What TensorRT is told: precisions, the shapes to build for, and where built engines are kept.

With all shapes given, onnxruntime builds the engine when the model is loaded, which is minutes before the first
document instead of on it. The runtime names a kept engine after the graph's names and not after its weights, so two
releases of a model must never share a folder. Names of options: onnxruntime.ai, "TensorRT Execution Provider".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from appliance.classify.manifest import Profile

INPUTS = ("input_ids", "attention_mask")
"""Both are batch x tokens."""


def tensorrt_options(profile: Profile | None, engines: Path | None) -> dict[str, str]:
    """Return the options of a session.

    Args:
        profile: The shapes to build for; without it each new shape would build again.
        engines: A folder of this model's own; None to keep nothing.
    """
    options = {"trt_fp16_enable": "True", "trt_int8_enable": "True"}
    if profile is not None:
        for place, name in enumerate(("min", "opt", "max")):
            shape = f"{profile.batch[place]}x{profile.tokens[place]}"
            options[f"trt_profile_{name}_shapes"] = ",".join(f"{given}:{shape}" for given in INPUTS)
    if engines is not None:
        options |= {
            "trt_engine_cache_enable": "True",
            "trt_engine_cache_path": str(engines),
            "trt_timing_cache_enable": "True",
            "trt_timing_cache_path": str(engines),
        }
    return options
