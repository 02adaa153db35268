"""phash, distance: photos that look alike have fingerprints that differ in few bits."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from ml.decode import Photo

_SIDE = 32  # pixels the photo is reduced to
_LOW = 8  # frequencies kept on each axis: 64 bits


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


def distance(a: str, b: str) -> int:
    """How many of the 64 bits differ: 0 is the same picture to the eye, 32 is chance."""
    return (int(a, 16) ^ int(b, 16)).bit_count()


def _cosines() -> npt.NDArray[np.float64]:
    """The lowest rows of an unscaled DCT-II, shape (_LOW, _SIDE)."""
    frequency, pixel = np.ogrid[:_LOW, :_SIDE]
    waves: npt.NDArray[np.float64] = 2 * np.cos(np.pi * frequency * (2 * pixel + 1) / (2 * _SIDE))
    return waves


_BASIS = _cosines()
