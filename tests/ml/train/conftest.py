"""The synthetic dataset, fresh for each test."""

from pathlib import Path

import pytest

from tests.ml.train.synthetic import make_dataset


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return make_dataset(tmp_path / "data")
