"""train(task, data, out, seed): the whole story, from a folder of photos to a judged bundle."""

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from ml.bundle import Bundle, write_bundle
from ml.decode import square
from ml.engines import open_engine
from ml.errors import BadDataset
from ml.evaluate import evaluate, rounded, score
from ml.manifest import Item, digest, read_manifest, write_manifest
from ml.task import Task
from ml.train.calibrate import Calibration, calibrate, softmax
from ml.train.data import FeatureCache, Features, Stack, View, plan_views, read_photo
from ml.train.export import check_parity, seal, to_tflite, unjudged_card
from ml.train.fit import Floats, Recipe, cell_weights, fit_head, fit_tail
from ml.train.networks import WasteNet, build_waste, round_to_half
from ml.train.sources import FOLDS, read_sources

log = logging.getLogger(__name__)

PRECISION = 0.9
_PARITY_PHOTOS = 64


@dataclass(frozen=True)
class Run:
    """What the stages of one training share. Row i of `clean` and `pooled` is `items[i]`."""

    task: Task
    recipe: Recipe
    seed: int
    net: WasteNet
    start: Sequence[Any]
    items: Sequence[Item]
    clean: Features
    pooled: Floats
    views: Sequence[View]
    varied: Features
    work: Path

    def rows(self, wanted: Sequence[Item]) -> Any:
        place = {item.path: row for row, item in enumerate(self.items)}
        return np.array([place[item.path] for item in wanted], dtype=int)

    def truth(self, wanted: Sequence[Item]) -> Any:
        return np.array([self.task.labels.index(item.label) for item in wanted], dtype=int)

    def of(self, *splits: str) -> list[Item]:
        return [item for item in self.items if item.split in splits]


def train(
    task: Task,
    data: Path,
    out: Path,
    *,
    seed: int,
    version: str,
    weights: str | Path | None,
    work: Path,
    recipe: Recipe,
) -> Bundle:
    """Train, calibrate, export and judge a model of `task`; write its bundle to `out`.

    Parameters
    ----------
    data : a folder with `manifest.jsonl` or a base dataset's `manifest.csv`
    version : what the card is to say
    work : where features are kept; a run that was stopped goes on from there

    Raises
    ------
    BadDataset
        If the manifest or a file is not what it should be.
    BadBundle
        If the exported graph is not the trained model.
    """
    keras.utils.set_random_seed(seed)
    items = _items(data, task)
    work.mkdir(parents=True, exist_ok=True)
    write_manifest(work / "manifest.jsonl", items)
    run = _prepare(task, data, items, seed=seed, weights=weights, work=work, recipe=recipe)
    baseline = _baseline(run)
    unseen, by_fold = _out_of_source(run)
    _learn(run, run.of("train"), epochs=recipe.epochs, stage="all sources")
    strangers = _strangers(run)
    unseen.append((strangers, _logits(run, strangers)))
    calibration = calibrate(
        np.concatenate([logits for _, logits in unseen]),
        np.concatenate([run.truth(wanted) for wanted, _ in unseen]),
        precision=PRECISION,
    )
    log.info("calibration: %s", calibration.to_json())
    # Validation has told what it had to; what ships learns from it too. Only test stays unseen.
    known = run.of("train", "val")
    _learn(run, known, epochs=recipe.epochs, stage="train and validation")
    bundle = _export(run, known, data, work / "candidate", calibration, version=version)
    report = evaluate(open_engine(bundle), data, run.of("test"), split="test")
    report = replace(report, baseline=baseline, leave_one_source_out=by_fold)
    metrics = {**report.to_json(), "validation": calibration.to_json()}
    return write_bundle(
        out, model=bundle.model.read_bytes(), card=replace(bundle.card, metrics=metrics)
    )


def _items(data: Path, task: Task) -> tuple[Item, ...]:
    snapshot = data / "manifest.jsonl"
    items = read_manifest(snapshot) if snapshot.exists() else read_sources(data, task)
    empty = {"train", "val", "test"} - {item.split for item in items}
    if empty:
        raise BadDataset("empty-split", f"no photo in {', '.join(sorted(empty))}")
    return items


def _prepare(
    task: Task,
    data: Path,
    items: Sequence[Item],
    *,
    seed: int,
    weights: str | Path | None,
    work: Path,
    recipe: Recipe,
) -> Run:
    net = build_waste(len(task.labels), side=recipe.side, alpha=recipe.alpha, weights=weights)
    cache = FeatureCache(
        work / "features", data, net.front, crop=recipe.crop, aug=recipe.augmentation
    )
    views = plan_views(
        [item for item in items if item.split != "test"],
        per_cell=recipe.views_per_cell,
        per_photo=recipe.views_per_photo,
        seed=seed,
    )
    clean = cache.features([View(item, 0) for item in items], seed=seed, name="clean")
    varied = cache.features(views, seed=seed, name="varied")
    return Run(
        task=task,
        recipe=recipe,
        seed=seed,
        net=net,
        start=net.tail.get_weights(),
        items=items,
        clean=clean,
        pooled=_predict(net.tail, clean),
        views=views,
        varied=varied,
        work=work,
    )


