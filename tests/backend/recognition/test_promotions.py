"""promote, previous_champion, install_bundle: which model serves, and who was there before."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from backend.recognition.models import ModelVersion, Promotion
from backend.recognition.services import install_bundle, previous_champion, promote
from tests.factories import make_bundle, make_user

pytestmark = pytest.mark.django_db

Role, Reason = ModelVersion.Role, Promotion.Reason


def install(tmp_path: Path, version: str, *, role: ModelVersion.Role | None = None) -> ModelVersion:
    padding = 1 + ModelVersion.objects.count()
    bundle = make_bundle(tmp_path / version, version=version, padding=padding)
    return install_bundle(bundle.folder, role=role)[0]


def serving() -> ModelVersion:
    return ModelVersion.objects.champions().get()


def release(folder: Path) -> None:
    """What each release runs."""
    call_command("install_bundles", bundles=folder, verbosity=0, stdout=StringIO())


def test_a_seed_s_promotion_is_written_down(tmp_path: Path) -> None:
    seed = install(tmp_path, "2030.1.1")
    row = Promotion.objects.get()
    assert (row.version, row.previous, row.reason, row.by) == (seed, None, "seed", None)


def test_who_serves_and_who_chose_is_written_down(tmp_path: Path) -> None:
    seed, chooser = install(tmp_path, "2030.1.1"), make_user("pie")
    trained = install(tmp_path, "2030.2.1", role=Role.CHALLENGER)
    assert serving() == seed
    promote(trained, reason=Reason.HUMAN, by=chooser)
    seed.refresh_from_db()
    assert (serving(), trained.role, seed.role) == (trained, Role.CHAMPION, Role.NONE)
    assert not ModelVersion.objects.filter(role=Role.CHALLENGER).exists()
    row = Promotion.objects.latest("pk")
    assert (row.version, row.previous, row.reason, row.by) == (trained, seed, "human", chooser)


def test_who_serves_is_not_promoted_again(tmp_path: Path) -> None:
    seed = install(tmp_path, "2030.1.1")
    promote(seed, reason=Reason.HUMAN)
    assert (serving(), Promotion.objects.count()) == (seed, 1)


@pytest.mark.parametrize("role", [Role.CHALLENGER, Role.NONE])
def test_what_was_trained_does_not_serve_by_itself(tmp_path: Path, role: ModelVersion.Role) -> None:
    first = install(tmp_path, "2030.1.1", role=role)
    assert first.role == role
    assert not ModelVersion.objects.champions().exists()
    assert not Promotion.objects.exists()


def test_a_new_challenger_takes_the_place_of_the_old(tmp_path: Path) -> None:
    old = install(tmp_path, "2030.1.1", role=Role.CHALLENGER)
    held = install(tmp_path, "2030.2.1", role=Role.NONE)
    new = install(tmp_path, "2030.3.1", role=Role.CHALLENGER)
    for version, role in ((old, Role.NONE), (held, Role.NONE), (new, Role.CHALLENGER)):
        version.refresh_from_db()
        assert version.role == role


def test_a_registered_bundle_keeps_its_role(tmp_path: Path) -> None:
    version = install(tmp_path, "2030.1.1", role=Role.NONE)
    for role in (None, Role.CHALLENGER):
        assert install_bundle(tmp_path / "2030.1.1", role=role) == (version, False)
    version.refresh_from_db()
    assert version.role == Role.NONE


def test_rolling_back_goes_step_by_step_and_never_to_and_fro(tmp_path: Path) -> None:
    first, second, third = (install(tmp_path, f"2030.{n}.1") for n in (1, 2, 3))
    assert previous_champion(third) == second
    promote(second, reason=Reason.ROLL_BACK)
    assert previous_champion(second) == first
    promote(first, reason=Reason.ROLL_BACK)
    assert previous_champion(first) is None
    promote(third, reason=Reason.HUMAN)
    assert previous_champion(third) == first


def test_a_clock_that_was_set_back_changes_no_history(tmp_path: Path) -> None:
    first, second, third = (install(tmp_path, f"2030.{n}.1") for n in (1, 2, 3))
    for n, version in enumerate((third, second, first)):
        past = timezone.now() - timedelta(days=100 - n)
        Promotion.objects.filter(version=version).update(created_at=past)
        ModelVersion.objects.filter(pk=version.pk).update(promoted_at=past)
    assert previous_champion(third) == second
    assert previous_champion(second) == first


def test_a_version_that_never_served_has_nobody_before_it(tmp_path: Path) -> None:
    install(tmp_path, "2030.1.1")
    assert previous_champion(install(tmp_path, "2030.2.1", role=Role.NONE)) is None


def test_a_release_does_not_replace_what_was_trained_since(tmp_path: Path) -> None:
    make_bundle(tmp_path / "seeds" / "waste" / "net", version="2030.1.1", padding=90)
    release(tmp_path / "seeds")
    trained = install(tmp_path, "2030.5.1", role=Role.CHALLENGER)
    promote(trained, reason=Reason.AUTOMATIC)
    release(tmp_path / "seeds")
    assert serving() == trained
    # A later release brings another seed, still older than what serves.
    make_bundle(tmp_path / "seeds" / "waste" / "net", version="2030.4.1", padding=91)
    release(tmp_path / "seeds")
    assert serving() == trained
    assert ModelVersion.objects.count() == 3


def test_a_release_does_not_undo_a_roll_back(tmp_path: Path) -> None:
    make_bundle(tmp_path / "seeds" / "waste" / "net", version="2030.1.1", padding=90)
    release(tmp_path / "seeds")
    seed = serving()
    trained = install(tmp_path, "2030.5.1", role=Role.CHALLENGER)
    promote(trained, reason=Reason.HUMAN)
    promote(seed, reason=Reason.ROLL_BACK, by=make_user("pie"))
    release(tmp_path / "seeds")
    assert serving() == seed
    # Nor that of a seed which was itself gone back from.
    make_bundle(tmp_path / "seeds" / "waste" / "net", version="2030.6.1", padding=91)
    release(tmp_path / "seeds")
    promote(seed, reason=Reason.ROLL_BACK)
    release(tmp_path / "seeds")
    assert serving() == seed
