"""Layers of the graphs that listen: LevelNorm, LogMel, Contrast. Nobody else computes any.

All keep to TensorFlow Lite's builtin operations where the batch is a fixed 1.
"""

from typing import Any

import keras
import librosa
import numpy as np
import tensorflow as tf

# A window or filter rounded to the float16 of the file would fill quiet bands beside loud ones, by
# 0.2 dB and more: it is kept as two numbers that float16 holds, the second for what is left over.
_FINE = 2048.0
_LIFT = 1e4


def _halves(values: Any) -> tuple[Any, Any]:
    """`values`, within -8..8, as coarse + fine / _FINE, each float32 that float16 can hold."""
    coarse = np.asarray(values, np.float16).astype(np.float64)
    fine = ((values - coarse) * _FINE).astype(np.float16)
    return coarse.astype(np.float32), fine.astype(np.float32)


@keras.saving.register_keras_serializable("tamis")
class LevelNorm(keras.layers.Layer):
    """Bring each window to one loudness: waveform [b, n] → the same with an RMS of `rms`.

    Parameters
    ----------
    rms : of the result; 0.1 is -20 dBFS
    floor : a window that is quieter counts as if it had this RMS: what is nearly silent stays so
    """

    def __init__(self, rms: float = 0.1, floor: float = 1e-3, **options: Any) -> None:
        super().__init__(**options)
        self.rms, self.floor = rms, floor

    def call(self, waveform: Any) -> Any:
        now = tf.sqrt(tf.reduce_mean(tf.square(waveform), axis=1, keepdims=True))
        return waveform * (self.rms / tf.maximum(now, self.floor))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rms": self.rms, "floor": self.floor}


@keras.saving.register_keras_serializable("tamis")
class LogMel(keras.layers.Layer):
    """Waveform [b, n] → log-mel spectrogram [b, 1 + n // hop_length, n_mels], as librosa's.

    `librosa.feature.melspectrogram(center=True)`: periodic Hann window, zeros around the sound,
    Slaney's mel scale and norm, power. Then decibels, `10·log10(max(amin, S))`; or, with `gain`,
    `log10(1 + gain·S)`.

    Parameters
    ----------
    n_fft : a power of two: no other length is a builtin operation
    win_length : samples under the window, centred in `n_fft` and padded with zeros; default n_fft
    fmax : Hz; default half the sample rate
    amin : least power; 1e-10 is -100 dB
    gain : where the logarithm is not decibels
    """

    def __init__(
        self,
        *,
        sample_rate: int,
        n_fft: int,
        hop_length: int,
        n_mels: int,
        win_length: int | None = None,
        fmin: float = 0.0,
        fmax: float | None = None,
        amin: float = 1e-10,
        gain: float | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if n_fft & (n_fft - 1):
            raise ValueError(f"n_fft {n_fft} is not a power of two")
        self._said = {
            "sample_rate": sample_rate,
            "n_fft": n_fft,
            "hop_length": hop_length,
            "n_mels": n_mels,
            "win_length": win_length,
            "fmin": fmin,
            "fmax": fmax,
            "amin": amin,
            "gain": gain,
        }
        self.n_fft, self.hop_length, self.amin, self.gain = n_fft, hop_length, amin, gain
        window = librosa.filters.get_window("hann", win_length or n_fft, fftbins=True)
        self._window = _halves(librosa.util.pad_center(window, size=n_fft))
        filters = librosa.filters.mel(
            sr=sample_rate, n_fft=n_fft, n_mels=n_mels, fmin=fmin, fmax=fmax
        )
        self._unit = float(filters.max())
        self._filters = _halves(filters.T / self._unit)

    def call(self, waveform: Any) -> Any:
        half = self.n_fft // 2
        padded = tf.pad(waveform, [[0, 0], [half, half]])
        frames = tf.signal.frame(padded, self.n_fft, self.hop_length)
        coarse, fine = self._window
        spectrum = tf.signal.rfft(frames * coarse + frames * fine / _FINE)
        power = tf.square(tf.math.real(spectrum)) + tf.square(tf.math.imag(spectrum))
        coarse, fine = self._filters
        mel = (tf.matmul(power, coarse) + tf.matmul(power, fine) / _FINE) * self._unit
        if self.gain is not None:
            return tf.math.log(1 + self.gain * mel) / np.float32(np.log(10))
        # Lifted by 40 dB, and then lowered: 1e-10 is nothing in the float16 of the file, and the
        # logarithm of nothing is no number.
        lifted = tf.math.log(tf.maximum(mel * _LIFT, self.amin * _LIFT))
        coarse, fine = _halves(10 / np.log(10))
        return lifted * coarse + lifted * fine / _FINE - np.float32(10 * np.log10(_LIFT))

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        batch, n = shape
        return (batch, None if n is None else 1 + n // self.hop_length, self._filters[0].shape[1])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self._said}


@keras.saving.register_keras_serializable("tamis")
class Contrast(keras.layers.Layer):
    """Decibels [b, frames, bands] → what a network learns from: no level, nothing far below.

    Each window is cut off `range_db` under its loudest point, its mean is taken away, and 20 dB
    become 1.
    """

    def __init__(self, range_db: float = 60.0, **options: Any) -> None:
        super().__init__(**options)
        self.range_db = range_db

    def call(self, db: Any) -> Any:
        peak = tf.reduce_max(db, axis=(1, 2), keepdims=True)
        heard = tf.maximum(db, peak - self.range_db)
        return (heard - tf.reduce_mean(heard, axis=(1, 2), keepdims=True)) / 20.0

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "range_db": self.range_db}
