"""The app of snapshots, weekly retraining, and the gate before the champion."""

from django.apps import AppConfig


class RetrainingConfig(AppConfig):
    name = "backend.retraining"
    verbose_name = "Apprentissage"
