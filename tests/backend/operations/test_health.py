"""/livez and /readyz."""

from typing import Any

import pytest
from django.test import Client

from backend.recognition.models import ModelVersion
from backend.waste.models import SortingRule


def test_livez_needs_nothing(client: Client) -> None:
    response = client.get("/livez")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_readyz_names_every_part_and_the_champion(client: Client, champion: ModelVersion) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "database": "ok",
        "storage": "ok",
        "rules": "ok",
        "champions": {"waste": {"net": {"version": champion.version, "sha256": champion.sha256}}},
        "last_training": None,
        "last_backup": None,
        "last_restore_test": None,
    }


def _no_champion() -> None:
    ModelVersion.objects.all().delete()


def _no_rules() -> None:
    SortingRule.objects.all().delete()


@pytest.mark.parametrize(
    ("breaks", "part", "says"),
    [(_no_champion, "champions", {"waste": {"net": None}}), (_no_rules, "rules", "empty")],
)
def test_readyz_names_the_part_that_is_missing(
    client: Client, champion: ModelVersion, breaks: Any, part: str, says: Any
) -> None:
    breaks()
    response = client.get("/readyz")
    assert (response.status_code, response.json()["type"]) == (503, "/problems/not-ready")
    assert response.json()["parts"][part] == says


def test_readyz_says_when_nothing_can_be_stored(
    client: Client, champion: ModelVersion, settings: Any, tmp_path: Any
) -> None:
    (tmp_path / "file").write_text("")
    settings.MEDIA_ROOT = tmp_path / "file"
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["parts"]["storage"] == "not writable"
