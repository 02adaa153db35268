"""Forty sounds, broken, forged or made to hurt, and how each is to be refused, if at all."""

import struct
import wave
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image

from tests.sounds import Samples, make_film, make_sound, make_tune


@dataclass(frozen=True)
class Evil:
    """One of them; `slug` is the problem it ends in, None where it is read all the same."""

    name: str
    make: Callable[[], bytes]
    slug: str | None


def raw_wav(
    samples: bytes, *, rate: int = 16_000, channels: int = 1, bits: int = 16, form: int = 1
) -> bytes:
    """A WAV whose header says just this."""
    step = channels * bits // 8
    head = struct.pack("<HHIIHH", form, channels, rate, rate * step & 0xFFFFFFFF, step, bits)
    body = b"fmt " + struct.pack("<I", len(head)) + head
    body += b"data" + struct.pack("<I", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body


def floats(samples: Samples) -> bytes:
    """A WAV of 32-bit floats, whatever they are."""
    return raw_wav(samples.astype("<f4").tobytes(), bits=32, form=3)


def box(kind: bytes, content: bytes) -> bytes:
    """One box of an MP4."""
    return struct.pack(">I4s", 8 + len(content), kind) + content


def _eight_channels() -> bytes:
    tune = (make_tune() * 32767).astype("<i2")
    return raw_wav(np.repeat(tune[:, np.newaxis], 8, axis=1).tobytes(), channels=8)


def _spoiled(value: float) -> bytes:
    samples = make_tune()
    samples[1000:1100] = value
    return floats(samples)


def _promising(data: bytes) -> bytes:
    """A WAV that says it holds 2 GB."""
    at = data.index(b"data") + 4
    return data[:4] + b"\xff\xff\xff\x7f" + data[8:at] + b"\xf0\xff\xff\x7f" + data[at + 4 :]


def _flac_with_rate(hertz: int) -> bytes:
    """A FLAC whose first block tells another rate than its frames."""
    data = bytearray(make_sound("flac", rate=21_000))
    at = data.index(b"fLaC") + 8 + 10  # 20 bits of rate behind the sizes of blocks and frames
    data[at : at + 3] = ((hertz << 4) | (data[at + 2] & 0x0F)).to_bytes(3, "big")
    return bytes(data)


def _tagged(body: bytes) -> bytes:
    """An ID3v2.4 tag around a frame of that content, marked as compressed, then a tune."""
    sevens = lambda n: bytes((n >> shift) & 0x7F for shift in (21, 14, 7, 0))  # noqa: E731
    frame = b"APIC" + sevens(4 + len(body)) + b"\x00\x09" + sevens(2**28 - 1) + body
    return b"ID3\x04\x00\x00" + sevens(len(frame)) + frame + make_sound("mp3")


def _picture(kind: str) -> bytes:
    file = BytesIO()
    Image.new("RGB", (64, 64), "tomato").save(file, kind)
    return file.getvalue()


def _png_bomb() -> bytes:
    """A PNG whose header promises 50,000 x 50,000 pixels."""
    png = bytearray(_picture("PNG"))
    png[16:24] = struct.pack(">II", 50_000, 50_000)
    png[29:33] = struct.pack(">I", zlib.crc32(png[12:29]))
    return bytes(png)


def _bomb_of_zeros() -> bytes:
    packer = zlib.compressobj(1)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(256)) + packer.flush()


def _mp4(*, tables: bytes, moof: bytes = b"") -> bytes:
    """A movie of one track with these tables of samples."""
    sound = struct.pack(">6xH8xHH4xI", 1, 1, 16, 16_000 << 16)
    entry = box(b"mp4a", sound)
    stbl = box(b"stbl", box(b"stsd", struct.pack(">II", 0, 1) + entry) + tables)
    handler = box(b"hdlr", struct.pack(">II4s12xB", 0, 0, b"soun", 0))
    mdhd = box(b"mdhd", struct.pack(">IIIIIHH", 0, 0, 0, 16_000, 0, 0, 0))
    tkhd = box(b"tkhd", struct.pack(">IIII", 7, 0, 0, 1) + bytes(68))
    mvex = box(b"mvex", box(b"trex", struct.pack(">IIIIII", 0, 1, 1, 1024, 1, 0))) if moof else b""
    trak = box(b"trak", tkhd + box(b"mdia", mdhd + handler + box(b"minf", stbl)))
    mvhd = box(b"mvhd", struct.pack(">IIIII", 0, 0, 0, 1000, 0) + bytes(80))
    return box(b"ftyp", b"M4A \0\0\0\0M4A isom") + box(b"moov", mvhd + trak + mvex) + moof


