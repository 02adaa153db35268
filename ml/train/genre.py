"""genre/net: a pretrained tagger's tags → a judged bundle that also says whether it is music.

The head learns from the published activations of GTZAN's clips: their audio is not needed.
"""

import logging
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import keras
import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from ml.bundle import Bundle, Limits, OutputSpec, write_bundle
from ml.engines import Graph
from ml.errors import MLError
from ml.evaluate import rounded, wilson
from ml.manifest import digest
from ml.task import Task
from ml.train import gtzan, musicnn
from ml.train.calibrate import Calibration, answered, calibrate, softmax
from ml.train.clips import ends_s, judged, leaky, real_clips, windows_of
from ml.train.export import check_parity, seal, to_tflite, unjudged_card
from ml.train.layers import LevelNorm
from ml.train.music import Presence, hear_presence
from ml.train.networks import round_to_half
from ml.train.recipe import overridden
from ml.train.tags import CLIP, SPEC, Tagged, published, starts
from ml.train.work import sole_use

log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float32]
Head: TypeAlias = tuple[Floats, Floats]  # kernel (tags, labels) and bias (labels,)

MAX_BYTES = 12_000_000
# Where a machine without a network finds them, beside the folder of clips.
BESIDE = f"weights/{musicnn.WHEEL}"
VOICES = "emotion/ravdess"
# The level of GTZAN's training clips (geometric mean), which the head's tags were made at.
_RMS = 0.125

LICENCE = (
    f"Tagger: MSD_musicnn, {musicnn.LICENCE}. Head: learned from published activations of GTZAN "
    f"(ISC); GTZAN itself: {gtzan.LICENCE}. What is no music: RAVDESS, CC BY-NC-SA 4.0."
)
JUDGED_ON = (
    "published activations of the tagger on the clips, not their audio: without the level "
    "normalisation and the coding a recording goes through; ten clips went through the whole chain"
)
LIMITS = Limits(
    fr=(
        "Dix genres, appris sur des extraits surtout anglophones d'avant 2002 : une musique "
        "d'ailleurs ou d'aujourd'hui reçoit le moins éloigné des dix.",
        "Le chiffre vient d'activations publiées des extraits de GTZAN, pas de leur son.",
        "Le rock, le disco, le reggae et la country sont les plus souvent confondus.",
        "Le niveau n'est pas entendu : une musique douce et une musique forte sont ramenées au "
        "même.",
    ),
    en=(
        "Ten genres, learned from mostly English-speaking excerpts made before 2002: music from "
        "elsewhere or of today gets the least distant of the ten.",
        "The figure comes from published activations of GTZAN's clips, not from their sound.",
        "Rock, disco, reggae and country are confused most often.",
        "Loudness is not heard: soft music and loud music are brought to the same level.",
    ),
)


@dataclass(frozen=True)
class Recipe:
    """Every number of a run; the card repeats them."""

    penalty: float = 0.03
    folds: int = 5
    precision: float = 0.9
    sounds: int = 16  # of each kind that is no music
    sentences: int = 8  # of each speaker


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
    """Fit, calibrate, export and judge a head over the tagger; write its bundle to `out`.

    Parameters
    ----------
    engine : "net", the only one
    data : GTZAN as `ml.train.gtzan` reads it; voices in `emotion/ravdess` beside it
    weights : the wheel of musicnn 0.1.0, or the folder it was unpacked into; None takes the wheel
        in `weights` beside the data
    work : where the unjudged bundle stands until it is judged

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
    if not path.exists():
        raise MLError(
            "no-weights", f"no {path}: pip download --no-deps musicnn==0.1.0, then --weights"
        )
    with sole_use(work):
        keras.utils.clear_session()
        keras.utils.set_random_seed(seed)
        known, test = published(data)
        tagger = tags_of_waveform(path)
        calibration, folded = _calibrated(known, numbers)
        heard_by = work / "tagger.tflite"
        heard_by.write_bytes(to_tflite(tagger))
        presence = hear_presence(
            Graph(heard_by),
            known,
            test,
            clips=data / "clips",
            voices=data.resolve().parent / VOICES,
            sounds=numbers.sounds,
            sentences=numbers.sentences,
            folds=numbers.folds,
            seed=seed,
        )
        model = listening(tagger, _head(known, numbers, calibration.temperature), presence)
        card = unjudged_card(
            task,
            known.items,
            engine=engine,
            spec=SPEC,
            output=OutputSpec(task.labels, "mean", calibration.threshold, presence.threshold),
            snapshot=digest((*known.items, *test.items)),
            recipe=asdict(numbers),
            seed=seed,
            version=version,
            licence=LICENCE,
            limits=LIMITS,
        )
        bundle = seal(work / "candidate", to_tflite(model), card)
        clips = data / "clips"
        gap = check_parity(bundle, model, windows_of(clips, SPEC), max_bytes=MAX_BYTES)
        log.info("export: %d bytes, within %.4f of Keras", bundle.card.size_bytes, gap)
        heard = real_clips(bundle, clips)
        metrics = {
            **_metrics(model, known, test, calibration),
            "leaky": leaky(
                np.concatenate([known.tags, test.tags]),
                (*known.items, *test.items),
                penalty=numbers.penalty,
                seed=seed,
            ),
            "latency_ms": heard.pop("latency_ms"),
            "validation": {**calibration.to_json(), "accuracy": round(folded, 4)},
            "parity": round(gap, 6),
            "presence": presence.report,
            "real_clips": heard,
            "judged_on": JUDGED_ON,
        }
        card = replace(bundle.card, metrics=metrics)
        return write_bundle(out, model=bundle.model.read_bytes(), card=card)


def tags_of_waveform(weights: Path) -> keras.Model:
    """3 s at 16 kHz, float32 [b, 48000] of any level → logits of the tagger's 50 tags."""
    waveform = keras.Input((SPEC.shape[1],), name="waveform")
    mel = musicnn.front_end()(LevelNorm(rms=_RMS, name="level")(waveform))
    tags = musicnn.build_tagger(weights)(mel[:, : musicnn.FRAMES])["tags"]
    return keras.Model(waveform, keras.ops.clip(tags, -CLIP, CLIP))


