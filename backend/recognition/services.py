"""task_named, recognise (keeps nothing), install_bundle, promote."""

import re
from collections.abc import Sequence
from pathlib import Path

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from ml.bundle import CARD, load_bundle
from ml.predict import Answer, open_checked, predict
from ml.task import TASKS, Task

from .champions import champion
from .models import ModelVersion


class UnknownTask(Exception):
    """No recogniser has this name."""


class VersionTaken(Exception):
    """Another file already bears this version."""


def task_named(name: str) -> Task:
    """Look a task up by the name a URL gave."""
    try:
        return TASKS[name]
    except KeyError:
        raise UnknownTask(name) from None


def recognise(task: Task, data: bytes, *, engines: Sequence[str]) -> list[Answer]:
    """Let each engine answer, in this order; nothing is kept.

    Raises
    ------
    BadInput
        If nobody could recognise these bytes.
    Busy
        If an engine did not come free in time.
    NoModel, BadBundle
        If an engine has no model that can be opened.
    """
    answers = []
    for name in engines:
        with champion(task.name, name) as engine:
            answers.append(predict(engine, data))
    return answers


@transaction.atomic
def install_bundle(folder: Path) -> tuple[ModelVersion, bool]:
    """Register a bundle once; it serves unless a version as new already does.

    Returns
    -------
    the version, and whether it was registered by this call

    Raises
    ------
    BadBundle
        If the folder is not a whole bundle, or its self-test fails on this machine.
    VersionTaken
        If other bytes were registered under the same version.
    """
    bundle = load_bundle(folder)
    card = bundle.card
    if known := ModelVersion.objects.filter(sha256=card.sha256).first():
        return known, False
    same = ModelVersion.objects.filter(task=card.task, engine=card.engine)
    if same.filter(version=card.version).exists():
        raise VersionTaken(f"{card.task}/{card.engine} {card.version} is already another file")
    open_checked(bundle)
    version = ModelVersion(
        task=card.task,
        engine=card.engine,
        version=card.version,
        sha256=card.sha256,
        card=card.to_json(),
        metrics=dict(card.metrics),
        size_bytes=card.size_bytes,
    )
    version.file.name = _store(bundle.model, card.sha256)
    _store(folder / CARD, card.sha256)
    version.save()
    serving = same.filter(role=ModelVersion.Role.CHAMPION).first()
    if serving is None or _age(serving.version) < _age(version.version):
        promote(version)
    return version, True


@transaction.atomic
def promote(version: ModelVersion) -> None:
    """Let a version serve; who served before steps back."""
    ModelVersion.objects.champions().filter(task=version.task, engine=version.engine).update(
        role=ModelVersion.Role.NONE
    )
    version.role = ModelVersion.Role.CHAMPION
    version.promoted_at = timezone.now()
    version.save(update_fields=["role", "promoted_at"])


def _store(path: Path, sha256: str) -> str:
    """Copy a file of a bundle into storage, over what an earlier, broken copy left there."""
    name = f"models/{sha256}/{path.name}"
    default_storage.delete(name)
    with path.open("rb") as file:
        return default_storage.save(name, File(file))


def _age(version: str) -> tuple[int, ...]:
    """Order `2026.9.1` before `2026.47.1`."""
    return tuple(int(part) for part in re.findall(r"\d+", version))
