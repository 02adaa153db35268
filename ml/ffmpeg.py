"""blocks(data) → pieces of a sound as FFmpeg decodes it, mono; the limits hold meanwhile."""

from collections.abc import Iterator
from io import BytesIO
from itertools import groupby
from time import thread_time
from typing import Any, TypeAlias

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Discard

from ml.containers import CODECS, MAX_PACKETS, OPTIONS, opened
from ml.errors import BadInput

Waveform: TypeAlias = npt.NDArray[np.float32]  # shape (n,), mono, -1..1

MAX_S = 120.0
SAMPLE_RATES = range(8_000, 192_001)
MAX_CHANNELS = 8

# A beginning of so many packets says of what length the others will be.
_BEGINNING = 1000
_SHORTEST_S = MAX_S / MAX_PACKETS
# Samples that are worked on at once.
_JOINED = 65_536
# Of the processor: what is honest takes under one, whatever else the machine does meanwhile.
_MAX_CPU_S = 3.0
# A stream with more broken packets than whole ones is noise, not a recording with a scratch.
_BROKEN = 0.5


def blocks(data: bytes) -> Iterator[tuple[int, Waveform]]:
    """Decode a file piece by piece, of a second or so: most of its frames are of 20 ms.

    Returns
    -------
    the sample rate of each piece in Hz, and the piece: shape (n,), the mean of its channels

    Raises
    ------
    BadInput
        `too-large`, `unsupported-sound` or `undecodable-sound`, as soon as that is known.
    """
    for (rate, _), kind in groupby(_frames(data), lambda f: (f.sample_rate, f.layout.nb_channels)):
        held, n = [], 0
        for frame in kind:
            held.append(_channels(frame))
            n += frame.samples
            if n >= _JOINED:
                yield rate, _mono(np.concatenate(held, axis=1))
                held, n = [], 0
        if held:
            yield rate, _mono(np.concatenate(held, axis=1))


def _frames(data: bytes) -> Iterator[AudioFrame]:
    """What FFmpeg decodes, piece by piece.

    Raises
    ------
    BadInput
        As soon as a limit is passed.
    """
    name, data = opened(data)
    seconds, whole, broken, start = 0.0, 0, 0, thread_time()
    try:
        with av.open(
            BytesIO(data), "r", format=name, options=OPTIONS, metadata_errors="replace"
        ) as container:
            for packet in container.demux(_the_sound_of(container)):
                if whole + broken > MAX_PACKETS or thread_time() - start > _MAX_CPU_S:
                    raise BadInput("too-large", "it takes longer to read than two minutes do")
                try:
                    frames = packet.decode()
                except av.error.InvalidDataError:
                    broken += 1
                    continue
                whole += 1
                if whole > _BEGINNING and seconds < whole * _SHORTEST_S:
                    raise BadInput("too-large", f"over {1 / _SHORTEST_S:.0f} packets a second")
                for frame in frames:
                    _check_frame(frame)
                    seconds += frame.samples / frame.sample_rate
                    if seconds > MAX_S:
                        raise BadInput("too-large", f"over {MAX_S:g} s")
                    yield frame
    # ValueError, OverflowError, EOFError: lying headers.
    except (av.error.FFmpegError, ValueError, OverflowError, EOFError) as error:
        raise BadInput("undecodable-sound", f"{name}: damaged") from error
    if broken > _BROKEN * (whole + broken):
        raise BadInput("undecodable-sound", f"{name}: {broken} of {whole + broken} packets damaged")


def _channels(frame: AudioFrame) -> npt.NDArray[Any]:
    """The samples of a frame as they were stored, shape (channels, n)."""
    channels = frame.layout.nb_channels
    if frame.format.is_planar and channels == MAX_CHANNELS:
        # PyAV would read past the end of the eighth plane.
        (frame,) = AudioResampler(format=frame.format.packed.name).resample(frame)
    samples = frame.to_ndarray()
    return samples if frame.format.is_planar else samples.reshape(-1, channels).T


def _mono(samples: npt.NDArray[Any]) -> Waveform:
    """The mean of the channels, within -1..1; of whole numbers the largest is 1."""
    mean = samples.mean(axis=0, dtype=np.float64)
    if samples.dtype == np.uint8:
        mean -= 128
    if samples.dtype.kind != "f":
        mean /= 2 ** (8 * samples.dtype.itemsize - 1)
    if not np.isfinite(mean).all():
        raise BadInput("undecodable-sound", "not a number")
    waveform: Waveform = mean.clip(-1, 1).astype(np.float32)
    return waveform


def _the_sound_of(container: InputContainer) -> AudioStream:
    """The first stream of sound; of the others nothing is read."""
    if not container.streams.audio:
        raise BadInput("unsupported-sound", "there is no sound in it")
    stream = container.streams.audio[0]
    codec = stream.codec_context.codec.canonical_name
    if codec not in CODECS:
        raise BadInput("unsupported-sound", f"{codec} is not WAV, FLAC, Vorbis, Opus, MP3 or AAC")
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all
    stream.codec_context.thread_count = 1
    return stream


def _check_frame(frame: AudioFrame) -> None:
    if frame.sample_rate not in SAMPLE_RATES:
        raise BadInput("unsupported-sound", f"{frame.sample_rate} Hz")
    if frame.layout.nb_channels > MAX_CHANNELS:
        raise BadInput("unsupported-sound", f"{frame.layout.nb_channels} channels")
