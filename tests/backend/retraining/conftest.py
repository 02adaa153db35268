"""Base photos drawn on the spot, people whose captures were reviewed, and a trainer in seconds."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from itertools import count, islice
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from backend.accounts.models import User
from backend.recognition.models import Capture, Correction
from backend.retraining import services
from backend.retraining.models import RetrainingRun
from ml.bundle import write_bundle
from ml.decode import decode_image
from ml.gate import Check, Verdict
from ml.manifest import split_of
from ml.phash import phash
from tests.factories import make_bundle, make_image, make_user
from tests.ml.train.synthetic import make_dataset

Reviewed = Callable[..., Capture]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any, db: None) -> Path:
    """A trainer's machine: base photos, a folder of its own, few captures needed."""
    make_dataset(tmp_path / "data" / "waste")
    settings.TAMIS_DATA = tmp_path / "data"
    settings.TAMIS_HOME = tmp_path / "home"
    settings.RETRAIN_MIN_NEW = 4
    return tmp_path / "home"


@pytest.fixture
def reviewed() -> Reviewed:
    """Make captures whose owner's label a reviewer accepted; every seed is another photo."""

    def make(
        user: User,
        label: str = "verre",
        *,
        seed: int = 1,
        status: str = "accepted",
        picture: Image.Image | None = None,
        **fields: Any,
    ) -> Capture:
        file = BytesIO()
        (picture or make_image(seed=seed)).save(file, "JPEG", quality=92)
        content = file.getvalue()
        digest = sha256(content).hexdigest()
        capture = Capture.objects.create(
            user=user,
            task="waste",
            file=ContentFile(content, "photo.jpg"),
            sent_sha256=digest,
            sha256=digest,
            phash=phash(decode_image(content)),
            media_type="image/jpeg",
            size_bytes=len(content),
            dataset_group=user.dataset_group,
            captured_at=timezone.now(),
            **fields,
        )
        reviewed_at = None if status == "pending" else timezone.now()
        Correction.objects.create(
            capture=capture, author=user, label=label, status=status, reviewed_at=reviewed_at
        )
        return capture

    return make


@pytest.fixture
def people(reviewed: Reviewed) -> list[User]:
    """Four people who teach, three photos each, of three materials; all of them may be learned."""
    known = []
    for number, group in enumerate(groups("train", 4)):
        user = make_user(f"p{number}", consents=("store", "train"), dataset_group=group)
        for place, label in enumerate(("verre", "metal", "carton")):
            reviewed(user, label, seed=100 * number + place)
        known.append(user)
    return known


def groups(split: str, n: int) -> list[UUID]:
    """The first groups that a hash deals to a split."""
    dealt = (group for i in count() if split_of(str(group := UUID(int=i))) == split)
    return list(islice(dealt, n))


@pytest.fixture
def trainer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[bool], None]:
    """A child process that has done its work at once, and a gate whose verdict is given.

    The bundle is whole and real (the seed under another sum); what is not run is tensorflow.
    """
    made: list[int] = []

    def train(run: RetrainingRun, data: Path, out: Path, home: Path, lock: int) -> None:
        made.append(run.pk)
        (home / "log").write_text(f"trained on {run.snapshot.n_items} items\n")
        version = services.next_version(run.task, run.engine)
        bundle = make_bundle(tmp_path / "made", version=version, padding=100 + len(made))
        training = replace(bundle.card.training, snapshot=run.snapshot.sha256)
        card = replace(bundle.card, training=training)
        shutil.rmtree(out, ignore_errors=True)
        write_bundle(out, model=bundle.model.read_bytes(), card=card)

    def judged(passed: bool = True) -> None:
        check = Check("macro-F1", 0.01 if passed else -0.02, ">= -0.005", passed, "")
        monkeypatch.setattr(services, "_train", train)
        monkeypatch.setattr(services, "judge", lambda *_, **__: Verdict(passed, (check,)))

    return judged
