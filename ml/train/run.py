"""train(task, data, out, seed): the whole story, from a folder of photos to a judged bundle."""

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from ml.bundle import Bundle, ImageSpec, OutputSpec, write_bundle
from ml.decode import square
from ml.engines import open_engine
from ml.errors import BadDataset, MLError
from ml.evaluate import evaluate, score
from ml.manifest import Item, digest, read_manifest, write_manifest
from ml.task import Task
from ml.train.calibrate import Calibration, softmax
from ml.train.cost import Cost
from ml.train.data import View, plan_views, read_photo
from ml.train.export import LICENCE, LIMITS, check_parity, seal, to_tflite, unjudged_card
from ml.train.features import FeatureCache
from ml.train.fit import Recipe, cell_weights, fit_head
from ml.train.learn import Run, learn, told
from ml.train.networks import build_waste, round_to_half
from ml.train.recipe import read_recipe
from ml.train.rows import Array
from ml.train.sources import CONTRIBUTED, read_sources
from ml.train.strangers import calibration_of
from ml.train.work import Stages, sole_use

log = logging.getLogger(__name__)

_PARITY_PHOTOS = 64
# Where a machine without a network finds the weights: beside the photos' folder.
BESIDE = "weights/mobilenet_v2_1.0_224_dequant_notop.weights.h5"


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
    """Train, calibrate, export and judge a model of `task`; write its bundle to `out`.

    Parameters
    ----------
    engine : "net", the only one
    data : a folder with `manifest.jsonl` or a base dataset's `manifest.csv`
    version : what the card is to say
    weights : "imagenet" (fetched by Keras), "none", or a file; None takes the file beside the data
        where there is one, else imagenet
    recipe : a JSON object of the Recipe's fields that shall differ
    work : where features and finished stages are kept; a run that was stopped goes on from there,
        and what a finished run had no use for is gone

    Raises
    ------
    BadDataset
        If the manifest or a file is not what it should be.
    BadBundle
        If the exported graph is not the trained model.
    WorkInUse
        If another training holds `work`.
    BadRecipe, MLError
        If the recipe is not one, or there are no weights where they should be.
    """
    start = _weights(weights, data)
    numbers = Recipe() if recipe is None else read_recipe(recipe)
    with sole_use(work):
        # Keras counts up the names of layers in a process; the exported file repeats them.
        keras.utils.clear_session()
        keras.utils.set_random_seed(seed)
        cost = Cost()
        with cost.of("manifest"):
            items = _items(data, task)
            write_manifest(work / "manifest.jsonl", items)
        run = _prepare(
            task, data, items, seed=seed, weights=start, work=work, recipe=numbers, cost=cost
        )
        bundle = _judged(run, data, work / "candidate", version=version)
        run.stages.sweep()
        (work / "cost.json").write_text(json.dumps(cost.to_json(), indent=1) + "\n")
        # Last of all: where a bundle stands, the run succeeded.
        return write_bundle(out, model=bundle.model.read_bytes(), card=bundle.card)


def _weights(said: str | None, data: Path) -> str | Path | None:
    beside = data.resolve().parent / BESIDE
    if said is None and beside.is_file():
        return beside
    if said in (None, "imagenet"):
        return "imagenet"
    if said == "none":
        return None
    if not Path(said).is_file():
        raise MLError("no-weights", f"no weights at {said}")
    return Path(said)


def _judged(run: Run, data: Path, candidate: Path, *, version: str) -> Bundle:
    """The stages in their order; the exported bundle with its metrics."""
    with run.cost.of("linear probe"):
        baseline = _baseline(run)
    with run.cost.of("calibration"):
        calibration, by_fold = calibration_of(run)
    # Validation has told what it had to; what ships learns from it too. Only test stays unseen.
    known = run.of("train", "val")
    with run.cost.of("final fit"):
        _final(run, known)
    with run.cost.of("export"):
        bundle, gap = _export(run, known, data, candidate, calibration, version=version)
    with run.cost.of("judge"):
        report = evaluate(open_engine(bundle), data, run.of("test"), split="test")
    report = replace(report, baseline=baseline, leave_one_source_out=by_fold)
    more = {"validation": calibration.to_json(), "parity": round(gap, 6)}
    card = replace(bundle.card, metrics={**report.to_json(), **more})
    return replace(bundle, card=card)


