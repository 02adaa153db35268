"""ModelVersion: the registry of models and who serves today."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from ml.task import TASKS


def _tasks() -> list[tuple[str, str]]:
    """Choices as a callable: a new task is no migration."""
    return [(name, name) for name in TASKS]


def _engines() -> list[tuple[str, str]]:
    names = {engine for task in TASKS.values() for engine in task.engines}
    return [(name, name) for name in sorted(names)]


class ModelQuerySet(models.QuerySet["ModelVersion"]):
    """Reads of the registry."""

    def champions(self) -> Self:
        """The versions that serve, by task, engines in the order they are shown."""
        return self.filter(role=ModelVersion.Role.CHAMPION).order_by("task", "engine")


class ModelVersion(models.Model):
    """One model file and its card; the file is what its sha256 says, wherever it lies."""

    class Role(models.TextChoices):
        CHAMPION = "champion", "en service"
        CHALLENGER = "challenger", "en attente"
        NONE = "none", "aucun"

    task = models.CharField("tâche", max_length=32, choices=_tasks)
    engine = models.CharField("moteur", max_length=32, choices=_engines)
    version = models.CharField(max_length=32)
    sha256 = models.CharField(max_length=64, unique=True)
    file = models.FileField("fichier", max_length=255)
    card = models.JSONField("fiche")
    metrics = models.JSONField("mesures")
    size_bytes = models.PositiveBigIntegerField("octets")
    role = models.CharField("rôle", max_length=16, choices=Role.choices, default=Role.NONE)
    created_at = models.DateTimeField("créé", auto_now_add=True)
    promoted_at = models.DateTimeField("mis en service", null=True, blank=True)

    objects = ModelQuerySet.as_manager()

    class Meta:
        verbose_name = "version de modèle"
        verbose_name_plural = "versions de modèle"
        ordering: ClassVar = ["task", "engine", "-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["task", "engine", "version"], name="one_model_per_version"
            ),
            models.UniqueConstraint(
                fields=["task", "engine"],
                condition=Q(role="champion"),
                name="one_champion_per_engine",
            ),
            models.UniqueConstraint(
                fields=["task", "engine"],
                condition=Q(role="challenger"),
                name="one_challenger_per_engine",
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="model_sha256_is_64_hex"
            ),
            models.CheckConstraint(
                condition=Q(role__in=["champion", "challenger", "none"]), name="role_is_known"
            ),
            # promoted_at may be NULL, but not for who serves.
            models.CheckConstraint(
                condition=Q(role__in=["challenger", "none"])
                | Q(role="champion", promoted_at__isnull=False),
                name="champion_was_promoted",
            ),
            models.CheckConstraint(
                condition=~Q(task="") & ~Q(engine="") & ~Q(version="") & ~Q(file=""),
                name="model_has_its_names",
            ),
            models.CheckConstraint(condition=Q(size_bytes__gt=0), name="model_is_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.task}/{self.engine} {self.version}"
