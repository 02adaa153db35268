"""Admin: the review desk of captures; the registry, and what people and models said, to read."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from backend.accounts.models import User
from backend.waste.admin import ReadOnly

from . import desk
from .models import Capture, Correction, ModelVersion, Prediction, Promotion
from .review import DECIDE, may_enter


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnly, admin.ModelAdmin[ModelVersion]):
    list_display = ("task", "engine", "version", "role", "size_bytes", "promoted_at")
    list_filter = ("task", "engine", "role")


@admin.register(Promotion)
class PromotionAdmin(ReadOnly, admin.ModelAdmin[Promotion]):
    list_display = ("version", "previous", "reason", "by", "created_at")
    list_filter = ("reason", "version__task")
    list_select_related = ("version", "previous", "by")


@admin.register(Capture)
class CaptureAdmin(ReadOnly, admin.ModelAdmin[Capture]):
    """The list of captures is the review desk."""

    fields = ("task", "media_type", "captured_at", "received_at", "department", "is_canary")

    def has_view_permission(self, request: HttpRequest, obj: Capture | None = None) -> bool:
        return isinstance(request.user, User) and may_enter(request.user)

    def get_urls(self) -> list[URLPattern]:
        verbs = [
            path(
                f"{name}/",
                self.admin_site.admin_view(view),
                name=f"recognition_capture_{name}",
            )
            for name, view in desk.VERBS.items()
        ]
        return [*verbs, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        by = desk.reader(request)
        context = {
            **self.admin_site.each_context(request),
            **desk.page(desk.Filters.of(request)),
            "title": "Relecture",
            "opts": self.opts,
            "may_decide": by.has_perm(DECIDE),
            # The photo needs the room.
            "is_nav_sidebar_enabled": False,
        }
        return TemplateResponse(request, "admin/recognition/capture/desk.html", context)


@admin.register(Prediction)
class PredictionAdmin(ReadOnly, admin.ModelAdmin[Prediction]):
    list_display = ("created_at", "model_version", "origin", "label", "score", "latency_ms")
    list_filter = ("origin", "model_version", "label")
    list_select_related = ("model_version",)
    raw_id_fields: ClassVar = ["capture"]


@admin.register(Correction)
class CorrectionAdmin(ReadOnly, admin.ModelAdmin[Correction]):
    list_display = ("created_at", "label", "status", "reviewer", "reviewed_at")
    list_filter = ("status", "label", "capture__task")
    list_select_related = ("reviewer",)
