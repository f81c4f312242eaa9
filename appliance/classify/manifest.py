"""The manifest of a model: bytes in, a frozen value or one named error out.

It lists every file with size and SHA-256, and says which labels the model
knows, how its confidence is calibrated and what it answers for a few public
inputs. Nothing here opens a file.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from appliance.classify.errors import ManifestError
from appliance.classify.policy import Calibration, Glance

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 1
LARGEST_BYTES = 4 * 1024 * 1024

_Value = TypeVar("_Value")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_LANGUAGE = re.compile(r"[a-z]{2}")
_LABEL = re.compile(r"[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9-]*)*")


@dataclass(frozen=True, slots=True)
class Target:
    """One file of the model.

    Attributes:
        name: As the manifest speaks of it.
        sha256: Hex digest of its content.
        size: In bytes.
    """

    name: str
    sha256: str
    size: int

    @property
    def stored_name(self) -> str:
        """Its name in the model's ``targets`` folder."""
        return f"{self.sha256}.{self.name}"


@dataclass(frozen=True, slots=True)
class Profile:
    """The shapes an encoder is built for.

    Attributes:
        batch: Fewest, usual and most windows at once; the fewest is one.
        tokens: Fewest, usual and most tokens of a window.

    Raises:
        ValueError: Not three numbers that rise from one.
    """

    batch: tuple[int, ...]
    tokens: tuple[int, ...]

    def __post_init__(self) -> None:
        for name, numbers in (("batch", self.batch), ("tokens", self.tokens)):
            if len(numbers) != 3 or not 1 <= numbers[0] <= numbers[1] <= numbers[2]:  # noqa: PLR2004 - see above
                raise ValueError(f"a profile's {name} {list(numbers)} is not fewest, usual and most")
        if self.batch[0] != 1:
            raise ValueError("a profile does not take one window at a time")


@dataclass(frozen=True, slots=True)
class Variant:
    """The model for one execution provider: one graph, or an encoder and the rest of it.

    Attributes:
        provider: A name of the provider registry.
        precision: For a person, for example ``int8``.
        model: Name of the ONNX target; the encoder alone where there is a ``rest``.
        tolerance: Largest difference of a golden probability on this provider.
        rest: Name of the target that goes on from the encoder, on the CPU; None where one graph does all.
        profile: The shapes the encoder takes; stands where ``rest`` does.
    """

    provider: str
    precision: str
    model: str
    tolerance: float
    rest: str | None = None
    profile: Profile | None = None

    @property
    def files(self) -> tuple[str, ...]:
        """Names of its targets."""
        return (self.model,) if self.rest is None else (self.model, self.rest)


