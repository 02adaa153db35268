"""me/: the person of the session, what they choose, and the end of it."""

from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from backend.accounts.models import Session, User
from tests.factories import make_user

pytestmark = pytest.mark.django_db

JSON = "application/json"


def patch(client: Client, **wanted: Any) -> Any:
    return client.patch("/api/me/", wanted, content_type=JSON)


def test_a_person_chooses_language_and_department(client: Client) -> None:
    client.force_login(make_user("merle"))
    person = patch(client, locale="en", department="2A").json()
    assert (person["locale"], person["department"]) == ("en", "2A")
    assert patch(client, locale="fr").json()["department"] == "2A"
    assert patch(client, department=None).json()["department"] is None
    assert client.get("/api/me/").json()["locale"] == "fr"


@pytest.mark.parametrize(
    ("wanted", "status", "slug"),
    [
        ({"locale": "de"}, 400, "malformed"),
        ({"locale": None}, 400, "malformed"),
        ({"department": "99"}, 404, "unknown-department"),
        ({"department": ["33"]}, 400, "malformed"),
        ({"department": ""}, 400, "malformed"),
    ],
)
def test_a_choice_that_does_not_exist_changes_nothing(
    client: Client, wanted: dict[str, Any], status: int, slug: str
) -> None:
    client.force_login(make_user("merle"))
    response = patch(client, **wanted)
    assert (response.status_code, response.json()["type"]) == (status, f"/problems/{slug}")
    person = client.get("/api/me/").json()
    assert (person["locale"], person["department"]) == ("fr", None)


def test_nobody_chooses_who_they_are(client: Client) -> None:
    client.force_login(make_user("merle"))
    person = patch(client, pseudonym="pie", is_staff=True, email="pie@example.org").json()
    assert (person["pseudonym"], person["email"]) == ("merle", None)
    assert not User.objects.get().is_staff


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_without_a_session_there_is_no_me(client: Client, method: str) -> None:
    response = client.generic(method, "/api/me/", "{}", content_type=JSON)
    assert (response.status_code, response.json()["type"]) == (403, "/problems/no-session")


def test_erasing_ends_every_session_and_every_word_about_a_person(client: Client) -> None:
    merle, chef = make_user("merle", consents=["store"]), make_user("chef", is_staff=True)
    other_phone, staff = Client(), Client()
    for phone, user in ((client, merle), (other_phone, merle), (staff, chef)):
        phone.force_login(user)
    people = ContentType.objects.get_for_model(User)
    LogEntry.objects.log_actions(chef.pk, [merle], action_flag=CHANGE, single_object=True)
    assert LogEntry.objects.filter(content_type=people, object_repr="merle").exists()

    response = client.delete("/api/me/")
    assert response.status_code == 204
    assert response.cookies["sessionid"].value == ""
    assert [phone.get("/api/me/").status_code for phone in (client, other_phone)] == [403, 403]
    assert list(User.objects.all()) == [chef]
    assert [session.user for session in Session.objects.all()] == [chef]
    assert not LogEntry.objects.exists()


def test_erased_twice_is_erased(client: Client) -> None:
    client.force_login(make_user("merle"))
    assert client.delete("/api/me/").status_code == 204
    response = client.delete("/api/me/")
    assert (response.status_code, response.json()["type"]) == (403, "/problems/no-session")
