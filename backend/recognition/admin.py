"""Admin of the registry: which model serves, and its card."""

from django.contrib import admin
from django.http import HttpRequest

from .models import ModelVersion


@admin.register(ModelVersion)
class ModelVersionAdmin(admin.ModelAdmin[ModelVersion]):
    list_display = ("task", "engine", "version", "role", "size_bytes", "promoted_at")
    list_filter = ("task", "engine", "role")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ModelVersion | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ModelVersion | None = None) -> bool:
        return False