def _baseline(run: Run) -> dict[str, Any]:
    """The floor: frozen features and a class-balanced logistic regression, same split."""
    known, test = run.of("train", "val"), run.of("test")
    balanced = cell_weights([replace(item, source="") for item in known], cap=len(known))
    pooled = run.pooled[run.rows(known)]
    fit_head(run.net, pooled, run.truth(known), balanced, penalty=run.recipe.head_penalty)
    kernel, bias = run.net.head.get_weights()
    logits = run.pooled[run.rows(test)] @ kernel + bias
    report = score(softmax(logits), test, labels=run.task.labels, threshold=0, split="test")
    log.info("linear probe: accuracy %.3f, macro-F1 %.3f", report.accuracy, report.macro_f1)
    floor = report.to_json()
    told = ("accuracy", "accuracy_interval", "top3_accuracy", "macro_f1", "recall")
    return {"name": "linear probe", **{key: floor[key] for key in told}}


def _export(
    run: Run,
    known: Sequence[Item],
    data: Path,
    folder: Path,
    calibration: Calibration,
    *,
    version: str,
) -> Bundle:
    """The calibrated graph as a bundle that still lacks its metrics."""
    kernel, bias = run.net.head.get_weights()
    run.net.head.set_weights([kernel / calibration.temperature, bias / calibration.temperature])
    round_to_half(run.net.head)
    model = run.net.whole()
    card = unjudged_card(
        run.task,
        known,
        snapshot=digest(run.items),
        threshold=calibration.threshold,
        recipe=asdict(run.recipe),
        seed=run.seed,
        version=version,
    )
    bundle = seal(folder, to_tflite(model), card)
    photos = [
        square(read_photo(data, item), side=run.recipe.side, crop=run.recipe.crop)
        for item in run.of("val")[:_PARITY_PHOTOS]
    ]
    gap = check_parity(bundle, model, np.stack(photos))
    log.info("export: %d bytes, within %.4f of Keras", bundle.card.size_bytes, gap)
    return bundle


def _learn(run: Run, known: Sequence[Item], *, epochs: int, stage: str) -> None:
    """Fit the network to `known` from the frozen weights on: head, tail, prior."""
    recipe = run.recipe
    paths = {item.path for item in known}
    # Photos as they will be seen, and as another hand would have taken them.
    seen = [*run.items, *(view.item for view in run.views)]
    rows = np.array([row for row, item in enumerate(seen) if item.path in paths])
    log.info("%s: %d photos, %d views", stage, len(known), len(rows))
    kept = run.work / f"{stage.replace(' ', '-')}-{_stage_key(run, known, epochs)}.npz"
    if kept.exists():
        with np.load(kept) as saved:
            run.net.logits.set_weights([saved[name] for name in saved.files])
        return
    run.net.tail.set_weights(run.start)
    weights = cell_weights(known, cap=recipe.draws_per_cell)
    pooled = run.pooled[run.rows(known)]
    fit_head(run.net, pooled, run.truth(known), weights, penalty=recipe.head_penalty)
    fit_tail(
        run.net,
        Stack(run.clean, run.varied),
        seen,
        recipe,
        rows=rows,
        labels=run.task.labels,
        epochs=epochs,
        seed=run.seed,
        stage=stage,
    )
    kernel, bias = run.net.head.get_weights()
    often = np.array([recipe.prior.get(label, 1.0) for label in run.task.labels])
    run.net.head.set_weights([kernel, bias + np.log(often)])
    round_to_half(run.net.logits)
    np.savez(kept, *run.net.logits.get_weights())


def _stage_key(run: Run, known: Sequence[Item], epochs: int) -> str:
    """Everything a stage's weights follow from: a stopped run takes up the stages it finished."""
    frozen = (*run.net.front.get_weights(), *run.start)
    start = b"".join(np.ascontiguousarray(weight).tobytes() for weight in frozen)
    photos = [(item.sha256, item.label, item.source) for item in known]
    said = json.dumps([asdict(run.recipe), run.seed, run.task.labels, epochs, photos])
    return hashlib.sha256(start + said.encode()).hexdigest()[:16]


def _out_of_source(run: Run) -> tuple[list[tuple[list[Item], Floats]], dict[str, Any]]:
    """Answers to calibrate on, about sources left out one fold at a time; each fold's worth.

    A label that only the left-out sources show cannot be learned without them: not asked.
    """
    answers: list[tuple[list[Item], Floats]] = []
    worth: dict[str, Any] = {}
    for name, sources in FOLDS.items():
        known = [item for item in run.of("train") if item.source not in sources]
        labels = {item.label for item in known}
        asked = [i for i in run.of("train") if i.source in sources and i.label in labels]
        asked = _thinned(asked, run.recipe.draws_per_cell)
        if not asked:
            continue
        _learn(run, known, epochs=run.recipe.fold_epochs, stage=f"without {name}")
        logits = _logits(run, asked)
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
    known = {item.source for item in run.of("train")}
    return [item for item in run.of("val") if item.source not in known] or run.of("val")


def _thinned(items: Sequence[Item], cap: int) -> list[Item]:
    """At most `cap` photos of each class × source, chosen by their hash."""
    seen: Counter[tuple[str, str]] = Counter()
    kept = []
    for item in sorted(items, key=lambda item: item.sha256):
        seen[item.label, item.source] += 1
        if seen[item.label, item.source] <= cap:
            kept.append(item)
    return kept


def _logits(run: Run, wanted: Sequence[Item]) -> Floats:
    return _predict(run.net.logits, run.clean[run.rows(wanted)])


def _predict(model: Any, x: Any) -> Floats:
    """A Keras model over many rows of float16, a thousand at a time."""
    parts = [
        model.predict(x[start : start + 1024].astype(np.float32), batch_size=64, verbose=0)
        for start in range(0, len(x), 1024)
    ]
    return np.concatenate(parts)
