from __future__ import annotations

from pathlib import Path

from appliance.classify.manifest import Profile
from appliance.classify.providers import PROVIDERS
from appliance.classify.tensorrt import tensorrt_options

PROFILE = Profile((1, 1, 32), (16, 128, 256))


def test_the_shapes_of_a_profile_are_told_for_both_inputs() -> None:
    options = tensorrt_options(PROFILE, None)
    assert options["trt_profile_min_shapes"] == "input_ids:1x16,attention_mask:1x16"
    assert options["trt_profile_opt_shapes"] == "input_ids:1x128,attention_mask:1x128"
    assert options["trt_profile_max_shapes"] == "input_ids:32x256,attention_mask:32x256"


def test_engines_are_kept_in_their_folder() -> None:
    options = tensorrt_options(PROFILE, Path("/var/engines/x"))
    assert options["trt_engine_cache_enable"] == options["trt_timing_cache_enable"] == "True"
    assert options["trt_engine_cache_path"] == options["trt_timing_cache_path"] == "/var/engines/x"


def test_without_a_folder_nothing_is_kept() -> None:
    assert not [name for name in tensorrt_options(PROFILE, None) if "cache" in name]


def test_both_small_precisions_are_allowed() -> None:
    options = tensorrt_options(None, None)
    assert options == {"trt_fp16_enable": "True", "trt_int8_enable": "True"}


def test_the_best_provider_stands_first_and_the_cpu_last() -> None:
    assert [provider.name for provider in PROVIDERS] == ["tensorrt", "cuda", "cpu"]
    assert [provider.builds for provider in PROVIDERS] == [True, False, False]
