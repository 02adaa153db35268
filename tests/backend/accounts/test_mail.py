"""Mails and where they lead: /_allauth/ keeps four doors, and none goes around our rules."""

import re
from smtplib import SMTPException
from typing import Any
from urllib.parse import unquote

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import get_resolver

from backend.accounts import allauth_urls
from backend.accounts.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db

JSON = "application/json"
DOOR = "/_allauth/browser/v1"
LOGIN = {"email": "merle@example.org", "password": "sept-noisettes"}


@pytest.fixture
def post_office(settings: Any) -> list[Any]:
    """A server that can send mails, which stay here."""
    settings.EMAIL_HOST = "mail.example.org"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return mail.outbox


def key_in(message: Any, page: str) -> str:
    found = re.search(rf"http://testserver/#/{page}/(\S+)", message.body)
    assert found, message.body
    return unquote(found[1])  # as the app reads its address


def attach(client: Client) -> Any:
    client.post("/api/session/", content_type=JSON)
    return client.put("/api/me/login/", LOGIN, content_type=JSON)


def test_the_app_knows_whether_mails_can_come(client: Client, post_office: list[Any]) -> None:
    assert client.post("/api/session/", content_type=JSON).json()["mail"] is True


def test_without_a_mail_server_nothing_is_sent(client: Client) -> None:
    mail.outbox = []
    assert attach(client).json()["mail"] is False
    assert mail.outbox == []


def test_an_address_is_proved_by_its_mail(client: Client, post_office: list[Any]) -> None:
    attach(client)
    (message,) = post_office
    assert (message.to, message.from_email) == ([LOGIN["email"]], "tamis@localhost")
    assert message.subject.startswith("[Tamis] ")
    verify = {"key": key_in(message, "courriel")}
    assert Client().post(f"{DOOR}/auth/email/verify", {"key": "x"}, JSON).status_code == 400
    assert not EmailAddress.objects.get().verified
    assert client.post(f"{DOOR}/auth/email/verify", verify, JSON).status_code == 200
    assert EmailAddress.objects.get().verified


def test_the_same_address_is_not_written_to_over_and_over(
    client: Client, post_office: list[Any]
) -> None:
    for _ in range(3):
        assert attach(client).status_code == 200
    assert len(post_office) == 1


def test_a_login_is_kept_where_the_mail_fails(
    client: Client, post_office: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any) -> None:
        raise SMTPException("no such user")

    monkeypatch.setattr(EmailBackend, "send_messages", fail)
    assert attach(client).json()["email"] == LOGIN["email"]


@pytest.mark.parametrize(("locale", "word"), [("fr", "mot de passe"), ("en", "password")])
def test_a_forgotten_password_is_set_anew_by_mail(
    client: Client, post_office: list[Any], locale: str, word: str
) -> None:
    make_user("merle", **LOGIN, locale=locale)
    request = {"email": "Merle@example.org"}
    assert client.post(f"{DOOR}/auth/password/request", request, JSON).status_code == 200
    (message,) = post_office
    assert message.to == [LOGIN["email"]]
    assert word in message.body
    key = key_in(message, "mot-de-passe")

    reset = f"{DOOR}/auth/password/reset"
    assert client.post(reset, {"key": key, "password": "noix"}, JSON).status_code == 400
    # Done, says allauth, and that nobody is logged in by it.
    assert client.post(reset, {"key": key, "password": "huit-noisettes"}, JSON).status_code == 401
    assert client.get("/api/me/").status_code == 403
    assert client.post("/api/session/", LOGIN, JSON).status_code == 403
    fresh = {**LOGIN, "password": "huit-noisettes"}
    assert client.post("/api/session/", fresh, JSON).status_code == 200
    assert client.post(reset, {"key": key, "password": "neuf-noisettes"}, JSON).status_code == 400


def test_a_guest_who_sets_a_password_anew_stays_the_guest(
    client: Client, post_office: list[Any]
) -> None:
    make_user("merle", **LOGIN)
    guest = client.post("/api/session/", content_type=JSON).json()
    client.post(f"{DOOR}/auth/password/request", {"email": LOGIN["email"]}, JSON)
    body = {"key": key_in(post_office[0], "mot-de-passe"), "password": "huit-noisettes"}
    assert client.post(f"{DOOR}/auth/password/reset", body, JSON).status_code == 200
    assert client.get("/api/me/").json() == guest


def test_an_unknown_address_gets_no_mail_and_no_other_answer(
    client: Client, post_office: list[Any]
) -> None:
    make_user("merle", **LOGIN)
    answers = [
        client.post(f"{DOOR}/auth/password/request", {"email": email}, JSON)
        for email in (LOGIN["email"], "nobody@example.org")
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert answers[0].content == answers[1].content
    assert len(post_office) == 1


def test_nobody_is_flooded_with_mails(client: Client, post_office: list[Any]) -> None:
    make_user("merle", **LOGIN)
    statuses = [
        client.post(f"{DOOR}/auth/password/request", {"email": LOGIN["email"]}, JSON).status_code
        for _ in range(7)
    ]
    assert statuses == [200] * 5 + [429] * 2


def test_the_doors_of_allauth_are_these_and_no_other() -> None:
    addresses = {str(pattern.pattern) for pattern in allauth_urls.urlpatterns}
    assert addresses == {
        "config",
        "auth/password/request",
        "auth/password/reset",
        "auth/email/verify",
    }
    mounted = [str(pattern.pattern) for pattern in get_resolver().url_patterns]
    assert [path for path in mounted if "allauth" in path] == ["_allauth/browser/v1/"]


@pytest.mark.parametrize(
    "address",
    ["auth/signup", "auth/login", "auth/session", "account/email", "account/password/change"],
)
def test_allauths_own_ways_in_are_closed(client: Client, address: str) -> None:
    response = client.post(f"{DOOR}/{address}", LOGIN, JSON)
    assert (response.status_code, response.json()["type"]) == (404, "/problems/not-found")
    assert not User.objects.exists()


def test_a_door_needs_the_token() -> None:
    client = Client(enforce_csrf_checks=True)
    refused = client.post(f"{DOOR}/auth/password/request", {"email": LOGIN["email"]}, JSON)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/forbidden")
    token = client.get(f"{DOOR}/config").cookies["csrftoken"].value
    headers = {"X-CSRFToken": token}
    address, body = f"{DOOR}/auth/password/request", {"email": LOGIN["email"]}
    assert client.post(address, body, JSON, headers=headers).status_code == 200
