"""The base dataset is what its manifest says, and no photo stands on both sides of a split."""

from collections import Counter
from pathlib import Path

import pytest

from ml.errors import BadDataset
from ml.task import TASKS
from ml.train.sources import read_sources, split_for
from tests.data import DATA
from tests.ml.train.synthetic import read_rows, write_rows

PHOTOS = DATA / "waste"
WASTE = TASKS["waste"]


def test_whole_sources_are_held_out(dataset):
    splits = Counter((item.source, item.split) for item in read_sources(dataset, WASTE))
    assert splits == {
        ("cardweb", "train"): 26,
        ("cloth", "train"): 26,
        ("hk", "val"): 26,
        ("tidy", "test"): 26,
    }


@pytest.mark.parametrize(
    ("source", "group", "split"),
    [
        ("imagen", "imagen", "test"),
        ("hk", "hk-glass", "val"),
        ("cloth", "cloth-shoes", "train"),
        ("cloth", "cloth-skirt", "val"),
        ("pave", "pave-gravel", "test"),
        ("trashnet", "trashnet", "train"),
        ("taco", "taco-000023", "test"),
        ("taco", "taco-000104", "val"),
    ],
)
def test_the_rule_never_moves_a_group(source, group, split):
    assert split_for(source, group) == split


def test_exports_of_one_litter_photo_stay_together(dataset):
    rows = read_rows(dataset)
    names = ("taco-000023_jpg.rf.1957fc0", "taco-000023_JPG.rf.ab12")
    for i, name in enumerate(names):
        rows[i] = (*rows[i][:2], name, "taco", *rows[i][4:])
    write_rows(dataset, rows)
    groups = {item.group for item in read_sources(dataset, WASTE) if item.source == "taco"}
    assert groups == {"taco-000023"}


def test_a_near_duplicate_of_a_held_out_photo_is_not_learned(dataset):
    rows = read_rows(dataset)
    test = next(row for row in rows if row[3] == "tidy")
    at = next(i for i, row in enumerate(rows) if row[3] == "cardweb")
    rows[at] = (*rows[at][:6], f"{int(test[6], 16) ^ 0b1011:016x}")
    write_rows(dataset, rows)
    paths = {item.path for item in read_sources(dataset, WASTE)}
    assert rows[at][0] not in paths and test[0] in paths
    assert len(paths) == len(rows) - 1


def spoil(column: int, value: str):
    def change(folder: Path) -> None:
        rows = read_rows(folder)
        rows[2] = (*rows[2][:column], value, *rows[2][column + 1 :])
        write_rows(folder, rows)

    return change


def alter(folder: Path) -> None:
    path = folder / read_rows(folder)[2][0]
    path.write_bytes(path.read_bytes() + b"\0")


@pytest.mark.parametrize(
    ("change", "slug"),
    [
        (alter, "altered-file"),
        (lambda folder: (folder / read_rows(folder)[2][0]).unlink(), "missing-file"),
        (spoil(0, "../elsewhere.png"), "invalid-manifest"),
        (spoil(1, "licorne"), "unknown-label"),
        (spoil(2, ""), "invalid-manifest"),
    ],
)
def test_a_bad_line_is_named(dataset, change, slug):
    change(dataset)
    with pytest.raises(BadDataset, match="manifest.csv:4") as refused:
        read_sources(dataset, WASTE)
    assert refused.value.slug == slug


@pytest.mark.parametrize("text", [None, "", "path,class\n"])
def test_no_manifest_no_dataset(dataset, text):
    (dataset / "manifest.csv").unlink()
    if text is not None:
        (dataset / "manifest.csv").write_text(text)
    with pytest.raises(BadDataset):
        read_sources(dataset, WASTE)


@pytest.mark.skipif(not PHOTOS.exists(), reason="the base dataset is not here (TAMIS_DATA)")
def test_the_base_dataset_is_whole_and_every_label_is_judged():
    items = read_sources(PHOTOS, WASTE)
    seen = {split: {i.label for i in items if i.split == split} for split in ("train", "test")}
    assert seen["train"] == seen["test"] == set(WASTE.labels)
    assert not {"imagen"} & {item.source for item in items if item.split == "train"}