def _mp4_of_samples(count: int) -> bytes:
    """A hundred million samples of one byte, in tables of a few bytes."""
    stts = box(b"stts", struct.pack(">IIII", 0, 1, count, 1))
    stsc = box(b"stsc", struct.pack(">IIIII", 0, 1, 1, count, 1))
    stsz = box(b"stsz", struct.pack(">III", 0, 1, count))
    stco = box(b"stco", struct.pack(">III", 0, 1, 40))
    return _mp4(tables=stts + stsc + stsz + stco) + box(b"mdat", bytes(64))


def _mp4_of_fragments(count: int) -> bytes:
    tables = b"".join(
        box(kind, bytes(8 if kind != b"stsz" else 12))
        for kind in (b"stts", b"stsc", b"stsz", b"stco")
    )
    tfhd = box(b"tfhd", struct.pack(">III", 0x020000, 1, 0)[:8])
    trun = box(b"trun", struct.pack(">II", 0, count))
    moof = box(b"moof", box(b"mfhd", struct.pack(">II", 0, 1)) + box(b"traf", tfhd + trun))
    return _mp4(tables=tables, moof=moof) + box(b"mdat", bytes(64))


def _two_rates() -> bytes:
    return make_sound("aac", rate=16_000) + make_sound("aac", rate=48_000)


def _many_chunks() -> bytes:
    return b"RIFF\xff\xff\xff\xffWAVE" + b"junk\0\0\0\0" * 2_000_000


def _telephone() -> bytes:
    """ADPCM, which no phone of today records."""
    head = struct.pack("<HHIIHHHH", 0x11, 1, 16_000, 8110, 256, 4, 2, 505)
    body = b"fmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", 25_600)
    return b"RIFF" + struct.pack("<I", 4 + len(body) + 25_600) + b"WAVE" + body + bytes(25_600)


def _square(volume: float) -> Samples:
    t = np.arange(48_000) / 16_000
    return (volume * np.sign(np.sin(2 * np.pi * 100 * t))).astype(np.float32)


def _noise(volume: float) -> Samples:
    return np.random.default_rng(1).normal(0, volume, 48_000).astype(np.float32)


def _one_sample() -> bytes:
    file = BytesIO()
    with wave.open(file, "wb") as output:
        output.setparams((1, 2, 16_000, 1, "NONE", ""))
        output.writeframes(b"\x00\x40")
    return file.getvalue()


_SILENCE = np.zeros(16_000 * 3, np.float32)

