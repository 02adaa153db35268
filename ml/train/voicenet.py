"""VoiceNet: waveform → log-mel → YAMNet, its upper half twice: tuned to emotions, and as it was."""

import logging
import warnings
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from ml.train.layers import LevelNorm
from ml.train.yamnet import EMBEDDING, LAYERS, Weights, YamnetMel, layers

log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float32]

WINDOW = 48_000  # 3 s
# Below the cut nothing is learned: its output is computed once per window and kept.
CUT = 6
# The tuned half ends here: what follows in YAMNet tells AudioSet's classes apart. Emotions are read
# from three depths (a linear head on one of them alone: 0.54 to 0.55, on 12 0.49, on 14 0.43).
TOP = 10
DEPTHS = (6, 8, 10)


@dataclass(frozen=True)
class VoiceNet:
    """The parts of the graph; `features` are the maps at the cut, [b, 38, 8, 256].

    `front`: waveform [b, 48000] → features; `statistics`: features → [b, 3840], of three depths;
    `logits`: features → those, standardised → [b, labels], what is fitted;
    `ears`: features → YAMNet's embedding [b, 1024]; `presence`: embedding → [b, 1], 0..1.
    """

    front: keras.Model
    statistics: keras.Model
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


def build(n_labels: int, weights: Weights, *, dropout: float = 0.3) -> VoiceNet:
    """The network before it learns.

    Every window is brought to one level first: the gain of a microphone is no emotion.
    """
    waveform = keras.Input((WINDOW,), name="sound")
    mel = YamnetMel(name="mel")(LevelNorm(name="level")(waveform))
    front = keras.Model(waveform, layers(mel, weights, 1, CUT)[CUT], name="front")
    front.trainable = False
    shape = front.output_shape[1:]

    features = keras.Input(shape, name="features")
    maps = {CUT: features, **layers(features, weights, CUT + 1, TOP, prefix="tuned_")}
    pooled = keras.layers.Concatenate(name="depths")(
        [TimeStatistics(name=f"statistics{depth}")(maps[depth]) for depth in DEPTHS]
    )
    statistics = keras.Model(features, pooled, name="statistics")
    steady = keras.layers.Dropout(dropout, name="dropout")(Standardise(name="steady")(pooled))
    head = keras.layers.Dense(n_labels, name="head")
    logits = keras.Model(features, head(steady), name="emotion")

    heard = keras.Input(shape, name="heard")
    last = layers(heard, weights, CUT + 1, LAYERS)[LAYERS]
    embedding = keras.layers.GlobalAveragePooling2D(name="embedding")(last)
    ears = keras.Model(heard, embedding, name="ears")
    ears.trainable = False
    presence = keras.layers.Dense(1, activation="sigmoid", name="presence")
    presence.build((None, EMBEDDING))
    return VoiceNet(front, statistics, logits, ears, presence)


@keras.saving.register_keras_serializable("tamis")
class TimeStatistics(keras.layers.Layer):
    """Maps [b, time, bands, channels] → [b, 3·channels]: mean and deviation over time of the mean
    over bands, and the largest of all."""

    def call(self, maps: Any) -> Any:
        in_time = tf.reduce_mean(maps, axis=2)
        mean = tf.reduce_mean(in_time, axis=1)
        spread = tf.reduce_mean(tf.square(in_time - mean[:, tf.newaxis]), axis=1)
        most = tf.reduce_max(maps, axis=[1, 2])
        return tf.concat([mean, tf.sqrt(spread + 1e-6), most], axis=-1)

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return (shape[0], 3 * (shape[3] or 0))


@keras.saving.register_keras_serializable("tamis")
class Standardise(keras.layers.Layer):
    """[b, n] minus a mean, over a deviation; both are set, not learned."""

    def build(self, shape: tuple[int | None, ...]) -> None:
        options = {"shape": (shape[-1],), "trainable": False}
        self.mean = self.add_weight(name="mean", initializer="zeros", **options)
        self.deviation = self.add_weight(name="deviation", initializer="ones", **options)

    def call(self, x: Any) -> Any:
        return (x - self.mean) / self.deviation


@dataclass(frozen=True)
class Learning:
    """How the tuned half is fitted to altered copies: `mixup` and `smoothing` of labels; a stretch
    of time is hidden in a share of the maps."""

    epochs: int = 10
    batch: int = 32
    rate: float = 5e-4
    decay: float = 1e-4
    mixup: float = 0.3
    smoothing: float = 0.05
    hidden: float = 0.5


def start_linear(net: VoiceNet, statistics: Floats, truth: Any) -> None:
    """Set the head to the regression on the statistics, shape (n, 3840), of what is not yet tuned.

    Fine-tuning from there distorts less of what was known than from a random head.

    References
    ----------
    Kumar et al., Fine-tuning can distort pretrained features, ICLR 2022.
    """
    mean, deviation = statistics.mean(axis=0), statistics.std(axis=0) + 1e-3
    # Sixty steps are a part of the penalty: the optimum is no better on other speakers.
    model = LogisticRegression(C=2e-4, max_iter=60)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit((statistics - mean) / deviation, truth)
    net.logits.get_layer("steady").set_weights([mean, deviation])
    net.logits.get_layer("head").set_weights([model.coef_.T, model.intercept_])


def learn(net: VoiceNet, views: Any, truth: Any, rows: Any, how: Learning, *, seed: int) -> float:
    """Fit `net.logits` to the rows of `views`, shape (views, n, 38, 8, 256); the last loss."""
    rng = np.random.default_rng(seed)
    steps = len(rows) // how.batch
    schedule = keras.optimizers.schedules.CosineDecay(
        how.rate / 10,
        how.epochs * steps - steps // 2,
        0.05,
        warmup_target=how.rate,
        warmup_steps=steps // 2,
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
    for epoch in range(how.epochs):
        order = rng.permutation(rows)[: steps * how.batch].reshape(steps, how.batch)
        losses = []
        for batch in order:
            which = rng.integers(0, len(views), len(batch))
            x = np.stack([views[v, row] for v, row in zip(which, batch, strict=True)])
            wanted = np.eye(labels, dtype=np.float32)[truth[batch]]
            x, wanted = _mixed(_masked(x.astype(np.float32), how, rng), wanted, how, rng)
            wanted = wanted * (1 - how.smoothing) + how.smoothing / labels
            losses.append(float(step(tf.constant(x), tf.constant(wanted, tf.float32))))
        loss = float(np.mean(losses))
        log.info("epoch %d/%d, loss %.3f", epoch + 1, how.epochs, loss)
    return loss


def _masked(maps: Floats, how: Learning, rng: np.random.Generator) -> Floats:
    """Hide up to 0.4 s of some maps (as SpecAugment does of spectra, Park et al. 2019)."""
    times = maps.shape[1]
    for one in maps:
        if rng.random() < how.hidden:
            at = rng.integers(0, times - 4)
            one[at : at + rng.integers(1, 6)] = one.mean(axis=(0, 1))
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
