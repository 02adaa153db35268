"""The app of models and of what they recognise; no file outlives the row of its capture."""

from typing import Any

from django.apps import AppConfig
from django.db import transaction
from django.db.models.signals import post_delete


class RecognitionConfig(AppConfig):
    name = "backend.recognition"
    verbose_name = "Reconnaissance"

    def ready(self) -> None:
        post_delete.connect(_remove_file, sender="recognition.Capture")


def _remove_file(*, instance: Any, using: str, **kwargs: Any) -> None:
    """Remove a capture's file once its row is gone for good, whatever deleted the row."""
    file = instance.file

    def remove() -> None:
        file.storage.delete(file.name)

    # Robust: one file that cannot be removed is logged, and the others still go.
    transaction.on_commit(remove, using=using, robust=True)
