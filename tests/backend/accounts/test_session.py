"""session/: who comes without a session leaves with one, and nobody is given another's."""

from typing import Any

import pytest
from django.test import Client

from backend.accounts import services
from backend.accounts.api import JoinThrottle
from backend.accounts.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db

JSON = "application/json"
ELSEWHERE = {"Origin": "https://evil.example"}
LOGIN = {"email": "merle@example.org", "password": "sept-noisettes"}


def make_account() -> User:
    return make_user("merle", **LOGIN)


def slug(response: Any) -> str:
    return str(response.json()["type"]).removeprefix("/problems/")


def test_a_newcomer_gets_a_pseudonym_and_two_cookies(client: Client) -> None:
    response = client.generic("POST", "/api/session/")
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
    assert response.headers["Cache-Control"] == "private, no-store"


def test_who_comes_again_stays_the_same(client: Client) -> None:
    first = client.post("/api/session/", content_type=JSON).json()
    again = client.post("/api/session/", {}, content_type=JSON)
    assert (again.status_code, again.json()) == (200, first)
    assert {"sessionid", "csrftoken"} <= set(again.cookies)
    assert client.get("/api/me/").json() == first
    assert User.objects.count() == 1


def test_each_visit_lets_the_session_live_on(client: Client) -> None:
    client.post("/api/session/", content_type=JSON)
    assert {"sessionid", "csrftoken"} <= set(client.get("/api/me/").cookies)


def test_a_pseudonym_that_somebody_has_is_not_given_twice(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = iter(["merle", "merle", "pie"])
    monkeypatch.setattr(services, "_pseudonym", lambda: next(chance))
    make_user("merle")
    assert client.post("/api/session/", content_type=JSON).json()["pseudonym"] == "pie"


def test_an_address_makes_only_so_many_pseudonyms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(JoinThrottle, "THROTTLE_RATES", {"join": "2/hour"})
    statuses = [Client().post("/api/session/", content_type=JSON).status_code for _ in range(3)]
    assert statuses == [201, 201, 429]
    assert User.objects.count() == 2


@pytest.mark.parametrize("headers", [ELSEWHERE, {"Origin": "null"}])
def test_another_site_gives_nobody_a_session(client: Client, headers: dict[str, str]) -> None:
    make_account()
    for body in ({}, LOGIN):
        response = client.post("/api/session/", body, content_type=JSON, headers=headers)
        assert (response.status_code, slug(response)) == (403, "forbidden")
        assert not response.cookies
    own = {"Origin": "http://testserver"}
    assert client.post("/api/session/", content_type=JSON, headers=own).status_code == 201


@pytest.mark.parametrize("media", ["application/x-www-form-urlencoded", "text/plain"])
def test_a_form_logs_nobody_in(client: Client, media: str) -> None:
    make_account()
    body = "email=merle@example.org&password=sept-noisettes"
    response = client.post("/api/session/", body, content_type=media)
    assert (response.status_code, slug(response)) == (415, "unsupported-body")
    assert not response.cookies


@pytest.mark.parametrize(
    "body",
    [
        {"email": "merle@example.org"},
        {"password": "sept-noisettes"},
        {"email": "merle", "password": "sept-noisettes"},
        {"email": "merle@example.org", "password": ["sept-noisettes"]},
        ["merle@example.org"],
    ],
)
def test_half_a_login_is_malformed(client: Client, body: Any) -> None:
    response = client.post("/api/session/", body, content_type=JSON)
    assert (response.status_code, slug(response)) == (400, "malformed")
    assert User.objects.count() == 0


def test_a_login_finds_the_person_on_another_device(client: Client) -> None:
    make_account()
    shouted = {**LOGIN, "email": "Merle@Example.org"}
    response = client.post("/api/session/", shouted, content_type=JSON)
    assert (response.status_code, response.json()["pseudonym"]) == (200, "merle")
    assert client.get("/api/me/").json()["email"] == "merle@example.org"


@pytest.mark.parametrize("wrong", [{"password": "huit-noisettes"}, {"email": "pie@example.org"}])
def test_a_wrong_login_changes_nothing(client: Client, wrong: dict[str, str]) -> None:
    make_account()
    guest = client.post("/api/session/", content_type=JSON).json()
    response = client.post("/api/session/", LOGIN | wrong, content_type=JSON)
    assert (response.status_code, slug(response)) == (403, "wrong-login")
    assert client.get("/api/me/").json() == guest


def test_a_person_who_was_shut_out_cannot_log_in(client: Client) -> None:
    make_user("merle", **LOGIN, is_active=False)
    response = client.post("/api/session/", LOGIN, content_type=JSON)
    assert (response.status_code, slug(response)) == (403, "wrong-login")


def test_guessing_ends_after_a_few_tries(client: Client) -> None:
    make_account()
    wrong = {**LOGIN, "password": "huit-noisettes"}
    for _ in range(5):
        assert client.post("/api/session/", wrong, content_type=JSON).status_code == 403
    # Then the right password does not help either, or guessing would go on unseen.
    response = client.post("/api/session/", LOGIN, content_type=JSON)
    assert (response.status_code, slug(response)) == (429, "throttled")
    assert int(response.headers["Retry-After"]) == 300


def test_a_proxy_nobody_believes_opens_no_new_count(client: Client) -> None:
    make_account()
    for number in range(10):
        body = {"email": f"merle{number}@example.org", "password": "huit-noisettes"}
        headers = {"X-Forwarded-For": f"192.0.2.{number}"}
        client.post("/api/session/", body, content_type=JSON, headers=headers)
    response = client.post("/api/session/", LOGIN, content_type=JSON)
    assert (response.status_code, slug(response)) == (429, "throttled")


def test_logging_out_needs_a_way_back(client: Client) -> None:
    client.post("/api/session/", content_type=JSON)
    response = client.delete("/api/session/")
    assert (response.status_code, slug(response)) == (409, "no-way-back")
    assert client.get("/api/me/").status_code == 200
    client.put("/api/me/login/", LOGIN, content_type=JSON)
    assert client.delete("/api/session/").status_code == 204
    response = client.get("/api/me/")
    assert (response.status_code, slug(response)) == (403, "no-session")


def test_without_a_session_there_is_nothing_to_close(client: Client) -> None:
    response = client.delete("/api/session/")
    assert (response.status_code, slug(response)) == (403, "no-session")


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("POST", "/api/session/"),
        ("DELETE", "/api/session/"),
        ("PATCH", "/api/me/"),
        ("DELETE", "/api/me/"),
        ("PUT", "/api/me/login/"),
        ("PUT", "/api/me/consents/store/"),
    ],
)
def test_a_write_without_the_token_is_refused(method: str, address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    joined = client.post("/api/session/", content_type=JSON)
    assert joined.status_code == 201
    response = client.generic(method, address, "{}", content_type=JSON)
    assert (response.status_code, slug(response)) == (403, "forbidden")
    token = {"X-CSRFToken": joined.cookies["csrftoken"].value}
    response = client.generic(method, address, "{}", content_type=JSON, headers=token)
    assert response.status_code != 403