def _items(data: Path, task: Task) -> tuple[Item, ...]:
    """The dataset in the order of its paths: the order of its lines moves nothing."""
    snapshot = data / "manifest.jsonl"
    items = read_manifest(snapshot) if snapshot.exists() else read_sources(data, task)
    fed = [item.path for item in items if item.source in CONTRIBUTED and item.split == "test"]
    if fed:
        raise BadDataset("fed-test", f"{fed[0]}: no model is judged on what people sent")
    strange = [item for item in items if item.label not in task.labels]
    if strange:
        raise BadDataset("unknown-label", f"{strange[0].path}: {strange[0].label!r}")
    base = {item.split for item in items if item.source not in CONTRIBUTED}
    empty = {"train", "val", "test"} - base
    if empty:
        raise BadDataset("empty-split", f"no photo in {', '.join(sorted(empty))}")
    return tuple(sorted(items, key=lambda item: item.path))


def _prepare(
    task: Task,
    data: Path,
    items: Sequence[Item],
    *,
    seed: int,
    weights: str | Path | None,
    work: Path,
    recipe: Recipe,
    cost: Cost,
) -> Run:
    """The network before it learns, and every feature it will learn from or be asked about."""
    with cost.of("network"):
        net = build_waste(len(task.labels), side=recipe.side, alpha=recipe.alpha, weights=weights)
        cache = FeatureCache(
            work / "features", data, net, crop=recipe.crop, aug=recipe.augmentation
        )
    views = plan_views(
        [item for item in items if item.split != "test"],
        per_cell=recipe.views_per_cell,
        per_photo=recipe.views_per_photo,
        seed=seed,
    )
    with cost.of("features"):
        clean = [View(item, 0) for item in items]
        cache.keep([*clean, *views], seed=seed)
        features = cache.features([*clean, *views], seed=seed)
        pooled = cache.pooled(clean, seed=seed)[:]
    return Run(
        task=task,
        recipe=recipe,
        seed=seed,
        net=net,
        start=net.tail.get_weights(),
        items=items,
        views=views,
        features=features,
        pooled=pooled,
        stages=Stages(work / "stages"),
        cost=cost,
    )


def _baseline(run: Run) -> dict[str, Any]:
    """The floor: frozen features and a class-balanced logistic regression, same split."""
    known, test = run.of("train", "val"), run.of("test")

    def make() -> list[Array]:
        balanced = cell_weights([replace(item, source="") for item in known], cap=len(known))
        pooled = run.pooled[run.rows(known)]
        fit_head(run.net, pooled, run.truth(known), balanced, penalty=run.recipe.head_penalty)
        kernel, bias = run.net.head.get_weights()
        return [run.pooled[run.rows(test)] @ kernel + bias]

    (logits,) = run.stages.once("linear probe", run.said(known, asked=told(test)), make)
    report = score(softmax(logits), test, labels=run.task.labels, threshold=0, split="test")
    log.info("linear probe: accuracy %.3f, macro-F1 %.3f", report.accuracy, report.macro_f1)
    floor = report.to_json()
    shown = ("accuracy", "accuracy_interval", "top3_accuracy", "macro_f1", "recall")
    return {"name": "linear probe", **{key: floor[key] for key in shown}}


def _final(run: Run, known: Sequence[Item]) -> None:
    """Leave in the run's network what ships."""
    stage, epochs = "train and validation", run.recipe.epochs

    def make() -> list[Array]:
        learn(run, known, epochs=epochs, stage=stage)
        weights: list[Array] = run.net.logits.get_weights()
        return weights

    run.net.logits.set_weights(run.stages.once(stage, run.said(known, epochs=epochs), make))


def _export(
    run: Run,
    known: Sequence[Item],
    data: Path,
    folder: Path,
    calibration: Calibration,
    *,
    version: str,
) -> tuple[Bundle, float]:
    """The calibrated graph as a bundle that still lacks its metrics, and its gap to Keras."""
    kernel, bias = run.net.head.get_weights()
    run.net.head.set_weights([kernel / calibration.temperature, bias / calibration.temperature])
    round_to_half(run.net.head)
    model = run.net.whole()
    card = unjudged_card(
        run.task,
        known,
        engine="net",
        spec=ImageSpec(
            "image", (1, run.recipe.side, run.recipe.side, 3), "uint8", (0, 255), run.recipe.crop
        ),
        output=OutputSpec(run.task.labels, "mean", calibration.threshold),
        snapshot=digest(run.items),
        recipe=asdict(run.recipe),
        seed=run.seed,
        version=version,
        licence=LICENCE,
        limits=LIMITS,
    )
    bundle = seal(folder, to_tflite(model), card)
    photos = [
        square(read_photo(data, item), side=run.recipe.side, crop=run.recipe.crop)
        for item in run.base("val")[:_PARITY_PHOTOS]
    ]
    gap = check_parity(bundle, model, np.stack(photos))
    log.info("export: %d bytes, within %.4f of Keras", bundle.card.size_bytes, gap)
    return bundle, gap
