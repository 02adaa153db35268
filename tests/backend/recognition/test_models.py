"""The tables refuse what must not be: each constraint is tried with a bad row."""

from typing import Any

import pytest
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from backend.recognition.models import Capture, Correction, ModelVersion, Prediction, Promotion
from tests.factories import make_capture, make_user

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


def refused(row: models.Model, by: str | None) -> None:
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


def capture(**changes: Any) -> Capture:
    person = make_user()
    values = {
        "user": person,
        "task": "waste",
        "file": "captures/a.jpg",
        "sent_sha256": "a" * 64,
        "sha256": "b" * 64,
        "phash": "c" * 16,
        "media_type": "image/jpeg",
        "size_bytes": 1,
        "dataset_group": person.dataset_group,
        "captured_at": timezone.now(),
    }
    return Capture(**{**values, **changes})


@pytest.mark.parametrize(
    "changes",
    [{}, {"phash": ""}, {"media_type": "audio/wav", "duration_s": 4.0, "phash": ""}],
)
def test_a_good_capture_is_taken(changes: dict[str, Any]) -> None:
    capture(**changes).save()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"sha256": "A" * 64}, "capture_sha256_is_64_hex"),
        ({"sent_sha256": "a" * 63}, "capture_sha256_is_64_hex"),
        ({"phash": "c" * 15}, "phash_is_16_hex"),
        ({"phash": "C" * 16}, "phash_is_16_hex"),
        ({"media_type": "image/jpeg", "duration_s": 1.0}, "sound_has_a_duration"),
        ({"media_type": "audio/wav"}, "sound_has_a_duration"),
        ({"media_type": "audio/wav", "duration_s": 0.0}, "sound_has_a_duration"),
        ({"media_type": "text/html"}, "sound_has_a_duration"),
        ({"file": ""}, "capture_has_a_file"),
        ({"size_bytes": 0}, "capture_has_a_file"),
        ({"user": None}, None),
        ({"sha256": None}, None),
        ({"phash": None}, None),
        ({"size_bytes": None}, None),
        ({"dataset_group": None}, None),
        ({"captured_at": None}, None),
    ],
)
def test_a_bad_capture_is_refused(changes: dict[str, Any], constraint: str | None) -> None:
    refused(capture(**changes), constraint)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"origin": "cloud"}, "origin_is_known"),
        ({"score": 1.01}, "score_is_a_probability"),
        ({"score": -0.01}, "score_is_a_probability"),
        ({"label": ""}, "prediction_label_is_not_empty"),
        ({"score": None}, None),
        ({"scores": None}, None),
    ],
)
def test_a_bad_prediction_is_refused(changes: dict[str, Any], constraint: str | None) -> None:
    model = version()
    model.save()
    about = {"capture": make_capture(make_user()), "model_version": model}
    values = {**about, "origin": "device", "label": None, "score": 0.5, "scores": []}
    refused(Prediction(**{**values, **changes}), constraint)
    Prediction(**values).save()
    refused(Prediction(**values), None)  # one for each model, on each side
    Prediction(**{**values, "origin": "server"}).save()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"label": ""}, "correction_has_a_label"),
        ({"label": None}, None),
        ({"status": "true"}, None),
        ({"status": "accepted"}, "reviewed_means_dated"),
        ({"status": "rejected"}, "reviewed_means_dated"),
        ({"reviewed_at": timezone.now()}, "reviewed_means_dated"),
    ],
)
def test_a_bad_correction_is_refused(changes: dict[str, Any], constraint: str | None) -> None:
    person = make_user()
    values = {"capture": make_capture(person), "author": person, "label": "verre"}
    refused(Correction(**{**values, **changes}), constraint)
    Correction(**values).save()
    refused(Correction(**values), None)  # one of each person


def test_a_capture_has_one_truth() -> None:
    person = make_user()
    values = {
        "capture": make_capture(person),
        "label": "verre",
        "status": "accepted",
        "reviewed_at": timezone.now(),
    }
    Correction(author=person, **values).save()
    refused(Correction(author=make_user("pie"), **values), None)


@pytest.mark.parametrize("reason", ["whim", ""])
def test_a_promotion_has_a_known_reason(reason: str) -> None:
    model = version()
    model.save()
    refused(Promotion(version=model, reason=reason), "promotion_reason_is_known")
