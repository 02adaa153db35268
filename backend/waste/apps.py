"""The app of departments, sorting rules and products."""

from django.apps import AppConfig


class WasteConfig(AppConfig):
    name = "backend.waste"
    verbose_name = "Consignes de tri"
