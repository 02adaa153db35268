"""Plain make_x() functions: tunes and voices, in every format that phones and programs write."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame

Samples = npt.NDArray[np.float32]  # shape (n,) or (n, channels), -1..1

# Container and encoder of each kind, and what makes the file as such programs do.
KINDS: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "wav 8 bit": ("wav", "pcm_u8", {}),
    "wav": ("wav", "pcm_s16le", {}),
    "wav 24 bit": ("wav", "pcm_s24le", {}),
    "wav 32 bit": ("wav", "pcm_s32le", {}),
    "wav float": ("wav", "pcm_f32le", {}),
    "wav double": ("wav", "pcm_f64le", {}),
    "wav A-law": ("wav", "pcm_alaw", {}),
    "wav µ-law": ("wav", "pcm_mulaw", {}),
    "wav 64 bit header": ("wav", "pcm_s16le", {"rf64": "always"}),
    "flac": ("flac", "flac", {}),
    "ogg opus": ("ogg", "libopus", {}),
    "ogg vorbis": ("ogg", "vorbis", {}),
    "mp3": ("mp3", "libmp3lame", {}),
    "m4a": ("ipod", "aac", {}),
    "aac": ("adts", "aac", {}),
    "webm": ("webm", "libopus", {}),
    # As MediaRecorder of Chromium and Firefox: no duration, clusters of unknown size.
    "webm recorded": ("webm", "libopus", {"live": "1", "cluster_time_limit": "100"}),
    # As MediaRecorder of Safari.
    "mp4 recorded": (
        "mp4",
        "aac",
        {"movflags": "frag_keyframe+empty_moov+default_base_moof", "frag_duration": "500000"},
    ),
}


def make_tune(seconds: float = 3.0, rate: int = 16_000, *, seed: int = 1) -> Samples:
    """Chords on a beat, different for each seed: shape (n,), peak 0.5."""
    random = np.random.default_rng(seed)
    t = np.arange(int(seconds * rate)) / rate
    bar = (t / 0.75).astype(int)
    notes = 110 * 2 ** (random.integers(0, 24, (bar[-1] + 1, 3)) / 12)
    pluck = np.exp(-5 * (t % 0.375))
    tone = sum(np.sin(2 * np.pi * k * notes[bar].T * t) / k for k in (1, 2, 3))
    drum = random.normal(0, 0.3, len(t)) * np.exp(-30 * (t % 0.1875))
    wave = tone.sum(axis=0) * pluck + drum
    return (0.5 * wave / np.abs(wave).max()).astype(np.float32)


def make_sound(
    kind: str = "wav",
    samples: Samples | None = None,
    *,
    rate: int = 16_000,
    seconds: float = 3.0,
    seed: int = 1,
    channels: int = 1,
    metadata: Mapping[str, str] | None = None,
    cover: bytes | None = None,
    encoder: Mapping[str, str] | None = None,
) -> bytes:
    """The bytes of a sound as a file; without samples, of a tune.

    Parameters
    ----------
    samples : shape (n,) or (n, channels)
    metadata : what a program writes beside the sound
    cover : a JPEG that goes along
    encoder : options of it
    """
    if samples is None:
        samples = make_tune(seconds, rate, seed=seed)
    if samples.ndim == 1:
        samples = np.repeat(samples[:, np.newaxis], channels, axis=1)
    container, codec, options = KINDS[kind]
    if codec == "vorbis":  # FFmpeg's own encoder knows two channels
        samples, encoder = np.repeat(samples[:, :1], 2, axis=1), {"strict": "experimental"}
    layout = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}[samples.shape[1]]
    file = BytesIO()
    with av.open(file, "w", format=container, options=dict(options)) as output:
        output.metadata.update(metadata or {})
        stream: Any = output.add_stream(
            codec, rate=rate, layout=layout, options=dict(encoder or {})
        )
        picture: Any = _cover(output, cover) if cover else None
        if picture is not None:
            output.mux(picture)
        frame = AudioFrame.from_ndarray(
            np.ascontiguousarray(samples.T, np.float32), format="fltp", layout=layout
        )
        frame.sample_rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            output.mux(packet)
    return file.getvalue()


def _cover(output: Any, jpeg: bytes) -> Any:
    """A packet of the picture on the cover."""
    with av.open(BytesIO(jpeg), format="jpeg_pipe") as picture:
        source = picture.streams.video[0]
        stream = output.add_stream_from_template(source)
        stream.disposition = av.stream.Disposition.attached_pic
        packet = next(picture.demux(source))
        packet.stream = stream
        packet.pts = packet.dts = 0
        return packet


def make_film(*, seconds: float = 2.0, sound: bool = True) -> bytes:
    """A small MP4 as a camera makes it, with or without sound."""
    file = BytesIO()
    rate = 16_000
    with av.open(file, "w", format="mp4") as output:
        video: Any = output.add_stream("mpeg4", rate=10, width=64, height=48)
        video.pix_fmt = "yuv420p"
        audio: Any = output.add_stream("aac", rate=rate, layout="mono") if sound else None
        for number in range(int(seconds * 10)):
            picture = np.full((48, 64, 3), number * 10 % 256, np.uint8)
            for packet in video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                output.mux(packet)
        for packet in video.encode(None):
            output.mux(packet)
        if audio is not None:
            tune = make_tune(seconds, rate)[np.newaxis]
            frame = AudioFrame.from_ndarray(tune, format="fltp", layout="mono")
            frame.sample_rate = rate
            for packet in [*audio.encode(frame), *audio.encode(None)]:
                output.mux(packet)
    return file.getvalue()
