"""captures/, captures/{id}/, its file/ and correction/: what one person sent, theirs alone."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from math import isfinite
from typing import Any, NoReturn
from uuid import UUID

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle

from backend.accounts.api import PersonView
from backend.accounts.models import Consent
from backend.accounts.services import ConsentRequired
from ml.predict import TOP
from ml.task import TASKS

from . import captures
from .api import RankedOut
from .models import Capture, Correction, Prediction
from .services import task_named
from .uploads import BoundedMultiPartParser

_LONGEST_ANSWER = 2_000  # characters; a real one has under 400
_OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)  # of our clock: phones' own are wrong by hours


class CaptureThrottle(UserRateThrottle):
    """Per person and process, a courtesy; the daily quota is counted in the database."""

    scope = "captures"


class Newest(CursorPagination):
    ordering = ("-received_at", "id")
    page_size = 50


def _finite(value: float) -> None:
    """A limit lets NaN through, which is neither above nor below it."""
    if not isfinite(value):
        raise serializers.ValidationError("Not a number.")


_Number = partial(serializers.FloatField, min_value=0, validators=[_finite])


class Instant(serializers.DateTimeField):
    """A time that says its zone: the server's own would be a guess."""

    def enforce_timezone(self, value: datetime) -> datetime:
        if timezone.is_naive(value):
            raise serializers.ValidationError("The zone is missing, as in 2026-11-24T08:30:00Z.")
        return super().enforce_timezone(value)


class RankedIn(serializers.Serializer[Any]):
    label = serializers.CharField(max_length=32)  # type: ignore[assignment]
    score = _Number(max_value=1)


class DeviceAnswerIn(serializers.Serializer[Any]):
    """What the phone's model said; a null label is unsure."""

    sha256 = serializers.RegexField(r"^[0-9a-f]{64}\Z", help_text="Of the model's file.")
    label = serializers.CharField(max_length=32, allow_null=True)  # type: ignore[assignment]
    score = _Number(max_value=1)
    top = serializers.ListField(child=RankedIn(), max_length=TOP)
    latency_ms = _Number(max_value=3_600_000, allow_null=True, default=None)


@extend_schema_field(DeviceAnswerIn)
class DeviceAnswerField(serializers.CharField):
    """The same as JSON in one field of a form."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        text = super().run_validation(data)
        if not text:
            return None
        try:
            # Python's JSON knows NaN and Infinity; the standard does not.
            raw = json.loads(text, parse_constant=_no_number)
        except (ValueError, RecursionError):
            raise serializers.ValidationError("Not JSON.") from None
        answer = DeviceAnswerIn(data=raw)
        answer.is_valid(raise_exception=True)
        return answer.validated_data


class IncomingCapture(serializers.Serializer[Any]):
    """A photo or sound that its owner lets us keep."""

    # An empty file is an undecodable one, not a missing field.
    file = serializers.FileField(allow_empty_file=True)
    task = serializers.ChoiceField(choices=tuple(TASKS))
    captured_at = Instant()
    department = serializers.CharField(required=False, allow_blank=True, max_length=64)
    territory = serializers.CharField(required=False, allow_blank=True, max_length=64)
    device_answer = DeviceAnswerField(required=False, allow_blank=True, max_length=_LONGEST_ANSWER)

    def validate_captured_at(self, at: datetime) -> datetime:
        if not _OLDEST <= at <= timezone.now() + _AHEAD:
            raise serializers.ValidationError("Nothing of ours was taken then.")
        return at

    def validate(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Labels are the task's, and an empty place is no place."""
        answer = fields.get("device_answer")
        if answer is not None:
            named = {answer["label"], *(ranked["label"] for ranked in answer["top"])} - {None}
            if not named <= set(TASKS[fields["task"]].labels):
                raise serializers.ValidationError({"device_answer": ["An unknown label."]})
        return {name: value or None for name, value in fields.items()}


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


class PredictionOut(serializers.ModelSerializer[Prediction]):
    """What one model said, on the phone or here; a null label is unsure."""

    engine = serializers.CharField(source="model_version.engine")
    version = serializers.CharField(source="model_version.version")
    top = RankedOut(source="scores", many=True)

    class Meta:
        model = Prediction
        fields = (
            *("origin", "engine", "version", "label", "score", "top", "latency_ms"),
            "created_at",
        )
        read_only_fields = fields


class CorrectionOut(serializers.ModelSerializer[Correction]):
    """What the owner says; `truth` is the label that was accepted, whoever said it."""

    truth = serializers.CharField(source="capture.truth", allow_null=True)

    class Meta:
        model = Correction
        fields = ("label", "status", "truth", "created_at", "reviewed_at")
        read_only_fields = fields


