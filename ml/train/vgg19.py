"""VGG19 with batch norm on log-mel pictures: Recipe, build_vgg19, fit."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from ml.train.layers import Contrast

log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float32]

# What the network sees at once: 5 s, a column every 77.5 ms.
COLUMNS, BANDS = 64, 128
COLUMN_S = 0.0775
# Of the published tags: windows of a clip, one every so many seconds, and how many tags.
TAG_WINDOWS, TAG_HOP_S, TAGS = 28, 0.976, 50

# VGG19 (Simonyan and Zisserman, 2015): convolutions and filters of each block.
_BLOCKS = ((2, 64), (2, 128), (4, 256), (4, 512), (4, 512))


@dataclass(frozen=True)
class Recipe:
    """Every number of a run; the card repeats them. `width` is a share of VGG19's filters."""

    width: float = 0.25
    epochs: int = 45
    crops: int = 1  # of each clip in an epoch
    batch: int = 16
    learning_rate: float = 2e-3
    weight_decay: float = 2e-2
    label_smoothing: float = 0.05
    dropout: float = 0.2
    tags: float = 1.0  # weight of the second task: the published tags of the same seconds
    ema: float = 0.99
    precision: float = 0.9


def build_vgg19(width: float, *, dropout: float, weights: str | Path | None) -> keras.Model:
    """Decibels [b, 64, 128] → logits: `genre` [b, 10], and `tags` [b, 50] that serve learning only.

    Parameters
    ----------
    width : share of the filters of VGG19; 1 with `weights`
    weights : Keras' file of VGG19 without its top, or None (random)
    """
    db = keras.Input((COLUMNS, BANDS), name="db")
    x = keras.layers.Reshape((COLUMNS, BANDS, 1))(Contrast(name="contrast")(db))
    if weights is None:  # half as many bands learn as well from so few clips, in half the time
        x = keras.layers.AveragePooling2D((1, 2), name="pairs")(x)
    if weights is not None:
        x = keras.layers.Concatenate()([x, x, x])
    for b, (convolutions, filters) in enumerate(_BLOCKS, start=1):
        for c in range(1, convolutions + 1):
            n = max(8, round(filters * width))
            name = f"block{b}_conv{c}"
            x = keras.layers.Conv2D(n, 3, padding="same", use_bias=False, name=name)(x)
            x = keras.layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)
            x = keras.layers.ReLU()(x)
        x = keras.layers.MaxPooling2D(2, name=f"block{b}_pool")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Dropout(dropout)(x)
    outputs = {
        "genre": keras.layers.Dense(10, name="genre")(x),
        "tags": keras.layers.Dense(50, name="tags")(x),
    }
    model = keras.Model(db, outputs, name="vgg19")
    if weights is not None:
        start = keras.applications.VGG19(include_top=False, weights=str(weights))
        for layer in start.layers:
            if layer.weights:  # a bias before a batch norm has no say
                model.get_layer(layer.name).set_weights(layer.get_weights()[:1])
    return model


class Crops(keras.utils.PyDataset):
    """Batches of 5 s of random clips, disturbed; labels and tags of the same seconds.

    Parameters
    ----------
    clips : shape (n, 387, 128), dB
    truth : shape (n,), int
    tags : shape (n, 28, 50), standardised; NaN where nothing is published
    """

    def __init__(self, clips: Any, truth: Any, tags: Floats, recipe: Recipe, seed: int) -> None:
        super().__init__()
        self._clips, self._truth, self._tags, self._recipe = clips, truth, tags, recipe
        self._rng = np.random.default_rng(seed)

    def __len__(self) -> int:
        return len(self._clips) * self._recipe.crops // self._recipe.batch

    def __getitem__(self, index: int) -> Any:
        rng, n = self._rng, self._recipe.batch
        rows = rng.choice(len(self._clips), n, replace=False)
        starts = rng.integers(0, self._clips.shape[1] - COLUMNS, n)
        x = np.stack([disturbed(self._clips[r], s, rng) for r, s in zip(rows, starts, strict=True)])
        genre = np.eye(10, dtype=np.float32)[self._truth[rows]]
        # The two published windows, 0.976 s apart, in the middle of these 5 s.
        at = np.minimum(starts * COLUMN_S / TAG_HOP_S + 0.5, TAG_WINDOWS - 2).astype(int)
        tags = (self._tags[rows, at] + self._tags[rows, at + 1]) / 2
        known = np.isfinite(tags).all(axis=1)
        return (
            x.astype(np.float32),
            {"genre": genre, "tags": np.where(known[:, None], tags, 0)},
            {"genre": np.ones(n, np.float32), "tags": known.astype(np.float32)},
        )


def disturbed(clip: Any, start: int, rng: np.random.Generator) -> Floats:
    """5 s of a clip, faster or slower, through another loudspeaker, with parts missing.

    Returns
    -------
    shape (64, 128), dB
    """
    speed = np.exp(rng.uniform(-0.1, 0.1))
    at = np.minimum(start + np.arange(COLUMNS) * speed, len(clip) - 1).astype(int)
    x: Floats = clip[at].astype(np.float32)
    shift = int(rng.integers(-2, 3))  # bands: about a semitone
    x = np.roll(x, shift, axis=1) if shift else x
    points = rng.normal(0, 2, 5)
    x = x + np.interp(np.arange(BANDS), np.linspace(0, BANDS - 1, 5), points).astype(np.float32)
    mean = x.mean()
    wide, first = int(rng.integers(0, 17)), int(rng.integers(0, BANDS))
    x[:, first : first + wide] = mean
    wide, first = int(rng.integers(0, 9)), int(rng.integers(0, COLUMNS))
    x[first : first + wide] = mean
    return x


def fit(
    model: keras.Model, clips: Any, truth: Any, tags: Floats, recipe: Recipe, *, seed: int
) -> None:
    """Learn genre and tags together, the step falling to nothing; the weights' mean remains."""
    batches = Crops(clips, truth, tags, recipe, seed)
    step = keras.optimizers.schedules.CosineDecay(
        recipe.learning_rate / 10,
        recipe.epochs * len(batches),
        warmup_target=recipe.learning_rate,
        warmup_steps=3 * len(batches),
    )
    model.compile(
        keras.optimizers.AdamW(
            step, weight_decay=recipe.weight_decay, use_ema=True, ema_momentum=recipe.ema
        ),
        loss={
            "genre": keras.losses.CategoricalCrossentropy(
                from_logits=True, label_smoothing=recipe.label_smoothing
            ),
            "tags": keras.losses.MeanSquaredError(),
        },
        loss_weights={"genre": 1.0, "tags": recipe.tags},
    )
    told = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: log.info("epoch %d: %s", epoch + 1, _short(logs))
    )
    model.fit(batches, epochs=recipe.epochs, verbose=0, callbacks=[told], shuffle=False)


def _short(logs: Any) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in (logs or {}).items())
