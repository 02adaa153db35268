"""The engine vgg19: log-mel pictures of GTZAN → VGG19 with batch norm, waveform in its graph."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from ml.bundle import Bundle, Limits, OutputSpec, SoundSpec, write_bundle
from ml.errors import MLError
from ml.manifest import Item, digest
from ml.sound import window_starts
from ml.task import Task
from ml.train import gtzan
from ml.train.calibrate import Calibration, calibrate, softmax
from ml.train.clips import ends_s, judged, real_clips, svm_on_statistics, truth_of, windows_of
from ml.train.export import check_parity, seal, to_tflite, unjudged_card
from ml.train.layers import LogMel
from ml.train.networks import round_to_half
from ml.train.recipe import overridden
from ml.train.vgg19 import BANDS, COLUMNS, TAG_WINDOWS, TAGS, Recipe, build_vgg19, fit
from ml.train.work import sole_use

log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float32]

# The pictures' own settings: 22,050 Hz, n_fft 2048, 128 bands, a column every 77.5 ms.
SAMPLE_RATE, N_FFT = 22_050, 2048
STEP = 1709
SPEC = SoundSpec(
    kind="sound",
    shape=(1, STEP * COLUMNS + N_FFT // 2),
    dtype="float32",
    range=(-1, 1),
    sample_rate=SAMPLE_RATE,
    hop=STEP * COLUMNS // 2,
    max_windows=12,
    pad=True,
)
MAX_BYTES = 25_000_000

_TAG_FLOOR = 1e-3
_CLIP_S = 30

JUDGED_ON = (
    "log-mel pictures of the clips, not their audio; the graph makes the same pictures of a "
    "waveform, which was checked on ten clips"
)
LIMITS = Limits(
    fr=(
        "Dix genres, appris sur des extraits anglophones et jamaïcains d'avant 2002 : une musique "
        "d'ailleurs ou d'aujourd'hui reçoit le moins éloigné des dix.",
        "Le chiffre vient d'images log-mel des extraits, pas de leur son.",
        "Seconde opinion, bien moins juste que celle du réseau sur l'appareil : à prendre comme "
        "l'avis d'un autre, pas comme le bon.",
    ),
    en=(
        "Ten genres, learned from English-speaking and Jamaican excerpts made before 2002: music "
        "from elsewhere or of today gets the least distant of the ten.",
        "The figure comes from log-mel pictures of the clips, not from their sound.",
        "A second opinion, far less often right than that of the net on the device: take it for "
        "somebody else's view, not for the answer.",
    ),
)


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
    """Learn from the pictures of the train split; see `ml.train.run.train`.

    Parameters
    ----------
    data : GTZAN as `ml.train.gtzan` reads it
    weights : Keras' file of VGG19 without its top, trained on ImageNet; None or "none": random
    """
    numbers = overridden(Recipe(), recipe)
    start = None if weights in (None, "none") else weights
    if start is not None and (not Path(start).is_file() or numbers.width != 1):
        raise MLError("no-weights", f"{start}: a file, and width 1 in the recipe, are wanted")
    with sole_use(work):
        keras.utils.clear_session()
        keras.utils.set_random_seed(seed)
        clips, items, tags = _pictures(data)
        known, asked = _learned(items)
        model = build_vgg19(numbers.width, dropout=numbers.dropout, weights=start)
        log.info("vgg19: %d parameters, %d clips", model.count_params(), len(known))
        fit(model, clips[known], truth_of(items)[known], tags[known], numbers, seed=seed)
        model.save_weights(work / "vgg19.weights.h5")
        calibration = calibrate(
            window_logits(model, clips[asked]),
            truth_of(items)[asked],
            precision=numbers.precision,
        )
        bundle, gap = _export(
            task,
            engine,
            model,
            items,
            work / "candidate",
            numbers,
            calibration,
            seed,
            version,
            data,
        )
        metrics = _metrics(model, clips, items, calibration)
        heard = real_clips(bundle, data / "clips")
        more = {
            "latency_ms": heard.pop("latency_ms"),
            "validation": calibration.to_json(),
            "parity": round(gap, 6),
            "real_clips": heard,
            "judged_on": JUDGED_ON,
        }
        card = replace(bundle.card, metrics={**metrics, **more})
        return write_bundle(out, model=bundle.model.read_bytes(), card=card)


def _learned(items: Sequence[Item]) -> tuple[list[int], list[int]]:
    """Which clips are learned from, and which only calibrate: half of validation, by neighbours."""
    val = [i for i, item in enumerate(items) if item.split == "val"]
    half = gtzan.blocks([items[i] for i in val], per_label=2)
    asked = [i for i, block in zip(val, half, strict=True) if block]
    held = {*asked, *(i for i, item in enumerate(items) if item.split == "test")}
    return [i for i in range(len(items)) if i not in held], asked


def _pictures(data: Path) -> tuple[Any, tuple[Item, ...], Floats]:
    """Clips in dB, float16 [n, 387, 128]; their items; standardised tags of the train split."""
    pictures, items = gtzan.logmels(data)
    tags = np.full((len(items), TAG_WINDOWS, TAGS), np.nan, np.float32)
    at = {gtzan.clip_of(item.path)[0]: i for i, item in enumerate(items)}
    for rows, item in zip(*gtzan.taggrams(data), strict=True):
        place = at.get(item.path.partition("#")[2])
        if item.split == "train" and place is not None:
            rows = rows[:TAG_WINDOWS].clip(_TAG_FLOOR, 1 - _TAG_FLOOR)
            tags[place] = np.log(rows / (1 - rows))
    tags = (tags - np.nanmean(tags, axis=(0, 1))) / np.nanstd(tags, axis=(0, 1))
    return np.stack([picture.db for picture in pictures]).astype(np.float16), items, tags


def window_logits(model: keras.Model, clips: Any) -> Floats:
    """The genre of each window that `SPEC` cuts from 30 s: shape (n, windows, 10)."""
    columns = [round(start / STEP) for start in _starts()]
    cut = np.stack([clips[:, c : c + COLUMNS] for c in columns], axis=1).astype(np.float32)
    flat = cut.reshape(-1, COLUMNS, BANDS)
    logits = model.predict(flat, batch_size=64, verbose=0)["genre"]
    return np.asarray(logits, np.float32).reshape(len(clips), len(columns), -1)


def _starts() -> list[int]:
    return window_starts(_CLIP_S * SAMPLE_RATE, SPEC)


def listening(model: keras.Model) -> keras.Model:
    """The part that ships: waveform, float32 [b, samples] at 22,050 Hz → probabilities."""
    waveform = keras.Input((SPEC.shape[1],), name="waveform")
    picture = LogMel(
        sample_rate=SAMPLE_RATE, n_fft=N_FFT, hop_length=STEP, n_mels=BANDS, name="log_mel"
    )(waveform)
    # The first frame is half zeros.
    logits = model(picture[:, 1 : 1 + COLUMNS])["genre"]
    return keras.Model(waveform, keras.layers.Softmax(name="probabilities")(logits), name="whole")


def _export(
    task: Task,
    engine: str,
    model: keras.Model,
    items: tuple[Item, ...],
    folder: Path,
    recipe: Recipe,
    calibration: Calibration,
    seed: int,
    version: str,
    data: Path,
) -> tuple[Bundle, float]:
    """Calibrate, seal, and compare with Keras on what is here as sound."""
    head = model.get_layer("genre")
    head.set_weights([w / calibration.temperature for w in head.get_weights()])
    round_to_half(model)
    whole = listening(model)
    card = unjudged_card(
        task,
        [items[i] for i in _learned(items)[0]],
        engine=engine,
        spec=SPEC,
        output=OutputSpec(task.labels, "mean", calibration.threshold),
        snapshot=digest(items),
        recipe=asdict(recipe),
        seed=seed,
        version=version,
        licence=f"Learned from GTZAN: {gtzan.LICENCE}.",
        limits=LIMITS,
    )
    bundle = seal(folder, to_tflite(whole), card)
    sounds = windows_of(data / "clips", SPEC)
    gap = check_parity(
        bundle, whole, sounds, max_bytes=MAX_BYTES if recipe.width < 1 else 2 * MAX_BYTES
    )
    log.info("export: %d bytes, within %.4f of Keras", bundle.card.size_bytes, gap)
    return bundle, gap


def _metrics(
    model: keras.Model, clips: Any, items: tuple[Item, ...], calibration: Calibration
) -> dict[str, Any]:
    """What it is worth on the test split, beside an SVM on what a picture is like on average."""
    test = [i for i, item in enumerate(items) if item.split == "test"]
    return judged(
        softmax(window_logits(model, clips[test])),
        ends_s(_starts(), SPEC),
        [items[i] for i in test],
        threshold=calibration.threshold,
        baseline=svm_on_statistics(clips, items),
    )
