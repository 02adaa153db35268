"""bytes → float32 [n] mono, and its windows; limits hold while decoding, never by headers."""

from collections.abc import Iterator

import numpy as np
import soxr

from ml.bundle import SoundSpec
from ml.errors import BadInput
from ml.ffmpeg import Waveform as Waveform
from ml.ffmpeg import blocks

MAX_BYTES = 25_000_000
MIN_S = 1.0

# A block of a tenth of a second whose deviation is under -60 dBFS is silence.
_BLOCK_S = 0.1
_SILENCE = 1e-3
# Loud records touch full scale in a few samples of a hundred; an overdriven microphone in many.
_FULL_SCALE = 0.999
_CLIPPED = 0.1


def decode_sound(data: bytes, *, sample_rate: int) -> Waveform:
    """Decode a recording: all channels averaged, resampled, within -1..1.

    Parameters
    ----------
    data : WAV (8 to 32 bit, float, A-law, µ-law), FLAC, Ogg, MP3, M4A/AAC, or WebM; of a film, its
        sound
    sample_rate : Hz of the result

    Returns
    -------
    shape (n,), float32, at least 1 s and at most 120 s

    Raises
    ------
    BadInput
        `too-large` over 25 MB or 120 s, `unsupported-sound` if it is none of the formats or has a
        rate outside 8..192 kHz or over 8 channels, `undecodable-sound` if it is one but cannot be
        decoded, `too-short-sound`, `silent-sound`, `clipped-sound` if nobody could recognise it.

    References
    ----------
    soxr, quality HQ: taggers hear the resampler (bands near half the rate), poorer ones change
    what they say.
    """
    if len(data) > MAX_BYTES:
        raise BadInput("too-large", f"{len(data)} bytes are over {MAX_BYTES}")
    waveform = _joined(_resampled(blocks(data), sample_rate))
    check_sound(waveform, sample_rate=sample_rate)
    return waveform


def check_sound(waveform: Waveform, *, sample_rate: int) -> None:
    """Refuse what no recogniser can do anything with; the browser refuses the same.

    Raises
    ------
    BadInput
        `too-short-sound`, `silent-sound`, or `clipped-sound`.
    """
    if len(waveform) < MIN_S * sample_rate:
        raise BadInput("too-short-sound", f"under {MIN_S:g} s")
    block = int(_BLOCK_S * sample_rate)
    blocks = waveform[: len(waveform) // block * block].reshape(-1, block)
    # Not the first and the last: a resampler rings where a constant begins and ends.
    if blocks[1:-1].std(axis=1).max() < _SILENCE:
        raise BadInput("silent-sound", "nothing is heard")
    if (np.abs(waveform) >= _FULL_SCALE).mean() > _CLIPPED:
        raise BadInput("clipped-sound", "overdriven: most of it is cut off at full scale")


def windows(waveform: Waveform, spec: SoundSpec) -> list[tuple[int, Waveform]]:
    """Cut a waveform as a card says.

    Returns
    -------
    the first sample of each window, and the window: shape (samples,), or what there is where the
    sound is shorter and the card does not ask for padding
    """
    size = spec.shape[1]
    if len(waveform) <= size:
        missing = size - len(waveform) if spec.pad else 0
        return [(0, np.pad(waveform, (0, missing)))]
    return [(at, waveform[at : at + size]) for at in window_starts(len(waveform), spec)]


def window_starts(n: int, spec: SoundSpec) -> list[int]:
    """First samples of the windows of a sound longer than one; whole numbers, as in the browser."""
    last = n - spec.shape[1]
    starts = list(range(0, last + 1, spec.hop))
    if last - starts[-1] >= spec.hop / 2:
        starts.append(last)  # what is left at the end is heard too
    if len(starts) <= spec.max_windows:
        return starts
    return [k * last // max(1, spec.max_windows - 1) for k in range(spec.max_windows)]


def _resampled(blocks: Iterator[tuple[int, Waveform]], sample_rate: int) -> Iterator[Waveform]:
    """The same at one rate; the rate of the first block is that of the whole."""
    stream, source = None, 0
    for rate, block in blocks:
        if stream is None:
            stream, source = soxr.ResampleStream(rate, sample_rate, 1, quality="HQ"), rate
        if rate != source:
            raise BadInput("undecodable-sound", "the sample rate changes half-way")
        yield stream.resample_chunk(block)
    if stream is not None:
        yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def _joined(pieces: Iterator[Waveform]) -> Waveform:
    whole = list(pieces)
    joined: Waveform = np.concatenate(whole) if whole else np.zeros(0, np.float32)
    return joined.clip(-1, 1)