EVIL = (
    Evil("0 bytes", lambda: b"", "undecodable-sound"),
    Evil("text", lambda: b"Bonjour.\n" * 500, "unsupported-sound"),
    Evil("UTF-16 text", lambda: "Bonjour".encode("utf-16") * 50, "unsupported-sound"),
    Evil("a photo", lambda: _picture("JPEG"), "unsupported-sound"),
    Evil("a zip", lambda: b"PK\x03\x04" + bytes(500), "unsupported-sound"),
    Evil(
        "a playlist of local files", lambda: b"#EXTM3U\nfile:///etc/passwd\n", "unsupported-sound"
    ),
    Evil("MP3 mark, then noise", lambda: b"\xff\xfb" + _noise(1).tobytes(), "undecodable-sound"),
    Evil("Ogg mark, then noise", lambda: b"OggS" + _noise(1).tobytes(), "undecodable-sound"),
    Evil("WebM mark alone", lambda: b"\x1aE\xdf\xa3", "undecodable-sound"),
    Evil("WAV without sound, 44 bytes", lambda: raw_wav(b""), "too-short-sound"),
    Evil("WAV of one sample", _one_sample, "too-short-sound"),
    Evil("WAV cut in the middle", lambda: make_sound()[:50_001], None),
    Evil("WAV that says 2 GB", lambda: _promising(make_sound()), None),
    Evil("WAV of two million chunks", _many_chunks, "undecodable-sound"),
    Evil("WAV with NaN", lambda: _spoiled(np.nan), "undecodable-sound"),
    Evil("WAV with infinity", lambda: _spoiled(np.inf), "undecodable-sound"),
    Evil("WAV with 1e38", lambda: _spoiled(1e38), None),
    Evil("WAV of 8 channels", _eight_channels, None),
    Evil("WAV of 64 channels", lambda: raw_wav(bytes(2**16), channels=64), "unsupported-sound"),
    Evil("WAV of 0 channels", lambda: raw_wav(bytes(2**16), channels=0), "undecodable-sound"),
    Evil("WAV at 192 kHz", lambda: make_sound(rate=192_000), None),
    Evil("WAV at 384 kHz", lambda: raw_wav(bytes(2**20), rate=384_000), "unsupported-sound"),
    Evil("WAV at 1 Hz", lambda: raw_wav(bytes(2**16), rate=1), "unsupported-sound"),
    Evil("WAV of ADPCM", _telephone, "unsupported-sound"),
    Evil("25 MB and one byte", lambda: raw_wav(bytes(24_999_957)), "too-large"),
    Evil("digital silence", lambda: make_sound(samples=_SILENCE), "silent-sound"),
    Evil("a constant", lambda: make_sound(samples=_SILENCE + 0.5, rate=44_100), "silent-sound"),
    Evil("noise at -80 dB", lambda: floats(_noise(1e-4)), "silent-sound"),
    Evil("an overdriven microphone", lambda: make_sound(samples=_square(1.0)), "clipped-sound"),
    Evil("FLAC with a forged rate", lambda: _flac_with_rate(655_350), None),
    Evil("FLAC that says 1 Hz", lambda: _flac_with_rate(1), None),
    Evil("FLAC cut in the middle", lambda: make_sound("flac")[:40_000], None),
    Evil(
        "FLAC of twenty minutes in 200 kB",
        lambda: make_sound("flac", np.zeros(1200 * 8000, np.float32), rate=8000),
        "too-large",
    ),
    Evil(
        "FLAC in blocks of 16 samples",
        lambda: make_sound("flac", seconds=64, encoder={"frame_size": "16"}),
        "too-large",
    ),
    Evil(
        "Opus of three minutes in 50 kB",
        lambda: make_sound(
            "ogg opus",
            np.zeros(180 * 48_000, np.float32),
            rate=48_000,
            encoder={"frame_duration": "60", "b": "6000", "compression_level": "0"},
        ),
        "too-large",
    ),
    Evil("MP3 under a tag of 268 MB", lambda: _tagged(_bomb_of_zeros()), None),
    Evil("FLAC under a picture of 50,000²", lambda: _with_picture(_png_bomb()), None),
    Evil("MP4 of 80 million samples", lambda: _mp4_of_samples(80_000_000), "too-large"),
    Evil("MP4 of 80 million fragments", lambda: _mp4_of_fragments(80_000_000), "too-large"),
    Evil("MP4 without its tables", lambda: make_sound("m4a")[:15_000], "undecodable-sound"),
    Evil("AAC that changes its rate", _two_rates, "undecodable-sound"),
    Evil("WebM cut in the middle", lambda: make_sound("webm recorded")[:20_000], None),
    Evil("a film", make_film, None),
    Evil("a film without sound", lambda: make_film(sound=False), "unsupported-sound"),
)


def _with_picture(picture: bytes) -> bytes:
    """A FLAC with that picture on its cover."""
    flac = make_sound("flac")
    kind = b"image/png"
    block = struct.pack(">II", 3, len(kind)) + kind + struct.pack(">I", 0)
    block += struct.pack(">IIII", 50_000, 50_000, 24, 0) + struct.pack(">I", len(picture)) + picture
    head = bytes([6]) + len(block).to_bytes(3, "big")
    first = 4 + 4 + 34  # the mark, and the block that every FLAC begins with
    return flac[:first] + head + block + flac[first:]
