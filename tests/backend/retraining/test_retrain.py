"""retrain: what it admits, what it refuses, and that whatever happens nothing is lost."""

import fcntl
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from backend.accounts.models import User
from backend.accounts.services import erase_person
from backend.recognition.models import Capture, ModelVersion
from backend.retraining import services
from backend.retraining.models import RetrainingRun
from backend.retraining.services import AlreadyRunning, NothingNew, next_version, retrain
from backend.retraining.snapshot import draft, freeze
from ml.manifest import write_manifest
from ml.task import TASKS

from .conftest import Reviewed

WASTE = TASKS["waste"]
Trainer = Callable[..., None]


@pytest.fixture(autouse=True)
def serving(champion: ModelVersion) -> ModelVersion:
    return champion


def unchanged(serving: ModelVersion) -> bool:
    """The champion, its file and every capture are as they were."""
    champions = list(ModelVersion.objects.champions())
    files = [Path(capture.file.path).is_file() for capture in Capture.objects.all()]
    return champions == [serving] and Path(serving.file.path).is_file() and all(files)


def test_a_challenger_that_passes_waits_for_a_click(
    people: list[User], trainer: Trainer, serving: ModelVersion, home: Path
) -> None:
    trainer(True)
    run = retrain(WASTE, "net")
    assert run.status == "passed" and unchanged(serving)
    assert run.challenger is not None and run.challenger.role == "challenger"
    assert run.gate["checks"][0]["measured"] == 0.01
    assert "trained on 116 items" in run.log
    # Nothing of the photos stays beside the training.
    assert not (home / "retraining/waste-net/data").exists()


def test_one_that_is_held_is_kept_for_reading(
    people: list[User], trainer: Trainer, serving: ModelVersion
) -> None:
    trainer(False)
    run = retrain(WASTE, "net")
    assert run.status == "held" and unchanged(serving)
    assert run.challenger is not None and run.challenger.role == "none"


def test_it_serves_at_once_where_the_team_said_so(
    people: list[User], trainer: Trainer, settings: Any
) -> None:
    trainer(True)
    settings.AUTO_PROMOTE = True
    run = retrain(WASTE, "net")
    assert list(ModelVersion.objects.champions()) == [run.challenger]


def test_nothing_new_is_no_run(people: list[User], trainer: Trainer, reviewed: Reviewed) -> None:
    trainer(True)
    retrain(WASTE, "net")
    with pytest.raises(NothingNew, match="nothing new"):
        retrain(WASTE, "net", force=True)
    reviewed(people[0], "papier", seed=4000)
    with pytest.raises(NothingNew, match="1 of 4 new items"):
        retrain(WASTE, "net")
    assert RetrainingRun.objects.count() == 1


def test_no_capture_yet_is_no_run(db: None, trainer: Trainer) -> None:
    trainer(True)
    with pytest.raises(NothingNew):
        retrain(WASTE, "net")


