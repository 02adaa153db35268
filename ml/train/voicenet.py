"""VoiceNet: waveform → log-mel → YAMNet, its upper half twice: tuned to emotions, and as it was."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from ml.train.layers import LevelNorm
from ml.train.yamnet import EMBEDDING, LAYERS, Weights, YamnetMel, layers

Floats = npt.NDArray[np.float32]

WINDOW = 48_000  # 3 s
# Below the cut nothing is learned: its output is computed once per window and kept.
CUT = 6
# The tuned half ends here: what follows in YAMNet tells AudioSet's classes apart.
TOP = 12


@dataclass(frozen=True)
class VoiceNet:
    """The parts of the graph; `features` are the maps at the cut, [b, 37, 8, 256].

    `front`: waveform [b, 48000] → features; `logits`: features → [b, labels], what is fitted;
    `ears`: features → YAMNet's embedding [b, 1024]; `presence`: embedding → [b, 1], 0..1.
    """

    front: keras.Model
    logits: keras.Model
    ears: keras.Model
    presence: keras.layers.Dense

    def whole(self, temperature: float) -> keras.Model:
        """Waveform → probabilities and presence; the part that ships."""
        waveform = keras.Input((WINDOW,), name="waveform")
        features = self.front(waveform)
        cooled = keras.layers.Rescaling(1 / temperature, name="cooled")(self.logits(features))
        return keras.Model(
            waveform,
            [
                keras.layers.Softmax(name="probabilities")(cooled),
                self.presence(self.ears(features)),
            ],
            name="voicenet",
        )


def build(n_labels: int, weights: Weights, *, dropout: float = 0.4) -> VoiceNet:
    """The network before it learns.

    Every window is brought to one level first: the gain of a microphone is no emotion.
    """
    waveform = keras.Input((WINDOW,), name="sound")
    mel = YamnetMel(name="mel")(LevelNorm(name="level")(waveform))
    front = keras.Model(waveform, layers(mel, weights, 1, CUT)[CUT], name="front")
    front.trainable = False
    shape = front.output_shape[1:]

    features = keras.Input(shape, name="features")
    top = layers(features, weights, CUT + 1, TOP, prefix="tuned_")[TOP]
    pooled = TimeStatistics(name="statistics")(top)
    steady = keras.layers.LayerNormalization(name="steady")(pooled)
    dropped = keras.layers.Dropout(dropout, name="dropout")(steady)
    logits = keras.Model(
        features, keras.layers.Dense(n_labels, name="head")(dropped), name="emotion"
    )

    heard = keras.Input(shape, name="heard")
    last = layers(heard, weights, CUT + 1, LAYERS)[LAYERS]
    embedding = keras.layers.GlobalAveragePooling2D(name="embedding")(last)
    ears = keras.Model(heard, embedding, name="ears")
    ears.trainable = False
    presence = keras.layers.Dense(1, activation="sigmoid", name="presence")
    presence.build((None, EMBEDDING))
    return VoiceNet(front, logits, ears, presence)


@keras.saving.register_keras_serializable("tamis")
class TimeStatistics(keras.layers.Layer):
    """Maps [b, time, bands, channels] → mean and deviation over time of the mean over bands."""

    def call(self, maps: Any) -> Any:
        in_time = tf.reduce_mean(maps, axis=2)
        mean = tf.reduce_mean(in_time, axis=1)
        spread = tf.reduce_mean(tf.square(in_time - mean[:, tf.newaxis]), axis=1)
        return tf.concat([mean, tf.sqrt(spread + 1e-6)], axis=-1)

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (shape[0], 2 * (shape[3] or 0))


@dataclass(frozen=True)
class Learning:
    """How the tuned half is fitted to altered copies: `mixup` and `smoothing` of labels; stripes
    of time and bands are hidden in a share of the maps."""

    epochs: int = 8
    batch: int = 32
    rate: float = 2e-4
    decay: float = 1e-4
    mixup: float = 0.3
    smoothing: float = 0.08
    hidden: float = 0.6


def learn(net: VoiceNet, views: Any, truth: Any, rows: Any, how: Learning, *, seed: int) -> float:
    """Fit `net.logits` to the rows of `views`, shape (views, n, 37, 8, 256); the last loss."""
    rng = np.random.default_rng(seed)
    steps = len(rows) // how.batch
    schedule = keras.optimizers.schedules.CosineDecay(
        how.rate / 10, (how.epochs - 1) * steps, 0.02, warmup_target=how.rate, warmup_steps=steps
    )
    optimiser = keras.optimizers.AdamW(schedule, weight_decay=how.decay)
    model, labels = net.logits, net.logits.output_shape[-1]

    @tf.function
    def step(x: Any, wanted: Any) -> Any:
        with tf.GradientTape() as tape:
            losses = tf.nn.softmax_cross_entropy_with_logits(wanted, model(x, training=True))
            loss = tf.reduce_mean(losses)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimiser.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    loss = 0.0
    for _ in range(how.epochs):
        order = rng.permutation(rows)[: steps * how.batch].reshape(steps, how.batch)
        losses = []
        for batch in order:
            which = rng.integers(0, len(views), len(batch))
            x = np.stack([views[v, row] for v, row in zip(which, batch, strict=True)])
            wanted = np.eye(labels, dtype=np.float32)[truth[batch]]
            x, wanted = _mixed(_masked(x.astype(np.float32), how, rng), wanted, how, rng)
            wanted = wanted * (1 - how.smoothing) + how.smoothing / labels
            losses.append(float(step(tf.constant(x), tf.constant(wanted))))
        loss = float(np.mean(losses))
    return loss


def _masked(maps: Floats, how: Learning, rng: np.random.Generator) -> Floats:
    """Hide up to 0.4 s and one of the eight bands of some maps (SpecAugment, Park et al. 2019)."""
    times, bands = maps.shape[1:3]
    for one in maps:
        if rng.random() < how.hidden:
            at = rng.integers(0, times - 4)
            one[at : at + rng.integers(1, 6)] = one.mean(axis=(0, 1))
        if rng.random() < how.hidden:
            one[:, rng.integers(0, bands)] = 0
    return maps


def _mixed(
    maps: Floats, wanted: Floats, how: Learning, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Each with some of another (mixup, Zhang et al. 2018); never more of the other."""
    share = rng.beta(how.mixup, how.mixup, len(maps)).astype(np.float32)
    share = np.maximum(share, 1 - share)
    other = rng.permutation(len(maps))
    s = share[:, np.newaxis]
    wide = s[..., np.newaxis, np.newaxis]
    return maps * wide + maps[other] * (1 - wide), wanted * s + wanted[other] * (1 - s)
