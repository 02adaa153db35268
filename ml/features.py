"""The named vectors of numbers about a sound: one definition for the app, the trainer and the lake.

librosa computes them, with the settings written here and librosa's defaults for the rest.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Vector: TypeAlias = npt.NDArray[np.float32]


def gtzan_57(waveform: npt.NDArray[np.float32], *, sample_rate: int) -> Vector:
    """Mean and variance of what GTZAN's widely used CSV describes a clip by, in its order.

    Parameters
    ----------
    waveform : shape (n,), float32, mono, -1..1
    sample_rate : Hz; the CSV was made at 22,050

    Returns
    -------
    shape (57,), float32
    """
    raise NotImplementedError


def emotion_175(waveform: npt.NDArray[np.float32], *, sample_rate: int) -> Vector:
    """Means over time of ZCR 1, chroma 12, MFCC 20, RMS 1, mel 128, contrast 7, tonnetz 6.

    Parameters
    ----------
    waveform : shape (n,), float32, mono, -1..1
    sample_rate : Hz

    Returns
    -------
    shape (175,), float32
    """
    raise NotImplementedError


VECTORS: Mapping[str, Callable[..., Vector]] = MappingProxyType(
    {"genre/svm": gtzan_57, "emotion/logreg": emotion_175}
)
