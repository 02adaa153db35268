"""Every photo people send is seen upright, on white, in sRGB; everything else has a name."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms
from pillow_heif import from_pillow

from ml.decode import MAX_BYTES, decode_image, square
from ml.errors import BadInput

RED, GREEN, BLUE, WHITE = (200, 30, 30), (30, 160, 40), (30, 40, 200), (255, 255, 255)


def quarters(width: int = 96, height: int = 64) -> Image.Image:
    """Red, green / blue, white: no turn or mirror leaves it as it is."""
    image = Image.new("RGB", (width, height), WHITE)
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    return image


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def corners(photo: np.ndarray) -> list[tuple[int, ...]]:
    h, w = photo.shape[:2]
    spots = ((h // 4, w // 4), (h // 4, -w // 4), (-h // 4, w // 4), (-h // 4, -w // 4))
    return [tuple(int(v) for v in photo[y, x]) for y, x in spots]


def looks_like(photo: np.ndarray, *expected: tuple[int, int, int], within: int = 12) -> bool:
    assert photo.dtype == np.uint8
    return bool(np.abs(np.array(corners(photo)) - np.array(expected)).max() <= within)


def heic(image: Image.Image, **options: object) -> bytes:
    file = io.BytesIO()
    from_pillow(image).save(file, quality=95, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(encoded(quarters(), "JPEG", quality=95), id="jpeg"),
        pytest.param(encoded(quarters(), "JPEG", quality=95, progressive=True), id="progressive"),
        pytest.param(encoded(quarters(), "PNG"), id="png"),
        pytest.param(encoded(quarters(), "WEBP", lossless=True), id="webp"),
        pytest.param(encoded(quarters(), "GIF"), id="gif"),
        pytest.param(heic(quarters()), id="heic"),
        pytest.param(encoded(quarters().quantize(8), "PNG"), id="palette"),
        pytest.param(encoded(quarters().convert("CMYK"), "JPEG", quality=95), id="cmyk"),
        pytest.param(encoded(quarters().convert("RGBA"), "PNG"), id="opaque alpha"),
    ],
)
def test_every_format_gives_the_same_picture(data):
    photo = decode_image(data)
    assert photo.shape == (64, 96, 3)
    assert looks_like(photo, RED, GREEN, BLUE, WHITE)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("orientation", "stored"),
    [
        (1, None),
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (4, Image.Transpose.FLIP_TOP_BOTTOM),
        (5, Image.Transpose.TRANSPOSE),
        (6, Image.Transpose.ROTATE_90),
        (7, Image.Transpose.TRANSVERSE),
        (8, Image.Transpose.ROTATE_270),
    ],
)
def test_orientation_is_undone(kind, orientation, stored):
    image = quarters() if stored is None else quarters().transpose(stored)
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = decode_image(encoded(image, kind, exif=exif.tobytes(), quality=95))
    assert photo.shape == (64, 96, 3)
    assert looks_like(photo, RED, GREEN, BLUE, WHITE)


def test_a_heic_is_upright_once():
    exif = Image.Exif()
    exif[0x0112] = 6
    data = heic(quarters().transpose(Image.Transpose.ROTATE_90), exif=exif.tobytes())
    assert looks_like(decode_image(data), RED, GREEN, BLUE, WHITE)


def test_broken_exif_does_not_refuse_a_photo():
    data = encoded(quarters(), "JPEG", quality=95, exif=b"Exif\0\0II*\0\xff\xff\xff\x7fxx")
    assert looks_like(decode_image(data), RED, GREEN, BLUE, WHITE)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_becomes_white(mode):
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    if mode == "P":
        image = Image.new("P", (40, 40), 0)
        image.info["transparency"] = 0
    data = encoded(image.convert(mode), "PNG", **({"transparency": 0} if mode == "P" else {}))
    assert (decode_image(data) == 255).all()


def test_sixteen_bit_grey_keeps_its_tones():
    ramp = np.linspace(0, 65535, 64, dtype=np.uint16)
    data = encoded(Image.fromarray(np.tile(ramp, (16, 1))), "PNG")
    photo = decode_image(data)
    assert photo.shape == (16, 64, 3)
    assert np.array_equal(photo[0, :, 0], (ramp >> 8).astype(np.uint8))


def test_sixteen_bit_colour_is_read():
    rows = b"".join(b"\0" + struct.pack(">3H", 51400, 7710, 7710) * 8 for _ in range(8))
    photo = decode_image(png(8, 8, rows, depth=16, colour=2))
    assert looks_like(photo, RED, RED, RED, RED, within=1)


def test_grey_becomes_three_equal_channels():
    photo = decode_image(encoded(quarters().convert("L"), "JPEG"))
    assert (photo == photo[:, :, :1]).all()


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_an_animation_is_its_first_frame(kind):
    frames = [quarters(), Image.new("RGB", (96, 64), "black")]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], lossless=True)
    assert looks_like(decode_image(data), RED, GREEN, BLUE, WHITE)


def swapped_profile() -> bytes:
    """A profile whose red is the standard's blue: applying it swaps the two."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for i in range(struct.unpack_from(">I", profile, 128)[0]):
        at = 132 + 12 * i
        swap = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}.get(bytes(profile[at : at + 4]))
        if swap:
            profile[at : at + 4] = swap
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))


