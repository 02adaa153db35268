"""Named features → scikit-learn pipeline → model.skops and its card: genre/svm, emotion/logreg."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import skops.io
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline

from ml.bundle import Bundle, OutputSpec, write_bundle
from ml.engines import open_engine
from ml.evaluate import evaluate, rounded, score
from ml.manifest import Item, digest
from ml.task import Task
from ml.train.auc import macro_auc
from ml.train.calibrate import calibrate
from ml.train.export import seal, unjudged_card
from ml.train.recipe import overridden
from ml.train.studies import Folds, Recipe, Study, of_emotion, of_genre
from ml.train.vectors import Examples, Floats
from ml.train.work import sole_use

log = logging.getLogger(__name__)


def train(
    task: Task,
    engine: str,
    data: Path,
    out: Path,
    *,
    seed: int,
    version: str,
    weights: str | None,
    work: Path,
    recipe: Path | None,
) -> Bundle:
    """Search, calibrate, fit, export and judge `engine`; write its bundle to `out`.

    Parameters
    ----------
    data : for svm a folder with GTZAN's features_30_sec.csv and the lists of its honest split; for
        logreg a snapshot, or a folder with recordings of the four corpora
    weights : not used; these engines start from nothing

    Raises
    ------
    BadDataset
        If the data are not what they should be.
    WorkInUse
        If another training holds `work`.
    BadRecipe
        If the recipe is not one.
    """
    numbers = overridden(Recipe(), recipe)
    with sole_use(work):
        music = task.name == "genre"
        study = of_genre(data) if music else of_emotion(data, work, numbers, seed)
        study, best, scores, tried = chosen(study)
        known = study.known
        logits = np.log(np.maximum(scores, 1e-9))
        calibration = calibrate(logits, _truth(task, known.items), precision=numbers.precision)
        model = cooled(study, study.pipelines[best], calibration.temperature)
        card = unjudged_card(
            task,
            known.items,
            engine=engine,
            spec=study.spec,
            output=OutputSpec(task.labels, "mean", calibration.threshold),
            snapshot=digest([*known.items, *study.test.items]),
            recipe={**asdict(numbers), "pipeline": best, "copies": len(known.vectors) - 1},
            seed=seed,
            version=version,
            licence=study.licence,
            limits=study.limits,
            runtime="sklearn",
        )
        bundle = seal(work / "candidate", skops.io.dumps(model), card)
        metrics = _judged(study, bundle, model, seed=seed)
        metrics |= {"validation": calibration.to_json(), "cross_validation": _cross(study, scores)}
        metrics |= {"search": rounded(tried)}
        # Last of all: where a bundle stands, the run succeeded.
        model_file = bundle.model.read_bytes()
        return write_bundle(out, model=model_file, card=replace(bundle.card, metrics=metrics))


def chosen(study: Study) -> tuple[Study, str, Floats, dict[str, float]]:
    """With altered copies or without, whichever is better out of fold; then as `search`."""
    bare = replace(study, known=Examples(study.known.vectors[:1], study.known.items))
    found = [(each, *search(each)) for each in ([study, bare] if study.known.views > 1 else [bare])]
    log.info(
        "best with altered copies, and without: %s", [tried[best] for _, best, _, tried in found]
    )
    return max(found, key=lambda each: each[3][each[1]])


def search(study: Study) -> tuple[str, Floats, dict[str, float]]:
    """The pipeline with the best accuracy out of fold; the earlier wins a tie.

    Returns
    -------
    its name; its probabilities of `known`, shape (n, labels); the accuracy of each
    """
    truth = _truth(study.task, study.known.items)
    scores: dict[str, Floats] = {}
    accuracy: dict[str, float] = {}
    for name, pipeline in study.pipelines.items():
        scores[name] = out_of_fold(pipeline, study.known, truth, study.folds)
        accuracy[name] = float((scores[name].argmax(axis=1) == truth).mean())
        log.info("%s: %.3f", name, accuracy[name])
    best = max(accuracy, key=accuracy.__getitem__)
    return best, scores[best], accuracy


def out_of_fold(pipeline: Any, known: Examples, truth: Any, folds: Folds) -> Floats:
    """Probabilities of each item by a pipeline that has seen neither it nor its group."""
    scores = np.zeros((len(truth), int(truth.max()) + 1), np.float32)
    for seen, asked in folds:
        fitted = fit(pipeline, known.vectors[:, seen], truth[seen])
        scores[asked] = fitted.predict_proba(known.clean[asked])
    return scores


def fit(pipeline: Any, vectors: Floats, truth: Any) -> Any:
    """A fresh pipeline fitted to all views, shape (views, n, features)."""
    views, _, n = vectors.shape
    return clone(pipeline).fit(vectors.reshape(-1, n), np.tile(truth, views))


def cooled(study: Study, pipeline: Any, temperature: float) -> Any:
    """The pipeline fitted to all that is known, as sure of itself as it may be."""
    truth = _truth(study.task, study.known.items)
    if isinstance(pipeline, Pipeline) and isinstance(pipeline[-1], LogisticRegression):
        model = fit(pipeline, study.known.vectors, truth)
        model[-1].coef_ /= temperature
        model[-1].intercept_ /= temperature
        return model
    # scikit-learn's own temperature, from the same folds and so the same number.
    whole = CalibratedClassifierCV(
        pipeline, method="temperature", cv=list(study.folds), ensemble=False
    )
    return whole.fit(study.known.clean, truth)


def _judged(study: Study, bundle: Bundle, model: Any, *, seed: int) -> dict[str, Any]:
    """What the bundle is worth on test; the floor; and the figure of a protocol that leaks."""
    test, task = study.test, study.task
    scores = model.predict_proba(test.clean)
    threshold = bundle.card.output.threshold
    if study.folder is None:
        report = score(scores, test.items, labels=task.labels, threshold=threshold, split="test")
    else:
        report = evaluate(open_engine(bundle), study.folder, test.items, split="test")
    truth = _truth(task, study.known.items)
    floor = fit(study.pipelines[study.plain], study.known.vectors[:1], truth)
    plain = score(
        floor.predict_proba(test.clean), test.items, labels=task.labels, threshold=0, split="test"
    ).to_json()
    shown = ("accuracy", "accuracy_interval", "top3_accuracy", "macro_f1", "recall")
    baseline = {"name": f"{study.plain}, no altered copies", **{key: plain[key] for key in shown}}
    return {
        **replace(report, baseline=baseline).to_json(),
        "auc": macro_auc(scores, test.items, task.labels),
        "leaky": _leaky(study, bundle.card.training.recipe["pipeline"], seed=seed),
    }


def _cross(study: Study, scores: Floats) -> dict[str, Any]:
    """The out-of-fold figures of what was chosen: many more groups than the test has."""
    items, labels = study.known.items, study.task.labels
    report = score(scores, items, labels=labels, threshold=0, split="out of fold").to_json()
    shown = ("n", "accuracy", "accuracy_interval", "macro_f1", "macro_f1_interval")
    return {**{key: report[key] for key in shown}, "auc": macro_auc(scores, items, labels)}


def _leaky(study: Study, name: str, *, seed: int) -> dict[str, Any]:
    """The same pipeline where groups are on both sides, as the reports were judged."""
    truth = _truth(study.task, study.leaky.items)
    random = StratifiedKFold(study.leaky_folds, shuffle=True, random_state=seed)
    folds = list(random.split(truth, truth))
    scores = out_of_fold(study.pipelines[name], study.leaky, truth, folds)
    right = float((scores.argmax(axis=1) == truth).mean())
    area = macro_auc(scores, study.leaky.items, study.task.labels)["value"]
    return {"protocol": f"LEAKY: {study.leak}", "n": len(truth), "accuracy": round(right, 4)} | {
        "auc": area
    }


def _truth(task: Task, items: Sequence[Item]) -> Any:
    """Labels as numbers, in the task's order."""
    return np.array([task.labels.index(item.label) for item in items])
