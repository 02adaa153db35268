"""Promotion is one human click, going back is one command, and both leave their trace."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from backend.accounts.models import User
from backend.recognition.models import ModelVersion, Promotion
from backend.retraining.models import RetrainingRun
from backend.retraining.services import NotAdmitted, promote_challenger, retrain, roll_back
from ml.task import TASKS
from tests.factories import make_user, register_seeds

WASTE = TASKS["waste"]


@pytest.fixture
def run(people: list[User], champion: ModelVersion, trainer: Callable[..., None]) -> RetrainingRun:
    trainer(True)
    return retrain(WASTE, "net")


@pytest.fixture
def chief(client: Client) -> User:
    user = User.objects.create_superuser("cheffe")
    client.force_login(user)
    return user


def serving() -> ModelVersion:
    return ModelVersion.objects.champions().get(task="waste")


def test_a_click_promotes_and_another_goes_back(
    client: Client, chief: User, run: RetrainingRun, champion: ModelVersion
) -> None:
    page = client.get(reverse("admin:retraining_retrainingrun_change", args=[run.pk]))
    assert "macro-F1" in page.content.decode() and "Mettre en service" in page.content.decode()
    client.post(reverse("admin:promote-challenger", args=[run.pk]))
    assert serving() == run.challenger
    assert client.get("/api/models/").json()[0]["version"] == serving().version
    page = client.get(reverse("admin:retraining_retrainingrun_change", args=[run.pk]))
    assert "Revenir au modèle d’avant" in page.content.decode()
    client.post(reverse("admin:roll-back", args=[run.pk]))
    assert serving() == champion
    history = Promotion.objects.order_by("pk").values_list("reason", "by__pseudonym")
    assert list(history) == [("seed", None), ("human", "cheffe"), ("roll_back", "cheffe")]


@pytest.mark.parametrize("action", ["promote-challenger", "roll-back"])
def test_only_who_may_changes_what_serves(
    client: Client, run: RetrainingRun, champion: ModelVersion, action: str
) -> None:
    url = reverse(f"admin:{action}", args=[run.pk])
    assert client.post(url).status_code == 302  # to the login
    client.force_login(make_user("curieuse", is_staff=True))
    assert client.post(url).status_code == 403
    client.force_login(User.objects.create_superuser("cheffe"))
    assert client.get(url).status_code == 405
    assert serving() == champion


def test_a_held_challenger_cannot_be_promoted(
    people: list[User], champion: ModelVersion, trainer: Callable[..., None]
) -> None:
    trainer(False)
    run = retrain(WASTE, "net")
    with pytest.raises(NotAdmitted):
        promote_challenger(run, by=None)
    User.objects.create_superuser("cheffe")
    with pytest.raises(CommandError, match="no challenger"):
        call_command("promote", "waste", by="cheffe")
    assert serving() == champion


def test_the_same_from_a_shell(run: RetrainingRun, champion: ModelVersion) -> None:
    User.objects.create_superuser("cheffe")
    with pytest.raises(CommandError):
        call_command("promote", "waste", by="p0")  # not of the team
    call_command("promote", "waste", by="cheffe", stdout=StringIO())
    assert serving() == run.challenger
    out = StringIO()
    call_command("roll_back", "waste", stdout=out)
    assert serving() == champion and champion.version in out.getvalue()
    with pytest.raises(CommandError, match="no earlier champion"):
        call_command("roll_back", "waste")


def test_a_release_does_not_undo_what_people_decided(
    run: RetrainingRun, champion: ModelVersion
) -> None:
    promote_challenger(run, by=None)
    call_command("install_bundles", stdout=StringIO())
    assert serving() == run.challenger
    roll_back(WASTE, "net")
    call_command("install_bundles", stdout=StringIO())
    assert serving() == champion


def test_a_promotion_that_dies_half_way_changes_nothing(
    run: RetrainingRun, champion: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ModelVersion, "save", die)
    with pytest.raises(KeyboardInterrupt):
        promote_challenger(run, by=None)
    monkeypatch.undo()
    assert serving() == champion and Promotion.objects.count() == 1


def test_readyz_says_how_the_last_training_ended(client: Client, run: RetrainingRun) -> None:
    register_seeds()
    said = client.get("/readyz").json()["last_training"]
    assert (said["task"], said["engine"], said["status"]) == ("waste", "net", "passed")
    assert said["age_h"] < 1
