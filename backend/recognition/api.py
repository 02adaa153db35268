"""GET tasks/, models/, models/<sha256>.tflite; POST tasks/{task}/recognise/ (keeps nothing)."""

import re
from pathlib import Path
from typing import Any

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import conditional_page
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle
from rest_framework.views import APIView

from backend.waste.api import AnswerContainerOut
from backend.waste.services import check_place, rule_for
from ml.task import TASKS

from .champions import bundle_folder
from .models import ModelVersion
from .services import recognise, task_named
from .uploads import BoundedMultiPartParser


class RecogniseThrottle(AnonRateThrottle):
    """Per address, generous: a class of pupils shares one."""

    scope = "recognise"


class LabelOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    name_fr = serializers.CharField()
    name_en = serializers.CharField()


class TaskOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    modality = serializers.CharField()
    labels = LabelOut(many=True, source="named_labels")
    engines = serializers.ListField(child=serializers.CharField())


class ModelOut(serializers.ModelSerializer[ModelVersion]):
    """A champion; `url` serves its file, which never changes."""

    url = serializers.SerializerMethodField()
    card = serializers.DictField()

    class Meta:
        model = ModelVersion
        fields = ("task", "engine", "version", "sha256", "size_bytes", "url", "card")
        read_only_fields = fields

    def get_url(self, version: ModelVersion) -> str:
        return reverse("model-file", args=[version.sha256 + Path(version.card["file"]).suffix])


class RankedOut(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    score = serializers.FloatField()


class WindowOut(serializers.Serializer[Any]):
    start_s = serializers.FloatField()
    end_s = serializers.FloatField()
    top = RankedOut(many=True)


class EntryOut(serializers.Serializer[Any]):
    """What one engine says; `label` is null when it is unsure, `top` always holds three.

    `windows` are of sounds only. One that cannot answer says in `problem` why, by the name of a
    problem: then `top` is empty, and the other engines' entries stand as they are.
    """

    engine = serializers.CharField()
    version = serializers.CharField()
    label = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    score = serializers.FloatField()
    unsure = serializers.BooleanField()
    top = RankedOut(many=True)
    windows = WindowOut(many=True)
    latency_ms = serializers.FloatField()
    problem = serializers.CharField(allow_null=True)


class AnswerOut(serializers.Serializer[Any]):
    task = serializers.CharField()
    answers = EntryOut(many=True)
    container = AnswerContainerOut(allow_null=True)


class CaptureIn(serializers.Serializer[Any]):
    """What `recognise` takes."""

    # An empty file is an undecodable one, not a missing field.
    file = serializers.FileField(allow_empty_file=True)
    engine = serializers.CharField(
        required=False, allow_blank=True, max_length=32, help_text="Default: every engine."
    )
    department = serializers.CharField(required=False, allow_blank=True, max_length=64)
    territory = serializers.CharField(required=False, allow_blank=True, max_length=64)


class TasksView(APIView):
    """What can be recognised, and into which labels."""

    @extend_schema(operation_id="tasks", responses=TaskOut(many=True))
    def get(self, request: Request) -> Response:
        return Response(TaskOut(list(TASKS.values()), many=True).data)


@method_decorator([gzip_page, conditional_page], name="dispatch")
class ModelsView(APIView):
    """The model index: today's champion of each task and engine."""

    @extend_schema(operation_id="models", responses=ModelOut(many=True))
    def get(self, request: Request) -> Response:
        return Response(ModelOut(ModelVersion.objects.champions(), many=True).data)


class RecogniseView(APIView):
    """Says what a photo shows and where it goes, or what a sound is; keeps nothing of it."""

    parser_classes = (BoundedMultiPartParser,)
    throttle_classes = (RecogniseThrottle,)

    @extend_schema(operation_id="recognise", request=CaptureIn, responses=AnswerOut)
    def post(self, request: Request, task: str) -> Response:
        known = task_named(task)
        capture = CaptureIn(data=request.data)
        capture.is_valid(raise_exception=True)
        file = capture.validated_data["file"]
        engine, department, territory = (
            capture.validated_data.get(name) or None
            for name in ("engine", "department", "territory")
        )
        if engine and engine not in known.engines:
            raise serializers.ValidationError({"engine": [f"Not one of {known.engines}."]})
        check_place(department, territory=territory)
        with file:  # closed before its turn comes: those who wait hold one copy, not two
            data = file.read()
        answers = recognise(known, data, engines=(engine,) if engine else known.engines)
        shown, container = answers[0], None
        if known.name == "waste" and shown.label is not None:
            container = rule_for(department, shown.label, territory=territory)
        body = {
            "task": known.name,
            "answers": [{"problem": None, **answer.to_json()} for answer in answers],
            "container": container,
        }
        return Response(AnswerOut(body).data)


@method_decorator(conditional_page, name="dispatch")
class ModelFileView(APIView):
    """The file of one model; it is named by its content, so it never changes."""

    @extend_schema(
        operation_id="model_file",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, file: str) -> FileResponse:
        name = re.fullmatch(r"([0-9a-f]{64})(\.\w+)", file)
        if name is None:
            raise Http404(file)
        sha256, suffix = name.groups()
        version = get_object_or_404(ModelVersion, sha256=sha256, card__file__endswith=suffix)
        model = bundle_folder(version) / version.card["file"]
        response = FileResponse(model.open("rb"), content_type="application/octet-stream")
        response.headers["ETag"] = f'"{sha256}"'
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
