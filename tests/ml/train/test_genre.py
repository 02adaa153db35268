"""The genre's engines: what is learned, what is refused, and the bundles that ship."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from ml.bundle import load_bundle
from ml.engines import open_engine
from ml.errors import BadInput
from ml.manifest import Item
from ml.predict import open_checked, predict, probabilities
from ml.sound import decode_sound
from ml.task import GENRE
from ml.train import music
from ml.train.clips import judged
from tests.data import DATA
from tests.ml.train.small_gtzan import make_gtzan
from tests.sounds import make_sound

ROOT = Path(__file__).parents[3]
BUNDLES = ROOT / "ml/bundles/genre"
CLIPS = DATA / "genre/clips"
real = pytest.mark.skipif(not CLIPS.exists(), reason="the genre data is not here")

# Two clips of each genre to learn from, one to calibrate by and one to judge by.
LISTS = {
    "train": [f"{label}.{n:05d}" for label in GENRE.labels for n in (0, 1)],
    "valid": [f"{label}.{n:05d}" for label in GENRE.labels for n in (2, 3)],
    "test": [f"{label}.00004" for label in GENRE.labels],
}


def test_ten_kinds_of_sound_that_are_no_music():
    sounds = music.noises(np.random.default_rng(0), samples=16_000, sample_rate=16_000)
    assert len(sounds) == 10
    for wave in sounds.values():
        assert wave.shape == (16_000,) and wave.dtype == np.float32
        assert np.isfinite(wave).all() and 0 < np.abs(wave).max() <= 1


def test_music_is_told_from_kinds_never_met():
    rng = np.random.default_rng(1)
    songs = [0.2 + 0.1 * rng.random((5, 50), np.float32) for _ in range(40)]
    others = {
        kind: [0.1 * rng.random((1, 50), np.float32) for _ in range(8)] for kind in ("a", "b", "c")
    }
    heard = {"songs": songs[:5], "noise": others["a"]}
    learned = music.fit_presence(songs, np.arange(40) % 4, others, heard)
    assert 0 < learned.threshold <= 0.5
    assert learned.report["passed"]["songs"]["share"] == 1
    assert learned.report["passed"]["noise"]["share"] == 0
    left_out = learned.report["refused_though_its_kind_was_left_out"]
    assert {kind: said["share"] for kind, said in left_out.items()} == {"a": 1, "b": 1, "c": 1}
    lines = [
        1 / (1 + np.exp(-(s @ learned.kernel + learned.bias)))
        for s in (songs[0], heard["noise"][0])
    ]
    assert lines[0].mean() >= learned.threshold > lines[1].mean()


def test_the_answer_of_a_clip_is_the_mean_of_its_windows():
    items = [
        Item(str(i), label, str(i), "s", "l", "0" * 64, "test")
        for i, label in enumerate(GENRE.labels)
    ]
    rows = np.full((10, 3, 10), 0.05, np.float32)
    for i in range(10):
        rows[i, 0, (i + 1) % 10] = 0.55  # the first window is wrong
        rows[i, 1:, i] = 0.55
    baseline = {"name": "chance", "accuracy": 0.1}
    metrics = judged(rows, [3, 6, 9], items, threshold=0.2, baseline=baseline)
    assert metrics["accuracy"] == 1 and metrics["n"] == 10 and metrics["baseline"] == baseline
    assert {s: said["accuracy"] for s, said in metrics["by_seconds"].items()} == {
        "3": 0,
        "9": 1,
        "30": 1,
    }


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("gtzan") / "genre"
    home.mkdir()
    return make_gtzan(home, LISTS, sounds=2)


def trained(engine: str, small: Path, home: Path, recipe: dict[str, object], *more: str) -> Path:
    pytest.importorskip("tensorflow", reason="the extra `train` is not installed")
    from ml.train.__main__ import main

    (home / "recipe.json").write_text(json.dumps(recipe))
    options = ["--task", "genre", "--engine", engine, "--seed", "1", "--data", str(small)]
    options += ["--out", str(home / "out"), "--work", str(home / "work")]
    assert main([*options, "--recipe", str(home / "recipe.json"), *more]) == 0
    return home / "out"


@pytest.mark.train
def test_from_tags_to_a_judged_net(small, tmp_path):
    pytest.importorskip("tensorflow", reason="the extra `train` is not installed")
    from tests.ml.train.small_musicnn import make_checkpoint, random_tensors

    weights = make_checkpoint(tmp_path / "musicnn", random_tensors())
    recipe = {"folds": 2, "sounds": 1, "penalty": 1.0}
    card = open_checked(
        load_bundle(trained("net", small, tmp_path, recipe, "--weights", str(weights)))
    ).card
    assert card.metrics["accuracy"] == 1 and card.metrics["n"] == 10
    assert card.output.presence > 0 and card.metrics["real_clips"]["n"] == 2
    assert {source.n for source in card.data} == {20}


@pytest.mark.train
def test_from_pictures_to_a_judged_vgg19(small, tmp_path):
    recipe = {"width": 0.02, "epochs": 1, "batch": 8}
    card = open_checked(load_bundle(trained("vgg19", small, tmp_path, recipe))).card
    assert card.metrics["n"] == 10 and card.output.presence == 0
    assert card.training.recipe["epochs"] == 1
    # Half of validation calibrates, the other half is learned from.
    assert {source.n for source in card.data} == {30}


@pytest.mark.train
def test_no_weights_no_net(small, tmp_path, capsys):
    pytest.importorskip("tensorflow", reason="the extra `train` is not installed")
    from ml.train.__main__ import main

    options = ["--task", "genre", "--engine", "net", "--seed", "1", "--data", str(small)]
    assert main([*options, "--out", str(tmp_path / "out"), "--work", str(tmp_path)]) == 1
    assert "pip download --no-deps musicnn" in capsys.readouterr().err


@pytest.fixture(scope="module", params=["net", "vgg19"])
def shipped(request):
    return open_engine(load_bundle(BUNDLES / request.param))


def test_what_ships_says_what_it_is_worth(shipped):
    metrics = shipped.card.metrics
    assert metrics["n"] == 290 and set(metrics["by_seconds"]) == {"3", "9", "30"}
    assert metrics["accuracy"] > metrics["baseline"]["accuracy"]
    assert "not their audio" in metrics["judged_on"]
    assert len(shipped.card.limits.fr) == len(shipped.card.limits.en) > 0


@real
def test_most_of_the_real_clips_are_right_at_any_level(shipped):
    right = Counter()
    for path in CLIPS.iterdir():
        rate = shipped.card.input.sample_rate
        wave = decode_sound(path.read_bytes(), sample_rate=rate)
        for name, gain in (("as it is", 1.0), ("20 dB softer", 0.1)):
            file = make_sound("wav float", wave * np.float32(gain), rate=rate)
            scores = probabilities(shipped, file)
            right[name] += GENRE.labels[scores.argmax()] == path.stem.split(".")[0]
    assert right["as it is"] == right["20 dB softer"] >= 7


@real
def test_music_passes_and_noise_is_refused():
    engine = open_engine(load_bundle(BUNDLES / "net"))
    for path in CLIPS.iterdir():
        assert len(predict(engine, path.read_bytes()).windows) >= 19
    white = np.random.default_rng(0).normal(0, 0.1, 64_000).astype(np.float32)
    with pytest.raises(BadInput) as refused:
        predict(engine, make_sound(samples=white))
    assert refused.value.slug == "no-music"
