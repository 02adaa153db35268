"""DatasetSnapshot: what may be learned. RetrainingRun: one try. Watch: how a champion fares."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from backend.recognition.models import Capture, ModelVersion, engine_choices, task_choices


class DatasetSnapshot(models.Model):
    """A dataset manifest, named by its digest: hashes and groups, no people.

    `captures` are the contributions inside; a person who leaves takes the rows along, the digest
    stays.
    """

    task = models.CharField("tâche", max_length=32, choices=task_choices)
    sha256 = models.CharField(max_length=64)
    manifest = models.FileField("manifeste", max_length=255)
    counts = models.JSONField("comptes")
    left_out = models.JSONField("laissées de côté", default=list)
    n_items = models.PositiveIntegerField("éléments")
    captures = models.ManyToManyField(Capture, related_name="snapshots", blank=True)
    created_at = models.DateTimeField("pris le", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "instantané"
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["task", "sha256"], name="one_snapshot_per_content"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="snapshot_sha256_is_64_hex"
            ),
            models.CheckConstraint(condition=Q(n_items__gt=0), name="snapshot_is_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.task} n° {self.pk}"


class RetrainingRun(models.Model):
    """One training of one engine on one snapshot, and what the gate said of it."""

    class Status(models.TextChoices):
        RUNNING = "running", "en cours"
        PASSED = "passed", "admis"
        HELD = "held", "retenu"
        FAILED = "failed", "échoué"

    task = models.CharField("tâche", max_length=32, choices=task_choices)
    engine = models.CharField("moteur", max_length=32, choices=engine_choices)
    snapshot = models.ForeignKey(DatasetSnapshot, on_delete=models.PROTECT, related_name="runs")
    champion = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    challenger = models.OneToOneField(
        ModelVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="run"
    )
    status = models.CharField("état", max_length=16, choices=Status.choices, default=Status.RUNNING)
    gate = models.JSONField("épreuves", default=dict)
    code_version = models.CharField("version du code", max_length=64, blank=True)
    seed = models.PositiveIntegerField("graine")
    host = models.CharField("machine", max_length=128)
    log = models.TextField("journal", blank=True)
    error = models.TextField("erreur", blank=True)
    started_at = models.DateTimeField("début", default=timezone.now, editable=False)
    finished_at = models.DateTimeField("fin", null=True, blank=True)

    class Meta:
        verbose_name = "entraînement"
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["task", "engine"],
                condition=Q(status="running"),
                name="one_running_per_engine",
            ),
            models.CheckConstraint(
                condition=Q(status="running", finished_at__isnull=True)
                | Q(status__in=["passed", "held", "failed"], finished_at__isnull=False),
                name="finished_means_dated",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["running", "failed"])
                | Q(status__in=["passed", "held"], challenger__isnull=False),
                name="judged_means_a_challenger",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task}/{self.engine} n° {self.pk} ({self.get_status_display()})"


class Watch(models.Model):
    """One look at a champion on captures it never learned from, beside the champion before it.

    `lost` are those the earlier one names right and this one wrong, `gained` the reverse;
    `p_value` is the chance of so many losses if both were as good. `wrong_rate` is the share of
    its answers that people corrected.
    """

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="watches")
    before = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="+")
    n = models.PositiveIntegerField("captures relues")
    lost = models.PositiveIntegerField("perdues")
    gained = models.PositiveIntegerField("gagnées")
    p_value = models.FloatField("p")
    wrong_rate = models.FloatField("corrigées", null=True)
    wrong_rate_before = models.FloatField("corrigées, modèle précédent", null=True)
    flagged = models.BooleanField("inquiétant")
    rolled_back = models.BooleanField("retour arrière", default=False)
    created_at = models.DateTimeField("le", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "surveillance"
        verbose_name_plural = "surveillances"
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(p_value__gte=0, p_value__lte=1), name="p_value_is_a_probability"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} : {'inquiétant' if self.flagged else 'tranquille'}"
