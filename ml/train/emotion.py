"""emotion/net: voices → a judged bundle of one graph that also says whether there is a voice."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from ml.bundle import Bundle, OutputSpec, write_bundle
from ml.engines import open_engine
from ml.errors import MLError
from ml.evaluate import evaluate, score
from ml.manifest import Item, digest
from ml.predict import probabilities
from ml.sound import windows
from ml.task import Task
from ml.train.auc import macro_auc
from ml.train.calibrate import answered, calibrate
from ml.train.export import check_parity, seal, to_tflite, unjudged_card
from ml.train.hearing import SPEC, Maps, Statistics, describe, hear
from ml.train.presence import Presence, hear_presence
from ml.train.recipe import overridden
from ml.train.vectors import waveform_of
from ml.train.voicenet import Learning, VoiceNet, build, learn, start_linear
from ml.train.voices import LICENCE, LIMITS, folds, items_of
from ml.train.work import Stages, sole_use
from ml.train.yamnet import Weights, read_weights

log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float32]

# Where a machine without a network finds them: beside the folder of voices.
BESIDE = "weights/yamnet.tflite"
MUSIC = "genre/clips"
MAX_BYTES = 12_000_000
_PARITY_WINDOWS = 64
# Logits of each clip's windows, spread evenly over so many, so that all clips have as many.
_EVEN = 12


@dataclass(frozen=True)
class Recipe:
    """Every number of a run."""

    views: int = 6
    folds: int = 4
    precision: float = 0.8
    dropout: float = 0.3
    sounds: int = 40  # of each kind that is made to be told from a voice
    learning: Learning = field(default_factory=Learning)


@dataclass(frozen=True)
class Run:
    """What every stage of a training needs."""

    task: Task
    recipe: Recipe
    seed: int
    items: tuple[Item, ...]
    folder: Path
    weights: Weights
    maps: Maps
    statistics: Statistics
    stages: Stages

    def rows(self, *splits: str) -> list[int]:
        """Rows of the items of these splits."""
        return [row for row, item in enumerate(self.items) if item.split in splits]

    def of(self, rows: Sequence[int]) -> tuple[Item, ...]:
        return tuple(self.items[row] for row in rows)

    def truth(self, rows: Sequence[int]) -> npt.NDArray[np.int64]:
        labels = self.task.labels
        return np.array([labels.index(self.items[row].label) for row in rows], np.int64)


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
    """Fine-tune, calibrate, export and judge VoiceNet; write its bundle to `out`.

    Parameters
    ----------
    engine : "net", the only one
    data : a snapshot, or a folder with recordings of the four corpora; what is no voice is learned
        from `genre/clips` beside it, where that is, and from sounds made here
    weights : `yamnet.tflite`, with `yamnet_class_map.csv` beside it; None takes the file in
        `weights` beside the data
    work : where maps and finished folds are kept; a run that was stopped goes on from there

    Raises
    ------
    BadDataset
        If the data are not what they should be.
    BadBundle
        If the exported graph is not the trained model.
    WorkInUse, BadRecipe, MLError
        If another training holds `work`, the recipe is not one, or there are no weights.
    """
    numbers = overridden(Recipe(), recipe)
    path = Path(weights) if weights else data.resolve().parent / BESIDE
    if not path.is_file():
        raise MLError("no-weights", f"no weights at {path}")
    with sole_use(work):
        keras.utils.clear_session()
        keras.utils.set_random_seed(seed)
        folder, items = items_of(data, work / "voices")
        start = read_weights(path)
        net = build(len(task.labels), start, dropout=numbers.dropout)
        maps = hear(net.front, folder, items, views=numbers.views, seed=seed, cache=work / "maps")
        stages = Stages(work / "stages")
        statistics = describe(net, maps)
        run = Run(task, numbers, seed, items, folder, start, maps, statistics, stages)
        unseen = _out_of_fold(run)
        known = run.rows("train", "val")
        _fit(run, net, known, stage="all speakers of train")
        music = data.resolve().parent / MUSIC
        presence = hear_presence(
            net,
            maps,
            items,
            start,
            path.with_name("yamnet_class_map.csv"),
            music,
            sounds=numbers.sounds,
            seed=seed,
        )
        bundle, said = _export(run, net, unseen, presence, work / "candidate", version=version)
        metrics = _judged(run, bundle, unseen, said)
        return write_bundle(
            out, model=bundle.model.read_bytes(), card=replace(bundle.card, metrics=metrics)
        )


def _fit(run: Run, net: VoiceNet, rows: Sequence[int], *, stage: str) -> None:
    """Fit the tuned half to these items, or take its weights up from an earlier run."""
    said = {"items": digest(run.of(rows)), "recipe": asdict(run.recipe), "seed": run.seed}

    def make() -> list[Any]:
        every = run.truth(range(len(run.items)))
        start_linear(net, *run.statistics.of(run.maps, rows, every))
        learn(net, run.maps.views, every, np.array(rows), run.recipe.learning, seed=run.seed)
        weights: list[Any] = net.logits.get_weights()
        return weights

    net.logits.set_weights(run.stages.once(stage, said, make))


def _out_of_fold(run: Run) -> Floats:
    """Logits of the windows of each known item by a network that never heard its speaker.

    Returns
    -------
    shape (known items, 12, labels): each item's windows, spread evenly
    """
    known = run.rows("train", "val")
    logits = np.zeros((len(known), _EVEN, len(run.task.labels)), np.float32)
    for number, (seen, asked) in enumerate(folds(run.of(known), run.recipe.folds), start=1):
        keras.utils.set_random_seed(run.seed)
        net = build(len(run.task.labels), run.weights, dropout=run.recipe.dropout)
        _fit(run, net, [known[row] for row in seen], stage=f"fold {number}")
        own = [known[row] for row in asked]
        logits[asked] = _even(net, run.maps, own)
        right = answered(logits[asked]).argmax(axis=1) == run.truth(own)
        log.info("fold %d: accuracy %.3f on %d", number, right.mean(), len(own))
    return logits


def _even(net: VoiceNet, maps: Maps, rows: Sequence[int]) -> Floats:
    at = maps.windows_of(rows)
    given = net.logits.predict(maps.clean[at].astype(np.float32), batch_size=32, verbose=0)
    owner = maps.owner[at]
    own = (given[owner == row] for row in rows)
    return np.stack([each[np.arange(_EVEN) * len(each) // _EVEN] for each in own])


def _export(
    run: Run, net: VoiceNet, unseen: Floats, presence: Presence, folder: Path, *, version: str
) -> tuple[Bundle, dict[str, Any]]:
    """The calibrated graph as a bundle, and what was chosen by unseen speakers."""
    known = run.rows("train", "val")
    calibration = calibrate(unseen, run.truth(known), precision=run.recipe.precision)
    net.presence.set_weights([presence.kernel, presence.bias])
    model = net.whole(calibration.temperature)
    card = unjudged_card(
        run.task,
        run.of(known),
        engine="net",
        spec=SPEC,
        output=OutputSpec(
            run.task.labels, "mean", calibration.threshold, presence=presence.threshold
        ),
        snapshot=digest(run.items),
        recipe=asdict(run.recipe),
        seed=run.seed,
        version=version,
        licence=f"{LICENCE} Backbone: YAMNet weights, Apache-2.0.",
        limits=LIMITS,
    )
    bundle = seal(folder, to_tflite(model), card)
    sounds = [waveform_of(run.folder, item, SPEC.sample_rate) for item in run.of(known[::16])]
    some = [windows(sound, SPEC)[0][1] for sound in sounds[:_PARITY_WINDOWS]]
    gap = check_parity(bundle, model, np.stack(some), max_bytes=MAX_BYTES)
    log.info("export: %d bytes, within %.4f of Keras", bundle.card.size_bytes, gap)
    return bundle, {
        "validation": calibration.to_json(),
        "parity": round(gap, 6),
        "presence": presence.figures,
    }


def _judged(run: Run, bundle: Bundle, unseen: Floats, said: Mapping[str, Any]) -> dict[str, Any]:
    """The metrics of the card: speakers of test through the bundle, and all speakers by folds."""
    known, test = run.rows("train", "val"), run.rows("test")
    engine, labels = open_engine(bundle), run.task.labels
    items = run.of(test)
    report = evaluate(engine, run.folder, items, split="test")
    heard = np.array([probabilities(engine, (run.folder / i.path).read_bytes()) for i in items])
    folded = answered(unseen / said["validation"]["temperature"])
    everyone = score(
        np.concatenate([folded, heard]),
        run.of([*known, *test]),
        labels=labels,
        threshold=bundle.card.output.threshold,
        split="every speaker, by a network that never heard them",
    ).to_json()
    shown = (
        *("n", "accuracy", "accuracy_interval", "macro_f1", "macro_f1_interval", "recall", "ece"),
        *("coverage", "accepted_accuracy", "accepted_interval"),
    )
    every = [*run.of(known), *items]
    most = max(np.bincount(run.truth(test))) / len(test)
    baseline = {"name": "always the same label", "accuracy": round(float(most), 4)}
    return {
        **replace(report, baseline=baseline).to_json(),
        "auc": macro_auc(heard, items, labels),
        "all_speakers": {
            **{key: everyone[key] for key in shown},
            "auc": macro_auc(np.concatenate([folded, heard]), every, labels),
        },
        **said,
    }
