"""task_named, recognise (keeps nothing), install_bundle, promote, previous_champion."""

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from ml.bundle import CARD, load_bundle
from ml.errors import BadBundle
from ml.predict import Answer, Source, open_checked, predict
from ml.task import TASKS, Task

from .champions import Busy, NoModel, champion
from .models import ModelVersion, Promotion

_log = logging.getLogger(__name__)


class UnknownTask(Exception):
    """No recogniser has this name."""


class VersionTaken(Exception):
    """Another file already bears this version."""


@dataclass(frozen=True)
class NoAnswer:
    """An engine that cannot answer now; `problem` is `no-model`, or `busy`."""

    engine: str
    problem: str
    version: str = ""
    label: None = None
    score: float = 0.0
    unsure: bool = True
    top: tuple[()] = ()
    windows: tuple[()] = ()
    latency_ms: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """One entry of the API's `answers`: that of an engine that knows nothing."""
        return asdict(self)


def task_named(name: str) -> Task:
    """Look a task up by the name a URL gave."""
    try:
        return TASKS[name]
    except KeyError:
        raise UnknownTask(name) from None


def recognise(task: Task, data: bytes, *, engines: Sequence[str]) -> list[Answer | NoAnswer]:
    """Let each engine answer, in this order; nothing is kept.

    One that cannot does not hide the others. All of them together are waited for as long as one:
    ENGINE_WAIT_S.

    Raises
    ------
    BadInput
        If nobody could recognise these bytes, or one engine knows that they are nothing of the
        kind.
    Busy, NoModel, BadBundle
        If no engine can answer; the reason is the first one's.
    """
    until = monotonic() + settings.ENGINE_WAIT_S
    source = Source(data)
    entries: list[Answer | NoAnswer] = []
    failures: list[Busy | NoModel | BadBundle] = []
    for name in engines:
        try:
            with champion(task.name, name, wait_s=max(0.0, until - monotonic())) as engine:
                entries.append(predict(engine, source))
        except (Busy, NoModel, BadBundle) as failure:
            _log.warning("%s/%s has no answer: %r", task.name, name, failure)
            failures.append(failure)
            problem = "busy" if isinstance(failure, Busy) else "no-model"
            entries.append(NoAnswer(name, problem))
    if len(failures) == len(entries):
        raise failures[0]
    return entries


@transaction.atomic
def install_bundle(
    folder: Path, *, role: ModelVersion.Role | None = None
) -> tuple[ModelVersion, bool]:
    """Register a bundle once.

    Parameters
    ----------
    role : what the new version is, CHALLENGER or NONE; an earlier challenger then steps back.
        Without a role it is a seed, and serves unless a version as new already does.

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
        role=role or ModelVersion.Role.NONE,
    )
    version.file.name = _store(bundle.model, card.sha256)
    _store(folder / CARD, card.sha256)
    held = _held_versions(version)
    if version.role == ModelVersion.Role.CHALLENGER:
        _step_back(_with_role(held, ModelVersion.Role.CHALLENGER))
    version.save()
    serving = _with_role(held, ModelVersion.Role.CHAMPION)
    if role is None and (serving is None or age_of(serving.version) < age_of(version.version)):
        promote(version, reason=Promotion.Reason.SEED)
    return version, True


@transaction.atomic
def promote(version: ModelVersion, *, reason: Promotion.Reason, by: User | None = None) -> None:
    """Let a version serve; who served before steps back, and the change is written down.

    Promotions of one engine wait for each other. Who serves already is not promoted again.
    """
    previous = _with_role(_held_versions(version), ModelVersion.Role.CHAMPION)
    if previous == version:
        return
    _step_back(previous)
    version.role = ModelVersion.Role.CHAMPION
    version.promoted_at = timezone.now()
    version.save(update_fields=["role", "promoted_at"])
    Promotion.objects.create(version=version, previous=previous, reason=reason, by=by)


def previous_champion(version: ModelVersion) -> ModelVersion | None:
    """The version that served before this one was chosen, in the order things were written.

    That it was gone back to is no choice: rolling back twice goes two steps, not to and fro.
    """
    chosen = version.promotions.exclude(reason=Promotion.Reason.ROLL_BACK)
    last = chosen.select_related("previous").order_by("-pk").first()
    return last.previous if last is not None else None


def age_of(version: str) -> tuple[int, ...]:
    """Order `2026.9.1` before `2026.47.1`."""
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _held_versions(version: ModelVersion) -> list[ModelVersion]:
    """Hold the rows of one engine until the transaction ends."""
    same = ModelVersion.objects.filter(task=version.task, engine=version.engine)
    return list(same.select_for_update(no_key=True).order_by("pk"))


def _with_role(versions: Iterable[ModelVersion], role: ModelVersion.Role) -> ModelVersion | None:
    return next((version for version in versions if version.role == role), None)


def _step_back(version: ModelVersion | None) -> None:
    if version is not None:
        version.role = ModelVersion.Role.NONE
        version.save(update_fields=["role"])


def _store(path: Path, sha256: str) -> str:
    """Copy a file of a bundle into storage, over what an earlier, broken copy left there."""
    name = f"models/{sha256}/{path.name}"
    default_storage.delete(name)
    with path.open("rb") as file:
        return default_storage.save(name, File(file))
