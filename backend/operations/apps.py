"""The app of health; it has no models."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "backend.operations"
    verbose_name = "Exploitation"
