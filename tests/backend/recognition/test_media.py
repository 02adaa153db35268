"""clean: what is kept of a photo or a sound, and what of it is not."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms

from backend.recognition import media
from backend.recognition.champions import Busy
from backend.recognition.media import LONGEST, clean
from ml.decode import decode_image
from ml.errors import BadInput
from ml.phash import distance, phash, sound_hash
from ml.sound import decode_sound
from ml.task import EMOTION, GENRE, WASTE, Task
from tests.factories import make_image, make_photo
from tests.sounds import make_film, make_sound

# IFDs of EXIF, and tags in them.
_GPS, _EXIF = 0x8825, 0x8769


def secretive(size: tuple[int, int] = (800, 600)) -> bytes:
    """A JPEG with a place, a camera, a comment, XMP, a thumbnail and a zip behind it."""
    image = make_image(size)
    exif = image.getexif()
    exif[0x010E], exif[0x010F], exif[0x0110] = "SECRET-TEXT", "SECRET-MAKER", "SECRET-CAMERA"
    exif[0x0112] = 6  # to be turned
    exif.get_ifd(_EXIF)[0xA431] = "SECRET-SERIAL"
    exif.get_ifd(_GPS).update({1: "N", 2: (44.0, 50.0, 16.0), 3: "W", 4: (0.0, 34.0, 46.0)})
    exif.get_ifd(_GPS)[29] = "2026:11:20"
    xmp = b"<x:xmpmeta>SECRET-XMP<exif:GPSLatitude>44,50.27N</exif:GPSLatitude></x:xmpmeta>"
    file = BytesIO()
    image.save(file, "JPEG", exif=exif, xmp=xmp, comment=b"SECRET-COMMENT", quality=95)
    thumbnail = make_photo(size=(160, 120))
    app13 = b"\xff\xed" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail
    jpeg = file.getvalue()
    return jpeg[:2] + app13 + jpeg[2:] + b"PK\x03\x04SECRET-ZIP<?php system('id'); ?>"


def segments(jpeg: bytes) -> list[int]:
    """The markers of a JPEG up to its pixels."""
    found, at = [], 2
    while jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        found.append(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return found


def test_a_file_says_nothing_but_its_pixels() -> None:
    sent = secretive()
    # The photo is what this test believes it to be.
    assert Image.open(BytesIO(sent)).getexif().get_ifd(_GPS)[2] == (44.0, 50.0, 16.0)
    assert sent.count(b"SECRET") == 7
    assert 0xE1 in segments(sent)

    kept = clean(WASTE, sent).data
    image = Image.open(BytesIO(kept))
    assert not image.getexif()
    assert set(image.info) == {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    # JFIF, tables, frame: no APP1 (EXIF, XMP), APP2 (profile), APP13, comment.
    assert set(segments(kept)) == {0xE0, 0xDB, 0xC0, 0xC4}
    assert kept.count(b"\xff\xd8\xff") == 1  # no picture inside the picture
    assert kept.endswith(b"\xff\xd9")
    for trace in (b"SECRET", b"Exif", b"GPS", b"xmp", b"PK\x03\x04", b"php", b"2026:11:20"):
        assert trace not in kept


def test_what_comes_out_is_upright_and_looks_the_same() -> None:
    sent = secretive()
    cleaned = clean(WASTE, sent)
    kept, meant = decode_image(cleaned.data), decode_image(sent)
    assert kept.shape == meant.shape == (800, 600, 3)
    assert np.abs(kept.astype(int) - meant.astype(int)).mean() < 4
    assert cleaned.phash == phash(kept)
    assert distance(cleaned.phash, phash(meant)) <= 2


def test_a_colour_profile_does_not_come_along() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    sent = make_photo(icc_profile=profile)
    assert b"ICC_PROFILE" in sent
    assert b"ICC_PROFILE" not in clean(WASTE, sent).data


def test_the_same_bytes_give_the_same_file() -> None:
    sent = make_photo(size=(2000, 1500))
    assert clean(WASTE, sent) == clean(WASTE, sent)


@pytest.mark.parametrize(
    ("size", "kept"),
    [
        ((4000, 3000), (1024, 768)),
        ((1500, 4000), (384, 1024)),
        ((1024, 1024), (1024, 1024)),
        ((300, 200), (300, 200)),
        ((9000, 3), (1024, 1)),
        ((1, 1), (1, 1)),
    ],
)
def test_the_longest_side_is_bounded(size: tuple[int, int], kept: tuple[int, int]) -> None:
    image = Image.open(BytesIO(clean(WASTE, make_photo(size=size)).data))
    assert image.size == kept
    assert max(image.size) <= LONGEST


@pytest.mark.parametrize("data", [b"", b"Bonjour", make_photo()[:2000]])
def test_what_is_no_photo_is_no_file(data: bytes) -> None:
    with pytest.raises(BadInput):
        clean(WASTE, data)


def test_one_photo_is_decoded_at_a_time(settings: object) -> None:
    settings.ENGINE_WAIT_S = 0.01  # type: ignore[attr-defined]
    with media._turn, pytest.raises(Busy):
        clean(WASTE, make_photo())
    clean(WASTE, make_photo())


@pytest.mark.parametrize("task", [GENRE, EMOTION], ids=["genre", "emotion"])
@pytest.mark.parametrize("kind", ["mp3", "flac", "m4a", "ogg opus", "webm"])
def test_a_sound_says_nothing_but_its_samples(task: Task, kind: str) -> None:
    tags = {"title": "SECRET-TITLE", "artist": "SECRET-ARTIST", "comment": "SECRET-PLACE 44.8 -0.5"}
    cover = make_photo(comment=b"SECRET-COVER") if kind in ("mp3", "flac") else None
    sent = make_sound(kind, rate=48_000, metadata=tags, cover=cover)
    # The sound is what this test believes it to be.
    assert sent.count(b"SECRET") == (4 if cover else 3)

    cleaned = clean(task, sent)
    kept = cleaned.data
    assert kept.startswith(b"fLaC")
    # The format, a comment without a comment, and room; no picture, no cue sheet, no program.
    assert blocks(kept) <= {0, 1, 4}
    for trace in (b"SECRET", b"Lavf", b"Lavc", b"title", b"\xff\xd8\xff", b"44.8"):
        assert trace not in kept
    heard = decode_sound(kept, sample_rate=16_000)
    assert (cleaned.media_type, cleaned.suffix) == ("audio/flac", ".flac")
    assert cleaned.duration_s == len(heard) / 16_000 == pytest.approx(3, abs=0.1)
    assert cleaned.phash == sound_hash(heard, sample_rate=16_000)


def blocks(flac: bytes) -> set[int]:
    """The kinds of blocks ahead of the sound."""
    found, at, last = set(), 4, False
    while not last:
        last = bool(flac[at] & 0x80)
        found.add(flac[at] & 0x7F)
        at += 4 + int.from_bytes(flac[at + 1 : at + 4], "big")
    return found


def test_a_recording_of_the_app_is_kept_to_the_bit() -> None:
    sent = make_sound()  # 16 kHz, 16 bit
    kept = clean(GENRE, sent)
    assert np.array_equal(
        decode_sound(kept.data, sample_rate=16_000), decode_sound(sent, sample_rate=16_000)
    )
    assert kept == clean(GENRE, sent)
    assert kept == clean(GENRE, kept.data)


def test_of_a_film_only_the_sound_is_kept() -> None:
    kept = clean(EMOTION, make_film())
    assert kept.media_type == "audio/flac"
    assert len(kept.data) < 100_000


@pytest.mark.parametrize(
    ("task", "data"),
    [(GENRE, b""), (GENRE, b"Bonjour"), (EMOTION, make_photo()), (WASTE, make_sound())],
)
def test_what_is_nothing_of_the_kind_is_no_file(task: Task, data: bytes) -> None:
    with pytest.raises(BadInput):
        clean(task, data)
