"""ModelVersion, Promotion: the registry. Capture, Prediction, Correction: what people sent."""

from pathlib import Path
from typing import Any, ClassVar, Self, cast
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Prefetch, Q
from django.db.models.fields.files import FieldFile
from django.utils import timezone
from django.utils.functional import classproperty

from backend.waste.models import Department, Territory
from ml.task import TASKS

from .reads import CaptureQuerySet, plain

CAPTURES = "captures"  # the folder of their files, in storage and in an export


def task_choices() -> list[tuple[str, str]]:
    """Choices as a callable: a new task is no migration."""
    return [(name, name) for name in TASKS]


def engine_choices() -> list[tuple[str, str]]:
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

    task = models.CharField("tâche", max_length=32, choices=task_choices)
    engine = models.CharField("moteur", max_length=32, choices=engine_choices)
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


class Promotion(models.Model):
    """One change of champion; the order of the rows is the history, whatever a clock said."""

    class Reason(models.TextChoices):
        SEED = "seed", "livré avec le code"
        HUMAN = "human", "décision humaine"
        AUTOMATIC = "automatic", "automatique"
        ROLL_BACK = "roll_back", "retour arrière"

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="promotions")
    previous = models.ForeignKey(
        ModelVersion, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    reason = models.CharField("raison", max_length=16, choices=Reason.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="par",
    )
    created_at = models.DateTimeField("le", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "mise en service"
        verbose_name_plural = "mises en service"
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(reason__in=["seed", "human", "automatic", "roll_back"]),
                name="promotion_reason_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} ({self.get_reason_display()})"


def _capture_file(capture: "Capture", filename: str) -> str:
    """A name nobody can guess, and that says nothing of who sent it."""
    return f"{CAPTURES}/{uuid4().hex}{filename[filename.rfind('.') :]}"


class Capture(models.Model):
    """One photo or sound a person sent, re-encoded without what was written beside it.

    `sent_sha256` is of the bytes as they came, so that a repeated upload is known before it is
    decoded; `sha256` is of the stored file, the content that a dataset counts once.
    """

    class State(models.TextChoices):
        RECEIVED = "received", "reçue"
        CORRECTED = "corrected", "corrigée"
        AGREED = "agreed", "d'accord"
        LEARNED = "learned", "apprise"
        REJECTED = "rejected", "refusée"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="captures"
    )
    task = models.CharField("tâche", max_length=32, choices=task_choices)
    file = models.FileField("fichier", upload_to=_capture_file, max_length=255)
    sent_sha256 = models.CharField(max_length=64, editable=False)
    sha256 = models.CharField(max_length=64, db_index=True, editable=False)
    phash = models.CharField("empreinte visuelle", max_length=16, blank=True, editable=False)
    media_type = models.CharField("type", max_length=32, editable=False)
    size_bytes = models.PositiveBigIntegerField("octets", editable=False)
    duration_s = models.FloatField("durée", null=True, blank=True, editable=False)
    department = models.ForeignKey(
        Department, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    territory = models.ForeignKey(
        Territory, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Copied from the person when the capture arrives: joining two accounts moves no photo from
    # one side of a split to the other.
    dataset_group = models.UUIDField("groupe du jeu de données", editable=False)
    is_canary = models.BooleanField("témoin : ne doit plus jamais être confondue", default=False)
    captured_at = models.DateTimeField("prise le", editable=False)
    received_at = models.DateTimeField("reçue le", default=timezone.now, editable=False)

    # Known to those that `shown` gave: the newest dataset it stands in.
    snapshot: int | None

    objects = CaptureQuerySet.as_manager()

    class Meta:
        verbose_name = "capture"
        ordering: ClassVar = ["-received_at", "pk"]
        indexes: ClassVar = [
            models.Index(fields=["task", "-received_at"]),
            models.Index(fields=["user", "-received_at"]),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$")
                & Q(sent_sha256__regex=r"^[0-9a-f]{64}$"),
                name="capture_sha256_is_64_hex",
            ),
            models.CheckConstraint(
                condition=Q(phash="") | Q(phash__regex=r"^[0-9a-f]{16}$"),
                name="phash_is_16_hex",
            ),
            # A CHECK passes on NULL: each side names the duration it wants.
            models.CheckConstraint(
                condition=Q(media_type__startswith="image/", duration_s__isnull=True)
                | Q(media_type__startswith="audio/", duration_s__isnull=False, duration_s__gt=0),
                name="sound_has_a_duration",
            ),
            models.CheckConstraint(
                condition=~Q(file="") & Q(size_bytes__gt=0), name="capture_has_a_file"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.pk}"

    @property
    def filename(self) -> str:
        """The name its owner gets it by; the stored one is nobody's business."""
        return f"{self.pk}{Path(str(self.file)).suffix}"

    @property
    def said(self) -> "Correction | None":
        """What its owner says it shows."""
        return next((one for one in self.corrections.all() if one.author_id == self.user_id), None)

    @property
    def truth(self) -> str | None:
        """The label that was accepted, whoever said it."""
        accepted = Correction.Status.ACCEPTED
        return next((one.label for one in self.corrections.all() if one.status == accepted), None)

    @property
    def state(self) -> str:
        """What became of it: the furthest it came, or its owner's newest word where that waits."""
        words = {word.author_id: word.status for word in self.corrections.all()}
        said, status = set(words.values()), Correction.Status
        if self.snapshot is not None:
            return self.State.LEARNED
        if words.get(self.user_id) == status.PENDING:
            return self.State.CORRECTED
        if status.ACCEPTED in said:
            return self.State.AGREED
        return self.State.REJECTED if said == {status.REJECTED} else self.State.RECEIVED

    @classproperty
    def exported_with(cls) -> tuple[str | Prefetch[Any], ...]:  # noqa: N805
        """What `exported` follows; of a dataset only its number, for its lists are long."""
        dataset = cast(type[models.Model], cls._meta.get_field("snapshots").related_model)
        numbers = Prefetch("snapshots", dataset._default_manager.only("pk").order_by("pk"))
        return ("predictions__model_version", "corrections", numbers)

    def exported(self) -> dict[str, Any]:
        """What its owner takes along; nothing in it names another person."""
        told = ("id", "task", "media_type", "size_bytes", "sha256", "captured_at", "received_at")
        return {
            **plain(self, *told, "truth"),
            "department": self.department_id,
            "territory": self.territory_id,
            "predictions": [prediction.exported() for prediction in self.predictions.all()],
            "snapshots": [snapshot.pk for snapshot in self.snapshots.all()],
        }

    def exported_files(self) -> list[tuple[str, FieldFile]]:
        """Its file, and its place in the export."""
        return [(f"{CAPTURES}/{self.filename}", self.file)]


class Prediction(models.Model):
    """What one model said of one capture, on the phone or on the server; no label is unsure."""

    class Origin(models.TextChoices):
        DEVICE = "device", "appareil"
        SERVER = "server", "serveur"

    capture = models.ForeignKey(Capture, on_delete=models.CASCADE, related_name="predictions")
    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="predictions"
    )
    origin = models.CharField("origine", max_length=8, choices=Origin.choices)
    # Null is "unsure", an answer of its own.
    label = models.CharField(max_length=32, null=True, blank=True)  # noqa: DJ001
    score = models.FloatField()
    scores = models.JSONField("les trois premiers")
    latency_ms = models.FloatField("durée du calcul (ms)", null=True, blank=True)
    created_at = models.DateTimeField("le", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "prédiction"
        ordering: ClassVar = ["capture", "origin", "-pk"]
        indexes: ClassVar = [models.Index(fields=["model_version", "label"])]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["capture", "model_version", "origin"], name="one_prediction_per_model"
            ),
            models.CheckConstraint(
                condition=Q(origin__in=["device", "server"]), name="origin_is_known"
            ),
            models.CheckConstraint(
                condition=Q(score__gte=0, score__lte=1), name="score_is_a_probability"
            ),
            models.CheckConstraint(
                condition=Q(label__isnull=True) | ~Q(label=""), name="prediction_label_is_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.capture} → {self.label or '?'}"

    def exported(self) -> dict[str, Any]:
        """What the owner of the capture takes along."""
        version = self.model_version
        told = ("origin", "label", "score", "scores", "latency_ms", "created_at")
        return {"engine": version.engine, "version": version.version, **plain(self, *told)}


class Correction(models.Model):
    """What one person says a capture shows; it may confirm. One of them may become the truth."""

    class Status(models.TextChoices):
        PENDING = "pending", "à relire"
        ACCEPTED = "accepted", "acceptée"
        REJECTED = "rejected", "refusée"

    capture = models.ForeignKey(Capture, on_delete=models.CASCADE, related_name="corrections")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="corrections"
    )
    label = models.CharField(max_length=32)
    status = models.CharField("état", max_length=16, choices=Status.choices, default=Status.PENDING)
    # Null also where two people agreed and no reviewer was needed.
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="relue par",
    )
    reviewed_at = models.DateTimeField("relue le", null=True, blank=True)
    created_at = models.DateTimeField("dite le", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "correction"
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [models.Index(fields=["status", "created_at"])]
        permissions: ClassVar = [
            (
                "second_correction",
                "Peut appuyer une correction (deux personnes valent un relecteur)",
            ),
            ("review_correction", "Peut accepter, changer ou refuser une correction, seul"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["capture", "author"], name="one_correction_per_person"),
            models.UniqueConstraint(
                fields=["capture"], condition=Q(status="accepted"), name="one_truth_per_capture"
            ),
            models.CheckConstraint(
                condition=Q(status="pending", reviewed_at__isnull=True)
                | Q(status__in=["accepted", "rejected"], reviewed_at__isnull=False),
                name="reviewed_means_dated",
            ),
            models.CheckConstraint(condition=~Q(label=""), name="correction_has_a_label"),
        ]

    def __str__(self) -> str:
        return f"{self.capture} : {self.label} ({self.status})"

    def exported(self) -> dict[str, Any]:
        """What its author takes along."""
        told = ("label", "status", "created_at", "reviewed_at")
        return {"capture": str(self.capture_id), **plain(self, *told)}
