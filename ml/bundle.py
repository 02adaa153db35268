"""Card, Bundle; load, verify sha256, write. stdlib only."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields, replace
from pathlib import Path
from types import UnionType
from typing import Any, TypeAlias, get_args, get_origin, get_type_hints

from ml.errors import BadBundle
from ml.task import TASKS, Modality

FORMAT = 1
CARD = "card.json"


@dataclass(frozen=True)
class ImageSpec:
    """A square photo. `crop` is the share of the shorter side that `decode.square` keeps."""

    kind: str
    shape: tuple[int, ...]
    dtype: str
    range: tuple[int, int]
    crop: float


@dataclass(frozen=True)
class SoundSpec:
    """A window of a mono waveform, `shape` (1, samples), cut by `sound.windows`.

    Windows begin every `hop` samples; a sound with more than `max_windows` of them is looked at in
    that many, evenly spread. With `pad`, what is shorter than a window is filled up with silence;
    without, it is given as it is.
    """

    kind: str
    shape: tuple[int, ...]
    dtype: str
    range: tuple[int, int]
    sample_rate: int
    hop: int
    max_windows: int
    pad: bool


InputSpec: TypeAlias = ImageSpec | SoundSpec
_INPUTS: Mapping[Any, type[InputSpec]] = {"image": ImageSpec, "sound": SoundSpec}
# What each runtime's model file is called.
_SUFFIXES = {"tflite": ".tflite", "sklearn": ".skops"}


@dataclass(frozen=True)
class OutputSpec:
    """What the model gives: one probability per label; under `threshold` the answer is unsure.

    A graph may have a second output, one number 0..1: whether what the task is about (music, a
    voice) is there at all. Where its mean is under `presence`, there is nothing to recognise.
    """

    labels: tuple[str, ...]
    aggregate: str
    threshold: float
    presence: float = 0.0


@dataclass(frozen=True)
class Training:
    """The run that made the model: dataset manifest digest, code version and seed repeat it."""

    snapshot: str
    code: str
    seed: int
    date: str
    recipe: Mapping[str, Any]


@dataclass(frozen=True)
class Source:
    """One origin of training photos, with its licence as stated there."""

    source: str
    licence: str
    n: int


@dataclass(frozen=True)
class Limits:
    """What the model is not good at, in plain words."""

    fr: tuple[str, ...]
    en: tuple[str, ...]


@dataclass(frozen=True)
class SelfTest:
    """A reference input by name and the probabilities it must give, within `tolerance`."""

    input: str
    output: tuple[float, ...]
    tolerance: float


@dataclass(frozen=True)
class Card:
    """Everything a caller must know about one model; the twin of `card.json`.

    `metrics` is the report of `ml.evaluate` on the test split, as JSON.
    """

    format: int
    task: str
    engine: str
    version: str
    runtime: str
    file: str
    sha256: str
    size_bytes: int
    input: ImageSpec | SoundSpec
    output: OutputSpec
    training: Training
    metrics: Mapping[str, Any]
    data: tuple[Source, ...]
    licence: str
    limits: Limits
    selftest: SelfTest

    def to_json(self) -> dict[str, Any]:
        """The card as plain JSON values, keys in the order of the fields."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain


@dataclass(frozen=True)
class Bundle:
    """A model folder that was read; `folder / card.file` is the model."""

    folder: Path
    card: Card

    @property
    def model(self) -> Path:
        return self.folder / self.card.file


def load_bundle(folder: Path, *, verify: bool = True) -> Bundle:
    """Read a bundle; with `verify`, also hash the model file.

    Raises
    ------
    BadBundle
        If the card is missing or malformed, names another label list than its task, or if the
        model's size or sha256 is not the card's.
    """
    try:
        raw = json.loads((folder / CARD).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadBundle("unreadable-card", f"{folder.name}/{CARD}: {error}") from error
    card: Card = _build(Card, raw, "card")
    _check(card)
    bundle = Bundle(folder, card)
    if verify:
        _verify(bundle)
    return bundle


def write_bundle(folder: Path, *, model: bytes, card: Card) -> Bundle:
    """Write model and card; sha256 and size are filled in from the bytes.

    The card goes last and in one step: a folder with a card is a whole bundle.
    """
    sealed = replace(card, sha256=hashlib.sha256(model).hexdigest(), size_bytes=len(model))
    _check(sealed)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CARD).unlink(missing_ok=True)
    (folder / sealed.file).write_bytes(model)
    text = json.dumps(sealed.to_json(), ensure_ascii=False, indent=1)
    partial = folder / f"{CARD}.part"
    partial.write_text(text + "\n", encoding="utf-8")
    partial.replace(folder / CARD)
    return Bundle(folder, sealed)


