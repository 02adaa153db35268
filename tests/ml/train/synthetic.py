"""A dataset drawn on the spot: one colour a class, and a manifest like the base one."""

import csv
import hashlib
from pathlib import Path

import numpy as np
from PIL import Image

from ml.task import TASKS

COLUMNS = ("path", "class", "group", "source", "licence", "sha256", "phash")
# Two sources to learn from, one for validation, one for the test; see ml/train/sources.py.
SOURCES = ("cardweb", "cloth", "hk", "tidy")


def make_dataset(folder: Path) -> Path:
    """Two photos of each class and source."""
    rows = []
    rng = np.random.default_rng(5)
    for number, label in enumerate(TASKS["waste"].labels):
        (folder / label).mkdir(parents=True)
        colour = np.array([number * 19, 255 - number * 19, number * 97 % 256])
        for source in SOURCES:
            for copy in range(2):
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
