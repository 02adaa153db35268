"""The app of models and of what they recognise."""

from django.apps import AppConfig


class RecognitionConfig(AppConfig):
    name = "backend.recognition"
    verbose_name = "Reconnaissance"
