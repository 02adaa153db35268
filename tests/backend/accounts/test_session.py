"""session/: who comes without a session leaves with one, and nobody is given another's."""

import pytest
from django.test import Client

from backend.accounts.models import User

pytestmark = pytest.mark.django_db


def test_a_newcomer_gets_a_pseudonym_and_two_cookies(client: Client) -> None:
    response = client.post("/api/session/")
    assert response.status_code == 201
    person = response.json()
    assert person.pop("pseudonym").count("-") >= 2
    assert person == {
        "email": None,
        "locale": "fr",
        "department": None,
        "consents": {"store": None, "train": None},
        "mail": False,
    }
    session, csrf = response.cookies["sessionid"], response.cookies["csrftoken"]
    assert (session["httponly"], session["samesite"], session["path"]) == (True, "Lax", "/")
    assert (csrf["httponly"], csrf["samesite"]) == ("", "Lax")
    assert int(session["max-age"]) == int(csrf["max-age"]) == 400 * 24 * 3600


def test_who_comes_again_stays_the_same(client: Client) -> None:
    first = client.post("/api/session/").json()
    again = client.post("/api/session/", {}, content_type="application/json")
    assert (again.status_code, again.json()) == (200, first)
    assert {"sessionid", "csrftoken"} <= set(again.cookies)
    assert client.get("/api/me/").json() == first
    assert User.objects.count() == 1
