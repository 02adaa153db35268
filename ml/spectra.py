"""librosa's spectra and what is read from them, in NumPy and SciPy alone.

librosa itself brings a compiler along, a hundred megabytes and seconds of a server's first answer.
The numbers are those of librosa 0.11 with its defaults (tests hold both side by side): frames of
2048 samples, centred, every 512, under a Hann window. A spectrum has the shape (1025, frames).
"""

from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import fft

Array: TypeAlias = npt.NDArray[Any]

N_FFT, HOP = 2048, 512
_TINY = np.finfo(np.float32).tiny


def stft(waveform: Array) -> Array:
    """shape (n,) → complex64 [1025, 1 + n // 512]."""
    framed = _frames(np.pad(waveform, N_FFT // 2)) * _hann(N_FFT)[:, np.newaxis]
    spectrum: Array = fft.rfft(framed, axis=0).astype(np.complex64)
    return spectrum


def istft(spectrum: Array, *, length: int) -> Array:
    """The waveform of a spectrum, shape (length,): what lies under several windows is averaged."""
    pieces = fft.irfft(spectrum, n=N_FFT, axis=0) * _hann(N_FFT)[:, np.newaxis]
    count = pieces.shape[1]
    total, weight = np.zeros((2, N_FFT + HOP * (count - 1)))
    for at in range(0, N_FFT, HOP):  # a quarter of each frame at a time: they lie side by side
        here = slice(at, at + HOP * count)
        total[here] += pieces[at : at + HOP].T.ravel()
        weight[here] += np.tile(_hann(N_FFT)[at : at + HOP] ** 2, count)
    total[weight > _TINY] /= weight[weight > _TINY]
    found = total[N_FFT // 2 :][:length].astype(np.float32)
    waveform: Array = np.pad(found, (0, length - len(found)))
    return waveform


def mel(power: Array, *, sample_rate: int, n_mels: int = 128) -> Array:
    """Power in bands as wide as Slaney's ear has them, shape (n_mels, frames)."""
    return np.asarray(_mel_filters(sample_rate, n_mels) @ power)


def decibels(power: Array, *, top_db: float = 80.0) -> Array:
    """10 log10, no more than `top_db` under the loudest."""
    level = 10 * np.log10(np.maximum(1e-10, power))
    bounded: Array = np.maximum(level, level.max() - top_db)
    return bounded


def mfcc(mel_db: Array, *, n: int) -> Array:
    """The first cosines over the bands, shape (n, frames)."""
    cosines: Array = fft.dct(mel_db, axis=0, type=2, norm="ortho")[:n]
    return cosines


def chroma(power: Array, *, sample_rate: int) -> Array:
    """The twelve notes, C first, at A = 440 Hz; the loudest of each frame is 1."""
    return _normalised(_chroma_filters(sample_rate) @ power, np.inf)


def tonnetz(notes: Array) -> Array:
    """Fifths, minor and major thirds as six coordinates (Harte et al., 2006)."""
    turns = np.outer((7 / 6, 7 / 6, 3 / 2, 3 / 2, 2 / 3, 2 / 3), np.arange(12.0))
    turns[::2] -= 0.5
    radius = np.array((1, 1, 1, 1, 0.5, 0.5))[:, np.newaxis]
    tonal: Array = radius * np.cos(np.pi * turns) @ _normalised(notes, 1)
    return tonal


def rms(waveform: Array, *, size: int = N_FFT, hop: int = HOP) -> Array:
    """shape (1, frames), of other frames where they are asked for."""
    framed = _frames(np.pad(waveform.astype(np.float32), size // 2), size, hop)
    level: Array = np.sqrt((framed**2).mean(axis=0, keepdims=True))
    return level


def trimmed(waveform: Array, *, top_db: float, size: int = N_FFT, hop: int = HOP) -> Array:
    """Without what is `top_db` under the loudest frame, at both ends."""
    level = 20 * np.log10(np.maximum(1e-5, rms(waveform, size=size, hop=hop)[0]))
    heard = np.flatnonzero(level > level.max() - top_db)
    return waveform[hop * heard[0] : hop * (heard[-1] + 1)]


def zero_crossing_rate(waveform: Array) -> Array:
    """The share of samples that have another sign than the one before, shape (1, frames)."""
    padded = np.pad(waveform, N_FFT // 2, mode="edge")
    negative = np.where(np.abs(padded) <= 1e-10, 0, padded) < 0
    crossed = np.concatenate(([False], negative[1:] != negative[:-1]))
    framed = _frames(crossed)[1:]  # the first sample of a frame has none before it
    rate: Array = framed.sum(axis=0, keepdims=True) / N_FFT
    return rate


def centroid(magnitude: Array, *, sample_rate: int) -> Array:
    """The mean frequency in Hz, shape (1, frames)."""
    mean: Array = (_hertz(sample_rate) * _normalised(magnitude, 1)).sum(axis=0, keepdims=True)
    return mean


def bandwidth(magnitude: Array, *, sample_rate: int) -> Array:
    """The deviation of the frequency in Hz, shape (1, frames)."""
    away = np.abs(_hertz(sample_rate) - centroid(magnitude, sample_rate=sample_rate))
    wide: Array = np.sqrt((_normalised(magnitude, 1) * away**2).sum(axis=0, keepdims=True))
    return wide


def rolloff(magnitude: Array, *, sample_rate: int, share: float = 0.85) -> Array:
    """The frequency under which a share of the spectrum lies, in Hz, shape (1, frames)."""
    total = magnitude.cumsum(axis=0)
    under = (total >= share * total[-1]).argmax(axis=0)
    edge: Array = _hertz(sample_rate)[under].T
    return edge


def contrast(magnitude: Array, *, sample_rate: int, bands: int = 6) -> Array:
    """Decibels from valley to peak under 200 Hz and in octaves above, shape (bands + 1, frames)."""
    hertz = _hertz(sample_rate)[:, 0]
    edges = np.concatenate(([0.0], 200 * 2.0 ** np.arange(bands + 1)))
    valleys, peaks = np.zeros((2, bands + 1, magnitude.shape[1]))
    for k, (low, high) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
        inside = np.flatnonzero((hertz >= low) & (hertz <= high))
        first = inside[0] - (k > 0)
        last = len(hertz) if k == bands else inside[-1] + 1
        few = max(1, int(np.rint(0.02 * (last - first))))
        ranked = np.sort(magnitude[first : last - (k < bands)], axis=0)
        valleys[k], peaks[k] = ranked[:few].mean(axis=0), ranked[-few:].mean(axis=0)
    return decibels(peaks) - decibels(valleys)


def tempo(mel_db: Array, *, sample_rate: int) -> float:
    """Beats per minute: the period at which onsets repeat themselves best, 120 likeliest before."""
    rises = np.maximum(0, np.diff(mel_db, axis=1)).mean(axis=0)
    n = mel_db.shape[1]
    onsets = np.pad(rises, (1 + N_FFT // (2 * HOP), 0))[:n]
    size = int(8.0 * sample_rate // HOP)
    around = np.pad(onsets, size // 2, mode="linear_ramp", end_values=0)
    framed = np.lib.stride_tricks.sliding_window_view(around, size)[:n].T
    windowed = framed * _hann(size)[:, np.newaxis]
    padded = fft.next_fast_len(2 * size - 1, real=True)
    alike = fft.irfft(np.abs(fft.rfft(windowed, n=padded, axis=0)) ** 2, n=padded, axis=0)[:size]
    repeats = _normalised(alike, np.inf).mean(axis=1)
    bpm = np.concatenate(([np.inf], 60 * sample_rate / (HOP * np.arange(1.0, size))))
    prior = np.full(size, -np.inf)
    prior[1:] = -0.5 * (np.log2(bpm[1:]) - np.log2(120)) ** 2
    prior[: int((bpm < 320).argmax())] = -np.inf
    return float(bpm[int((np.log1p(1e6 * repeats) + prior).argmax())])


def _frames(padded: Array, size: int = N_FFT, hop: int = HOP) -> Array:
    return np.lib.stride_tricks.sliding_window_view(padded, size)[::hop].T


@lru_cache
def _hann(n: int) -> Array:
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n) / n))


def _hertz(sample_rate: int) -> Array:
    """The frequency of each row of a spectrum, shape (1025, 1)."""
    return np.fft.rfftfreq(N_FFT, 1 / sample_rate)[:, np.newaxis]


def _normalised(columns: Array, norm: float) -> Array:
    """Each column by its norm; what is nothing stays nothing."""
    length = np.linalg.norm(columns.astype(float), norm, axis=0, keepdims=True)
    length[length < _TINY] = 1
    scaled: Array = (columns / length).astype(columns.dtype)
    return scaled


@lru_cache(maxsize=8)
def _mel_filters(sample_rate: int, n_mels: int) -> Array:
    """Triangles of equal area, shape (n_mels, 1025): linear under 1 kHz, logarithmic above."""
    linear, step = 200 / 3, np.log(6.4) / 27
    top = 15 + np.log(sample_rate / 2 / 1000) / step
    mels = np.linspace(0, top if sample_rate > 2000 else sample_rate / 2 / linear, n_mels + 2)
    edges = np.where(mels < 15, linear * mels, 1000 * np.exp(step * (mels - 15)))
    slopes = edges[:, np.newaxis] - _hertz(sample_rate).T
    width = np.diff(edges)[:, np.newaxis]
    triangles = np.minimum(-slopes[:-2] / width[:-1], slopes[2:] / width[1:]).clip(0)
    filters: Array = triangles * 2 / (edges[2:] - edges[:-2])[:, np.newaxis]
    return filters.astype(np.float32)


@lru_cache(maxsize=8)
def _chroma_filters(sample_rate: int) -> Array:
    """Bumps around each note in all octaves, shape (12, 1025); the fifth octave counts most."""
    hertz = np.linspace(0, sample_rate, N_FFT, endpoint=False)[1:]
    notes = 12 * np.log2(hertz / (440 / 16))
    notes = np.concatenate(([notes[0] - 18], notes))
    width = np.concatenate((np.maximum(np.diff(notes), 1), [1]))
    away = (notes - np.arange(12.0)[:, np.newaxis] + 126) % 12 - 6
    bumps = _normalised(np.exp(-0.5 * (2 * away / width) ** 2), 2)
    bumps *= np.exp(-0.5 * ((notes / 12 - 5) / 2) ** 2)
    return np.roll(bumps, -3, axis=0)[:, : N_FFT // 2 + 1].astype(np.float32)
