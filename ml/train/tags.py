"""Published tags of GTZAN's clips, as the graph that ships would hear them: Tagged, published."""

from dataclasses import dataclass
from itertools import compress
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ml.bundle import SoundSpec
from ml.manifest import Item
from ml.sound import window_starts
from ml.train import gtzan
from ml.train.clips import truth_of
from ml.train.musicnn import SAMPLE_RATE

Floats = npt.NDArray[np.float32]

SPEC = SoundSpec(
    kind="sound",
    shape=(1, 48_000),
    dtype="float32",
    range=(-1, 1),
    sample_rate=SAMPLE_RATE,
    hop=24_000,
    max_windows=20,
    pad=True,
)

# Tags are told apart down to this probability: published ones are rounded, quiet ones random.
_LEAST = 1e-3
CLIP = float(np.log(1 / _LEAST - 1))

_CLIP_S, _WINDOWS, _HOP_S = 30, 28, 61 * 256 / 16_000


@dataclass(frozen=True)
class Tagged:
    """Published tags of clips, shape (n, 28, 50), and what they are of."""

    tags: Floats
    items: tuple[Item, ...]

    def of(self, split: str) -> "Tagged":
        return self.rows(np.array([item.split == split for item in self.items]))

    def rows(self, chosen: npt.NDArray[np.bool_]) -> "Tagged":
        return Tagged(self.tags[chosen], tuple(compress(self.items, chosen)))

    @property
    def truth(self) -> npt.NDArray[np.int64]:
        return truth_of(self.items)

    @property
    def asked(self) -> Floats:
        """The windows nearest to those that `SPEC` cuts."""
        return self.tags[:, _nearest()]


def published(data: Path) -> tuple[Tagged, Tagged]:
    """Those of the train split and those of the test split; validation has none."""
    tags, items = gtzan.taggrams(data)
    every = Tagged(np.stack([rows[:_WINDOWS] for rows in tags]), items)
    return every.of("train"), every.of("test")


def _nearest() -> list[int]:
    starts = window_starts(_CLIP_S * SPEC.sample_rate, SPEC)
    return [min(round(s / SPEC.sample_rate / _HOP_S), _WINDOWS - 1) for s in starts]


def tag_logits(tags: Floats) -> Floats:
    """The logits of published tags as the graph has them."""
    kept = tags.clip(_LEAST, 1 - _LEAST)
    logits: Floats = np.log(kept / (1 - kept))
    return logits


def starts() -> list[int]:
    """The first sample of each window of `Tagged.asked`."""
    return [round(i * _HOP_S * SAMPLE_RATE) for i in _nearest()]
