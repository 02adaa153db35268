"""predict(engine, data) → Answer: decode → windows → engine → mean → threshold. The public call."""

import math
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

import numpy as np

from ml.bundle import Bundle, InputSpec, OutputSpec
from ml.decode import decode_image, square
from ml.engines import Batch, Engine, Probabilities, open_engine
from ml.errors import BadBundle

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


def predict(engine: Engine, data: bytes) -> Answer:
    """Recognise one capture.

    Parameters
    ----------
    engine : an opened bundle
    data : the file as the person sent it

    Raises
    ------
    BadInput
        If `data` is too large, of an unsupported kind, or cannot be decoded.
    """
    start = perf_counter()
    scores = probabilities(engine, data)
    top = rank(scores, engine.card.output)
    unsure = top[0].score < engine.card.output.threshold
    return Answer(
        engine=engine.card.engine,
        version=engine.card.version,
        label=None if unsure else top[0].label,
        score=top[0].score,
        unsure=unsure,
        top=top,
        windows=(),
        latency_ms=round((perf_counter() - start) * 1000, 2),
    )


def probabilities(engine: Engine, data: bytes) -> Probabilities:
    """Probabilities of one capture, shape (labels,): the mean over its windows."""
    mean: Probabilities = engine.probabilities(prepare(engine.card.input, data)).mean(axis=0)
    return mean


def prepare(spec: InputSpec, data: bytes) -> Batch:
    """Decode a file into the graph's input, shape (windows, *spec.shape[1:]); one for a photo."""
    side = spec.shape[1]
    # Twice the pixels the graph sees: the resize that follows still averages at least 2×2.
    image = decode_image(data, at_least=math.ceil(2 * side / spec.crop))
    return square(image, side=side, crop=spec.crop)[np.newaxis]


def rank(scores: Probabilities, output: OutputSpec) -> tuple[Ranked, ...]:
    """The three likeliest labels, best first; the earlier label wins a tie."""
    best = np.argsort(-scores, kind="stable")[:TOP]
    return tuple(Ranked(output.labels[i], float(scores[i])) for i in best)


def ramp(shape: tuple[int, ...]) -> Batch:
    """The self-test input: pixel[y][x][c] = (7x + 11y + 83c) mod 256, uint8, shape as given."""
    _, h, w, channels = shape
    y, x, c = np.ogrid[:h, :w, :channels]
    pixels: Batch = ((7 * x + 11 * y + 83 * c) % 256).astype(np.uint8)
    return pixels[np.newaxis]


def open_checked(bundle: Bundle) -> Engine:
    """Open a bundle and let it prove itself on this machine.

    Raises
    ------
    BadBundle
        If the self-test's probabilities differ from the card's by more than its tolerance.
    """
    engine = open_engine(bundle)
    expected = np.array(bundle.card.selftest.output)
    got = engine.probabilities(ramp(bundle.card.input.shape))[0]
    gap = float(np.abs(got - expected).max())
    if gap > bundle.card.selftest.tolerance:
        raise BadBundle("self-test-failed", f"probabilities are off by {gap:.3f}")
    return engine
