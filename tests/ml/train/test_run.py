"""The command: photos and a manifest in, a judged bundle out, or a name for what is wrong."""

import json
from dataclasses import replace

import pytest

from ml.__main__ import main as judge
from ml.bundle import load_bundle
from ml.manifest import digest, read_manifest, write_manifest
from ml.predict import open_checked
from ml.task import TASKS
from tests.ml.train.synthetic import make_week, read_rows, write_rows

pytest.importorskip("tensorflow", reason="the extra `train` is not installed")
from ml.train.__main__ import main  # noqa: E402

pytestmark = pytest.mark.train


def test_from_photos_to_a_judged_bundle(trained, capsys):
    card = open_checked(load_bundle(trained.out)).card
    assert card.input.shape == (1, 64, 64, 3)
    assert card.output.labels == TASKS["waste"].labels
    assert card.metrics["n"] == 26 and card.metrics["split"] == "test"
    assert card.metrics["baseline"]["name"] == "linear probe"
    assert card.metrics["accuracy"] > 3 / 13
    assert set(card.metrics["leave_one_source_out"]) == {"web"}
    assert 0 <= card.metrics["parity"] < 0.01
    assert {source.source for source in card.data} == {"cardweb", "cloth", "hk"}
    assert card.version == "2026.1.1"
    assert card.training.seed == 1 and card.training.recipe["views_per_cell"] == 3
    items = read_manifest(trained.work / "manifest.jsonl")
    assert card.training.snapshot == digest(items)

    manifest = str(trained.work / "manifest.jsonl")
    assert judge(["evaluate", str(trained.out), manifest, "--data", str(trained.data)]) == 0
    judged = json.loads(capsys.readouterr().out)
    same = ("n", "accuracy", "macro_f1", "recall", "ece", "coverage", "confusions")
    assert [judged[key] for key in same] == [card.metrics[key] for key in same]


def test_a_run_says_its_cost(trained):
    cost = json.loads((trained.work / "cost.json").read_text())
    stages = ["manifest", "network", "features", "linear probe", "calibration", "final fit"]
    assert list(cost) == ["start", *stages, "export", "judge"]
    assert cost["calibration"]["cpu_s"] > 0 and cost["calibration"]["wall_s"] > 0


def fed(data):
    """Somebody's photo among those that models are judged on."""
    (sent,) = make_week(data.with_name("week"), data, ["verre"])
    write_manifest(data / "manifest.jsonl", [replace(sent, split="test")])


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda data: (data / "manifest.csv").unlink(), "unreadable-manifest"),
        (lambda data: (data / read_rows(data)[0][0]).unlink(), "manifest.csv:2"),
        (lambda data: (data / read_rows(data)[0][0]).write_bytes(b"text"), "altered-file"),
        (lambda data: write_rows(data, read_rows(data)[:2]), "no photo in test, val"),
        (fed, "fed-test: captures/0.png"),
    ],
)
def test_bad_data_ends_with_a_name_and_no_bundle(dataset, tmp_path, capsys, spoil, words):
    spoil(dataset)
    arguments = ["--task", "waste", "--engine", "net", "--seed", "1", "--weights", "none"]
    folders = ["--data", str(dataset), "--out", str(tmp_path / "net"), "--work", str(tmp_path)]
    assert main([*arguments, *folders]) == 1
    assert words in capsys.readouterr().err
    assert not (tmp_path / "net").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "unreadable-recipe: recipe.json"),
        ("[]", "invalid-value: recipe: []"),
        ('{"epoch": 2}', "unknown-field: recipe.epoch"),
        ('{"augmentation": {"glow": 1}}', "unknown-field: recipe.augmentation.glow"),
        ('{"prior": {"licorne": 1}}', "unknown-field: recipe.prior.licorne"),
        ('{"epochs": 2.5}', "invalid-value: recipe.epochs"),
        ('{"epochs": 0}', "invalid-value: recipe.epochs"),
        ('{"epochs": true}', "invalid-value: recipe.epochs"),
        ('{"mixup": NaN}', "invalid-value: recipe.mixup"),
        ('{"augmentation": {"scale": [1]}}', "invalid-value: recipe.augmentation.scale"),
        ('{"crop": 1.5}', "invalid-value: recipe.crop"),
    ],
)
def test_a_recipe_is_refused_by_name(dataset, tmp_path, capsys, text, words):
    (tmp_path / "recipe.json").write_text(text)
    arguments = ["--task", "waste", "--engine", "net", "--seed", "1", "--weights", "none"]
    folders = ["--data", str(dataset), "--out", str(tmp_path / "net"), "--work", str(tmp_path)]
    assert main([*arguments, *folders, "--recipe", str(tmp_path / "recipe.json")]) == 1
    assert words in capsys.readouterr().err


def test_a_recipe_keeps_what_it_does_not_name(tmp_path):
    from ml.train.fit import Recipe
    from ml.train.recipe import read_recipe

    said = {"epochs": 2, "prior": {"verre": 2}, "augmentation": {"scale": [0.4, 1]}}
    (tmp_path / "recipe.json").write_text(json.dumps(said))
    recipe = read_recipe(tmp_path / "recipe.json")
    assert recipe.epochs == 2 and recipe.batch == Recipe().batch
    assert recipe.prior == {**Recipe().prior, "verre": 2.0}
    assert recipe.augmentation.scale == (0.4, 1.0)
    assert recipe.augmentation.blur == Recipe().augmentation.blur
