"""The synthetic dataset, fresh for each test; one training of it, for those that go on."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ml.train.synthetic import RECIPE, make_dataset, random_weights


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return make_dataset(tmp_path / "data")


@dataclass(frozen=True)
class Trained:
    """A finished training: its photos, its work folder, its bundle, and how to start another."""

    data: Path
    work: Path
    out: Path
    options: list[str]


@pytest.fixture(scope="session")
def trained(tmp_path_factory) -> Trained:
    from ml.train.__main__ import main

    home = tmp_path_factory.mktemp("trained")
    (home / "recipe.json").write_text(json.dumps(RECIPE))
    weights = random_weights(home / "random.weights.h5", **RECIPE)
    options = ["--task", "waste", "--engine", "net", "--seed", "1", "--version", "2026.1.1"]
    options += ["--weights", str(weights), "--recipe", str(home / "recipe.json")]
    made = Trained(make_dataset(home / "data"), home / "work", home / "net", options)
    folders = ["--data", str(made.data), "--work", str(made.work), "--out", str(made.out)]
    assert main([*options, *folders]) == 0
    return made
