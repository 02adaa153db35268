"""Each relation to a person is told to them or is said not to be theirs, and is erased.

A model that begins to point at people fails here until it has a row in OWNED or NOT_TOLD.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.core.files.base import ContentFile
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backend.accounts.export import Exported
from backend.accounts.models import User
from backend.recognition.models import ModelVersion, Promotion
from backend.retraining.models import DatasetSnapshot
from tests.factories import make_capture, make_photo, make_prediction, make_user

pytestmark = pytest.mark.django_db

JSON = "application/json"
LOGIN = {"email": "merle@example.org", "password": "sept-noisettes"}

# Not in the export, and why; rows that stay when the person leaves lose their name.
NOT_TOLD = {
    "accounts.Session.user": "the key of a door, not a fact",
    "account.EmailAddress.user": "the address stands in `person`",
    "admin.LogEntry.user": "what somebody of the staff did to the site",
    "accounts.User_groups.user": "rights of staff",
    "accounts.User_user_permissions.user": "rights of staff",
    "recognition.Promotion.by": "a decision about a model",
    "recognition.Correction.reviewer": "a decision about somebody else's word",
}


def relations() -> Iterator[models.ForeignKey[Any, Any]]:
    """Every foreign key to a person, of whatever app."""
    for relation in User._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel):
            yield relation.field


def told(key: models.ForeignKey[Any, Any]) -> bool:
    return issubclass(key.model, Exported) and str(key) not in NOT_TOLD


def rows(key: models.ForeignKey[Any, Any], user: User) -> models.QuerySet[Any]:
    return key.model._base_manager.filter(**{key.name: user.pk})


@pytest.fixture
def merle(client: Client, champion: ModelVersion) -> User:
    """A person of the staff with a row in every table that points at people, and a file."""
    user = make_user("merle", consents=["store", "train"], is_staff=True)
    user.groups.add(Group.objects.create(name="relecture"))
    user.user_permissions.set(Permission.objects.all()[:1])
    client.force_login(user)
    client.put("/api/me/login/", LOGIN, content_type=JSON)
    Promotion.objects.create(version=champion, by=user, reason="human")
    LogEntry.objects.log_actions(user.pk, [user], action_flag=CHANGE, single_object=True)
    photo = ContentFile(make_photo(), "photo.jpg")
    capture = make_capture(user, label="verre", file=photo, department_id="33")
    make_prediction(capture, champion, "verre")
    review = make_capture(make_user("pie"), label="metal")
    review.corrections.update(status="rejected", reviewer=user, reviewed_at=review.received_at)
    snapshot = DatasetSnapshot(task="waste", sha256="0" * 64, manifest="x.jsonl", counts={})
    snapshot.n_items = 1
    snapshot.save()
    snapshot.captures.add(capture)
    user.refresh_from_db()
    return user


def export(client: Client) -> ZipFile:
    response = client.get("/api/me/export/")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/zip")
    assert response.headers["Content-Disposition"] == 'attachment; filename="tamis.zip"'
    return ZipFile(BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]


def stored(folder: str) -> list[Path]:
    return [
        path for path in Path(folder).rglob("*") if path.is_file() and "models" not in path.parts
    ]


def test_each_relation_to_a_person_is_told_or_said_not_to_be_theirs() -> None:
    everything = {str(key): told(key) for key in relations()}
    assert {name for name, is_told in everything.items() if not is_told} == set(NOT_TOLD)
    assert {"accounts.Consent.user", "recognition.Capture.user"} <= set(everything)


def test_the_person_of_these_tests_has_a_row_everywhere(merle: User) -> None:
    """Else the next tests would prove nothing."""
    assert [str(key) for key in relations() if not rows(key, merle).exists()] == []


def test_everything_that_is_kept_of_a_person_is_told(client: Client, merle: User) -> None:
    archive = export(client)
    assert archive.testzip() is None
    data = json.loads(archive.read("data.json"))
    assert data["person"] == {
        "pseudonym": "merle",
        "email": "merle@example.org",
        "locale": "fr",
        "department": None,
        "dataset_group": str(merle.dataset_group),
        "joined_at": merle.joined_at.isoformat(),
    }
    for key in relations():
        if told(key):
            name = key.remote_field.get_accessor_name()
            assert len(data[name]) == rows(key, merle).count() > 0, name
    assert [word["purpose"] for word in data["consents"]] == ["train", "store"]
    (capture,), (correction,) = data["captures"], data["corrections"]
    assert capture["predictions"][0]["label"] == correction["label"] == "verre"
    assert correction["capture"] == capture["id"]
    assert capture["snapshots"] == [DatasetSnapshot.objects.get().pk]
    assert data["lost_files"] == []


def test_the_files_a_person_sent_are_in_the_zip(client: Client, merle: User) -> None:
    archive, capture = export(client), merle.captures.get()
    assert archive.namelist() == [f"captures/{capture.pk}.jpg", "data.json"]
    assert archive.read(f"captures/{capture.pk}.jpg") == make_photo()


def test_a_long_history_takes_no_more_queries(
    client: Client,
    merle: User,
    champion: ModelVersion,
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[Any]],
) -> None:
    with CaptureQueriesContext(connection) as short:
        export(client)
    for _ in range(5):
        make_prediction(make_capture(merle), champion, "verre")
    with django_assert_max_num_queries(len(short)):
        export(client)


def test_a_file_the_disk_has_lost_is_named(client: Client, merle: User) -> None:
    capture = merle.captures.get()
    capture.file.storage.delete(capture.file.name)
    archive = export(client)
    assert archive.testzip() is None
    assert archive.namelist() == ["data.json"]
    lost = json.loads(archive.read("data.json"))["lost_files"]
    assert lost == [f"captures/{capture.pk}.jpg"]


def test_nobody_is_told_of_others(client: Client, merle: User) -> None:
    data = json.loads(export(client).read("data.json"))
    assert {correction["label"] for correction in data["corrections"]} == {"verre"}
    assert "pie" not in json.dumps(data)


def test_without_a_session_nothing_is_told(client: Client) -> None:
    response = client.get("/api/me/export/")
    assert (response.status_code, response.json()["type"]) == (403, "/problems/no-session")


def test_erasing_leaves_nothing_that_names_the_person(
    client: Client,
    merle: User,
    settings: Any,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    names = {"merle", LOGIN["email"], str(merle.dataset_group)}
    assert all(anywhere(name) for name in names)
    assert stored(settings.MEDIA_ROOT)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.delete("/api/me/").status_code == 204
    assert [str(key) for key in relations() if rows(key, merle).exists()] == []
    assert {name: anywhere(name) for name in names} == dict.fromkeys(names, [])
    assert stored(settings.MEDIA_ROOT) == []
    assert not EmailAddress.objects.exists()
    # What is not theirs alone stays, without their name.
    assert DatasetSnapshot.objects.get().captures.count() == 0
    assert Promotion.objects.filter(by=None).exists()
    assert User.objects.get().captures.get().corrections.get().reviewer is None


def anywhere(name: str) -> list[str]:
    """The tables where a text stands in some row."""
    return [
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        for row in model._base_manager.values_list()
        if any(name in str(value) for value in row)
    ]
