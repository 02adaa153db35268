"""predict(engine, data) → Answer: decode → windows → engine → mean → threshold. The public call."""

import math
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import numpy as np

from ml.bundle import Bundle, ImageSpec, InputSpec, OutputSpec, SoundSpec
from ml.decode import decode_image, square
from ml.engines import Answers, Batch, Engine, Probabilities, open_engine
from ml.errors import BadBundle, BadInput
from ml.sound import Waveform, decode_sound, windows

TOP = 3


@dataclass(frozen=True)
class Ranked:
    """A label and its probability, 0..1."""

    label: str
    score: float


@dataclass(frozen=True)
class Window:
    """The best labels of one stretch of sound."""

    start_s: float
    end_s: float
    top: tuple[Ranked, ...]


@dataclass(frozen=True)
class Answer:
    """What one engine says of one capture; `label` is None when it is unsure."""

    engine: str
    version: str
    label: str | None
    score: float
    unsure: bool
    top: tuple[Ranked, ...]
    windows: tuple[Window, ...]
    latency_ms: float

    def to_json(self) -> dict[str, Any]:
        """One entry of the API's `answers`."""
        plain = asdict(self)
        plain["top"] = list(plain["top"])
        plain["windows"] = list(plain["windows"])
        return plain


class Source:
    """One capture's file; a sound is decoded once per sample rate, however many engines hear it."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._waveforms: dict[int, Waveform] = {}

    def waveform(self, sample_rate: int) -> Waveform:
        """See `decode_sound`."""
        if sample_rate not in self._waveforms:
            self._waveforms[sample_rate] = decode_sound(self.data, sample_rate=sample_rate)
        return self._waveforms[sample_rate]


def predict(engine: Engine, data: bytes | Source) -> Answer:
    """Recognise one capture.

    Parameters
    ----------
    engine : an opened bundle
    data : the file as the person sent it, or its Source where several engines are asked

    Raises
    ------
    BadInput
        If `data` is too large, of an unsupported kind, or cannot be decoded; of a sound, also if
        nothing is heard in it, or not what the task is about (`no-music`, `no-speech`).
    """
    start = perf_counter()
    card = engine.card
    stretches, batch = _cut(card.input, data)
    answers = engine.answers(batch)
    check_presence(card.task, card.output, answers)
    top = rank(answers.probabilities.mean(axis=0), card.output)
    unsure = top[0].score < card.output.threshold
    return Answer(
        engine=card.engine,
        version=card.version,
        label=None if unsure else top[0].label,
        score=top[0].score,
        unsure=unsure,
        top=top,
        windows=tuple(
            Window(start_s, end_s, rank(row, card.output))
            for (start_s, end_s), row in zip(stretches, answers.probabilities, strict=False)
        ),
        latency_ms=round((perf_counter() - start) * 1000, 2),
    )


def probabilities(engine: Engine, data: bytes) -> Probabilities:
    """Probabilities of one capture, shape (labels,): the mean over its windows."""
    mean: Probabilities = engine.probabilities(prepare(engine.card.input, data)).mean(axis=0)
    return mean


def prepare(spec: InputSpec, data: bytes | Source) -> Batch:
    """Decode a file into the model's inputs, shape (windows, *spec.shape[1:]); one for a photo.

    A sound shorter than a window, where the card does not pad, is one window as long as it is.
    """
    return _cut(spec, data)[1]


def check_presence(task: str, output: OutputSpec, answers: Answers) -> None:
    """Refuse a sound without music, or without a voice, where the model can tell.

    Raises
    ------
    BadInput
        If the mean presence is under the card's.
    """
    if answers.presence.mean() < output.presence:
        slug, detail = _ABSENT[task]
        raise BadInput(slug, detail)


_ABSENT = {
    "genre": ("no-music", "no music is heard in it"),
    "emotion": ("no-speech", "no voice is heard in it"),
}


def _cut(spec: InputSpec, data: bytes | Source) -> tuple[list[tuple[float, float]], Batch]:
    """Where each window of a sound begins and ends, in seconds; and the model's inputs."""
    source = data if isinstance(data, Source) else Source(data)
    if isinstance(spec, ImageSpec):
        side = spec.shape[1]
        # Twice the pixels the graph sees: the resize that follows still averages at least 2×2.
        image = decode_image(source.data, at_least=math.ceil(2 * side / spec.crop))
        return [], square(image, side=side, crop=spec.crop)[np.newaxis]
    waveform = source.waveform(spec.sample_rate)
    cut = windows(waveform, spec)
    rate, n = spec.sample_rate, len(waveform)
    stretches = [(at / rate, min(n, at + spec.shape[1]) / rate) for at, _ in cut]
    return stretches, np.stack([window for _, window in cut])


def rank(scores: Probabilities, output: OutputSpec) -> tuple[Ranked, ...]:
    """The three likeliest labels, best first; the earlier label wins a tie."""
    best = np.argsort(-scores, kind="stable")[:TOP]
    return tuple(Ranked(output.labels[i], float(scores[i])) for i in best)


def reference(spec: InputSpec) -> Batch:
    """The self-test's input: whole numbers only, so that every language makes the same.

    Returns
    -------
    `ramp` of a photo: pixel[y][x][c] = (7x + 11y + 83c) mod 256, uint8;
    `sweep` of a sound, rising and repeating: sample[i] = ((i² div 128) mod 4096 - 2048) / 4096
    """
    if isinstance(spec, SoundSpec):
        i = np.arange(spec.shape[1], dtype=np.int64)
        sweep = ((i * i // 128) % 4096 - 2048) / 4096
        return sweep.astype(np.float32)[np.newaxis]
    _, h, w, channels = spec.shape
    y, x, c = np.ogrid[:h, :w, :channels]
    pixels = ((7 * x + 11 * y + 83 * c) % 256).astype(np.uint8)
    ramp: Batch = pixels[np.newaxis]
    return ramp


def open_checked(bundle: Bundle) -> Engine:
    """Open a bundle and let it prove itself on this machine.

    Raises
    ------
    BadBundle
        If the self-test's probabilities differ from the card's by more than its tolerance.
    """
    engine = open_engine(bundle)
    expected = np.array(bundle.card.selftest.output)
    got = engine.probabilities(reference(bundle.card.input))[0]
    gap = float(np.abs(got - expected).max())
    if gap > bundle.card.selftest.tolerance:
        raise BadBundle("self-test-failed", f"probabilities are off by {gap:.3f}")
    return engine
