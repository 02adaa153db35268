"""What people send and say of it: receive_capture, predict_capture, correct, delete_capture."""

import errno
import hashlib
import logging
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import OperationalError, transaction
from django.db.models import Count, Min
from django.utils import timezone

from backend.accounts.models import Consent, User
from backend.accounts.services import ConsentRequired
from backend.waste.services import check_place
from ml.errors import MLError
from ml.predict import predict
from ml.task import TASKS, Task

from .champions import Busy, NoModel, champion
from .media import Cleaned, clean
from .models import CAPTURES, Capture, Correction, ModelVersion, Prediction

_log = logging.getLogger(__name__)
_DAY = timedelta(days=1)


class NoSuchCapture(Exception):
    """This person has no capture of this id."""


class IdTaken(Exception):
    """Another capture bears this id; whose it is stays untold."""


class QuotaSpent(Exception):
    """This person sent all that one may send in a day; `wait` is in seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"one person may send {settings.CAPTURES_PER_DAY} captures in a day")
        self.detail = str(self)
        self.wait = wait


class NoSpace(Exception):
    """The disk is full; nothing half written was kept."""


class LabelRefused(Exception):
    """The task has no such label."""

    def __init__(self, label: str) -> None:
        super().__init__(f"{label!r} is not a label of this task")
        self.detail = str(self)


@contextmanager
def _full_disk_named() -> Iterator[None]:
    """Give a full disk its name, whether the file or the table met it."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoSpace from error
        raise
    except OperationalError as error:
        codes = [getattr(error.__cause__, name, None) for name in ("sqlstate", "sqlite_errorname")]
        if "53100" in codes or "SQLITE_FULL" in codes:
            raise NoSpace from error
        raise


@_full_disk_named()
def receive_capture(
    user: User,
    capture_id: UUID,
    *,
    task: Task,
    data: bytes,
    captured_at: datetime,
    department: str | None = None,
    territory: str | None = None,
    device_answer: Mapping[str, Any] | None = None,
) -> tuple[Capture, bool]:
    """Keep a capture once, however often its phone repeats it.

    A voice is kept as a photo is: never without the consent to `store`, and then only what was
    sent. The app sends the recording of a voice on its own only when its owner corrects it and
    says yes to this very one; who withdraws the consent or deletes it erases the file.

    What the phone's model said is kept beside it where that model is a registered one.

    Returns
    -------
    the capture, and whether it was made by this call

    Raises
    ------
    ConsentRequired
        If the person does not say yes to `store`.
    IdTaken
        If the id is another person's, or was sent with other bytes.
    UnknownDepartment, UnknownTerritory, BadInput, Busy
        If the place or the file is refused.
    QuotaSpent, NoSpace
        If this person, or the disk, has had enough.
    """
    if not user.consents_to(Consent.Purpose.STORE):
        raise ConsentRequired(Consent.Purpose.STORE)
    facts = {"user_id": user.pk, "task": task.name, "sent_sha256": hashlib.sha256(data).hexdigest()}
    if known := Capture.objects.filter(pk=capture_id).first():
        _restore(_same(known, facts), task, data)
        return known, False
    check_place(department, territory=territory)
    cleaned = clean(task, data)
    with ExitStack() as undo:
        name = _store(cleaned, undo)
        with transaction.atomic():
            owner = _consenting(user)
            if not Capture.objects.filter(pk=capture_id).exists():
                _check_quota(owner)
            capture, created = Capture.objects.get_or_create(
                pk=capture_id,
                defaults={
                    **facts,
                    "file": name,
                    "sha256": cleaned.sha256,
                    "phash": cleaned.phash,
                    "media_type": cleaned.media_type,
                    "size_bytes": len(cleaned.data),
                    "duration_s": cleaned.duration_s,
                    "department_id": department,
                    "territory_id": territory,
                    "dataset_group": owner.dataset_group,
                    "captured_at": captured_at,
                },
            )
            if created and device_answer is not None:
                _keep_device_answer(capture, device_answer)
        if created:
            undo.pop_all()
    return _same(capture, facts), created


@_full_disk_named()
def predict_capture(capture: Capture) -> None:
    """Ask today's champions about a kept capture, each of them once.

    One that cannot answer now does not hide the others, and is asked when the capture comes again.
    """
    server = Prediction.Origin.SERVER
    asked = capture.predictions.filter(origin=server).values("model_version")
    due = ModelVersion.objects.champions().filter(task=capture.task).exclude(pk__in=asked)
    for version in due:
        try:
            with capture.file.open("rb") as file:
                data = file.read()
            with champion(version.task, version.engine) as engine:
                answer = predict(engine, data)
                answered = engine.card.sha256
        except (Busy, NoModel, MLError, FileNotFoundError) as error:
            _log.warning("%s has no answer for %s: %r", version, capture, error)
            continue
        with transaction.atomic():
            # Its owner may have deleted it meanwhile.
            if _held(capture.user, capture.pk) is None:
                return
            Prediction.objects.get_or_create(
                capture=capture,
                model_version=ModelVersion.objects.get(sha256=answered),
                origin=server,
                defaults={
                    "label": answer.label,
                    "score": answer.score,
                    "scores": answer.to_json()["top"],
                    "latency_ms": answer.latency_ms,
                },
            )


