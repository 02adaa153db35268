"""GET /livez: the process answers; GET /readyz: so do the parts it needs."""

from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from backend.config.problems import problem_page
from backend.recognition.champions import NoModel, bundle_folder
from backend.recognition.models import ModelVersion
from backend.retraining.models import RetrainingRun
from backend.waste.models import SortingRule
from ml.task import TASKS


@never_cache
def livez(request: HttpRequest) -> JsonResponse:
    """Say that this process is alive."""
    return JsonResponse({"status": "ok"})


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Say of each part whether it answers, and which model serves."""
    parts: dict[str, Any] = {"database": _database(), "storage": _storage()}
    if parts["database"] == "ok":
        parts |= {"rules": _rules(), "champions": _champions()}
    engines = parts.get("champions", {}).values()
    ready = all(part == "ok" for name, part in parts.items() if name != "champions") and all(
        engine is not None for task in engines for engine in task.values()
    )
    parts["last_training"] = _last_training() if parts["database"] == "ok" else None
    # Filled by the job that backs up, once there is one.
    parts |= {"last_backup": None, "last_restore_test": None}
    if not ready:
        return problem_page(request, "not-ready", parts=parts)
    return JsonResponse({"status": "ok", **parts})


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "unreachable"
    return "ok"


def _storage() -> str:
    try:
        default_storage.delete(default_storage.save("readyz", ContentFile(b"ok")))
    except OSError:
        return "not writable"
    return "ok"


def _rules() -> str:
    return "ok" if SortingRule.objects.exists() else "empty"


def _last_training() -> dict[str, Any] | None:
    """How the newest finished training ended and how long ago, in hours."""
    run = RetrainingRun.objects.exclude(finished_at=None).first()
    if run is None or run.finished_at is None:
        return None
    age = timezone.now() - run.finished_at
    hours = round(age.total_seconds() / 3600, 1)
    return {"task": run.task, "engine": run.engine, "status": run.status, "age_h": hours}


def _champions() -> dict[str, dict[str, dict[str, str] | None]]:
    """Each engine's champion; None where no file can be served."""
    serving = {(v.task, v.engine): v for v in ModelVersion.objects.champions()}
    return {
        name: {engine: _facts(serving.get((name, engine))) for engine in task.engines}
        for name, task in TASKS.items()
    }


def _facts(version: ModelVersion | None) -> dict[str, str] | None:
    if version is None:
        return None
    try:
        bundle_folder(version)
    except NoModel:
        return None
    return {"version": version.version, "sha256": version.sha256}
