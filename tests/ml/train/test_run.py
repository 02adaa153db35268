"""The command: photos and a manifest in, a judged bundle out, the same for the same seed."""

from pathlib import Path

import pytest

from ml.bundle import load_bundle
from ml.manifest import digest, read_manifest
from ml.predict import open_checked
from ml.task import TASKS
from tests.ml.train.synthetic import read_rows

pytest.importorskip("tensorflow", reason="the extra `train` is not installed")
from ml.train.__main__ import main  # noqa: E402
from ml.train.fit import Recipe  # noqa: E402
from ml.train.run import train  # noqa: E402

pytestmark = pytest.mark.train

SMALL = Recipe(
    side=64, alpha=0.35, views_per_cell=3, views_per_photo=2, draws_per_cell=2, epochs=1, batch=8
)


def run(dataset: Path, out: Path, *, seed: int = 1, work: str = "work"):
    return train(
        TASKS["waste"],
        dataset,
        out,
        seed=seed,
        weights=None,
        work=out.parent / work,
        recipe=SMALL,
    )


def test_from_photos_to_a_judged_bundle(dataset, tmp_path):
    bundle = run(dataset, tmp_path / "net")
    card = open_checked(load_bundle(tmp_path / "net")).card
    assert card == bundle.card
    assert card.input.shape == (1, 64, 64, 3)
    assert card.output.labels == TASKS["waste"].labels
    assert card.metrics["n"] == 26 and card.metrics["split"] == "test"
    assert card.metrics["baseline"]["name"] == "linear probe"
    assert set(card.metrics["leave_one_source_out"]) == {"web", "white board and devices"}
    assert {source.source for source in card.data} == {"cardweb", "trashnet"}
    assert card.training.seed == 1 and card.training.recipe["views_per_cell"] == 3
    items = read_manifest(tmp_path / "work/manifest.jsonl")
    assert card.training.snapshot == digest(items)

    features = {file: file.stat().st_mtime_ns for file in (tmp_path / "work").glob("*/*.npy")}
    assert len(features) == 2
    again = run(dataset, tmp_path / "again")
    assert again.card.sha256 == card.sha256
    assert all(file.stat().st_mtime_ns == then for file, then in features.items())


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda data: (data / "manifest.csv").unlink(), "unreadable-manifest"),
        (lambda data: (data / read_rows(data)[0][0]).unlink(), "manifest.csv:2"),
        (lambda data: (data / read_rows(data)[0][0]).write_bytes(b"text"), "altered-file"),
    ],
)
def test_bad_data_ends_with_a_name_and_no_bundle(dataset, tmp_path, capsys, spoil, words):
    spoil(dataset)
    arguments = ["--task", "waste", "--engine", "net", "--seed", "1", "--weights", "none"]
    folders = ["--data", str(dataset), "--out", str(tmp_path / "net"), "--work", str(tmp_path)]
    assert main([*arguments, *folders]) == 1
    assert words in capsys.readouterr().err
    assert not (tmp_path / "net").exists()
