"""manifest → views of its photos; augmentation only on what is learned from."""

import hashlib
import io
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from ml.decode import Photo, decode_image
from ml.errors import BadDataset, BadInput
from ml.manifest import Item


@dataclass(frozen=True)
class Augmentation:
    """How far a view may stray from the photo. Lengths are shares of its shorter side."""

    scale: tuple[float, float] = (0.5, 1.1)
    shift: float = 0.12
    rotation_deg: float = 25.0
    quarter_turn: float = 0.15  # probability
    stretch: float = 0.2  # log of the aspect ratio
    light: float = 0.3  # log range of brightness, contrast, gamma
    tint: float = 0.12  # log range of each channel: white balance
    blur: float = 0.3  # probability, up to 2.2 px
    noise: float = 0.3  # probability, up to 6 % of the range
    jpeg: float = 0.3  # probability, quality 25..80
    cutout: float = 0.3  # probability of a flat patch or a piece of another photo


@dataclass(frozen=True)
class View:
    """One look at one photo: number 0 is what the shipped model sees, others are augmented."""

    item: Item
    number: int

    def rng(self, seed: int) -> np.random.Generator:
        """The dice of this view: the same whatever other views there are."""
        return np.random.default_rng(int(_hash(f"{seed}:{self.item.sha256}:{self.number}"), 16))


def plan_views(items: Sequence[Item], *, per_cell: int, per_photo: int, seed: int) -> list[View]:
    """Spread the same number of views over every class × source, whatever its photos.

    A cell of 300 photos gives about one view each, one of 20 photos many: no background is seen
    so often that it stands for its class. The order in a cell is by hash, so a photo that arrives
    takes no more places from the others than it fills.

    Parameters
    ----------
    items : photos of the train split
    per_cell : views of each class × source, at most
    per_photo : views of one photo, at most
    """
    cells: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for item in items:
        cells[item.label, item.source].append(item)
    views: list[View] = []
    for cell in sorted(cells):
        ordered = sorted(cells[cell], key=lambda item: _hash(f"{seed}:{item.sha256}"))
        rounds = [View(item, n) for n in range(1, per_photo + 1) for item in ordered]
        views += rounds[:per_cell]
    return views


def read_photo(folder: Path, item: Item) -> Photo:
    """Decode one photo of a dataset.

    Raises
    ------
    BadDataset
        If the file is missing, is not the one the manifest describes, or cannot be decoded.
    """
    try:
        data = (folder / item.path).read_bytes()
    except OSError as error:
        raise BadDataset("missing-file", item.path) from error
    if hashlib.sha256(data).hexdigest() != item.sha256:
        raise BadDataset("altered-file", f"{item.path} has another sha256")
    try:
        return decode_image(data)
    except BadInput as error:
        raise BadDataset("undecodable-file", f"{item.path}: {error.detail}") from error


def augment(photo: Photo, aug: Augmentation, *, side: int, rng: np.random.Generator) -> Photo:
    """One view of a photo as another phone, hand and lamp might have taken it.

    Parameters
    ----------
    photo : shape (h, w, 3), uint8
    aug : how far to go; its range of scales surrounds the crop used at recognition

    Returns
    -------
    shape (side, side, 3), uint8
    """
    image = _frame(photo, aug, side=side, rng=rng)
    if rng.random() < aug.blur:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 2.2)))
    pixels = _relight(np.asarray(image, np.float32) / 255, aug, rng)
    if rng.random() < aug.cutout:
        pixels = _cover(pixels, rng)
    if rng.random() < aug.noise:
        pixels = pixels + rng.normal(0, rng.uniform(0, 0.06), pixels.shape).astype(np.float32)
    view: Photo = (pixels.clip(0, 1) * 255 + 0.5).astype(np.uint8)
    if rng.random() < aug.jpeg:
        squeezed = io.BytesIO()
        Image.fromarray(view).save(squeezed, "JPEG", quality=int(rng.integers(25, 80)))
        view = np.array(Image.open(squeezed))
    return view


def _frame(photo: Photo, aug: Augmentation, *, side: int, rng: np.random.Generator) -> Image.Image:
    """Cut a turned, stretched, mirrored square around the middle; the border is mirrored."""
    h, w = photo.shape[:2]
    shorter = min(h, w)
    shrink = max(1, int(shorter * aug.scale[0] / side / 2))
    if shrink > 1:
        photo = np.asarray(Image.fromarray(photo).reduce(shrink))
        h, w = photo.shape[:2]
        shorter = min(h, w)
    pad = shorter - 1
    wide = np.pad(photo, ((pad, pad), (pad, pad), (0, 0)), mode="symmetric")
    angle = math.radians(rng.uniform(-aug.rotation_deg, aug.rotation_deg))
    if rng.random() < aug.quarter_turn:
        angle += math.pi / 2 * int(rng.integers(1, 4))
    keep = shorter * rng.uniform(*aug.scale) / side
    aspect = math.exp(rng.uniform(-aug.stretch, aug.stretch) / 2)
    mirror = -1.0 if rng.random() < 0.5 else 1.0
    cos, sin = math.cos(angle), math.sin(angle)
    a, b = keep * aspect * cos * mirror, -keep / aspect * sin
    d, e = keep * aspect * sin * mirror, keep / aspect * cos
    x = pad + w / 2 + rng.uniform(-aug.shift, aug.shift) * shorter
    y = pad + h / 2 + rng.uniform(-aug.shift, aug.shift) * shorter
    middle = side / 2
    matrix = (a, b, x - (a + b) * middle, d, e, y - (d + e) * middle)
    return Image.fromarray(wide).transform(
        (side, side), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR
    )


def _relight(pixels: Any, aug: Augmentation, rng: np.random.Generator) -> Any:
    """Brightness, white balance, contrast, colour, gamma and a lamp from one side."""
    side = pixels.shape[0]

    def log_range(width: float) -> float:
        return math.exp(rng.uniform(-width, width))

    pixels = pixels * np.exp(rng.uniform(-aug.tint, aug.tint, 3)).astype(np.float32)
    pixels = pixels * np.float32(log_range(aug.light))
    mean = pixels.mean()
    pixels = (pixels - mean) * np.float32(log_range(aug.light)) + mean
    grey = pixels.mean(axis=2, keepdims=True)
    pixels = grey + (pixels - grey) * np.float32(rng.uniform(1 - 1.5 * aug.light, 1 + aug.light))
    ramp = np.linspace(-1, 1, side, dtype=np.float32)
    lamp = ramp[None, :] * rng.uniform(-1, 1) + ramp[:, None] * rng.uniform(-1, 1)
    pixels = pixels * (1 + lamp[..., None].astype(np.float32) * np.float32(aug.light * 0.6))
    return pixels.clip(0, 1) ** np.float32(log_range(aug.light * 0.7))


def _cover(pixels: Any, rng: np.random.Generator) -> Any:
    """Hide a patch: by one colour, or by another piece of the same photo, as clutter does."""
    side = pixels.shape[0]
    h, w = (int(side * rng.uniform(0.1, 0.35)) for _ in range(2))
    top, left = int(rng.integers(0, side - h)), int(rng.integers(0, side - w))
    covered = pixels.copy()
    if rng.random() < 0.5:
        covered[top : top + h, left : left + w] = rng.random(3).astype(np.float32)
    else:
        y, x = int(rng.integers(0, side - h)), int(rng.integers(0, side - w))
        covered[top : top + h, left : left + w] = pixels[y : y + h, x : x + w]
    return covered


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
