"""GTZAN's own file names, faults and lists, as a small folder and as the real one."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from ml.errors import BadDataset
from ml.manifest import check_groups
from ml.task import GENRE
from ml.train import gtzan
from ml.train.gtzan import N_FEATURES
from tests.data import DATA
from tests.ml.train.small_gtzan import make_gtzan

GTZAN = DATA / "genre"
FIVE = {
    "train": ("blues.00000", "rock.00016"),
    "valid": ("jazz.00001",),
    "test": ("pop.00002",),
    "": ("metal.00058",),  # rock.00016 under another genre; of no list
}
real = pytest.mark.skipif(not GTZAN.exists(), reason="the genre data is not here")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_gtzan(tmp_path, FIVE)


@pytest.mark.parametrize(
    ("name", "clip", "label"),
    [
        ("blues.00000.wav", "blues.00000", "blues"),
        ("hiphop/hiphop.00099.wav", "hiphop.00099", "hiphop"),
        ("genres/jazz/jazz.00054.au", "jazz.00054", "jazz"),
        ("country.00012.7.wav", "country.00012", "country"),  # the CSV of 3-second pieces
        ("classical/classical.00003.png", "classical.00003", "classical"),
    ],
)
def test_gtzans_names(name, clip, label):
    assert gtzan.clip_of(name) == (clip, label)


@pytest.mark.parametrize("name", ["blues00000.png", "techno.00001.wav", "blues.1.wav", "", "a.mp3"])
def test_other_names_are_refused(name):
    with pytest.raises(BadDataset):
        gtzan.clip_of(name)


def test_the_lists_alone_say_where_a_clip_stands(folder):
    read = [gtzan.features_30s(folder)[1], gtzan.audio(folder), gtzan.logmels(folder)[1]]
    for items in read:
        split = {gtzan.clip_of(item.path)[0]: item.split for item in items}
        assert split == {
            "blues.00000": "train",
            "rock.00016": "train",
            "jazz.00001": "val",
            "pop.00002": "test",
        }
        check_groups(items)


def test_a_clip_of_no_list_is_asked_for_by_name(folder):
    _, items = gtzan.features_30s(folder, listed=False)
    twins = {item.label: item.group for item in items if item.label in ("metal", "rock")}
    assert len(items) == 5 and len(set(twins.values())) == 1


def test_both_feature_csvs(folder):
    whole, items = gtzan.features_30s(folder)
    pieces, parts = gtzan.features(folder, "features_3_sec.csv")
    assert whole.shape == (4, N_FEATURES) and pieces.shape == (40, N_FEATURES)
    assert {item.group for item in items} == {item.group for item in parts}
    check_groups(parts)


def test_a_picture_is_decibels_lowest_band_first(folder):
    pictures, items = gtzan.logmels(folder)
    at = next(i for i, item in enumerate(items) if item.label == "blues")
    db = pictures[at].db
    assert db.shape == (387, 128) and pictures[at].frames == 1293
    assert db[0, 127] == 30 and db[0, 0] == -50 and db[1, 127] == -50
    assert db[:, 4].min() == db[:, 4].max() > db[0, 0]


def test_tags_by_clip(folder):
    tags, items = gtzan.taggrams(folder)
    assert [t.shape for t in tags] == [(28, 50)] * 3
    assert [item.split for item in items] == ["train", "train", "test"]


def test_tags_from_the_wrong_side_are_refused(folder):
    (folder / "test_filtered.txt").write_text("pop/pop.00003.wav\n")
    with pytest.raises(BadDataset, match=r"pop\.00002"):
        gtzan.taggrams(folder)


@pytest.mark.parametrize(
    ("missing", "load"),
    [
        ("test_filtered.txt", gtzan.audio),
        ("features_30_sec.csv", gtzan.features_30s),
        ("gtzan_logmel/rock/rock.00016.png", gtzan.logmels),
        ("training_data_GTZAN_MSDmusicnn_taggram.npz", gtzan.taggrams),
    ],
)
def test_what_is_missing_is_named(folder, missing, load):
    (folder / missing).unlink()
    with pytest.raises(BadDataset, match=Path(missing).name):
        load(folder)


def test_neighbours_in_the_numbering_share_a_fold(folder):
    _, items = gtzan.features(folder, "features_3_sec.csv")
    folds = gtzan.blocks(items, per_label=2)
    of_one = [fold for item, fold in zip(items, folds, strict=True) if item.label == "blues"]
    assert of_one == sorted(of_one) and set(folds) == {0, 1}


@real
def test_the_real_lists_features_and_tags():
    rows, items = gtzan.features_30s(GTZAN)
    assert Counter(item.split for item in items) == {"train": 443, "val": 197, "test": 290}
    assert rows.shape == (930, N_FEATURES) and np.isfinite(rows).all()
    assert gtzan.features_30s(GTZAN, listed=False)[0].shape == (1000, N_FEATURES)
    assert {item.label for item in items} == set(GENRE.labels)
    check_groups(items)
    tags, items = gtzan.taggrams(GTZAN)
    assert Counter(item.split for item in items) == {"train": 443, "test": 290}
    assert all(t.shape[0] >= 28 and t.min() >= 0 and t.max() <= 1 for t in tags)


@real
def test_the_real_pictures_start_with_the_low_bands():
    pictures, items = gtzan.logmels(GTZAN)
    assert len(items) == 929  # jazz.00054 is missing everywhere
    mean = np.mean([p.db.mean(axis=0) for p in pictures], axis=0)
    assert mean[:32].mean() > mean[-32:].mean() + 15