def test_a_colour_profile_is_applied_and_a_broken_one_ignored():
    swapped = encoded(
        Image.new("RGB", (16, 16), (200, 30, 60)), "PNG", icc_profile=swapped_profile()
    )
    red, _, blue = (int(v) for v in decode_image(swapped)[8, 8])
    assert blue > red
    broken = encoded(quarters(), "PNG", icc_profile=b"not a profile")
    assert looks_like(decode_image(broken), RED, GREEN, BLUE, WHITE)


def png(width: int, height: int, rows: bytes, *, depth: int = 8, colour: int = 2) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "slug"),
    [
        pytest.param(b"", "undecodable-image", id="empty"),
        pytest.param(b"a letter, not a photo", "unsupported-image", id="text"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported-image", id="svg"),
        pytest.param(b"%PDF-1.7\n%\xe2\xe3", "unsupported-image", id="pdf"),
        pytest.param(encoded(quarters(), "BMP"), "unsupported-image", id="bmp"),
        pytest.param(encoded(quarters(), "TIFF"), "unsupported-image", id="tiff"),
        pytest.param(encoded(quarters(), "JPEG")[:400], "undecodable-image", id="cut jpeg"),
        pytest.param(encoded(quarters(), "PNG")[:100], "undecodable-image", id="cut png"),
        pytest.param(encoded(quarters(), "WEBP")[:100], "undecodable-image", id="cut webp"),
        pytest.param(encoded(quarters(), "GIF")[:300], "undecodable-image", id="cut gif"),
        pytest.param(heic(quarters())[:420], "undecodable-image", id="cut heic"),
        pytest.param(b"\xff\xd8\xff\xe0 nothing follows", "undecodable-image", id="only a mark"),
        pytest.param(b"\0" * (MAX_BYTES + 1), "too-large", id="bytes"),
        pytest.param(png(50_000, 50_000, b"\0" * 1000), "too-large", id="png bomb"),
        pytest.param(png(9_000, 5_000, b"\0" * 1000), "too-large", id="45 megapixels"),
    ],
)
def test_what_cannot_be_read_is_named(data, slug):
    with pytest.raises(BadInput) as refused:
        decode_image(data)
    assert refused.value.slug == slug


def test_damaged_bytes_never_escape_as_another_error():
    rng = np.random.default_rng(7)
    whole = [encoded(quarters(), kind) for kind in ("JPEG", "PNG", "WEBP", "GIF")]
    for data in (*whole, heic(quarters())):
        for _ in range(60):
            damaged = bytearray(data[: rng.integers(1, len(data) + 1)])
            for at in rng.integers(0, len(damaged), 4):
                damaged[at] = rng.integers(256)
            try:
                photo = decode_image(bytes(damaged))
            except BadInput as refused:
                assert refused.slug in {"too-large", "unsupported-image", "undecodable-image"}
            else:
                assert photo.ndim == 3 and photo.shape[2] == 3


def test_a_large_jpeg_is_decoded_smaller_but_never_too_small():
    data = encoded(quarters(1600, 1200), "JPEG", quality=95)
    assert decode_image(data).shape == (1200, 1600, 3)
    small = decode_image(data, at_least=500)
    assert small.shape == (600, 800, 3)
    assert looks_like(small, RED, GREEN, BLUE, WHITE)
    assert decode_image(encoded(quarters(), "PNG"), at_least=16).shape == (64, 96, 3)


@pytest.mark.parametrize(("w", "h"), [(5, 3), (640, 480), (33, 71), (224, 224), (9, 900)])
def test_the_square_is_the_middle(w, h):
    image = np.zeros((h, w, 3), np.uint8)
    image[h // 2, w // 2] = 255
    cut = square(image, side=32, crop=0.75)
    assert cut.shape == (32, 32, 3)
    y, x = np.unravel_index(cut[:, :, 0].argmax(), (32, 32))
    assert 8 <= y <= 24 and 8 <= x <= 24


def test_the_square_keeps_what_the_rule_says():
    image = np.zeros((90, 121, 3), np.uint8)
    keep = 68  # floor(90 × 0.75 + 0.5)
    image[11 : 11 + keep, 26 : 26 + keep] = 200
    assert (square(image, side=keep, crop=0.75) == 200).all()
