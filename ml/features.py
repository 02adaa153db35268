"""The named vectors of numbers about a sound: one definition for the app, the trainer and the lake.

The numbers are librosa's with its defaults, made by `ml.spectra`. Every number is finite, whatever
the sound: silence, one sample, a constant.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.ndimage import median_filter

from ml import spectra

Vector: TypeAlias = npt.NDArray[np.float32]
Waveform: TypeAlias = npt.NDArray[np.float32]  # shape (n,), mono, -1..1

# -20 dBFS; what is under -60 dBFS is not blown up any further.
LEVEL, _FLOOR = 0.1, 1e-3


def gtzan_57(waveform: Waveform, *, sample_rate: int) -> Vector:
    """Mean and variance of what GTZAN's widely used CSV describes a clip by, in its order.

    Chroma, RMS, spectral centroid, bandwidth and roll-off, zero crossings, the harmonic and the
    percussive part of the waveform; the tempo; 20 MFCC.

    Parameters
    ----------
    waveform : shape (n,), float32, mono, -1..1
    sample_rate : Hz; the CSV was made at 22,050

    Returns
    -------
    shape (57,), float32
    """
    sound = _at_least(waveform, spectra.N_FFT)
    spectrum = spectra.stft(sound)
    magnitude = np.abs(spectrum)
    mel = _decibels(magnitude, sample_rate)
    harmonic, percussive = _parts(spectrum, magnitude, len(sound))
    series = [
        spectra.chroma(magnitude**2, sample_rate=sample_rate),
        spectra.rms(sound),
        spectra.centroid(magnitude, sample_rate=sample_rate),
        spectra.bandwidth(magnitude, sample_rate=sample_rate),
        spectra.rolloff(magnitude, sample_rate=sample_rate),
        spectra.zero_crossing_rate(sound),
        harmonic,
        percussive,
    ]
    mfcc = spectra.mfcc(mel, n=20)
    tempo = spectra.tempo(mel, sample_rate=sample_rate)
    return _finite([*_moments(series), tempo, *_moments(mfcc)])


def emotion_175(waveform: Waveform, *, sample_rate: int) -> Vector:
    """Means over time of ZCR 1, chroma 12, MFCC 20, RMS 1, mel 128, contrast 7, tonnetz 6.

    First what is 30 dB under the loudest is cut off at both ends, and the rest is brought to one
    level, an RMS of 0.1: the silence around a sentence is none of its own, and how loud a recording
    is says more about the microphone than about the voice. RMS then tells how evenly the sound is
    spread in time.

    Parameters
    ----------
    waveform : shape (n,), float32, mono, -1..1
    sample_rate : Hz

    Returns
    -------
    shape (175,), float32
    """
    sound = _at_least(_levelled(_voiced(_at_least(waveform, 1))), spectra.N_FFT)
    magnitude = np.abs(spectra.stft(sound))
    mel = spectra.mel(magnitude**2, sample_rate=sample_rate)
    chroma = spectra.chroma(magnitude**2, sample_rate=sample_rate)
    series = [
        spectra.zero_crossing_rate(sound),
        chroma,
        spectra.mfcc(spectra.decibels(mel), n=20),
        spectra.rms(sound),
        mel,
        _contrast(magnitude, sample_rate),
        # Of the same chroma: librosa's own choice, a constant-Q transform, takes a second.
        spectra.tonnetz(chroma),
    ]
    return _finite(np.concatenate([row.mean(axis=1) for row in series]))


def levelled_57(waveform: Waveform, *, sample_rate: int) -> Vector:
    """`gtzan_57` of the sound at an RMS of 0.1: how loud a record is says little of its genre."""
    return gtzan_57(_levelled(_at_least(waveform, 0)), sample_rate=sample_rate)


VECTORS: Mapping[str, Callable[..., Vector]] = MappingProxyType(
    {"genre/svm": levelled_57, "emotion/logreg": emotion_175}
)


def _at_least(waveform: Waveform, n: int) -> Waveform:
    """Filled up with silence to the length of one frame; what is no number is silence."""
    sound: Waveform = np.nan_to_num(waveform.astype(np.float32), posinf=0, neginf=0)
    return np.pad(sound, (0, max(0, n - len(sound))))


def _voiced(waveform: Waveform) -> Waveform:
    voiced: Waveform = spectra.trimmed(waveform, top_db=30, size=1024, hop=256)
    return voiced


def _levelled(waveform: Waveform) -> Waveform:
    level = float(np.sqrt(np.mean(np.square(waveform, dtype=np.float64)))) if len(waveform) else 0.0
    return waveform * np.float32(LEVEL / max(level, _FLOOR))


def _decibels(magnitude: npt.NDArray[Any], sample_rate: int) -> npt.NDArray[Any]:
    return spectra.decibels(spectra.mel(magnitude**2, sample_rate=sample_rate))


def _parts(
    spectrum: npt.NDArray[Any], magnitude: npt.NDArray[Any], n: int
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """The harmonic and the percussive part of a waveform of n samples, as `librosa.effects.hpss`.

    References
    ----------
    Fitzgerald, Harmonic/percussive separation using median filtering, DAFx 2010.
    """
    in_time, in_frequency = _medians(magnitude), _medians(magnitude.T).T
    tones, clicks = in_time**2, in_frequency**2
    # Where there is neither, each takes half of the nothing.
    share = np.divide(tones, tones + clicks, out=np.full_like(tones, 0.5), where=tones + clicks > 0)
    harmonic = spectra.istft(spectrum * share, length=n)
    return harmonic, spectra.istft(spectrum * (1 - share), length=n)


def _medians(rows: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Running medians of 31 along each row, edges mirrored.

    SciPy's filter of one dimension is ten times faster than its filter of two: the rows, with
    their mirrored edges, are put end to end.
    """
    half = 15
    mirrored = np.pad(rows, ((0, 0), (half, half)), mode="symmetric")
    medians = median_filter(mirrored.ravel(), size=2 * half + 1)
    return np.asarray(medians.reshape(mirrored.shape)[:, half:-half])


def _contrast(magnitude: npt.NDArray[Any], sample_rate: int) -> npt.NDArray[Any]:
    """Seven bands from 200 Hz in octaves; fewer octaves where the rate has no room for them."""
    bands = 6
    while 200 * 2 ** (bands - 1) >= sample_rate / 2 and bands > 1:
        bands -= 1
    contrast = spectra.contrast(magnitude, sample_rate=sample_rate, bands=bands)
    return np.pad(contrast, ((0, 6 - bands), (0, 0)))


def _moments(series: Any) -> list[float]:
    return [float(moment) for row in series for moment in (np.mean(row), np.var(row))]


def _finite(numbers: Any) -> Vector:
    vector: Vector = np.nan_to_num(np.asarray(numbers, np.float32), posinf=0, neginf=0)
    return vector
