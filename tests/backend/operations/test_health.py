"""/livez and /readyz."""

from typing import Any

import pytest
from django.test import Client

from backend.recognition.models import ModelVersion
from backend.waste.models import SortingRule
from ml.task import TASKS
from tests.factories import register_seeds


def test_livez_needs_nothing(client: Client) -> None:
    response = client.get("/livez")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_readyz_names_every_part_and_every_champion(client: Client, champion: ModelVersion) -> None:
    serving = register_seeds()
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "database": "ok",
        "storage": "ok",
        "rules": "ok",
        "champions": serving,
        "last_training": None,
        "last_backup": None,
        "last_restore_test": None,
    }


_NONE = {name: dict.fromkeys(task.engines) for name, task in TASKS.items()}


def _no_champion() -> None:
    ModelVersion.objects.all().delete()


def _no_rules() -> None:
    SortingRule.objects.all().delete()


@pytest.mark.parametrize(
    ("breaks", "part", "says"),
    [(_no_champion, "champions", _NONE), (_no_rules, "rules", "empty")],
)
def test_readyz_names_the_part_that_is_missing(
    client: Client, champion: ModelVersion, breaks: Any, part: str, says: Any
) -> None:
    register_seeds()
    breaks()
    response = client.get("/readyz")
    assert (response.status_code, response.json()["type"]) == (503, "/problems/not-ready")
    assert response.json()["parts"][part] == says


def test_readyz_says_when_nothing_can_be_stored(
    client: Client, champion: ModelVersion, settings: Any, tmp_path: Any
) -> None:
    register_seeds()
    (tmp_path / "file").write_text("")
    settings.MEDIA_ROOT = tmp_path / "file"
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["parts"]["storage"] == "not writable"
