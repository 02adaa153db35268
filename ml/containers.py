"""opened(data) → FFmpeg's name of a sound file's format, and the bytes of it that FFmpeg is given.

FFmpeg left to guess would also open playlists that name other files, and its demuxers believe what
a file says of itself: a tag that unpacks to a gigabyte, a table of a hundred million samples. What
is no sound is cut off, and what cannot be true is refused, before it is asked.
"""

import re
import struct
from collections.abc import Iterator

from ml.errors import BadInput

# Two minutes in packets of 2 ms; no recorder makes shorter ones.
MAX_PACKETS = 60_000
CODECS = frozenset(
    (
        *("pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"),
        *("pcm_alaw", "pcm_mulaw", "flac", "vorbis", "opus", "mp3", "aac"),
    )
)
OPTIONS = {
    # FFmpeg looks into every stream before it is asked to: a picture on the cover stays closed.
    "codec_whitelist": ",".join(sorted({*CODECS, "mp3float"})),
    # A list of cuts may play one packet a million times.
    "ignore_editlist": "1",
}
# Chunks or boxes of one file: a recorder writes a few, one that goes on for long a few a second.
_MAX_PARTS = 10_000

_MARKS = (
    (b"fLaC", 0, "flac"),
    (b"OggS", 0, "ogg"),
    (b"ftyp", 4, "mp4"),
    (b"\x1aE\xdf\xa3", 0, "matroska"),
)
# Tables of samples with a count that needs no bytes to be large, and a header that unpacks.
_TABLES = re.compile(rb"stsz|stz2|trun|cmov")
# Bytes between the name of the table and its count: version, flags, and the size of all samples.
_COUNT_AT = {b"stsz": 8, b"stz2": 8, b"trun": 4}


def opened(data: bytes) -> tuple[str, bytes]:
    """Tell a file by its first bytes, and leave out of it what holds no sound.

    Returns
    -------
    FFmpeg's name of the demuxer, and what to give to it

    Raises
    ------
    BadInput
        `unsupported-sound` if it is none of the formats, `undecodable-sound` if it is empty or
        broken, `too-large` if it promises more packets than two minutes have.
    """
    if not data:
        raise BadInput("undecodable-sound", "the file is empty")
    data = _without_tags(data)
    if data[:4] in (b"RIFF", b"RF64") and data[8:12] == b"WAVE":
        return "wav", _plain_wav(data)
    name = next((name for mark, at, name in _MARKS if data[at : at + len(mark)] == mark), None)
    name = name or _mpeg(data)
    if name is None:
        raise BadInput("unsupported-sound", "not WAV, FLAC, Ogg, MP3, M4A or WebM")
    if name == "mp4":
        _check_tables(data)
    return name, data


def _mpeg(data: bytes) -> str | None:
    """The name of a stream without a container: eleven bits set, then its layer."""
    if len(data) < 2 or data[0] != 0xFF:
        return None
    if data[1] & 0xF6 == 0xF0:
        return "aac"
    return "mp3" if data[1] & 0xE6 == 0xE2 else None


def _without_tags(data: bytes) -> bytes:
    """Skip ID3v2 tags: they hold titles and pictures, and may be compressed a thousandfold."""
    start = 0
    while data[start : start + 3] == b"ID3" and len(data) >= start + 10:
        flags, *size = data[start + 5 : start + 10]
        start += 10 + sum((byte & 0x7F) << shift for byte, shift in zip(size, _SEVENS, strict=True))
        start += 10 if flags & 0x10 else 0  # a footer
    # Some writers pad behind the tag.
    return data[start:].lstrip(b"\0") if start else data


_SEVENS = (21, 14, 7, 0)


def _plain_wav(data: bytes) -> bytes:
    """The same sound with a format, its samples, and true lengths; what is missing is missing.

    Writers to a pipe leave 0 or 4 GB as the length, and 64-bit files write theirs elsewhere: what
    counts is what is there.
    """
    form, at = b"", 12
    for _ in range(_MAX_PARTS):
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8
        if at > len(data):
            break
        if kind == b"fmt ":
            form = data[at : at + min(size, 1024)]
        elif kind == b"data" and form:
            samples = memoryview(data)[at : at + size] if size else memoryview(data)[at:]
            fields = struct.pack("<4sI", b"fmt ", len(form)) + form
            fields += struct.pack("<4sI", b"data", len(samples))
            length = 4 + len(fields) + len(samples)
            return b"".join((struct.pack("<4sI4s", b"RIFF", length, b"WAVE"), fields, samples))
        at += size + size % 2
    raise BadInput("undecodable-sound", "wav: no format, or no samples")


def _check_tables(data: bytes) -> None:
    """Add up what the tables of an MP4 promise, wherever they stand."""
    count = 0
    for start, end in _outside_media(data):
        for table in _TABLES.finditer(data, start, end):
            if table[0] == b"cmov":
                raise BadInput("unsupported-sound", "mp4: its header is compressed")
            at = table.end() + _COUNT_AT[table[0]]
            count += int.from_bytes(data[at : at + 4], "big")
            if count > MAX_PACKETS:
                raise BadInput("too-large", f"mp4: it promises over {MAX_PACKETS} packets")


def _outside_media(data: bytes) -> Iterator[tuple[int, int]]:
    """Where the boxes of the first level that are no media begin and end."""
    at = 0
    for _ in range(_MAX_PARTS):
        if at + 8 > len(data):
            return
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if size == 1:  # 64 bits of it stand behind the kind
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        end = at + size if size else len(data)
        if end < at + 8:
            raise BadInput("undecodable-sound", "mp4: a box is smaller than its head")
        if kind != b"mdat":
            yield at, min(end, len(data))
        at = end
    raise BadInput("too-large", f"mp4: over {_MAX_PARTS} boxes")
