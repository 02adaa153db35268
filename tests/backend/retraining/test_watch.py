"""A champion that does worse in people's hands is flagged, and flipped back when automatic."""

from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from backend.accounts.models import User
from backend.recognition.models import Capture, ModelVersion, Prediction
from backend.recognition.services import install_bundle, promote
from backend.retraining.models import Watch
from backend.retraining.watch import chance_of_losses, watch
from ml.bundle import load_bundle, write_bundle
from ml.predict import open_checked, probabilities
from ml.task import TASKS
from tests.factories import SEED, make_photo, make_user

from .conftest import Reviewed

WASTE = TASKS["waste"]


@pytest.mark.parametrize(
    ("lost", "gained", "expected"), [(0, 0, 1.0), (1, 0, 0.5), (3, 1, 5 / 16), (8, 0, 1 / 256)]
)
def test_the_chance_of_losses(lost: int, gained: int, expected: float) -> None:
    assert chance_of_losses(lost, gained) == pytest.approx(expected)


@pytest.fixture
def short_sighted(champion: ModelVersion, tmp_path: Path) -> ModelVersion:
    """The seed's successor, which looks at a small piece of each photo: a worse champion."""
    seed = load_bundle(SEED)
    card = replace(seed.card, version="2030.1.1", input=replace(seed.card.input, crop=0.1))
    folder = tmp_path / "short"
    write_bundle(folder, model=seed.model.read_bytes() + b"\0", card=card)
    version, _ = install_bundle(folder, role=ModelVersion.Role.CHALLENGER)
    promote(version, reason="automatic")
    return version


@pytest.fixture
def people_say_so(short_sighted: ModelVersion, reviewed: Reviewed) -> list[Capture]:
    """Photos on which the two differ; people say what the earlier one says."""
    seed, short = (open_checked(load_bundle(Path(f))) for f in (SEED, _folder(short_sighted)))
    user = make_user("p", consents=("store", "train"))
    captures = []
    for number in range(200):
        photo = make_photo(seed=number, quality=92)
        before, now = (int(probabilities(e, photo).argmax()) for e in (seed, short))
        if before != now and len(captures) < 8:
            captures.append(reviewed(user, WASTE.labels[before], seed=number))
    assert len(captures) == 8
    return captures


def _folder(version: ModelVersion) -> Path:
    return Path(version.file.path).parent


def test_a_worse_champion_is_flagged(
    people_say_so: list[Capture], short_sighted: ModelVersion
) -> None:
    out = StringIO()
    call_command("watch", stdout=out)
    seen = Watch.objects.get()
    assert (seen.version, seen.n, seen.lost, seen.gained) == (short_sighted, 8, 8, 0)
    assert seen.flagged and not seen.rolled_back
    assert "FLAGGED" in out.getvalue()
    assert ModelVersion.objects.champions().get() == short_sighted


def test_it_is_flipped_back_where_nobody_has_to_click(
    people_say_so: list[Capture], champion: ModelVersion, settings: Any
) -> None:
    settings.AUTO_PROMOTE = True
    seen = watch(WASTE, "net")
    assert seen is not None and seen.rolled_back
    assert ModelVersion.objects.champions().get() == champion
    assert watch(WASTE, "net") is None  # nothing stands before the seed


def test_unreviewed_corrections_raise_a_flag_but_flip_nothing(
    short_sighted: ModelVersion, champion: ModelVersion, reviewed: Reviewed, settings: Any
) -> None:
    """Anybody can send corrections: a flood of them must not bring a model down."""
    settings.AUTO_PROMOTE = True
    attacker = make_user("loud", consents=("store", "train"))
    for number in range(12):
        capture = reviewed(attacker, "metal", seed=number, status="pending")
        for version, label in ((short_sighted, "verre"), (champion, "metal")):
            Prediction.objects.create(
                capture=capture,
                model_version=version,
                origin="server",
                label=label,
                score=0.9,
                scores=[],
            )
    seen = watch(WASTE, "net")
    assert seen is not None
    assert (seen.wrong_rate, seen.wrong_rate_before, seen.n) == (1.0, 0.0, 0)
    assert seen.flagged and not seen.rolled_back
    assert ModelVersion.objects.champions().get() == short_sighted


def test_one_champion_alone_is_not_compared(champion: ModelVersion, people: list[User]) -> None:
    assert watch(WASTE, "net") is None
    out = StringIO()
    call_command("watch", stdout=out)
    assert "no earlier champion" in out.getvalue()