class CaptureOut(serializers.ModelSerializer[Capture]):
    """A capture and what became of it; `snapshot` is the newest dataset it stands in."""

    url = serializers.SerializerMethodField()
    state = serializers.ChoiceField(choices=Capture.State.choices)
    snapshot = serializers.IntegerField(allow_null=True)
    predictions = PredictionOut(many=True)
    correction = CorrectionOut(source="said", allow_null=True)

    class Meta:
        model = Capture
        fields = (
            *("id", "task", "media_type", "size_bytes", "sha256", "url", "captured_at"),
            *("received_at", "department", "territory", "state", "snapshot", "predictions"),
            "correction",
        )
        read_only_fields = fields

    def get_url(self, capture: Capture) -> str:
        return reverse("capture-file", args=[capture.pk])


class CapturePageOut(serializers.Serializer[Any]):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = CaptureOut(many=True)


class CorrectionIn(serializers.Serializer[Any]):
    label = serializers.CharField(max_length=32)  # type: ignore[assignment]


class CaptureView(PersonView):
    """One capture, addressed by the id its phone gave it."""

    parser_classes = (BoundedMultiPartParser,)
    throttle_classes = (CaptureThrottle,)

    def permission_denied(
        self, request: Request, message: str | None = None, code: str | None = None
    ) -> NoReturn:
        if request.method == "PUT":  # who is nobody has consented to nothing
            raise ConsentRequired(Consent.Purpose.STORE)
        super().permission_denied(request, message, code)

    @extend_schema(
        operation_id="capture_put",
        request=IncomingCapture,
        responses={200: CaptureOut, 201: CaptureOut},
    )
    def put(self, request: Request, capture_id: UUID) -> Response:
        incoming = IncomingCapture(data=request.data)
        incoming.is_valid(raise_exception=True)
        fields = incoming.validated_data
        with fields.pop("file") as file:
            data = file.read()
        capture, created = captures.receive_capture(
            self.person, capture_id, task=task_named(fields.pop("task")), data=data, **fields
        )
        captures.predict_capture(capture)
        return Response(self._shown(capture_id), status=201 if created else 200)

    @extend_schema(operation_id="capture", responses=CaptureOut)
    def get(self, request: Request, capture_id: UUID) -> Response:
        return Response(self._shown(capture_id))

    @extend_schema(operation_id="capture_delete", responses={204: None})
    def delete(self, request: Request, capture_id: UUID) -> Response:
        captures.delete_capture(self.person, capture_id)
        return Response(status=204)

    def _shown(self, capture_id: UUID) -> Any:
        own = get_object_or_404(Capture.objects.shown(), pk=capture_id, user=self.person)
        return CaptureOut(own).data


class CapturesView(PersonView):
    """Everything one person sent, newest first."""

    throttle_classes = (CaptureThrottle,)

    @extend_schema(
        operation_id="captures",
        parameters=[OpenApiParameter("cursor", str, description="From `next` or `previous`.")],
        responses=CapturePageOut,
    )
    def get(self, request: Request) -> Response:
        pages = Newest()
        page = pages.paginate_queryset(
            Capture.objects.shown().filter(user=self.person), request, view=self
        )
        return pages.get_paginated_response(CaptureOut(page, many=True).data)

    @extend_schema(operation_id="captures_delete", responses={204: None})
    def delete(self, request: Request) -> Response:
        captures.delete_captures(self.person)
        return Response(status=204)


class CaptureFileView(PersonView):
    """The kept file, for its owner, and for reviewers while its owner lets others learn from it."""

    @extend_schema(
        operation_id="capture_file",
        responses={(200, kind): OpenApiTypes.BINARY for kind in ("image/jpeg", "audio/flac")},
    )
    def get(self, request: Request, capture_id: UUID) -> FileResponse:
        capture = get_object_or_404(Capture.objects.visible_to(self.person), pk=capture_id)
        try:
            file = capture.file.open("rb")
        except FileNotFoundError:
            raise Http404(f"the file of {capture} is gone") from None
        response = FileResponse(
            file,
            as_attachment=True,
            filename=capture.filename,
            content_type=capture.media_type,
        )
        # Short: what is erased, or no longer consented to, must not live on in a browser.
        response.headers["Cache-Control"] = "private, max-age=3600, immutable"
        return response


class CorrectionView(PersonView):
    """What the owner of a capture says it shows."""

    throttle_classes = (CaptureThrottle,)

    @extend_schema(
        operation_id="correct",
        request=CorrectionIn,
        responses={200: CorrectionOut, 201: CorrectionOut},
    )
    def put(self, request: Request, capture_id: UUID) -> Response:
        incoming = CorrectionIn(data=request.data)
        incoming.is_valid(raise_exception=True)
        said, first = captures.correct(self.person, capture_id, **incoming.validated_data)
        return Response(CorrectionOut(said).data, status=201 if first else 200)

    @extend_schema(operation_id="correction_withdraw", responses={204: None})
    def delete(self, request: Request, capture_id: UUID) -> Response:
        captures.withdraw_correction(self.person, capture_id)
        return Response(status=204)