@_full_disk_named()
@transaction.atomic
def correct(user: User, capture_id: UUID, *, label: str) -> tuple[Correction, bool]:
    """Write down what its owner says a capture shows; a new word waits for review again.

    Returns
    -------
    the correction, and whether it is the first one

    Raises
    ------
    ConsentRequired
        If the person does not say yes to `store`.
    NoSuchCapture
        If this person has no such capture.
    LabelRefused
        If the task has no such label.
    """
    if not user.consents_to(Consent.Purpose.STORE):
        raise ConsentRequired(Consent.Purpose.STORE)
    capture = _held(user, capture_id)
    if capture is None:
        raise NoSuchCapture(capture_id)
    if label not in TASKS[capture.task].labels:
        raise LabelRefused(label)
    said, first = Correction.objects.get_or_create(
        capture=capture, author=user, defaults={"label": label}
    )
    if said.label != label:
        _cease_to_be_true(said, capture)
        said.label, said.status = label, Correction.Status.PENDING
        said.reviewer, said.reviewed_at, said.created_at = None, None, timezone.now()
        said.save()
    return said, first


@transaction.atomic
def withdraw_correction(user: User, capture_id: UUID) -> None:
    """Take back what its owner said of a capture, if anything."""
    capture = _held(user, capture_id)
    said = capture and capture.corrections.filter(author=user).first()
    if capture and said:
        _cease_to_be_true(said, capture)
        said.delete()


def delete_capture(user: User, capture_id: UUID) -> None:
    """Erase one capture of this person, if it is there; its file goes with the row."""
    Capture.objects.filter(pk=capture_id, user=user).delete()


def delete_captures(user: User) -> None:
    """Erase all captures of this person."""
    Capture.objects.filter(user=user).delete()


def sweep() -> int:
    """Remove files that have no row: a server was killed in between, or a disk did not obey.

    A file of the last day may be one whose row is just being written.

    Returns
    -------
    how many were removed
    """
    storage = Capture._meta.get_field("file").storage
    if not storage.exists(CAPTURES):
        return 0
    names = {f"{CAPTURES}/{name}" for name in storage.listdir(CAPTURES)[1]}
    names -= set(Capture.objects.values_list("file", flat=True))
    old = [name for name in names if storage.get_modified_time(name) < timezone.now() - _DAY]
    for name in old:
        storage.delete(name)
    return len(old)


def _consenting(user: User) -> User:
    """Hold a person's row until the transaction ends.

    Who was erased or said no while their photo was being decoded does not say yes.
    """
    owner: User | None = User.objects.select_for_update(no_key=True).filter(pk=user.pk).first()
    if owner is None or not owner.consents_to(Consent.Purpose.STORE):
        raise ConsentRequired(Consent.Purpose.STORE)
    return owner


def _held(user: User, capture_id: UUID) -> Capture | None:
    """Hold a capture of this person until the transaction ends, if it is there."""
    own = Capture.objects.filter(pk=capture_id, user=user)
    return own.select_for_update(no_key=True).first()


def _same(capture: Capture, facts: Mapping[str, Any]) -> Capture:
    if any(getattr(capture, name) != value for name, value in facts.items()):
        raise IdTaken(capture.pk)
    return capture


def _check_quota(owner: User) -> None:
    """Count in the table, with the owner's row held: neither addresses nor haste help."""
    now = timezone.now()
    recent = Capture.objects.filter(user=owner, received_at__gt=now - _DAY)
    sent = recent.aggregate(n=Count("pk"), oldest=Min("received_at"))
    if sent["n"] >= settings.CAPTURES_PER_DAY:
        wait = (sent["oldest"] or now) + _DAY - now
        raise QuotaSpent(min(wait, _DAY).total_seconds())


def _store(cleaned: Cleaned, undo: ExitStack) -> str:
    """Write the file under a new name; `undo` removes what is there of it, half or whole."""
    field = Capture._meta.get_field("file")
    name = field.generate_filename(Capture(), f"capture{cleaned.suffix}")
    undo.callback(field.storage.delete, name)
    return field.storage.save(name, ContentFile(cleaned.data))


def _restore(capture: Capture, task: Task, data: bytes) -> None:
    """Write the file again where the row stayed without it.

    So it is after a commit whose confirmation was lost on the way, or on a disk thrown away.
    """
    storage, name = capture.file.storage, str(capture.file)
    if not storage.exists(name):
        storage.save(name, ContentFile(clean(task, data).data))


def _keep_device_answer(capture: Capture, answer: Mapping[str, Any]) -> None:
    """Keep what the phone's model said; a model that is not registered may say anything."""
    version = ModelVersion.objects.filter(sha256=answer["sha256"], task=capture.task).first()
    if version is not None:
        Prediction.objects.create(
            capture=capture,
            model_version=version,
            origin=Prediction.Origin.DEVICE,
            label=answer["label"],
            score=answer["score"],
            scores=answer["top"],
            latency_ms=answer["latency_ms"],
        )


def _cease_to_be_true(said: Correction, capture: Capture) -> None:
    """Where an author takes a truth back, no model is held to it, and other words wait again."""
    if said.status == Correction.Status.ACCEPTED:
        capture.corrections.exclude(pk=said.pk).update(
            status=Correction.Status.PENDING, reviewer=None, reviewed_at=None
        )
        capture.is_canary = False
        capture.save(update_fields=["is_canary"])
