"""Make the golden sounds, and write what the nets say of them here; the phone must say the same.

python -m tests.golden.sound.make

Sums of sines, pulses and seeded noise, written as 16-bit WAV: nothing is taken from a dataset.
`genre` and `emotion` are the mean probabilities over the card's windows, `presence` their mean
presence; null where that net is not in `ml/bundles` yet.
"""

import hashlib
import json
import wave
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.bundle import CARD, Bundle, load_bundle
from ml.engines import open_engine
from ml.predict import prepare

HERE = Path(__file__).parent
BUNDLES = Path(__file__).parents[3] / "ml/bundles"
TASKS = ("genre", "emotion")

Samples = npt.NDArray[np.float64]  # shape (n,), -1..1


def sweep(t: Samples) -> Samples:
    """60 Hz to 7 kHz, exponential: every band of a spectrogram once."""
    low, high, length = 60.0, 7000.0, t[-1]
    rate = np.log(high / low)
    return 0.5 * np.sin(2 * np.pi * low * length / rate * np.expm1(t / length * rate))


def chord(t: Samples) -> Samples:
    """A minor and F major in turn, plucked twice a second, on a beat of noise."""
    notes = np.where((t % 4 < 2)[:, None], (220.0, 261.63, 329.63), (174.61, 220.0, 261.63))
    pluck = np.exp(-6 * (t % 0.5))[:, None]
    tones = sum(np.sin(2 * np.pi * k * notes * t[:, None]) / k**1.5 for k in range(1, 6))
    noise = np.random.default_rng(7).normal(0, 1, len(t)) * np.exp(-40 * (t % 0.25))
    return 0.15 * (tones * pluck).sum(axis=1) + 0.05 * noise


def voice(t: Samples) -> Samples:
    """Four vowels a second of a gliding pitch with two formants, and breath."""
    pitch = 140 + 40 * np.sin(2 * np.pi * 0.6 * t)
    phase = 2 * np.pi * np.cumsum(pitch) / (len(t) / t[-1])
    first, second = 500 + 250 * np.sin(2 * np.pi * 1.3 * t), 1500 + 500 * np.cos(2 * np.pi * t)
    harmonics = np.arange(1, 25)
    hertz = harmonics * pitch[:, None]
    weight = sum(1 / (1 + ((hertz - f[:, None]) / 120) ** 2) for f in (first, second))
    spoken = (np.sin(harmonics * phase[:, None]) * weight).sum(axis=1)
    syllables = np.clip(np.sin(2 * np.pi * 4 * t) + 0.4, 0, 1)
    breath = np.random.default_rng(11).normal(0, 0.01, len(t))
    return 0.12 * spoken * syllables + breath


def band(t: Samples) -> Samples:
    """A bass, a distorted fifth and drums, at the rate of a compact disc."""
    bass = np.sign(np.sin(2 * np.pi * 82.41 * t)) * np.exp(-3 * (t % 0.5))
    fifth = np.tanh(4 * (np.sin(2 * np.pi * 164.81 * t) + np.sin(2 * np.pi * 246.94 * t)))
    drum = np.random.default_rng(3).normal(0, 1, len(t)) * np.exp(-25 * ((t + 0.25) % 0.5))
    return 0.15 * bass + 0.2 * fifth + 0.08 * drum


# Shorter than a window, longer than one, and much longer; the rate of the nets, and another.
SOUNDS: Mapping[str, tuple[Callable[[Samples], Samples], int, float]] = {
    "sweep": (sweep, 16_000, 4.0),
    "voice": (voice, 16_000, 2.4),
    "chord": (chord, 16_000, 9.0),
    "band": (band, 44_100, 4.5),
}


def write_sound(path: Path, samples: Samples, rate: int) -> None:
    """One channel, 16 bit."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples.clip(-1, 1) * 32767).round().astype("<i2").tobytes())


def answers(data: bytes) -> dict[str, Any]:
    """What each net says of a file."""
    said: dict[str, Any] = {}
    for task in TASKS:
        bundle = _net(task)
        scores = presence = None
        if bundle is not None:
            given = open_engine(bundle).answers(prepare(bundle.card.input, data))
            scores = [round(float(p), 6) for p in given.probabilities.mean(axis=0)]
            presence = round(float(given.presence.mean()), 6)
        said[task], said[f"{task}_presence"] = scores, presence
    return said


def _net(task: str) -> Bundle | None:
    folder = BUNDLES / task / "net"
    return load_bundle(folder) if (folder / CARD).exists() else None


def main() -> None:
    """Rewrite every golden sound."""
    expected = []
    for name, (make, rate, seconds) in SOUNDS.items():
        file = HERE / f"{name}.wav"
        write_sound(file, make(np.arange(int(rate * seconds)) / rate), rate)
        data = file.read_bytes()
        expected.append(
            {
                "file": file.name,
                "sha256": hashlib.sha256(data).hexdigest(),
                "sample_rate": rate,
                "seconds": seconds,
                **answers(data),
            }
        )
    nets = {task: _net(task) for task in TASKS}
    answer = {
        "model_sha256": {task: net and net.card.sha256 for task, net in nets.items()},
        "sounds": expected,
    }
    (HERE / "expected.json").write_text(json.dumps(answer, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
