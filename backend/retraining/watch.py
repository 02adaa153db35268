"""watch: is the new champion worse in people's hands than the one before it?"""

from collections.abc import Sequence
from math import comb

from django.conf import settings
from django.db.models import F, Q

from backend.recognition.champions import bundle_folder
from backend.recognition.models import Correction, ModelVersion, Prediction
from backend.recognition.services import previous_champion
from ml.bundle import load_bundle
from ml.evaluate import wilson
from ml.predict import open_checked, probabilities
from ml.task import Task

from .models import Watch
from .services import roll_back
from .snapshot import content_of, truths

# Looked at every week: a flag may be a false alarm now and then, a flip back must not.
FLAG_P, FLIP_P = 0.05, 0.01
_MOST = 500  # newest reviewed captures


def watch(task: Task, engine: str) -> Watch | None:
    """Compare champion and predecessor on reviewed captures that neither learned from.

    Unreviewed corrections are counted too, but never flip a champion: anybody can send them.
    None where there is no predecessor.
    """
    version = ModelVersion.objects.champions().filter(task=task.name, engine=engine).first()
    before = previous_champion(version) if version is not None else None
    if version is None or before is None:
        return None
    unseen = _unseen(task, version)
    lost, gained = _paired(unseen, version, before)
    p_value = chance_of_losses(lost, gained)
    wrong, wrong_before = _corrected(version), _corrected(before)
    rises = wilson(*wrong)[0] > wilson(*wrong_before)[1]
    seen = Watch(
        version=version,
        before=before,
        n=len(unseen),
        lost=lost,
        gained=gained,
        p_value=p_value,
        wrong_rate=wrong[0] / wrong[1] if wrong[1] else None,
        wrong_rate_before=wrong_before[0] / wrong_before[1] if wrong_before[1] else None,
        flagged=rises or p_value < FLAG_P,
    )
    if settings.AUTO_PROMOTE and p_value < FLIP_P:
        roll_back(task, engine)
        seen.rolled_back = True
    seen.save()
    return seen


def chance_of_losses(lost: int, gained: int) -> float:
    """One-sided sign test (McNemar's, exact): P(at least `lost` of all changes) at even odds."""
    changes = lost + gained
    at_least: int = sum(comb(changes, k) for k in range(lost, changes + 1))
    return at_least / 2.0**changes


def _unseen(task: Task, version: ModelVersion) -> Sequence[Correction]:
    learned = version.run.snapshot.captures.all() if hasattr(version, "run") else ()
    return list(truths(task).exclude(capture__in=learned).order_by("-pk")[:_MOST])


def _paired(
    unseen: Sequence[Correction], version: ModelVersion, before: ModelVersion
) -> tuple[int, int]:
    now, then = (open_checked(load_bundle(bundle_folder(v))) for v in (version, before))
    lost = gained = 0
    for truth in unseen:
        content = content_of(truth.capture)
        if content is None:
            continue
        labels = now.card.output.labels
        right = [
            labels[int(probabilities(engine, content).argmax())] == truth.label
            for engine in (now, then)
        ]
        lost += right == [False, True]
        gained += right == [True, False]
    return lost, gained


def _corrected(version: ModelVersion) -> tuple[int, int]:
    """How many of a version's answers their owners corrected, and of how many."""
    said = Prediction.objects.filter(model_version=version, label__isnull=False)
    theirs = Q(capture__corrections__author=F("capture__user")) & ~Q(
        capture__corrections__status=Correction.Status.REJECTED
    )
    wrong = said.filter(theirs).exclude(capture__corrections__label=F("label"))
    return (
        wrong.values("capture").distinct().count(),
        said.values("capture").distinct().count(),
    )