def _check(card: Card) -> None:
    task = TASKS.get(card.task)
    n = len(card.output.labels)
    promises = {
        f"format is {FORMAT}": card.format == FORMAT,
        "task is known": task is not None,
        "labels are the task's": task is not None and card.output.labels == task.labels,
        "engine is one of the task's": task is not None and card.engine in task.engines,
        "the runtime is known": card.runtime in _SUFFIXES,
        "file is a plain name of the runtime's kind": re.fullmatch(
            r"[a-z0-9_-]+" + re.escape(_SUFFIXES.get(card.runtime, "?")), card.file
        )
        is not None,
        "sha256 is 64 hex digits": re.fullmatch(r"[0-9a-f]{64}", card.sha256) is not None,
        "the input batch is 1": card.input.shape[:1] == (1,),
        "the input is what the task is about": task is not None
        and _KINDS[task.modality] is type(card.input),
        "the input is well formed": _well_formed(card.input),
        "windows are averaged": card.output.aggregate == "mean",
        "0 <= threshold <= 1": 0 <= card.output.threshold <= 1,
        "0 <= presence <= 1": 0 <= card.output.presence <= 1,
        "the self-test has one number per label": len(card.selftest.output) == n,
    }
    broken = [promise for promise, kept in promises.items() if not kept]
    if broken:
        raise BadBundle("invalid-card", f"not true of {card.task}/{card.engine}: {broken[0]}")


_KINDS: Mapping[Modality, type[InputSpec]] = {
    Modality.IMAGE: ImageSpec,
    Modality.AUDIO: SoundSpec,
}


def _well_formed(spec: InputSpec) -> bool:
    if isinstance(spec, ImageSpec):
        square = len(spec.shape) == 4 and spec.shape[1] == spec.shape[2]
        return spec.kind == "image" and square and 0 < spec.crop <= 1
    positive = min(spec.sample_rate, spec.hop, spec.max_windows, *spec.shape) > 0
    return spec.kind == "sound" and len(spec.shape) == 2 and positive


def _verify(bundle: Bundle) -> None:
    try:
        data = bundle.model.read_bytes()
    except OSError as error:
        raise BadBundle("unreadable-model", f"{bundle.card.file}: {error}") from error
    if (len(data), hashlib.sha256(data).hexdigest()) != (
        bundle.card.size_bytes,
        bundle.card.sha256,
    ):
        raise BadBundle("altered-model", f"{bundle.card.file} is not the file the card describes")


def _build(kind: Any, raw: Any, where: str) -> Any:
    """Turn JSON into the dataclass, tuple or scalar that `kind` says; no unknown key.

    A key may be missing where the field has a default: cards outlive the releases that wrote them.
    """
    origin = get_origin(kind)
    if kind == InputSpec and isinstance(raw, dict) and raw.get("kind") in _INPUTS:
        return _build(_INPUTS[raw["kind"]], raw, where)
    if origin is tuple and isinstance(raw, list):
        wanted = get_args(kind)
        kinds = [wanted[0]] * len(raw) if wanted[-1] is Ellipsis else list(wanted)
        if len(kinds) == len(raw):
            return tuple(
                _build(k, v, f"{where}[{i}]")
                for i, (k, v) in enumerate(zip(kinds, raw, strict=True))
            )
    elif origin is Mapping and isinstance(raw, dict):
        return raw
    elif kind is float and isinstance(raw, (int, float)) and not isinstance(raw, bool):
        return float(raw)
    elif isinstance(kind, type) and not isinstance(kind, UnionType):
        if kind in (str, int, bool) and type(raw) is kind:
            return raw
        if hasattr(kind, "__dataclass_fields__") and isinstance(raw, dict):
            hints = get_type_hints(kind)
            names = {field.name for field in fields(kind)}
            needed = {field.name for field in fields(kind) if field.default is MISSING}
            if needed <= raw.keys() <= names:
                return kind(**{n: _build(hints[n], raw[n], f"{where}.{n}") for n in raw})
            odd = sorted(needed - raw.keys() | raw.keys() - names)
            raise BadBundle("invalid-card", f"{where}: missing or unknown {', '.join(odd)}")
    raise BadBundle("invalid-card", f"{where}: {kind} expected, got {type(raw).__name__}")