@dataclass(frozen=True, slots=True)
class Golden:
    """A public input and what the model answered where it was made.

    Attributes:
        text: The input.
        label: The best leaf.
        probabilities: One a leaf, as calibrated for the windows the text has.
    """

    text: str
    label: str
    probabilities: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model says of itself.

    Attributes:
        model: Its name.
        release: Its number, counted up.
        targets: Every file, by name.
        variants: The files for execution providers; of one provider's several, the first that works serves.
        tokenizer: Name of the tokenizer's target.
        labels: The leaves, in the order of the model's output.
        calibration: What turns logits into an answer.
        golden: What it must answer on every box.
        appliance: First version of the box it runs on, and the first it does not.
        onnxruntime: Oldest version of the runtime it runs on.
        languages: Those it reads (ISO 639-1); what is in another is unknown. Empty: it does not say, and no rule holds.
        document: The whole manifest as it was read, for pages that show more of it.
    """

    model: str
    release: int
    targets: Mapping[str, Target]
    variants: tuple[Variant, ...]
    tokenizer: str
    labels: tuple[str, ...]
    calibration: Calibration
    golden: tuple[Golden, ...]
    appliance: tuple[str, str]
    onnxruntime: str
    languages: tuple[str, ...]
    document: Mapping[str, Any]

    @property
    def model_id(self) -> str:
        """Name and release, for example ``factory 1``."""
        return f"{self.model} {self.release}"


def parse_manifest(data: bytes) -> Manifest:
    """Understand a manifest.

    Args:
        data: UTF-8 JSON.

    Returns:
        The manifest, every reference in it resolved.

    Raises:
        ManifestError: Not JSON, too large, of another format, incomplete or contradicting itself.
    """
    if len(data) > LARGEST_BYTES:
        _refuse(f"It is larger than {LARGEST_BYTES} bytes.")
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ManifestError("It is not JSON.") from error
    if not isinstance(document, dict):
        _refuse("It is not a JSON object.")
    if document.get("format") != FORMAT:
        _refuse(f"Its format is {document.get('format')!r}; this box reads format {FORMAT}.")
    try:
        manifest = _build(document)
    except (TypeError, ValueError, OverflowError) as error:
        raise ManifestError(f"A field has a value that cannot be: {error}.") from error
    _check(manifest)
    return manifest


def parse_calibration(fields: Mapping[str, Any]) -> Calibration:
    """Understand a calibration.

    Raises:
        ManifestError: A field is missing or of the wrong kind.
        ValueError: A value breaks the calibration's own rules.
    """
    return Calibration(
        weights=_numbers(fields, "weights"),
        temperatures=_numbers(fields, "temperatures"),
        threshold=_number(fields, "threshold"),
        floor=_number(fields, "floor"),
        window_tokens=_whole(fields, "window_tokens"),
        error_budget=_number(fields, "error_budget"),
        glance=_glance(_field(fields, "glance", dict)) if fields.get("glance") is not None else None,
        thresholds=tuple(map(_budget_row, _optional_list(fields, "thresholds"))),
    )


def _budget_row(entry: object) -> tuple[float, float]:
    budget, threshold = _numbers({"thresholds": entry}, "thresholds")
    return budget, threshold


def _glance(fields: Mapping[str, Any]) -> Glance:
    return Glance(_whole(fields, "tokens"), _number(fields, "temperature"), _number(fields, "floor"))


def _build(document: dict[str, Any]) -> Manifest:
    window = _field(document, "appliance", dict)
    return Manifest(
        model=_matching(_field(document, "model", str), _NAME),
        release=_whole(document, "release"),
        targets={target.name: target for target in map(_target, _field(document, "files", list))},
        variants=tuple(map(_variant, _field(document, "variants", list))),
        tokenizer=_field(document, "tokenizer", str),
        labels=tuple(_matching(label, _LABEL) for label in _field(document, "labels", list)),
        calibration=parse_calibration(_field(document, "calibration", dict)),
        golden=tuple(map(_golden, _field(document, "golden", list))),
        appliance=(_field(window, "minimum", str), _field(window, "below", str)),
        onnxruntime=_field(_field(document, "runtime", dict), "onnxruntime", str),
        languages=tuple(
            _matching(each, _LANGUAGE) for each in _field({"languages": [], **document}, "languages", list)
        ),
        document=document,
    )


def _check(manifest: Manifest) -> None:
    """Refuse what contradicts itself."""
    if len(set(manifest.labels)) != len(manifest.labels) or len(manifest.labels) < 2:  # noqa: PLR2004 - one is no choice
        _refuse("Its labels are fewer than two or not distinct.")
    if not manifest.variants or not manifest.golden:
        _refuse("It has no variant or no golden input.")
    if len(manifest.targets) != len(manifest.document["files"]):
        _refuse("It lists a file twice.")
    for name in (manifest.tokenizer, *(name for variant in manifest.variants for name in variant.files)):
        if name not in manifest.targets:
            _refuse(f"It speaks of {name!r}, which it does not list.")
    for variant in manifest.variants:
        _check_profile(variant, manifest.calibration)
    for golden in manifest.golden:
        if len(golden.probabilities) != len(manifest.labels) or golden.label not in manifest.labels:
            _refuse("A golden answer does not match its labels.")


def _check_profile(variant: Variant, calibration: Calibration) -> None:
    """Refuse a parted variant without its shapes, shapes without a part, and shapes too short for a full window."""
    if (variant.rest is None) != (variant.profile is None):
        _refuse("A variant has one of 'rest' and 'profile'; it needs both or none.")
    if variant.profile is not None and variant.profile.tokens[-1] < calibration.window_tokens:
        _refuse(f"A profile ends before a window of {calibration.window_tokens} tokens.")


def _target(entry: object) -> Target:
    fields = _object(entry)
    size = _whole(fields, "size")
    name, sha256 = _field(fields, "name", str), _field(fields, "sha256", str)
    return Target(_matching(name, _NAME), _matching(sha256, _SHA256), size)


def _variant(entry: object) -> Variant:
    fields = _object(entry)
    return Variant(
        provider=_field(fields, "provider", str),
        precision=_field(fields, "precision", str),
        model=_field(fields, "model", str),
        tolerance=_number(fields, "tolerance"),
        rest=_field(fields, "rest", str) if fields.get("rest") is not None else None,
        profile=_profile(_field(fields, "profile", dict)) if fields.get("profile") is not None else None,
    )


def _profile(fields: Mapping[str, Any]) -> Profile:
    return Profile(_wholes(fields, "batch"), _wholes(fields, "tokens"))


def _golden(entry: object) -> Golden:
    fields = _object(entry)
    return Golden(_field(fields, "text", str), _field(fields, "label", str), _numbers(fields, "probabilities"))


def _object(entry: object) -> dict[str, Any]:
    if not isinstance(entry, dict):
        _refuse("An entry of a list is not an object.")
    return entry


def _field(fields: Mapping[str, Any], name: str, kind: type[_Value]) -> _Value:
    value = fields.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        _refuse(f"{name!r} is missing or not of the right kind.")
    return value


def _optional_list(fields: Mapping[str, Any], name: str) -> list[Any]:
    """A list that older manifests do not have."""
    return _field(fields, name, list) if name in fields else []


def _whole(fields: Mapping[str, Any], name: str) -> int:
    value = _field(fields, name, int)
    if value < 0:
        _refuse(f"{name!r} is below 0.")
    return value


def _wholes(fields: Mapping[str, Any], name: str) -> tuple[int, ...]:
    return tuple(_whole({name: value}, name) for value in _field(fields, name, list))


def _number(fields: Mapping[str, Any], name: str) -> float:
    return float(fields[name]) if isinstance(fields.get(name), int) else _field(fields, name, float)


def _numbers(fields: Mapping[str, Any], name: str) -> tuple[float, ...]:
    return tuple(_number({name: value}, name) for value in _field(fields, name, list))


def _matching(value: object, pattern: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        _refuse(f"{value!r} is not a name that may stand there.")
    return value


def _refuse(why: str) -> NoReturn:
    raise ManifestError(why)
