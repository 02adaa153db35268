"""phash, sound_hash, distance: what looks or sounds alike has fingerprints a few bits apart."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from ml.decode import Photo
from ml.sound import Waveform

_SIDE = 32  # pixels the photo is reduced to
_LOW = 8  # frequencies kept on each axis: 64 bits

# Of a sound: its bands are equally wide to the ear and in what every codec keeps; a frame is 64 ms.
_BANDS_HZ = (150.0, 4000.0)
_BANDS, _MOMENTS = 9, 8
_FRAME_S = 0.064
# What is 25 dB under the loudest frame is a pause: at both ends, codecs add one.
_PAUSE_DB = 25.0
# What is 40 dB under the loudest band is not listened to: codecs fill it with what they like.
_FLOOR_DB = 40.0
# Steps under a decibel are none: a steady tone has no rhythm.
_FAINT_DB = 1.0


def phash(image: Photo) -> str:
    """The perceptual hash of a photo: which of its 64 coarsest patterns are stronger than most.

    Equal to `imagehash.phash` with its defaults, which is the column `phash` of the base data.

    Parameters
    ----------
    image : shape (h, w, 3), uint8, 0..255

    Returns
    -------
    16 hexadecimal digits

    References
    ----------
    Zauner, "Implementation and benchmarking of perceptual image hash functions" (2010), 3.2.1.
    """
    grey = Image.fromarray(image).convert("L").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    low = _BASIS @ np.asarray(grey, dtype=np.float64) @ _BASIS.T
    # A pattern that is absent is 0 here, and not what the sums above leave of it.
    low = low.round(6)
    bits = np.packbits(low > np.median(low))
    return bits.tobytes().hex()


def sound_hash(waveform: Waveform, *, sample_rate: int) -> str:
    """The same of a sound: where one band is louder than the next, and how that changes.

    Neither a gain nor a codec changes more than a few bits. Two takes of one phrase are two sounds.

    Parameters
    ----------
    waveform : shape (n,), float32, mono, -1..1, at least a second and not silent
    sample_rate : Hz, at least 8,000

    Returns
    -------
    16 hexadecimal digits

    References
    ----------
    Haitsma and Kalker, "A highly robust audio fingerprinting system" (2002): signs of differences
    between bands and moments; here of a whole recording, 8 moments of it.
    """
    steps = np.diff(_loudness(waveform, sample_rate), axis=0)
    changes = np.column_stack([steps.mean(axis=1), np.diff(steps, axis=1)])
    return np.packbits(changes >= _FAINT_DB).tobytes().hex()


def _loudness(waveform: Waveform, sample_rate: int) -> npt.NDArray[np.float64]:
    """Decibels of each band at each moment, shape (_BANDS, _MOMENTS); the loudest is 0."""
    size = int(_FRAME_S * sample_rate)
    frames = np.lib.stride_tricks.sliding_window_view(waveform, size)[:: size // 4]
    power = np.abs(np.fft.rfft(frames * np.hanning(size).astype(np.float32))) ** 2
    edges = np.geomspace(*_BANDS_HZ, _BANDS + 1) / sample_rate * size
    bins = np.arange(power.shape[1])[:, np.newaxis]
    # A narrow band takes its share of the bin it lies in.
    bands = power @ (np.minimum(bins + 1, edges[1:]) - np.maximum(bins, edges[:-1])).clip(0)
    heard = np.flatnonzero(bands.sum(axis=1) >= bands.sum(axis=1).max() / 10 ** (_PAUSE_DB / 10))
    bands = bands[heard[0] : heard[-1] + 1]
    # Moments fade into each other: a delay moves no sound from one to the next at a stroke.
    place = (np.arange(len(bands)) + 0.5) / len(bands) * _MOMENTS - 0.5
    weights = (1 - np.abs(place[:, np.newaxis] - np.arange(_MOMENTS))).clip(1e-9)
    energy = bands.T @ (weights / weights.sum(axis=0))
    decibels: npt.NDArray[np.float64] = 10 * np.log10(energy / max(energy.max(), 1e-30) + 1e-12)
    return decibels.clip(-_FLOOR_DB)


def distance(a: str, b: str) -> int:
    """How many of the 64 bits differ: 0 is the same to the eye or ear, 32 is chance."""
    return (int(a, 16) ^ int(b, 16)).bit_count()


def _cosines() -> npt.NDArray[np.float64]:
    """The lowest rows of an unscaled DCT-II, shape (_LOW, _SIDE)."""
    frequency, pixel = np.ogrid[:_LOW, :_SIDE]
    waves: npt.NDArray[np.float64] = 2 * np.cos(np.pi * frequency * (2 * pixel + 1) / (2 * _SIDE))
    return waves


_BASIS = _cosines()
