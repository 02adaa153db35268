"""Pictures made on the spot: scenes to scan, HEIC, and a film for the fake camera."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image, ImageDraw, ImageFilter

# Seen through a lens, not drawn: a soft light, a grain, a blur.
_GRAIN = 8.0


def scene(seed: int, *, width: int = 800, height: int = 600) -> Image.Image:
    """Draw some vessel on some ground; every seed gives another one."""
    rng = np.random.default_rng(seed)
    ground = rng.integers(40, 230, 3) * np.linspace(0.8, 1.1, height)[:, None, None]
    grain = rng.normal(0, _GRAIN, (height, width, 3))
    picture = Image.fromarray(np.clip(ground + grain, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    colours = [tuple(int(v) for v in rng.integers(0, 256, 3)) for _ in range(3)]
    x, y = width // 2, height // 2
    half = int(rng.integers(60, 170))
    tall = int(rng.integers(80, 220))
    draw.rounded_rectangle([x - half, y - tall, x + half, y + tall], 30, fill=colours[0])
    draw.rectangle([x - half, y - tall // 3, x + half, y + tall // 3], fill=colours[1])
    draw.ellipse([x - half // 2, y - tall - 20, x + half // 2, y - tall + 20], fill=colours[2])
    return picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(0, 3))))


def scenes(n: int) -> Iterator[Image.Image]:
    """The first `n` of them, for whoever looks for one that fits."""
    return (scene(seed) for seed in range(n))


def jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=92)
    return out.getvalue()


def heic(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(picture).save(out, quality=80)
    return out.getvalue()


def film(path: Path, picture: Image.Image, *, frames: int = 10) -> None:
    """Write a still picture as the y4m that Chromium's fake camera plays."""
    planes = np.asarray(picture.convert("YCbCr"))
    height, width = planes.shape[:2]
    frame = b"FRAME\n" + planes[..., 0].tobytes()
    frame += planes[::2, ::2, 1].tobytes() + planes[::2, ::2, 2].tobytes()
    head = f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode()
    path.write_bytes(head + frame * frames)
