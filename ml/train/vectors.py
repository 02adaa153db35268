"""The vectors that the classical engines learn from: GTZAN's CSV, or voices through ml.features."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import librosa
import numpy as np
import numpy.typing as npt

from ml.bundle import SoundSpec
from ml.features import LEVEL, VECTORS
from ml.manifest import Item
from ml.sound import Waveform, decode_sound, windows
from ml.train import gtzan
from ml.train.work import Stages

log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Examples:
    """`vectors`: shape (views, n, features); of each item first itself, then altered copies."""

    vectors: Floats
    items: tuple[Item, ...]

    def of(self, *splits: str) -> "Examples":
        """The examples of these splits."""
        rows = [row for row, item in enumerate(self.items) if item.split in splits]
        return Examples(self.vectors[:, rows], tuple(self.items[row] for row in rows))

    @property
    def views(self) -> int:
        """How many vectors stand for one item."""
        return len(self.vectors)

    @property
    def clean(self) -> Floats:
        """Shape (n, features): the items themselves."""
        clean: Floats = self.vectors[0]
        return clean


def of_music(data: Path, *, listed: bool = True) -> Examples:
    """GTZAN's published features of whole clips, levelled; `listed` as in `gtzan.features`."""
    vectors, items = gtzan.features_30s(data, listed=listed)
    return Examples(levelled(vectors)[np.newaxis], items)


def levelled(vectors: Floats) -> Floats:
    """`features.gtzan_57` of clips, shape (n, 57), as it is when each clip has the level of
    `features.levelled_57`: a gain moves these seven numbers and no others."""
    moved = vectors.astype(np.float64)
    # Of frames: the mean square is the square of the mean and the variance.
    gain2 = LEVEL**2 / np.maximum(moved[:, _RMS_MEAN] ** 2 + moved[:, _RMS_VAR], 1e-12)
    for column in (_RMS_MEAN, _HARMONIC_MEAN, _PERCUSSIVE_MEAN):
        moved[:, column] *= np.sqrt(gain2)
    for column in (_RMS_VAR, _HARMONIC_MEAN + 1, _PERCUSSIVE_MEAN + 1):
        moved[:, column] *= gain2
    # The first MFCC is the sum of 128 bands in dB over the root of 128.
    moved[:, _MFCC1] += 10 * np.log10(gain2) * np.sqrt(128)
    return moved.astype(np.float32)


# Columns of `features.gtzan_57`.
_RMS_MEAN, _RMS_VAR, _HARMONIC_MEAN, _PERCUSSIVE_MEAN, _MFCC1 = 2, 3, 12, 14, 17


def of_voices(
    folder: Path,
    items: Sequence[Item],
    *,
    name: str,
    spec: SoundSpec,
    views: int,
    seed: int,
    stages: Stages,
) -> Examples:
    """The vector `name` of recordings, and of `views` altered copies of what is not of test.

    A recording longer than a window of `spec` is described by its first.
    """

    def make() -> list[Floats]:
        rows = []
        for row, item in enumerate(items):
            if row % 100 == 0:
                log.info("vectors: %d/%d", row, len(items))
            own = waveform_of(folder, item, spec.sample_rate)
            rng = np.random.default_rng([seed, row])
            copies = [
                own if item.split == "test" else augmented(own, spec.sample_rate, rng)
                for _ in range(views)
            ]
            rows.append([_vector(name, copy, spec) for copy in (own, *copies)])
        return [np.array(rows, np.float32).swapaxes(0, 1)]

    said = {"items": [asdict(item) for item in items], "views": views, "seed": seed}
    said |= {"name": name, "spec": asdict(spec)}
    (vectors,) = stages.once("vectors", said, make)
    return Examples(vectors, tuple(items))


def waveform_of(folder: Path, item: Item, sample_rate: int) -> Waveform:
    """The sound of an item, as everybody's captures are decoded."""
    return decode_sound((folder / item.path).read_bytes(), sample_rate=sample_rate)


def augmented(waveform: Waveform, sample_rate: int, rng: np.random.Generator) -> Waveform:
    """The same voice faster or slower by up to 15 %, in a noise 20 to 40 dB below it."""
    stretched = librosa.effects.time_stretch(waveform, rate=rng.uniform(0.85, 1.15), n_fft=1024)
    level = np.sqrt(np.mean(np.square(stretched))) * 10 ** (-rng.uniform(20, 40) / 20)
    noise = rng.standard_normal(len(stretched)) * level
    altered: Waveform = (stretched + noise).astype(np.float32).clip(-1, 1)
    return altered


def _vector(name: str, waveform: Waveform, spec: SoundSpec) -> Floats:
    return VECTORS[name](windows(waveform, spec)[0][1], sample_rate=spec.sample_rate)
