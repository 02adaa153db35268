"""me/login/: a way back. Logging in carries a guest's own over to the account."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.files.base import ContentFile
from django.test import Client

from backend.accounts.api import LoginThrottle
from backend.accounts.models import Session, User
from backend.recognition.models import Capture, Correction
from tests.factories import make_capture, make_photo, make_user

pytestmark = pytest.mark.django_db

JSON = "application/json"
LOGIN = {"email": "merle@example.org", "password": "sept-noisettes"}


def attach(client: Client, **changes: str) -> Any:
    return client.put("/api/me/login/", LOGIN | changes, content_type=JSON)


def log_in(client: Client, **changes: str) -> Any:
    return client.post("/api/session/", LOGIN | changes, content_type=JSON)


def slug(response: Any) -> str:
    return str(response.json()["type"]).removeprefix("/problems/")


def test_a_login_makes_a_way_back(client: Client) -> None:
    pseudonym = client.post("/api/session/", content_type=JSON).json()["pseudonym"]
    response = attach(client, email="Merle@Example.org")
    assert (response.status_code, response.json()["email"]) == (200, "merle@example.org")
    assert client.get("/api/me/").status_code == 200
    assert log_in(Client()).json()["pseudonym"] == pseudonym


def test_attaching_twice_is_attaching_once(client: Client) -> None:
    client.post("/api/session/", content_type=JSON)
    assert [attach(client).status_code for _ in range(2)] == [200, 200]
    address = EmailAddress.objects.get()
    assert (address.email, address.primary, address.verified) == (LOGIN["email"], True, False)


@pytest.mark.parametrize("password", ["noix", "1234567890", "password", "merle@example.org"])
def test_a_password_that_is_guessed_is_malformed(client: Client, password: str) -> None:
    client.post("/api/session/", content_type=JSON)
    response = attach(client, password=password)
    assert (response.status_code, slug(response)) == (400, "malformed")
    assert {error["pointer"] for error in response.json()["errors"]} == {"/password"}
    assert client.get("/api/me/").json()["email"] is None
    assert not EmailAddress.objects.exists()


def test_two_people_do_not_share_an_address(client: Client) -> None:
    make_user("pie", **LOGIN)
    client.post("/api/session/", content_type=JSON)
    response = attach(client, email="MERLE@example.org", password="huit-noisettes")
    assert (response.status_code, slug(response)) == (409, "email-taken")
    assert client.get("/api/me/").json()["email"] is None


def test_an_address_that_somebody_proved_is_theirs(client: Client) -> None:
    EmailAddress.objects.create(user=make_user("pie"), email=LOGIN["email"], verified=True)
    client.post("/api/session/", content_type=JSON)
    assert slug(attach(client)) == "email-taken"


def test_a_login_changes_only_for_who_knows_it(client: Client) -> None:
    client.post("/api/session/", content_type=JSON)
    attach(client)
    other_phone = Client()
    log_in(other_phone)
    changed = {"email": "pie@example.org", "password": "huit-noisettes"}
    for guess in ({}, {"current_password": "neuf-noisettes"}):
        response = attach(client, **changed, **guess)
        assert (response.status_code, slug(response)) == (403, "wrong-login")
    assert attach(client, **changed, current_password=LOGIN["password"]).status_code == 200
    assert client.get("/api/me/").json()["email"] == "pie@example.org"
    assert other_phone.get("/api/me/").status_code == 403
    assert [address.email for address in EmailAddress.objects.all()] == ["pie@example.org"]
    assert slug(log_in(Client())) == "wrong-login"
    assert log_in(Client(), **changed).status_code == 200


def test_staff_without_an_address_show_their_password_too(client: Client) -> None:
    client.force_login(make_user("chef", password="cent-noisettes", is_staff=True))
    assert slug(attach(client)) == "wrong-login"
    assert attach(client, current_password="cent-noisettes").status_code == 200


def test_an_address_attaches_only_so_many_logins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LoginThrottle, "THROTTLE_RATES", {"join": "3/hour"})
    client = Client()
    client.post("/api/session/", content_type=JSON)
    statuses = [attach(client).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_without_a_session_there_is_nobody_to_attach_to(client: Client) -> None:
    response = attach(client)
    assert (response.status_code, slug(response)) == (403, "no-session")


def test_what_a_guest_did_becomes_the_accounts(
    client: Client, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    account = make_user("merle", **LOGIN)
    client.post("/api/session/", content_type=JSON)
    client.put("/api/me/consents/store/", {"granted": True}, content_type=JSON)
    guest = User.objects.exclude(pk=account.pk).get()
    capture = make_capture(guest, label="verre", file=ContentFile(make_photo(), "photo.jpg"))
    correction = capture.corrections.get()

    with django_capture_on_commit_callbacks(execute=True):
        response = log_in(client)
    assert (response.status_code, response.json()["pseudonym"]) == (200, "merle")
    assert response.json()["consents"]["store"]["granted"] is True
    capture.refresh_from_db()
    correction.refresh_from_db()
    assert (capture.user, correction.author) == (account, account)
    assert capture.file.storage.exists(capture.file.name)
    assert list(User.objects.all()) == [account]
    assert [session.user for session in Session.objects.all()] == [account]


def test_of_two_corrections_of_one_capture_the_accounts_stays(client: Client) -> None:
    account, guest, owner = make_user("merle", **LOGIN), make_user("grive"), make_user("pie")
    disputed, other = make_capture(owner), make_capture(owner)
    Correction.objects.create(capture=disputed, author=account, label="verre")
    Correction.objects.create(capture=disputed, author=guest, label="metal")
    Correction.objects.create(capture=other, author=guest, label="carton")
    client.force_login(guest)
    assert log_in(client).status_code == 200
    corrections = Correction.objects.order_by("label").values_list("capture", "author", "label")
    assert list(corrections) == [
        (other.pk, account.pk, "carton"),
        (disputed.pk, account.pk, "verre"),
    ]


def test_last_words_that_do_not_go_together_are_put_right(client: Client) -> None:
    guest = make_user("grive", consents=["store", "train"])
    account = make_user("merle", **LOGIN)
    account.consents.create(purpose="store", granted=False, text_version="2026-11")
    client.force_login(guest)
    log_in(client)
    assert (account.consents_to("store"), account.consents_to("train")) == (False, False)


def test_an_account_is_never_carried_into_another(client: Client) -> None:
    make_user("merle", **LOGIN)
    pie = make_user("pie", email="pie@example.org", password="huit-noisettes")
    capture = make_capture(pie)
    client.force_login(pie)
    assert log_in(client).json()["pseudonym"] == "merle"
    capture.refresh_from_db()
    assert capture.user == pie


def test_a_wrong_login_carries_nothing_over(client: Client) -> None:
    make_user("merle", **LOGIN)
    guest = make_user("grive")
    make_capture(guest)
    client.force_login(guest)
    assert log_in(client, password="huit-noisettes").status_code == 403
    assert Capture.objects.get().user == guest
