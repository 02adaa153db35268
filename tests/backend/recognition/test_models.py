"""The registry refuses what must not be: each constraint is tried with a bad row."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.recognition.models import ModelVersion

pytestmark = pytest.mark.django_db


def version(**changes: Any) -> ModelVersion:
    values = {
        "task": "waste",
        "engine": "net",
        "version": "2030.1.1",
        "sha256": "a" * 64,
        "file": "models/a/model.tflite",
        "card": {},
        "metrics": {},
        "size_bytes": 1,
    }
    return ModelVersion(**{**values, **changes})


def refused(row: ModelVersion, by: str | None) -> None:
    with pytest.raises(IntegrityError, match=by), transaction.atomic():
        row.save()


def serving(**changes: Any) -> ModelVersion:
    return version(role="champion", promoted_at=timezone.now(), **changes)


def test_good_rows_are_taken() -> None:
    version().save()
    version(version="2030.1.2", sha256="b" * 64).save()
    serving(version="2030.1.3", sha256="c" * 64).save()
    version(version="2030.1.4", sha256="d" * 64, role="challenger").save()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"sha256": "A" * 64}, "model_sha256_is_64_hex"),
        ({"sha256": "a" * 63}, "model_sha256_is_64_hex"),
        ({"role": "king"}, None),
        ({"role": "champion"}, "champion_was_promoted"),
        ({"version": ""}, "model_has_its_names"),
        ({"file": ""}, "model_has_its_names"),
        ({"size_bytes": 0}, "model_is_not_empty"),
        ({"sha256": None}, None),
        ({"role": None}, None),
        ({"size_bytes": None}, None),
    ],
)
def test_a_bad_row_is_refused(changes: dict[str, Any], constraint: str | None) -> None:
    refused(version(**changes), constraint)


def test_a_file_and_a_version_are_registered_once() -> None:
    version().save()
    refused(version(version="2030.1.2"), None)
    refused(version(sha256="b" * 64), None)


@pytest.mark.parametrize("role", ["champion", "challenger"])
def test_an_engine_has_one_champion_and_one_challenger(role: str) -> None:
    version(role=role, promoted_at=timezone.now()).save()
    twin = version(role=role, promoted_at=timezone.now(), version="2030.1.2", sha256="b" * 64)
    refused(twin, None)
