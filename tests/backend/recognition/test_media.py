"""clean: what is kept of a photo, and what of it is not."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms

from backend.recognition import media
from backend.recognition.champions import Busy
from backend.recognition.media import LONGEST, clean
from ml.decode import decode_image
from ml.errors import BadInput
from ml.phash import distance, phash
from ml.task import WASTE
from tests.factories import make_image, make_photo

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
