"""User: pseudonymous, and the database refuses what must not be."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from backend.accounts.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_a_person_needs_a_pseudonym_only_and_cannot_log_in() -> None:
    user = make_user("mésange")
    assert (user.email, user.locale, user.is_staff) == (None, "fr", False)
    assert not user.has_usable_password()
    make_user("merle")  # a second one without an email


@pytest.mark.parametrize(
    ("pseudonym", "fields"),
    [
        ("merle", {}),
        ("", {}),
        ("pie", {"email": "Pie@example.org"}),
        ("pie", {"email": ""}),
        ("pie", {"email": "merle@example.org"}),
        ("pie", {"locale": "de"}),
        ("pie", {"locale": None}),
        (None, {}),
    ],
)
def test_a_bad_row_is_refused(pseudonym: str, fields: dict[str, str]) -> None:
    make_user("merle", email="merle@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_user(pseudonym, **fields)


def test_createsuperuser_makes_a_login_for_the_admin(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "un mot de passe")
    call_command("createsuperuser", interactive=False, pseudonym="chef", stdout=StringIO())
    assert User.objects.get(pseudonym="chef").is_superuser
    login = {"username": "chef", "password": "un mot de passe", "next": "/admin/"}
    assert client.post("/admin/login/", login).status_code == 302
    for page in ("waste/sortingrule/", "waste/product/", "recognition/modelversion/"):
        assert client.get(f"/admin/{page}").status_code == 200
