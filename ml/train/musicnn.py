"""MSD_musicnn rebuilt in Keras: build_tagger(weights), log-mel → 50 tags of music.

Pons and Serra, 2019 (musicnn: pre-trained convolutional neural networks for music audio tagging).
The weights are those of the package musicnn 0.1.0 on PyPI (ISC); none of its code is used.
"""

import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from ml.errors import MLError
from ml.train.layers import LogMel

SAMPLE_RATE = 16_000
FRAMES, MELS, TAGS = 187, 96, 50
LICENCE = "ISC (musicnn, Music Technology Group, Universitat Pompeu Fabra, 2019)"
WHEEL = "musicnn-0.1.0-py3-none-any.whl"

_CHECKPOINT = "musicnn/MSD_musicnn"
_EPSILON = 1e-3  # of every batch norm
_TIMBRAL = (38, 67)  # bands a filter spans: 0.4 and 0.7 of 96
_TEMPORAL = (128, 64, 32)  # frames a filter spans
_STACK = 8  # frames side by side as channels

Array = npt.NDArray[np.float32]
Weights = Callable[[str], Array]


def front_end() -> LogMel:
    """What the tagger was trained on: waveform at 16 kHz → log10(1 + 10,000·mel)."""
    return LogMel(
        sample_rate=SAMPLE_RATE, n_fft=512, hop_length=256, n_mels=MELS, gain=1e4, name="log_mel"
    )


def build_tagger(weights: str | Path) -> keras.Model:
    """Log-mel of 3 s, float32 [b, 187, 96] → logits of the tags [b, 50] and the layer before them.

    Parameters
    ----------
    weights : the wheel, or a folder it was unpacked into

    Returns
    -------
    outputs: `tags` [b, 50] before the sigmoid; `hidden` [b, 200]

    Raises
    ------
    MLError
        `no-weights` if the checkpoint is not in there.
    """
    with _checkpoint(Path(weights)) as of:
        mel = keras.Input((FRAMES, MELS), name="mel")
        x = _norm(keras.ops.expand_dims(mel, 3), of, "")
        front = _front(x, of)
        pooled = _pooled(_middle(front, of))
        pooled = _norm(pooled, of, "_9")
        hidden = _norm(_dense(pooled, of, "dense", "relu"), of, "_10")
        tags = _dense(hidden, of, "dense_1", None)
    tagger = keras.Model(mel, {"tags": tags, "hidden": hidden}, name="tagger")
    tagger.trainable = False
    return tagger


def _front(x: Any, of: Weights) -> Any:
    """Filters over pitch and over time, each by its loudest band: [b, 187, 96, 1] → [b, 187, 561].

    A batch norm stands between a filter and the maximum, and many of its scales are negative:
    there the least counts. Turning the filter's sign turns the least into the greatest, and what
    is done to each band moves behind the maximum, where there are 96 times fewer numbers.
    """
    sizes = [(7, bands) for bands in _TIMBRAL] + [(frames, 1) for frames in _TEMPORAL]
    return keras.layers.Concatenate()(
        [_filters(x, of, number, size) for number, size in enumerate(sizes, start=1)]
    )


def _filters(x: Any, of: Weights, number: int, size: tuple[int, int]) -> Any:
    """Over all frames, and the bands that the filter fits in.

    With one channel a runtime spends a pointer on each number a filter reads, 80 MB of them. So up
    to `_STACK` frames are first laid side by side as channels: 0.7 of the time, 0.4 of the memory.
    """
    frames, bands = size
    name = "conv2d" if number == 1 else f"conv2d_{number - 1}"
    kernel, bias = of(f"{name}/kernel"), of(f"{name}/bias")
    sign = np.where(of(f"batch_normalization_{number}/gamma") < 0, -1, 1).astype(np.float32)
    x = keras.layers.ZeroPadding2D((((frames - 1) // 2, frames // 2), (0, 0)))(x)
    stack = min(_STACK, frames)
    n = x.shape[1] - stack + 1
    x = keras.layers.Concatenate()([x[:, at : at + n] for at in range(stack)])
    taps = frames // stack
    layer = keras.layers.Conv2D(
        len(bias), (taps, bands), dilation_rate=(stack if taps > 1 else 1, 1)
    )
    x = layer(x)
    stacked = (kernel * sign).reshape(taps, stack, bands, -1).transpose(0, 2, 1, 3)
    layer.set_weights([stacked, bias * sign])
    loudest = keras.ops.max(x, axis=2)
    return _norm(keras.layers.ReLU()(loudest * sign), of, f"_{number}")


def _middle(front: Any, of: Weights) -> Any:
    """Three layers over time, the second and third added to what they got; all side by side."""
    layers = [front]
    for number in (5, 6, 7):
        kernel, bias = of(f"conv2d_{number}/kernel"), of(f"conv2d_{number}/bias")
        layer = keras.layers.Conv1D(len(bias), 7, padding="same", activation="relu")
        x = layer(layers[-1])
        layer.set_weights([kernel[:, :, 0], bias])
        x = _norm(x, of, f"_{number + 1}")
        layers.append(x if number == 5 else keras.layers.Add()([x, layers[-1]]))
    return keras.layers.Concatenate()(layers)


def _pooled(x: Any) -> Any:
    """Greatest and mean over time, interleaved as the checkpoint has it: [b, 187, n] → [b, 2n]."""
    both = keras.ops.stack([keras.ops.max(x, axis=1), keras.ops.mean(x, axis=1)], axis=2)
    return keras.layers.Flatten()(both)


def _norm(x: Any, of: Weights, number: str) -> Any:
    """A batch norm as one scale and one offset: rounded for the file, it still is what ships."""
    layer = keras.layers.BatchNormalization(epsilon=_EPSILON)
    y = layer(x)
    parts = ("gamma", "beta", "moving_mean", "moving_variance")
    gamma, beta, mean, variance = (of(f"batch_normalization{number}/{part}") for part in parts)
    scale = gamma / np.sqrt(variance + _EPSILON)
    layer.set_weights([scale, beta - mean * scale, 0 * mean, 0 * variance + 1 - _EPSILON])
    return y


def _dense(x: Any, of: Weights, name: str, activation: str | None) -> Any:
    kernel, bias = of(f"{name}/kernel"), of(f"{name}/bias")
    layer = keras.layers.Dense(len(bias), activation=activation)
    y = layer(x)
    layer.set_weights([kernel, bias])
    return y


@contextmanager
def _checkpoint(weights: Path) -> Iterator[Weights]:
    """The tensors of the checkpoint by name.

    Its files have an empty name before the dot, which TensorFlow does not open: they are read
    from copies under another.
    """
    with tempfile.TemporaryDirectory() as folder:
        for part in (".index", ".data-00000-of-00001"):
            member = f"{_CHECKPOINT}/{part}"
            try:
                if weights.is_dir():
                    shutil.copy(weights / member, Path(folder) / f"msd{part}")
                else:
                    with zipfile.ZipFile(weights) as wheel:
                        (Path(folder) / f"msd{part}").write_bytes(wheel.read(member))
            except (OSError, KeyError, zipfile.BadZipFile) as error:
                raise MLError("no-weights", f"no {member} in {weights}") from error
        reader = tf.train.load_checkpoint(f"{folder}/msd")
        yield lambda name: np.asarray(reader.get_tensor(name), np.float32)
