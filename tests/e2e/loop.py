"""A small world to learn in: base photos that lack one material, and people who have it at home.

Real photos and the real backbone where the base data are; else colours drawn on the spot and a
backbone nobody trained.
"""

import csv
import json
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ml.manifest import Item, split_of
from ml.task import TASKS
from ml.train.sources import read_sources
from tests.data import DATA
from tests.ml.train.synthetic import make_dataset, random_weights

from .server import ROOT

# What the first model was never shown, and what people also send: one kind starts no training.
MISSING = "electronique"
_ALSO = ("textile", "pierre")
# Materials that few photos tell apart, each from one place, and dealt at random: an easy world, as
# what is tried here is the loop and not the model.
_PLACES = {
    "dechets_verts": "potato",
    "electronique": "ewaste",
    "papier": "trashnet",
    "pierre": "pave",
    "textile": "cloth",
}
_EACH = {"train": 30, "val": 5, "test": 12}
_PEOPLE, _MISSING_EACH, _ALSO_EACH = 5, 5, 1
RECIPE = {"side": 96, "views_per_cell": 16, "views_per_photo": 2, "draws_per_cell": 16}
RECIPE |= {"epochs": 1, "fold_epochs": 1}
TINY = {"side": 64, "alpha": 0.35, "views_per_cell": 4, "views_per_photo": 2, "draws_per_cell": 4}


@dataclass(frozen=True)
class World:
    """`data`: what TAMIS_DATA names; `theirs`: the photos and materials of each of the people."""

    data: Path
    options: tuple[str, ...]
    theirs: tuple[tuple[tuple[Path, str], ...], ...]

    def train(self, out: Path) -> Path:
        """Make the first champion, by the command that makes all of them."""
        command = [sys.executable, "-m", "ml.train", "--task", "waste", "--engine", "net"]
        command += ["--data", str(self.data / "waste"), "--out", str(out), "--seed", "1"]
        command += ["--work", str(self.data / "work"), "--version", "2020.01.1", *self.options]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
        return out


def make_world(folder: Path) -> World:
    """Lay out base data without the missing material, and hand that material to people."""
    recipe, base = folder / "recipe.json", folder / "waste"
    real = (DATA / "waste" / "manifest.csv").is_file()
    recipe.write_text(json.dumps(RECIPE if real else RECIPE | TINY))
    if real:
        weights = next((DATA / "weights").glob("*_notop.weights.h5"))
        _copy_few(DATA / "waste", base)
    else:
        weights = folder / "random.weights.h5"
        random_weights(weights, side=TINY["side"], alpha=TINY["alpha"])
        make_dataset(base, copies=8)
    options = ("--recipe", str(recipe), "--weights", str(weights))
    return World(folder, options, _deal(base))


def _copy_few(source: Path, base: Path) -> None:
    """A few real photos, each a group of its own."""
    seen: Counter[tuple[str, str]] = Counter()
    kept = []
    for row in sorted(_rows(source), key=lambda row: row["sha256"]):
        label, split = row["class"], split_of(row["path"])
        if _PLACES.get(label) != row["source"] or seen[label, split] == _EACH[split]:
            continue
        seen[label, split] += 1
        kept.append({**row, "group": row["path"], "source": "world"})
        (base / row["path"]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / row["path"], base / row["path"])
    _write(base, kept)


def _deal(base: Path) -> tuple[tuple[tuple[Path, str], ...], ...]:
    """Take the missing material out of the base, and a little of two others, and hand it out."""
    learned = [i for i in read_sources(base, TASKS["waste"]) if i.split != "test"]
    out = [item for item in learned if item.label == MISSING]
    hands = _hands(out, _MISSING_EACH)
    for label in _ALSO:
        those = [i for i in learned if i.label == label and i.split == "train"]
        dealt = _hands(those, _ALSO_EACH)
        out += [item for hand in dealt for item in hand]
        hands = [[*hand, *more] for hand, more in zip(hands, dealt, strict=True)]
    taken = {item.path for item in out}
    _write(base, [row for row in _rows(base) if row["path"] not in taken])
    return tuple(tuple((base / item.path, item.label) for item in hand) for hand in hands)


def _hands(items: list[Item], each: int) -> list[list[Item]]:
    mixed = sorted(items, key=lambda item: sha256(item.path.encode()).digest())
    return [mixed[n * each : (n + 1) * each] for n in range(_PEOPLE)]


def _rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def _write(folder: Path, rows: list[dict[str, str]]) -> None:
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, rows[0].keys())
        table.writeheader()
        table.writerows(rows)
