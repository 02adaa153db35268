"""Is there a voice? Sounds that have none, and one dense unit over YAMNet's embedding."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ml.sound import Waveform, decode_sound
from ml.train.yamnet import SAMPLE_RATE, Weights, class_rows

Floats = npt.NDArray[np.float32]

# AudioSet's classes that the decision is made of: they know far more voices and noises than any
# set here. A unit over all 1,024 numbers of the embedding would learn the few recordings by heart.
VOICES = (
    "Speech",
    "Child speech, kid speaking",
    "Conversation",
    "Narration, monologue",
    "Speech synthesizer",
    "Shout",
    "Yell",
    "Whispering",
    "Laughter",
    "Crying, sobbing",
)
OTHERS = (
    "Singing",
    "Music",
    "Musical instrument",
    "Silence",
    "Noise",
    "White noise",
    "Sine wave",
    "Hum",
    "Animal",
    "Vehicle",
    "Wind",
    "Inside, small room",
)


def class_logits(embeddings: Floats, weights: Weights, class_map: Path) -> Floats:
    """Logits of `VOICES` and `OTHERS`, shape (n, 22), of embeddings, shape (n, 1024)."""
    kernel, bias = weights["classes"]
    rows = class_rows(class_map, (*VOICES, *OTHERS))
    return embeddings @ kernel[:, rows] + bias[rows]


def unit(
    coefficients: Floats, intercept: float, weights: Weights, class_map: Path
) -> tuple[Floats, Floats]:
    """A regression over `class_logits` as kernel (1024, 1) and bias (1,) over the embedding."""
    kernel, bias = weights["classes"]
    rows = class_rows(class_map, (*VOICES, *OTHERS))
    folded = (kernel[:, rows] @ coefficients)[:, np.newaxis]
    return folded.astype(np.float32), np.array([bias[rows] @ coefficients + intercept], np.float32)


def voiceless(clips: Path, n: int, *, each: int, seed: int) -> Iterator[tuple[str, Waveform]]:
    """Windows of `n` samples without a speaking voice, each with the kind of its source.

    Music of each genre from `clips`, every 3 s; and `each` of eight kinds made here.
    """
    for path in sorted(clips.glob("*.ogg")):
        clip = decode_sound(path.read_bytes(), sample_rate=SAMPLE_RATE)
        for at in range(0, len(clip) - n + 1, n):
            yield path.stem.split(".")[0], clip[at : at + n]
    for kind in KINDS:
        for number in range(each):
            rng = np.random.default_rng([seed, KINDS.index(kind), number])
            yield kind, made(kind, n, rng)


KINDS = ("white", "brown", "tone", "chord", "sweep", "clicks", "hum", "beats")


def made(kind: str, n: int, rng: np.random.Generator) -> Waveform:
    """A sound of a kind, shape (n,), at a level between -50 and -6 dBFS."""
    t = np.arange(n) / SAMPLE_RATE
    noise = rng.standard_normal(n)
    hertz = float(np.exp(rng.uniform(np.log(60), np.log(5_000))))
    if kind == "white":
        wave = noise
    elif kind == "brown":
        wave = np.cumsum(noise) - np.linspace(0, noise.sum(), n)
    elif kind == "tone":
        wave = np.sin(2 * np.pi * hertz * t) + 0.01 * noise
    elif kind == "chord":
        tones = [np.sin(2 * np.pi * hertz * k * t) / k for k in (1, 1.26, 1.5, 2)]
        wave = np.sum(tones, axis=0) + 0.01 * noise
    elif kind == "sweep":
        wave = np.sin(2 * np.pi * hertz * (1 + rng.uniform(0.1, 1) * t) * t)
    elif kind == "clicks":
        wave = (rng.random(n) < rng.uniform(2, 40) / SAMPLE_RATE) * noise + 1e-3 * noise
    elif kind == "hum":
        tones = [np.sin(2 * np.pi * 50 * k * t + k) * rng.random() for k in range(1, 12)]
        wave = np.sum(tones, axis=0) + 0.05 * noise
    else:  # bursts of noise in time, as of a drum
        wave = noise * np.exp(-((t * rng.uniform(1, 5)) % 1) * rng.uniform(5, 30))
    level = 10 ** (rng.uniform(-50, -6) / 20)
    scaled: Waveform = (wave * level / (np.abs(wave).max() + 1e-9)).astype(np.float32)
    return scaled
