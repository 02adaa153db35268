"""Public base datasets: licence, sha256, labels, honest splits → Items.

`python -m ml.train.sources TASK FOLDER` prints them, an item and its perceptual hash a line: how a
process without this package learns what it may add to.
"""

import argparse
import csv
import hashlib
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from ml import curate
from ml.curate import NEAR
from ml.errors import BadDataset
from ml.manifest import Item, Split, check_groups, split_of
from ml.task import TASKS, Task

# The rule of the splits, said once. A class is easily learned by its source's background, so a
# random split measures the background. Held back are whole sources and whole groups:
#
# - test, whole: photos taken elsewhere by other people (`imagen` also because ImageNet photos are
#   for non-commercial research: no shipped model learns from them here).
TEST_SOURCES = frozenset({"imagen", "tidy", "ibm", "ai102", "az"})
# - validation, whole: bottles, cans and paper, half of them in a hand. Its groups are its classes,
#   so it cannot be halved.
VAL_SOURCES = frozenset({"hk"})
# - by group, 30 % test and 20 % validation: many small groups (one litter photo, one product, one
#   plate), so that a hash deals them evenly.
SHARED_SOURCES = frozenset({"taco", "tacobg", "groc", "plate"})
_SHARED_TEST, _SHARED_VAL = 0.3, 0.5
# - by name: these groups are few and are kinds of things, so a hash could take a whole class away.
TEST_GROUPS = frozenset({"pave-gravel", "pave-concrete"})
VAL_GROUPS = frozenset(
    {
        "baz-Amanual-brick",
        "baz-Amanual-concrete",
        "baz-Amanual-rubber",
        "baz-Amanual-wood",
        "cloth-hat",
        "cloth-skirt",
        "ew-Mouse",
        "ew-Player",
        "pave-concrete plates",
    }
)
# - everything else of these sources is train; a source not named here is dealt by `split_of`.
TRAIN_SOURCES = frozenset(
    {"bazenr", "cardweb", "cloth", "ewaste", "pave", "pave2", "potato", "trashnet", "trashnetr"}
)

# Photos that people sent and reviewers accepted. What ships learns from them; the networks that
# serve calibration do not, and no model is judged on them: nobody can move either by sending.
CONTRIBUTED = frozenset({curate.SOURCE})

# Sources left out together when the model is judged on photos of unseen origin.
FOLDS: dict[str, frozenset[str]] = {
    "outdoors and shops": frozenset({"taco", "tacobg", "groc", "plate"}),
    "web": frozenset({"cardweb"}),
    "white board and devices": frozenset({"trashnet", "trashnetr", "ewaste"}),
}

_COLUMNS = ("path", "class", "group", "source", "licence", "sha256", "phash")


def read_sources(folder: Path, task: Task) -> tuple[Item, ...]:
    """Read `manifest.csv` of a base dataset, check every file, and deal the splits.

    Photos of train that are near-duplicates of a held-out photo are left out, and those of
    validation that are near-duplicates of a test photo: what ships learns from both.

    Raises
    ------
    BadDataset
        With the line of the manifest whose file is missing, altered, or labelled outside `task`.
    """
    manifest = folder / "manifest.csv"
    try:
        with manifest.open(newline="", encoding="utf-8") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadDataset("unreadable-manifest", f"manifest.csv: {error}") from error
    if not rows:
        raise BadDataset("empty-dataset", "manifest.csv has no line")
    items = [_item(folder, row, task, number) for number, row in enumerate(rows, start=2)]
    check_groups(items)
    return _without_near_duplicates(items, [row["phash"] for row in rows])


def split_for(source: str, group: str) -> Split:
    """Where a group of a source stands; the rule above, as a function."""
    if source in TEST_SOURCES or group in TEST_GROUPS:
        return "test"
    if source in VAL_SOURCES or group in VAL_GROUPS:
        return "val"
    if source in SHARED_SOURCES:
        share = int.from_bytes(hashlib.sha256(group.encode()).digest()[:8]) / 2**64
        return "test" if share < _SHARED_TEST else "val" if share < _SHARED_VAL else "train"
    return "train" if source in TRAIN_SOURCES else split_of(group)


def _item(folder: Path, row: dict[str, str], task: Task, number: int) -> Item:
    where = f"manifest.csv:{number}"
    missing = [column for column in _COLUMNS if not row.get(column)]
    if missing:
        raise BadDataset("invalid-manifest", f"{where}: no {missing[0]}")
    if row["class"] not in task.labels:
        raise BadDataset("unknown-label", f"{where}: {row['class']!r} is not of {task.name}")
    file = folder / row["path"]
    if not file.resolve().is_relative_to(folder.resolve()):
        raise BadDataset("invalid-manifest", f"{where}: {row['path']} is outside the dataset")
    try:
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise BadDataset("missing-file", f"{where}: {row['path']}") from error
    if sha256 != row["sha256"]:
        raise BadDataset("altered-file", f"{where}: {row['path']} has another sha256")
    # One litter photo was exported several times under names that differ after its number.
    group = re.sub(r"^(taco-\d+).*", r"\1", row["group"])
    return Item(
        path=row["path"],
        label=row["class"],
        group=group,
        source=row["source"],
        licence=row["licence"],
        sha256=sha256,
        split=split_for(row["source"], group),
    )


def _without_near_duplicates(items: Sequence[Item], phashes: Sequence[str]) -> tuple[Item, ...]:
    try:
        words = np.array([int(phash, 16) for phash in phashes], dtype=np.uint64)
    except (ValueError, OverflowError) as error:
        raise BadDataset("invalid-manifest", f"manifest.csv: phash: {error}") from error
    splits = np.array([item.split for item in items])
    held = {"train": words[splits != "train"], "val": words[splits == "test"]}
    return tuple(
        item
        for item, word in zip(items, words, strict=True)
        if item.split == "test" or not (np.bitwise_count(held[item.split] ^ word) <= NEAR).any()
    )


def main(arguments: list[str] | None = None) -> int:
    """Print a base dataset; 1 and a sentence where it is not what its manifest says."""
    parser = argparse.ArgumentParser(prog="python -m ml.train.sources", description=__doc__)
    parser.add_argument("task", choices=sorted(TASKS))
    parser.add_argument("folder", type=Path)
    options = parser.parse_args(arguments)
    try:
        items = read_sources(options.folder, TASKS[options.task])
    except BadDataset as error:
        sys.stderr.write(f"{error}\n")
        return 1
    with (options.folder / "manifest.csv").open(newline="", encoding="utf-8") as lines:
        phashes = {row["sha256"]: row["phash"] for row in csv.DictReader(lines)}
    for item in items:
        sys.stdout.write(json.dumps({"item": asdict(item), "phash": phashes[item.sha256]}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