def listening(tagger: keras.Model, head: Head, presence: Presence) -> keras.Model:
    """The graph that ships: waveform → probabilities [b, 10] and presence of music [b, 1]."""
    genre = keras.layers.Dense(len(head[1]), activation="softmax", name="probabilities")
    music = keras.layers.Dense(1, activation="sigmoid", name="presence")
    tags = keras.ops.sigmoid(tagger.output)
    model = keras.Model(tagger.input, [genre(tags), music(tagger.output)], name="whole")
    genre.set_weights(list(head))
    music.set_weights([presence.kernel[:, np.newaxis], np.array([presence.bias], np.float32)])
    round_to_half(model)
    return model


def _head(known: Tagged, recipe: Recipe, temperature: float = 1.0) -> Head:
    """A logistic regression on clips' mean tags, as sure as it is right: kernel and bias."""
    scaler = StandardScaler()
    rows = scaler.fit_transform(known.tags.mean(axis=1))
    regression = LogisticRegression(C=recipe.penalty, max_iter=1000).fit(rows, known.truth)
    kernel = (regression.coef_ / scaler.scale_).T
    bias = regression.intercept_ - scaler.mean_ @ kernel
    return (kernel / temperature).astype(np.float32), (bias / temperature).astype(np.float32)


def _calibrated(known: Tagged, recipe: Recipe) -> tuple[Calibration, float]:
    """Temperature and threshold by clips whose neighbours in GTZAN, too, were left out.

    Returns
    -------
    them, and the accuracy on those clips
    """
    folds = np.array(gtzan.blocks(known.items, per_label=recipe.folds))
    logits = np.zeros((*known.asked.shape[:2], 10), np.float32)
    for fold in range(recipe.folds):
        kernel, bias = _head(known.rows(folds != fold), recipe)
        logits[folds == fold] = known.asked[folds == fold] @ kernel + bias
    calibration = calibrate(logits, known.truth, precision=recipe.precision)
    right = float((answered(logits).argmax(axis=1) == known.truth).mean())
    log.info("cross-validation: accuracy %.3f on %d clips", right, len(logits))
    return calibration, right


def _metrics(
    model: keras.Model, known: Tagged, test: Tagged, calibration: Calibration
) -> dict[str, Any]:
    """The test clips, once; beside them an SVM on the same tags."""
    kernel, bias = model.get_layer("probabilities").get_weights()
    svm = make_pipeline(StandardScaler(), SVC()).fit(known.tags.mean(axis=1), known.truth)
    right = svm.predict(test.tags.mean(axis=1)) == test.truth
    baseline = {
        "name": "SVM on a clip's mean tags (published: 0.772)",
        "accuracy": float(right.mean()),
        "interval": wilson(int(right.sum()), len(right)),
    }
    return judged(
        softmax(test.asked @ kernel + bias),
        ends_s(starts(), SPEC),
        test.items,
        threshold=calibration.threshold,
        baseline=rounded(baseline),
    )
