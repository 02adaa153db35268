"""A photo as a phone would take it: 12 Mpx, about 3 MB, the same bytes in every run."""

import io

import numpy as np
from PIL import Image

from ml.decode import decode_image, square

SIZE = (4032, 3024)
TARGET_BYTES = 3_000_000
ORIENTATION = 0x0112
TURNED_RIGHT = 6  # phones store the sensor's rows and say how they were held


def scene(seed: int) -> np.ndarray:
    """Octaves of smooth noise, an object in the middle, sensor noise: uint8 [h, w, 3]."""
    rng = np.random.default_rng(seed)
    width, height = SIZE
    light = np.zeros((height, width, 3), np.float32)
    for octave in range(2, 9):
        cells = rng.normal(0, 1, (3 * 2**octave // 4, 2**octave, 3)).astype(np.float32)
        planes = [
            np.asarray(Image.fromarray(cells[..., band]).resize(SIZE, Image.Resampling.BICUBIC))
            for band in range(3)
        ]
        light += np.stack(planes, axis=-1) * (60 / octave)
    rows, columns = np.ogrid[:height, :width]
    inside = (rows - height / 2) ** 2 + (columns - width / 2) ** 2 < (height / 3) ** 2
    light[inside] = light[inside] * 0.4 + (60, 20, -50)
    light += rng.normal(0, 6, light.shape).astype(np.float32)
    return np.clip(light + 120, 0, 255).astype(np.uint8)


def phone_photo(*, seed: int = 1) -> bytes:
    """JPEG, 4:2:0, turned by EXIF; the quality that comes closest to 3 MB."""
    picture = Image.fromarray(scene(seed))
    exif = picture.getexif()
    exif[ORIENTATION] = TURNED_RIGHT
    best = b""
    for quality in range(70, 97):
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality, subsampling="4:2:0", exif=exif)
        if abs(file.tell() - TARGET_BYTES) < abs(len(best) - TARGET_BYTES):
            best = file.getvalue()
        if file.tell() > TARGET_BYTES:
            break
    return best


def app_square(photo: bytes, *, side: int = 224, crop: float = 0.75) -> bytes:
    """What our app sends of a photo: the square the model sees, framed, as PNG.

    Twin of `pwa/src/capture/encode.ts`: the grey frame is what the server's crop takes off.
    """
    framed = next(n for n in range(side, 2 * side) if int(n * crop + 0.5) >= side)
    picture = Image.new("RGB", (framed, framed), "#808080")
    margin = (framed - side) // 2
    seen = square(decode_image(photo), side=side, crop=crop)
    picture.paste(Image.fromarray(seen), (margin, margin))
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
