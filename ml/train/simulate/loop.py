"""What a simulated year would learn: each week's challenger, with the curation and without."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import keras
import numpy as np
import numpy.typing as npt

from ml.curate import SOURCE, curate
from ml.manifest import Item
from ml.train.calibrate import calibrate, softmax
from ml.train.fit import Recipe, cell_weights, fit_head
from ml.train.networks import WasteNet
from ml.train.simulate.world import Floats, Photos, Sent, Year

Codes = npt.NDArray[np.int64]  # labels by their place

# Heads are fitted on this many principal components of the frozen network's 1,280 features: five
# times as fast, with the same macro-F1 within a point and the same harm done by wrong labels.
COMPONENTS = 256
_PENALTY = 0.005  # does there what the recipe's does on all features
_PRECISION = 0.9  # as in ml.train.strangers
_LEAST_SPREAD = 1e-3
_UNCURATED_LICENCE = "none: a simulation"


@dataclass(frozen=True)
class Head:
    """A fitted and calibrated head: features seen through a lens in, probabilities out."""

    kernel: Floats
    bias: Floats
    temperature: float
    threshold: float

    def scores(self, features: Floats) -> Floats:
        """Shape (n, components) → (n, labels)."""
        return softmax((features @ self.kernel + self.bias) / np.float32(self.temperature))


class Lens:
    """Pooled features → principal components of what the first champion knows."""

    def __init__(self, known: Floats, components: int = COMPONENTS) -> None:
        self._mean = known.mean(axis=0)
        scale = np.maximum(known.std(axis=0), _LEAST_SPREAD)
        spread = (known - self._mean) / scale
        _, vectors = np.linalg.eigh(spread.T @ spread)
        widest = vectors[:, ::-1][:, :components]
        self._axes = (widest / scale[:, np.newaxis]).astype(np.float32)

    def __call__(self, features: Floats) -> Floats:
        seen: Floats = (features - self._mean) @ self._axes
        return seen


@dataclass(frozen=True)
class Learned:
    """The challengers of weeks 0 to the last, week 0 being the first champion.

    `taken` are the captures that the curated challenger of each week learned from.
    """

    curated: tuple[Head, ...]
    uncurated: tuple[Head, ...]
    taken: tuple[tuple[Item, ...], ...]


class School:
    """Base and captures of one year, and the head that learns from them."""

    def __init__(self, photos: Photos, year: Year, lens: Lens) -> None:
        self._photos = photos
        self._base = year.base.items
        self._held = (*year.gate.items, *year.strict.items)
        self._sent = {sent.contribution.path: sent for sent in year.sent}
        paths = (item.path for item in self._base)
        self._seen = dict(zip(paths, lens(photos.features[year.base.rows]), strict=True))
        captured = lens(np.stack([sent.features for sent in year.sent]))
        self._seen |= zip(self._sent, captured, strict=True)
        self._net = _net(captured.shape[1], len(photos.labels))
        # As in training, calibration asks the base alone: no label that is sent can move it.
        self._temperature, self._threshold = 1.0, 0.0
        first = self.fit(())
        val = [item for item in self._base if item.split == "val"]
        logits = self.features(val) @ first.kernel + first.bias
        chosen = calibrate(logits, self.codes(val), precision=_PRECISION)
        self._temperature, self._threshold = chosen.temperature, chosen.threshold
        self.first = replace(first, temperature=chosen.temperature, threshold=chosen.threshold)

    def wrong(self, items: Sequence[Item]) -> int:
        """How many captures are not what their label says."""
        return sum(item.label != self._sent[item.path].truth for item in items)

    def curated(self, accepted: Sequence[Sent]) -> tuple[Item, ...]:
        """What the loop's own policy takes of the accepted labels."""
        return curate(
            (*self._base, *self._held),
            [sent.contribution for sent in accepted],
            phashes=self._photos.phashes,
        ).items

    def uncurated(self, accepted: Sequence[Sent]) -> tuple[Item, ...]:
        """Every accepted label, learned from as it came."""
        return tuple(
            Item(
                path=sent.contribution.path,
                label=sent.contribution.label,
                group=sent.contribution.group,
                source=SOURCE,
                licence=_UNCURATED_LICENCE,
                sha256=sent.contribution.sha256,
                split="train",
            )
            for sent in accepted
        )

    def fit(self, captures: Sequence[Item]) -> Head:
        """Fit on the base's train split and all captures: what ships learns from both splits."""
        train = [*(item for item in self._base if item.split == "train"), *captures]
        weights = cell_weights(train, cap=Recipe().draws_per_cell)
        fit_head(self._net, self.features(train), self.codes(train), weights, penalty=_PENALTY)
        kernel, bias = self._net.head.get_weights()
        return Head(kernel, bias, self._temperature, self._threshold)

    def features(self, items: Sequence[Item]) -> Floats:
        """Through the lens, shape (n, components)."""
        return np.stack([self._seen[item.path] for item in items])

    def codes(self, items: Sequence[Item]) -> Codes:
        """Their labels by place, shape (n,)."""
        return np.array([self._photos.labels.index(item.label) for item in items])


def learn(school: School, year: Year, *, weeks: int) -> Learned:
    """Fit every challenger of the year; which of them serve is decided afterwards.

    A challenger follows from what was accepted, not from who serves, so one training a week
    stands for the gated loop and for the one that lets the latest serve.
    """
    taken: list[tuple[Item, ...]] = [()]
    curated, uncurated = [school.first], [school.first]
    for week in range(1, weeks + 1):
        accepted = [sent for sent in year.sent if sent.week <= week]
        taken.append(school.curated(accepted))
        curated.append(school.fit(taken[-1]))
        uncurated.append(school.fit(school.uncurated(accepted)))
    return Learned(tuple(curated), tuple(uncurated), tuple(taken))


def _net(n_features: int, n_labels: int) -> WasteNet:
    """A network that is only a head: what `fit_head` sets."""
    features = keras.Input((n_features,))
    same = keras.Model(features, keras.layers.Identity()(features))
    head = keras.layers.Dense(n_labels)
    return WasteNet(front=same, tail=same, head=head, logits=keras.Model(features, head(features)))
