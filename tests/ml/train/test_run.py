"""The command: photos and a manifest in, a judged bundle out, the same for the same seed."""

import json
from pathlib import Path

import numpy as np
import pytest

from ml.__main__ import main as judge
from ml.bundle import load_bundle
from ml.manifest import digest, read_manifest
from ml.predict import open_checked
from ml.task import TASKS
from tests.ml.train.synthetic import read_rows, write_rows

pytest.importorskip("tensorflow", reason="the extra `train` is not installed")
from ml.train.__main__ import main  # noqa: E402
from ml.train.fit import Recipe  # noqa: E402
from ml.train.run import train  # noqa: E402

pytestmark = pytest.mark.train

SMALL = Recipe(
    side=64, alpha=0.35, views_per_cell=3, views_per_photo=2, draws_per_cell=2, epochs=1, batch=8
)


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> Path:
    """A backbone nobody trained, scaled so that its features still tell colours apart."""
    import keras

    shape = (SMALL.side, SMALL.side, 3)
    backbone = keras.applications.MobileNetV2(
        shape, alpha=SMALL.alpha, weights=None, include_top=False
    )
    rng = np.random.default_rng(3)
    for weight in backbone.weights:
        if weight.path.endswith("kernel"):
            depthwise = "depthwise" in weight.path
            fan_in = np.prod(weight.shape[: 2 if depthwise else 3])
            weight.assign(rng.normal(0, (2 / fan_in) ** 0.5, weight.shape))
    path = tmp_path_factory.mktemp("weights") / "random.weights.h5"
    backbone.save_weights(path)
    return path


def run(dataset: Path, out: Path, weights: Path):
    return train(
        TASKS["waste"],
        dataset,
        out,
        seed=1,
        version="2026.1.1",
        weights=weights,
        work=out.parent / "work",
        recipe=SMALL,
    )


def test_from_photos_to_a_judged_bundle(dataset, tmp_path, weights, capsys):
    bundle = run(dataset, tmp_path / "net", weights)
    card = open_checked(load_bundle(tmp_path / "net")).card
    assert card == bundle.card
    assert card.input.shape == (1, 64, 64, 3)
    assert card.output.labels == TASKS["waste"].labels
    assert card.metrics["n"] == 26 and card.metrics["split"] == "test"
    assert card.metrics["baseline"]["name"] == "linear probe"
    assert card.metrics["accuracy"] > 3 / 13
    assert set(card.metrics["leave_one_source_out"]) == {"web"}
    assert {source.source for source in card.data} == {"cardweb", "cloth", "hk"}
    assert card.version == "2026.1.1"
    assert card.training.seed == 1 and card.training.recipe["views_per_cell"] == 3
    items = read_manifest(tmp_path / "work/manifest.jsonl")
    assert card.training.snapshot == digest(items)

    manifest = str(tmp_path / "work/manifest.jsonl")
    capsys.readouterr()
    assert judge(["evaluate", str(tmp_path / "net"), manifest, "--data", str(dataset)]) == 0
    judged = json.loads(capsys.readouterr().out)
    same = ("n", "accuracy", "macro_f1", "recall", "ece", "coverage", "confusions")
    assert [judged[key] for key in same] == [card.metrics[key] for key in same]

    features = {file: file.stat().st_mtime_ns for file in (tmp_path / "work").glob("*/*.npy")}
    assert len(features) == 2
    again = run(dataset, tmp_path / "again", weights)
    assert again.card.selftest == card.selftest
    assert again.card.output == card.output
    assert all(file.stat().st_mtime_ns == then for file, then in features.items())


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda data: (data / "manifest.csv").unlink(), "unreadable-manifest"),
        (lambda data: (data / read_rows(data)[0][0]).unlink(), "manifest.csv:2"),
        (lambda data: (data / read_rows(data)[0][0]).write_bytes(b"text"), "altered-file"),
        (lambda data: write_rows(data, read_rows(data)[:2]), "no photo in test, val"),
    ],
)
def test_bad_data_ends_with_a_name_and_no_bundle(dataset, tmp_path, capsys, spoil, words):
    spoil(dataset)
    arguments = ["--task", "waste", "--engine", "net", "--seed", "1", "--weights", "none"]
    folders = ["--data", str(dataset), "--out", str(tmp_path / "net"), "--work", str(tmp_path)]
    assert main([*arguments, *folders]) == 1
    assert words in capsys.readouterr().err
    assert not (tmp_path / "net").exists()