def test_two_at_once_are_one(
    people: list[User], trainer: Trainer, serving: ModelVersion, home: Path
) -> None:
    trainer(True)
    folder = home / "retraining/waste-net"
    folder.mkdir(parents=True)
    with (folder / "lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(AlreadyRunning):
            retrain(WASTE, "net")
        with pytest.raises(CommandError) as refused:
            call_command("retrain", "waste")
        assert refused.value.returncode == 75
    assert not RetrainingRun.objects.exists() and unchanged(serving)
    assert retrain(WASTE, "net").status == "passed"


def _running(host: str) -> RetrainingRun:
    snapshot = freeze(WASTE, draft(WASTE))
    return RetrainingRun.objects.create(
        task="waste", engine="net", snapshot=snapshot, seed=1, host=host
    )


def test_a_run_that_was_killed_is_closed_and_taken_up(people: list[User], trainer: Trainer) -> None:
    trainer(True)
    dead = _running(socket.gethostname())
    again = retrain(WASTE, "net")
    dead.refresh_from_db()
    assert (dead.status, dead.error) == ("failed", "interrupted")
    assert again.status == "passed" and again.snapshot == dead.snapshot


def test_what_a_killed_run_copied_goes_though_nothing_is_new(
    db: None, trainer: Trainer, home: Path
) -> None:
    """People may have erased their photos since."""
    trainer(True)
    left = home / "retraining/waste-net/data/captures"
    left.mkdir(parents=True)
    (left / "photo.jpg").write_bytes(b"photo")
    with pytest.raises(NothingNew):
        retrain(WASTE, "net")
    assert not left.exists()


def test_features_of_an_erased_photo_go_though_nothing_is_new(
    people: list[User], trainer: Trainer, home: Path
) -> None:
    trainer(True)
    retrain(WASTE, "net")
    work = home / "retraining/waste-net/work"
    work.mkdir()
    # What a training leaves: the list of what it learned from, and its features.
    write_manifest(work / "manifest.jsonl", draft(WASTE).items)
    with pytest.raises(NothingNew):
        retrain(WASTE, "net")
    assert work.exists()
    erase_person(people[0])
    with pytest.raises(NothingNew):
        retrain(WASTE, "net")
    assert not work.exists()


def test_a_run_on_another_machine_is_left_alone_until_somebody_says_so(
    people: list[User], trainer: Trainer
) -> None:
    trainer(True)
    far = _running("elsewhere")
    with pytest.raises(AlreadyRunning, match="elsewhere"):
        retrain(WASTE, "net")
    out = StringIO()
    call_command("retrain", "waste", abandon=far.pk, stdout=out)
    far.refresh_from_db()
    assert far.status == "failed" and "✓ macro-F1" in out.getvalue()


def _fails(error: Exception) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail


def _tampered(bundle: Path) -> None:
    model = bundle / "model.tflite"
    model.write_bytes(model.read_bytes()[:-1] + b"\7")


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ("_train", "No space left"),
        ("judge", "No space left"),
        ("install_bundle", "No space left"),
    ],
)
def test_a_full_disk_fails_the_run_and_nothing_else(
    people: list[User],
    trainer: Trainer,
    serving: ModelVersion,
    monkeypatch: pytest.MonkeyPatch,
    part: str,
    says: str,
) -> None:
    trainer(True)
    monkeypatch.setattr(services, part, _fails(OSError(28, "No space left on device")))
    run = retrain(WASTE, "net")
    assert run.status == "failed" and says in run.error
    assert unchanged(serving) and ModelVersion.objects.count() == 1
    monkeypatch.undo()


def test_a_tampered_bundle_is_not_registered(
    people: list[User],
    trainer: Trainer,
    serving: ModelVersion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trainer(True)
    honest = services._train

    def train(run: RetrainingRun, data: Path, out: Path, *rest: Any) -> None:
        honest(run, data, out, *rest)
        _tampered(out)

    monkeypatch.setattr(services, "_train", train)
    run = retrain(WASTE, "net")
    assert run.status == "failed" and "altered-model" in run.error
    assert unchanged(serving) and ModelVersion.objects.count() == 1


def test_a_bundle_of_another_snapshot_is_not_judged(
    people: list[User], trainer: Trainer, reviewed: Reviewed, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer(True)
    honest = services._train

    def train(run: RetrainingRun, *rest: Any) -> None:
        run.snapshot.sha256 = "f" * 64
        honest(run, *rest)
        run.snapshot.refresh_from_db()

    monkeypatch.setattr(services, "_train", train)
    run = retrain(WASTE, "net")
    assert run.status == "failed" and "another snapshot" in run.error


@pytest.mark.train
def test_a_training_that_fails_leaves_its_log(
    people: list[User], serving: ModelVersion, settings: Any
) -> None:
    settings.TRAIN_OPTIONS = ["--weights", "nowhere.h5"]
    with pytest.raises(CommandError, match="no weights at nowhere.h5"):
        call_command("retrain", "waste")
    run = RetrainingRun.objects.get()
    assert run.status == "failed" and "nowhere.h5" in run.log and unchanged(serving)


@pytest.mark.parametrize(
    ("known", "today", "expected"),
    [
        ([], datetime(2026, 11, 25, tzinfo=UTC), "2026.48.1"),
        (["2026.47.2"], datetime(2026, 11, 25, tzinfo=UTC), "2026.48.1"),
        (["2026.48.1", "2026.48.9"], datetime(2026, 11, 25, tzinfo=UTC), "2026.48.10"),
        # A clock set back two years makes no version older than what serves.
        (["2026.48.1"], datetime(2024, 1, 3, tzinfo=UTC), "2026.48.2"),
    ],
)
def test_a_new_version_is_above_every_other_whatever_the_clock_says(
    db: None, monkeypatch: pytest.MonkeyPatch, known: list[str], today: datetime, expected: str
) -> None:
    ModelVersion.objects.all().delete()
    for number, version in enumerate(known):
        ModelVersion.objects.create(
            task="waste",
            engine="net",
            version=version,
            sha256=f"{number:064x}",
            file="f",
            card={},
            metrics={},
            size_bytes=1,
        )
    monkeypatch.setattr(services.timezone, "now", lambda: today)
    assert next_version("waste", "net") == expected
