"""me/consents/: two purposes, each asked for itself, revocable, and never rewritten."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from backend.accounts.models import Consent, User
from backend.accounts.services import give_consent, withdraw_consent
from tests.factories import make_user

JSON = "application/json"


def say(client: Client, purpose: str, granted: bool, **more: str) -> tuple[int, dict[str, object]]:
    body = {"granted": granted, **more}
    response = client.put(f"/api/me/consents/{purpose}/", body, content_type=JSON)
    return response.status_code, response.json()


def said(user: User) -> list[tuple[str, bool]]:
    return list(user.consents.order_by("pk").values_list("purpose", "granted"))


@pytest.fixture
def merle(client: Client, db: None) -> User:
    user = make_user("merle")
    client.force_login(user)
    return user


def test_silence_is_no(client: Client, merle: User) -> None:
    assert client.get("/api/me/").json()["consents"] == {"store": None, "train": None}
    assert not merle.consents_to("store")


def test_a_yes_is_written_down_with_its_text_and_its_time(client: Client, merle: User) -> None:
    status, answer = say(client, "store", True, text_version="2026-11")
    assert status == 200
    assert answer == {
        "purpose": "store",
        "granted": True,
        "text_version": "2026-11",
        "at": answer["at"],
    }
    assert client.get("/api/me/").json()["consents"] == {"store": answer, "train": None}
    assert merle.consents_to("store")


def test_the_same_word_again_writes_nothing(client: Client, merle: User) -> None:
    for granted in (True, True, False, False):
        say(client, "store", granted)
    assert said(merle) == [("store", True), ("store", False)]


def test_a_yes_to_a_new_text_is_a_new_word(client: Client, merle: User) -> None:
    for version in ("2026-11", "2027-01", "2027-01"):
        assert say(client, "store", True, text_version=version)[0] == 200
    assert list(merle.consents.values_list("text_version", flat=True)) == ["2027-01", "2026-11"]


def test_who_may_not_keep_may_not_learn(client: Client, merle: User) -> None:
    status, problem = say(client, "train", True)
    assert (status, problem["type"]) == (409, "/problems/store-first")
    assert said(merle) == []
    say(client, "store", True)
    assert say(client, "train", True)[0] == 200


def test_a_no_to_keeping_is_a_no_to_learning(client: Client, merle: User) -> None:
    say(client, "store", True)
    say(client, "train", True)
    say(client, "store", False)
    assert said(merle)[2:] == [("train", False), ("store", False)]
    assert not User.objects.consenting("train").exists()
    say(client, "store", True)
    assert not merle.consents_to("train")


def test_a_no_to_learning_leaves_what_is_kept(client: Client, merle: User) -> None:
    say(client, "store", True)
    say(client, "train", True)
    say(client, "train", False)
    assert (merle.consents_to("store"), merle.consents_to("train")) == (True, False)


def test_the_first_no_is_a_word_too(client: Client, merle: User) -> None:
    status, answer = say(client, "train", False)
    assert (status, answer["granted"]) == (200, False)
    assert said(merle) == [("train", False)]


@pytest.mark.parametrize(
    "body", [{}, {"granted": "perhaps"}, {"granted": True, "text_version": "the new one"}]
)
def test_a_word_that_cannot_be_meant_is_malformed(
    client: Client, merle: User, body: dict[str, object]
) -> None:
    response = client.put("/api/me/consents/store/", body, content_type=JSON)
    assert (response.status_code, response.json()["type"]) == (400, "/problems/malformed")
    assert said(merle) == []


def test_no_other_purpose_exists(client: Client, merle: User) -> None:
    status, problem = say(client, "sell", True)
    assert (status, problem["type"]) == (404, "/problems/not-found")


def test_without_a_session_nobody_says_anything(client: Client, db: None) -> None:
    status, problem = say(client, "store", True)
    assert (status, problem["type"]) == (403, "/problems/no-session")
    assert not Consent.objects.exists()


@pytest.mark.django_db
def test_words_said_at_once_wait_for_each_other() -> None:
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite lets one writer in at a time")
    together = Barrier(8)

    def say_at_once(number: int) -> None:
        user = User.objects.get(pseudonym="merle")
        together.wait()
        (give_consent if number % 2 else withdraw_consent)(user, "store")

    # Threads have connections of their own and see what others committed only.
    with ThreadPoolExecutor(8) as pool:
        user = pool.submit(committed, make_user, "merle").result()
        list(pool.map(partial(committed, say_at_once), range(8)))
        words = [granted for _, granted in pool.submit(committed, said, user).result()]
        pool.submit(committed, user.delete).result()
    assert words
    assert all(one is not other for one, other in pairwise(words))


def committed(do: Callable[..., Any], *args: Any) -> Any:
    try:
        return do(*args)
    finally:
        connection.close()
