"""YAMNet rebuilt in Keras from the published .tflite: a part of it may be fine-tuned.

References
----------
YAMNet (Plakal and Ellis, 2020, Apache-2.0): MobileNetV1 on log-mels, taught AudioSet's 521 classes.
The batch norms are folded into kernels and biases in that file, and most kernels are int8: what is
rebuilt here are those same numbers as floats.
"""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from ml.errors import MLError

Floats = npt.NDArray[np.float32]
Weights: TypeAlias = Mapping[str, list[Floats]]  # of a layer: kernel and bias

SAMPLE_RATE = 16_000
LAYERS = 14
EMBEDDING = 1024
_FRAME, _STEP, _N_FFT, _MELS = 400, 160, 512, 64
_STRIDES = {3: 2, 5: 2, 7: 2, 13: 2}
_WIDTHS = (32, 64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)


@keras.saving.register_keras_serializable("tamis")
class YamnetMel(keras.layers.Layer):
    """Waveform [b, n] at 16 kHz → log-mels [b, 1 + (n - 400) // 160, 64, 1] as YAMNet wants them.

    Magnitudes, HTK's mel scale from 125 to 7,500 Hz, no centring, log(mel + 0.001).
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._filters = tf.signal.linear_to_mel_weight_matrix(
            _MELS, _N_FFT // 2 + 1, SAMPLE_RATE, 125.0, 7500.0
        ).numpy()
        self._window = tf.signal.hann_window(_FRAME).numpy()

    def call(self, waveform: Any) -> Any:
        frames = tf.signal.frame(waveform, _FRAME, _STEP) * self._window
        spectrum = tf.signal.rfft(frames, [_N_FFT])
        power = tf.square(tf.math.real(spectrum)) + tf.square(tf.math.imag(spectrum))
        mel = tf.matmul(tf.sqrt(power), self._filters)
        return tf.math.log(mel + 0.001)[..., tf.newaxis]

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, n = shape
        return (batch, None if n is None else 1 + (n - _FRAME) // _STEP, _MELS, 1)


def read_weights(path: Path) -> Weights:
    """Kernels, as Keras shapes them, and biases of `yamnet.tflite`, by the names of `layers`.

    Raises
    ------
    MLError
        If it is not that file.
    """
    try:
        interpreter = Interpreter(str(path))
        constants = _constants(interpreter)
        found = {"layer1": [_convolution(constants["layer1/conv/Conv2D"]), _bias(constants, 1, "")]}
        for layer in range(2, LAYERS + 1):
            # Keras: depthwise (3, 3, channels, 1), pointwise (1, 1, channels in, channels out).
            deep = constants[f"layer{layer}/depthwise_conv/depthwise"][0][..., np.newaxis]
            point = _convolution(constants[f"layer{layer}/pointwise_conv/Conv2D"])
            found[f"layer{layer}_depthwise"] = [deep, _bias(constants, layer, "depthwise_")]
            found[f"layer{layer}_pointwise"] = [point, _bias(constants, layer, "pointwise_")]
        dense = constants["dense/MatMul"].T
        found["classes"] = [dense, constants["dense/BiasAdd/ReadVariableOp/resource"]]
    except (OSError, ValueError, KeyError) as error:
        raise MLError("no-weights", f"{path} is not YAMNet: {error}") from error
    return found


def layers(x: Any, weights: Weights, first: int, last: int, *, prefix: str = "") -> dict[int, Any]:
    """Apply layers `first` to `last` to log-mels, or to the output of the layer before.

    Returns
    -------
    the output of each layer by its number: [b, time, bands, channels]; at layer 6 a step of time
    is 80 ms and there are 8 bands, at 12 160 ms and 4, at 14 320 ms and 2
    """
    outputs: dict[int, Any] = {}
    for layer in range(first, last + 1):
        stride, name = _STRIDES.get(layer, 1), f"layer{layer}"
        options = {"padding": "same", "activation": "relu"}
        if layer == 1:
            steps = [keras.layers.Conv2D(32, 3, strides=2, name=prefix + name, **options)]
        else:
            steps = [
                keras.layers.DepthwiseConv2D(
                    3, strides=stride, name=f"{prefix}{name}_depthwise", **options
                ),
                keras.layers.Conv2D(
                    _WIDTHS[layer - 1], 1, name=f"{prefix}{name}_pointwise", **options
                ),
            ]
        for step in steps:
            x = step(x)
            step.set_weights(weights[step.name.removeprefix(prefix)])
        outputs[layer] = x
    return outputs


def class_rows(path: Path, names: tuple[str, ...]) -> list[int]:
    """Rows of AudioSet's classes in `yamnet_class_map.csv`, by their display names."""
    with path.open(newline="", encoding="utf-8") as lines:
        rows = {row["display_name"]: int(row["index"]) for row in csv.DictReader(lines)}
    return [rows[name] for name in names]


def _constants(interpreter: Any) -> dict[str, Floats]:
    """The file's constant tensors as floats, by what is last in their joined names.

    A name joins those of all operations that were folded into the tensor; of several tensors with
    one name, the first is the constant and the others what is made of it.
    """
    found: dict[str, Floats] = {}
    for tensor in interpreter.get_tensor_details():
        name = tensor["name"].split(";")
        key = next((part for part in name if part.endswith("/depthwise")), name[0])
        key = key.removeprefix("yamnet_frames/")
        if key in found:
            continue
        try:
            values = interpreter.get_tensor(tensor["index"])
        except ValueError:  # not a constant: it has no data before the graph has run
            continue
        scales = tensor["quantization_parameters"]["scales"]
        found[key] = (values * scales[0] if len(scales) else values).astype(np.float32)
    return found


def _convolution(kernel: Floats) -> Floats:
    """TensorFlow Lite's (out, h, w, in) → Keras' (h, w, in, out)."""
    return np.ascontiguousarray(kernel.transpose(1, 2, 3, 0))


def _bias(constants: Mapping[str, Floats], layer: int, kind: str) -> Floats:
    return constants[f"layer{layer}/{kind}conv/bn/FusedBatchNormV3"]
