"""clean(task, data) → Cleaned: what is kept of an upload, and nothing written beside it."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from threading import Semaphore
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from django.conf import settings
from PIL import Image

from ml.decode import decode_image
from ml.phash import phash, sound_hash
from ml.sound import Waveform, decode_sound
from ml.task import Modality, Task

from .champions import Busy

# Over four times the side of what a network sees, and enough for a person to judge by.
LONGEST = 1024
_QUALITY = 92
# What the nets hear; the app records at this rate, and its 16 bits are kept as they are.
SOUND_RATE = 16_000

# One at a time: a photo of 40 Mpx takes 200 MB while it is decoded.
_turn = Semaphore()


@dataclass(frozen=True)
class Cleaned:
    """A file made anew from pixels or samples alone; `duration_s` is of sounds."""

    data: bytes
    media_type: str
    suffix: str
    sha256: str
    phash: str
    duration_s: float | None


def clean(task: Task, data: bytes) -> Cleaned:
    """Make the file that is kept of what a person sent: same bytes in, same bytes out.

    Raises
    ------
    BadInput
        If nobody could recognise these bytes.
    Busy
        If others were being cleaned for longer than ENGINE_WAIT_S.
    """
    if not _turn.acquire(timeout=settings.ENGINE_WAIT_S):
        raise Busy
    try:
        return _CLEANERS[task.modality](data)
    finally:
        _turn.release()


def _clean_image(data: bytes) -> Cleaned:
    """A JPEG of upright pixels: no EXIF, place, profile, thumbnail or second file comes along."""
    # A large JPEG is decoded at a fraction whose shorter side is still that long.
    photo = Image.fromarray(decode_image(data, at_least=LONGEST))
    photo.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    file = BytesIO()
    photo.save(file, "JPEG", quality=_QUALITY)
    kept = file.getvalue()
    return Cleaned(
        data=kept,
        media_type="image/jpeg",
        suffix=".jpg",
        sha256=hashlib.sha256(kept).hexdigest(),
        phash=phash(decode_image(kept)),  # of what is kept, as anybody can repeat
        duration_s=None,
    )


def _clean_sound(data: bytes) -> Cleaned:
    """A FLAC of one channel: no title, cover, place or name of a program comes along."""
    kept = _flac(decode_sound(data, sample_rate=SOUND_RATE))
    waveform = decode_sound(kept, sample_rate=SOUND_RATE)
    return Cleaned(
        data=kept,
        media_type="audio/flac",
        suffix=".flac",
        sha256=hashlib.sha256(kept).hexdigest(),
        phash=sound_hash(waveform, sample_rate=SOUND_RATE),
        duration_s=len(waveform) / SOUND_RATE,
    )


def _flac(waveform: Waveform) -> bytes:
    """16 bit, at SOUND_RATE; the same samples give the same bytes."""
    samples = (waveform * 32768).round().clip(-32768, 32767).astype(np.int16)
    file = BytesIO()
    # Exact to the bit: without the version of the library in it.
    with av.open(file, "w", format="flac", options={"fflags": "+bitexact"}) as output:
        stream: Any = output.add_stream("flac", rate=SOUND_RATE, layout="mono")
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        frame = AudioFrame.from_ndarray(samples[np.newaxis], format="s16", layout="mono")
        frame.sample_rate = SOUND_RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            output.mux(packet)
    return file.getvalue()


_CLEANERS: Mapping[Modality, Callable[[bytes], Cleaned]] = {
    Modality.IMAGE: _clean_image,
    Modality.AUDIO: _clean_sound,
}
