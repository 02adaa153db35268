"""The review desk: one page of the admin, and the small JSON verbs behind its keys."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from rest_framework import serializers

from backend.accounts.models import User
from ml.task import TASKS, Modality, Task

from .models import Capture, Correction, ModelVersion, Prediction
from .queue import Entry, queue
from .review import (
    NoConsent,
    NotOpen,
    NotYours,
    Outcome,
    Refused,
    UnknownLabel,
    in_state,
    mark_canary,
    may_enter,
    outcome,
    reopen,
    review,
    reviewable,
)

STATES = {"open": "à relire", "decided": "décidées", "rejected": "refusées"}
# What the page calls what lies on it, and what is decided of it.
_WORDS = {
    Modality.IMAGE: {"one": "photo", "many": "photos", "this": "cette photo", "got": "Photo reçue"},
    Modality.AUDIO: {"one": "son", "many": "sons", "this": "ce son", "got": "Son reçu"},
}
_LABELS = {"waste": "matière", "genre": "genre", "emotion": "émotion"}
_PAGE, _MOST = 40, 2000
_DIGITS, _COMMANDS = "1234567890", "acjkortux"
_SAID: Mapping[type[Refused], tuple[str, str]] = {
    NotYours: ("not-yours", "Cette capture n’est pas à vous de décider."),
    NotOpen: ("not-open", "Quelqu’un en a déjà décidé autrement."),
    NoConsent: ("no-consent", "La personne ne permet plus d’apprendre de cette capture."),
    UnknownLabel: ("unknown-label", "Cette étiquette n’existe pas."),
}
_GONE = ("gone", "La capture a été effacée par la personne.")


class DecisionIn(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    # Null refuses the capture.
    label = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    canary = serializers.BooleanField(default=False)


class DecisionsIn(serializers.Serializer[Any]):
    decisions = serializers.ListField(child=DecisionIn(), allow_empty=False, max_length=500)


class CapturesIn(serializers.Serializer[Any]):
    ids = serializers.ListField(child=serializers.UUIDField(), allow_empty=False, max_length=500)
    canary = serializers.BooleanField(default=True)


@dataclass(frozen=True)
class Filters:
    """What part of the captures is looked at; an address that says nothing gets a default."""

    task: Task
    state: str
    label: str | None
    version: int | None

    @classmethod
    def of(cls, request: HttpRequest) -> "Filters":
        given = request.GET
        task = TASKS.get(given.get("task", ""), next(iter(TASKS.values())))
        state, label, version = (given.get(name, "") for name in ("state", "label", "version"))
        return cls(
            task=task,
            state=state if state in STATES else "open",
            label=label if label in task.labels else None,
            version=int(version) if version.isdecimal() and len(version) < 10 else None,
        )


def keys_of(task: Task) -> list[tuple[str, str, str]]:
    """(key, code, name) of each label: the digits, then letters of the name that are free."""
    taken = set(_COMMANDS)
    keys = []
    for place, label in enumerate(task.named_labels):
        letters = (letter for letter in label.code + "bdefghilmnpqsvwyz" if letter.isalpha())
        free = (letter for letter in letters if letter not in taken)
        key = _DIGITS[place] if place < len(_DIGITS) else next(free)
        taken.add(key)
        keys.append((key, label.code, label.name_fr))
    return keys


def reader(request: HttpRequest) -> User:
    """Who reads; the desk is closed to those without a right to it."""
    user = cast(User, request.user)
    if not may_enter(user):
        raise PermissionDenied
    return user


def page(filters: Filters) -> dict[str, Any]:
    """What the page itself shows; its captures come by `items`."""
    versions = ModelVersion.objects.filter(task=filters.task.name, predictions__isnull=False)
    return {
        "filters": filters,
        "tasks": list(TASKS),
        "words": _WORDS[filters.task.modality] | {"label": _LABELS[filters.task.name]},
        "states": STATES.items(),
        "keys": keys_of(filters.task),
        "versions": versions.distinct(),
    }


def items(request: HttpRequest) -> JsonResponse:
    """The first `n` looks of what the filters keep, and how many captures there are in all."""
    by, filters = reader(request), Filters.of(request)
    asked = request.GET.get("n", "")
    n = min(int(asked), _MOST) if asked.isdecimal() else _PAGE
    if filters.state == "open":
        entries = queue(filters.task.name, by, label=filters.label, version=filters.version)
        total = len(entries) + sum(len(entry.twins) for entry in entries)
        looks: Sequence[tuple[UUID, Entry | None]] = [
            (entry.capture, entry) for entry in entries[:n]
        ]
    else:
        closed = _closed(filters, by)
        total = closed.count()
        looks = [(pk, None) for pk in closed.values_list("pk", flat=True)[:n]]
    captures = _captures([pk for pk, _ in looks])
    shown = [_item(captures[pk], entry) for pk, entry in looks if pk in captures]
    return JsonResponse({"total": total, "items": shown})


def decide(request: HttpRequest) -> JsonResponse:
    """Take decisions, each for itself: one that is refused does not hold up the others."""

    def take(capture: Capture, by: User, decision: Mapping[str, Any]) -> Outcome:
        reached = review(capture, by=by, label=decision["label"])
        if decision["canary"] and reached.truth is not None:
            mark_canary(capture, by=by)
        return reached

    asked = _body(request, DecisionsIn)["decisions"]
    return _each(request, ((decision["id"], decision) for decision in asked), take)


def undo(request: HttpRequest) -> JsonResponse:
    """Take decisions back."""
    asked = _body(request, CapturesIn)
    return _each(
        request, ((pk, asked) for pk in asked["ids"]), lambda capture, by, _: reopen(capture, by=by)
    )


def canary(request: HttpRequest) -> JsonResponse:
    """Make canaries of decided captures, or let them go."""

    def take(capture: Capture, by: User, asked: Mapping[str, Any]) -> Outcome:
        mark_canary(capture, by=by, canary=asked["canary"])
        return outcome(list(capture.corrections.all()))

    asked = _body(request, CapturesIn)
    return _each(request, ((pk, asked) for pk in asked["ids"]), take)


VERBS: Mapping[str, Callable[[HttpRequest], HttpResponse]] = {
    "items": items,
    "decide": decide,
    "undo": undo,
    "canary": canary,
}


def _body(request: HttpRequest, shape: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    if request.method != "POST":
        raise BadRequest("POST only")
    try:
        told = shape(data=json.loads(request.body))
    except (json.JSONDecodeError, UnicodeDecodeError) as fault:
        raise BadRequest("not JSON") from fault
    if not told.is_valid():
        raise BadRequest(str(told.errors))
    return cast(dict[str, Any], told.validated_data)


def _each(
    request: HttpRequest,
    asked: Iterable[tuple[UUID, Mapping[str, Any]]],
    take: Callable[[Capture, User, Mapping[str, Any]], Outcome],
) -> JsonResponse:
    """Do one thing to many captures and say of each what became of it."""
    by = reader(request)
    results = []
    for pk, how in asked:
        try:
            reached = take(Capture.objects.get(pk=pk), by, how)
            results.append({"id": pk, "truth": reached.truth, "open": reached.open})
        except Refused as refusal:
            problem, detail = _SAID[type(refusal)]
            results.append({"id": pk, "problem": problem, "detail": detail})
        except Capture.DoesNotExist:
            results.append({"id": pk, "problem": _GONE[0], "detail": _GONE[1]})
    return JsonResponse({"results": results})


def _closed(filters: Filters, by: User) -> QuerySet[Capture]:
    """What is decided or rejected, the latest first."""
    captures = in_state(reviewable(filters.task.name), filters.state).exclude(user=by)
    if filters.label is not None:
        status = "accepted" if filters.state == "decided" else "rejected"
        said = Correction.objects.filter(label=filters.label, status=status)
        captures = captures.filter(pk__in=said.values("capture"))
    if filters.version is not None:
        captures = captures.filter(predictions__model_version=filters.version).distinct()
    return captures.annotate(last=Max("corrections__reviewed_at")).order_by("-last", "pk")


def _captures(ids: Sequence[UUID]) -> dict[UUID, Capture]:
    found = Capture.objects.filter(pk__in=ids).select_related("department")
    return {
        capture.pk: capture
        for capture in found.prefetch_related("corrections", "predictions__model_version")
    }


def _file(pk: UUID) -> str:
    """Where its file is; that address looks itself whether its owner still consents."""
    return reverse("capture-file", args=[pk])


def _item(capture: Capture, entry: Entry | None) -> dict[str, Any]:
    """One capture as the page shows it; nothing in it says who sent it."""
    words = list(capture.corrections.all())
    reached = outcome(words)
    owners = next((word for word in words if word.author_id == capture.user_id), None)
    others = [word.label for word in words if word.author_id != capture.user_id]
    predictions = sorted(capture.predictions.all(), key=lambda said: (said.origin, -said.pk))
    return {
        "id": capture.pk,
        "url": _file(capture.pk),
        "received": date_format(timezone.localtime(capture.received_at), "j F Y, H:i"),
        "department": str(capture.department) if capture.department else None,
        "owners": owners.label if owners else None,
        "volunteers": others if reached.open else [],
        "predictions": [_said(prediction) for prediction in predictions],
        "proposed": entry.proposed if entry else None,
        "reasons": _reasons(entry, predictions) if entry else [],
        "twins": [{"id": pk, "url": _file(pk)} for pk in entry.twins] if entry else [],
        "truth": reached.truth,
        "rejected": reached.rejected,
        "canary": capture.is_canary,
    }


def _said(prediction: Prediction) -> dict[str, Any]:
    version = prediction.model_version
    return {
        "who": f"{prediction.get_origin_display().capitalize()} · {version.engine} "
        f"{version.version}",
        "label": prediction.label,
        "top": prediction.scores,
    }


def _reasons(entry: Entry, predictions: Sequence[Prediction]) -> list[str]:
    """Why a capture stands where it stands, in the reader's words."""
    origins = {(said.origin, said.label) for said in predictions if said.label is not None}
    phones = {label for origin, label in origins if origin == Prediction.Origin.DEVICE}
    servers = {label for origin, label in origins if origin == Prediction.Origin.SERVER}
    said = {
        "désaccord": entry.disagreement > 0,
        "téléphone ≠ serveur": bool(phones and servers and phones != servers),
        f"doute {entry.doubt:.0%}".replace("%", " %"): entry.doubt >= 0.5,  # noqa: RUF001
        "étiquette rare": entry.rarity >= 0.5,
    }
    return [reason for reason, holds in said.items() if holds]
