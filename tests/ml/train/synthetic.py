"""A dataset drawn on the spot: one colour a class, and a manifest like the base one."""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ml.manifest import Item, write_manifest
from ml.task import TASKS
from ml.train.sources import read_sources

COLUMNS = ("path", "class", "group", "source", "licence", "sha256", "phash")
# Two sources to learn from, one for validation, one for the test; see ml/train/sources.py.
SOURCES = ("cardweb", "cloth", "hk", "tidy")
# Every number that costs time, as small as it goes; batches come out even, so Keras traces once.
RECIPE = {"side": 64, "alpha": 0.35, "views_per_cell": 3, "views_per_photo": 2}
RECIPE |= {"draws_per_cell": 2, "epochs": 1, "fold_epochs": 1, "batch": 13}


def make_dataset(folder: Path, *, copies: int = 2) -> Path:
    """A few photos of each class and source."""
    rows = []
    rng = np.random.default_rng(5)
    for number, label in enumerate(TASKS["waste"].labels):
        (folder / label).mkdir(parents=True)
        colour = np.array([number * 19, 255 - number * 19, number * 97 % 256])
        for source in SOURCES:
            for copy in range(copies):
                grain = rng.integers(-12, 13, (40, 52, 3))
                path = f"{label}/{source}-{copy}.png"
                Image.fromarray((colour + grain).clip(0, 255).astype(np.uint8)).save(folder / path)
                sha256 = hashlib.sha256((folder / path).read_bytes()).hexdigest()
                phash = f"{int(rng.integers(2**63)):016x}"
                rows.append((path, label, source, source, "MIT", sha256, phash))
    write_rows(folder, rows)
    return folder


def write_rows(folder: Path, rows: list[tuple[str, ...]]) -> None:
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS, *rows])


def read_rows(folder: Path) -> list[tuple[str, ...]]:
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return [tuple(row) for row in csv.reader(file)][1:]


def make_week(folder: Path, base: Path, labels: Sequence[str]) -> list[Item]:
    """A snapshot as a week leaves it: the base photos and one that somebody sent of each label."""
    folder.mkdir()
    (folder / "base").symlink_to(base)
    (folder / "captures").mkdir()
    sent = []
    for number, label in enumerate(labels):
        drawn = np.random.default_rng(number).integers(0, 256, (40, 40, 3), np.uint8)
        path = folder / f"captures/{number}.png"
        Image.fromarray(drawn).save(path)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        said = ("captures", "contributor, consent to train", sha256, "train")
        sent.append(Item(f"captures/{number}.png", label, f"person-{number}", *said))
    known = read_sources(base, TASKS["waste"])
    rooted = [replace(item, path=f"base/{item.path}") for item in known]
    write_manifest(folder / "manifest.jsonl", [*rooted, *sent])
    return sent


def random_weights(path: Path, *, side: int, alpha: float, **_more: Any) -> Path:
    """A backbone nobody trained, scaled so that its features still tell colours apart."""
    import keras

    backbone = keras.applications.MobileNetV2(
        (side, side, 3), alpha=alpha, weights=None, include_top=False
    )
    rng = np.random.default_rng(3)
    for weight in backbone.weights:
        if weight.path.endswith("kernel"):
            depthwise = "depthwise" in weight.path
            fan_in = np.prod(weight.shape[: 2 if depthwise else 3])
            weight.assign(rng.normal(0, (2 / fan_in) ** 0.5, weight.shape))
    backbone.save_weights(path)
    return path
