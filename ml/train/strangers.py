"""Answers about photos of unseen origin: all that calibration listens to. People's are not asked.

These networks learn from base sources alone, so they are the same week after week, made once, and
no correction can move the temperature or the threshold.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from ml.evaluate import rounded, score
from ml.manifest import Item
from ml.train.calibrate import Calibration, calibrate, softmax
from ml.train.fit import Floats
from ml.train.learn import Run, logits_of
from ml.train.sources import FOLDS

log = logging.getLogger(__name__)

PRECISION = 0.9


def calibration_of(run: Run) -> tuple[Calibration, dict[str, Any]]:
    """Temperature and threshold for this recipe, and the worth of each fold."""
    unseen, by_fold = _out_of_source(run)
    asked = _strangers(run)
    logits = logits_of(run, asked, run.base("train"), epochs=run.recipe.epochs, stage="all sources")
    unseen.append((asked, logits))
    calibration = calibrate(
        np.concatenate([logits for _, logits in unseen]),
        np.concatenate([run.truth(wanted) for wanted, _ in unseen]),
        precision=PRECISION,
    )
    log.info("calibration: %s", calibration.to_json())
    return calibration, by_fold


def _out_of_source(run: Run) -> tuple[list[tuple[list[Item], Floats]], dict[str, Any]]:
    """Answers to calibrate on, about sources left out one fold at a time; each fold's worth.

    A label that only the left-out sources show cannot be learned without them: not asked.
    """
    answers: list[tuple[list[Item], Floats]] = []
    worth: dict[str, Any] = {}
    train = run.base("train")
    for name, sources in FOLDS.items():
        known = [item for item in train if item.source not in sources]
        labels = {item.label for item in known}
        asked = [item for item in train if item.source in sources and item.label in labels]
        asked = _thinned(asked, run.recipe.draws_per_cell)
        if not asked:
            continue
        stage = f"without {name}"
        logits = logits_of(run, asked, known, epochs=run.recipe.fold_epochs, stage=stage)
        report = score(softmax(logits), asked, labels=run.task.labels, threshold=0, split=name)
        worth[name] = rounded(
            {
                "sources": sorted(sources),
                "n": report.n,
                "accuracy": report.accuracy,
                "top3_accuracy": report.top3_accuracy,
                "macro_recall": float(np.mean([r.recall for r in report.recall.values() if r.n])),
            }
        )
        log.info("without %s: %s", name, worth[name])
        answers.append((asked, logits))
    return answers, worth


def _strangers(run: Run) -> list[Item]:
    """Validation photos whose source was never learned from; all of them where there is none.

    A new group of a known source is answered with more confidence than a stranger's photo.
    """
    known = {item.source for item in run.base("train")}
    held = run.base("val")
    return [item for item in held if item.source not in known] or held


def _thinned(items: Sequence[Item], cap: int) -> list[Item]:
    """At most `cap` photos of each class × source, chosen by their hash."""
    seen: Counter[tuple[str, str]] = Counter()
    kept = []
    for item in sorted(items, key=lambda item: item.sha256):
        seen[item.label, item.source] += 1
        if seen[item.label, item.source] <= cap:
            kept.append(item)
    return kept
