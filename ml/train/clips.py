"""What an engine of the genre says of GTZAN's clips, window by window → the metrics of its card."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from ml.bundle import Bundle, SoundSpec
from ml.engines import open_engine
from ml.evaluate import rounded, score, wilson
from ml.manifest import Item
from ml.predict import probabilities
from ml.sound import decode_sound, windows
from ml.task import GENRE
from ml.train.gtzan import clip_of

Floats = npt.NDArray[np.float32]

BY_SECONDS = (3, 9, 30)


def truth_of(items: Sequence[Item]) -> npt.NDArray[np.int64]:
    """Each item's label as its place among the task's, shape (n,)."""
    return np.array([GENRE.labels.index(item.label) for item in items])


def judged(
    heard: Floats,
    ends_s: Sequence[float],
    items: Sequence[Item],
    *,
    threshold: float,
    baseline: Mapping[str, Any],
    split: str = "test",
) -> dict[str, Any]:
    """The report on clips whose answer is the mean of their windows', and by seconds heard.

    Parameters
    ----------
    heard : probabilities, shape (n, windows, labels)
    ends_s : where each window ends, seconds from the clip's start
    baseline : what a simpler model makes of the same clips
    """
    first = {
        seconds: heard[:, [i for i, end in enumerate(ends_s) if end <= seconds + 0.5 or i == 0]]
        for seconds in BY_SECONDS
    }
    report = score(heard.mean(axis=1), items, labels=GENRE.labels, threshold=threshold, split=split)
    truth = truth_of(items)
    by_seconds = {}
    for seconds, part in first.items():
        right = part.mean(axis=1).argmax(axis=1) == truth
        by_seconds[str(seconds)] = {
            "windows": part.shape[1],
            "accuracy": float(right.mean()),
            "interval": wilson(int(right.sum()), len(right)),
        }
    return {**replace(report, baseline=baseline).to_json(), "by_seconds": rounded(by_seconds)}


def real_clips(bundle: Bundle, folder: Path) -> dict[str, Any]:
    """The few clips that are here as sound, through the whole chain: file, decoding, engine.

    They are of train, validation and test: worth nothing as a score.

    Returns
    -------
    how many there are and how many are right, and the median latency of a clip in ms
    """
    engine = open_engine(bundle)
    right, latencies = [], []
    for path in sorted(folder.iterdir()):
        start = perf_counter()
        scores = probabilities(engine, path.read_bytes())
        latencies.append((perf_counter() - start) * 1000)
        right.append(GENRE.labels[int(scores.argmax())] == clip_of(f"{path.stem}.wav")[1])
    return {"n": len(right), "right": sum(right), "latency_ms": round(median(latencies or [0]), 1)}


def windows_of(folder: Path, spec: SoundSpec) -> Floats:
    """The first windows of each sound of a folder, shape (n, samples): real inputs for a check."""
    cut = []
    for path in sorted(folder.iterdir()):
        waveform = decode_sound(path.read_bytes(), sample_rate=spec.sample_rate)
        cut += [window for _, window in windows(waveform, spec)[:4]]
    return np.stack(cut).astype(np.float32)


def svm_on_statistics(clips: Any, items: Sequence[Item]) -> dict[str, Any]:
    """The floor for what learns from pictures: mean, deviation and movement of each band, an SVM.

    Parameters
    ----------
    clips : log-mel pictures in dB, shape (n, columns, bands)
    """
    db = clips.astype(np.float32)
    moving = np.abs(np.diff(db, axis=1)).mean(axis=1)
    rows = np.concatenate([db.mean(axis=1), db.std(axis=1), moving], axis=1)
    known = np.array([item.split == "train" for item in items])
    test = np.array([item.split == "test" for item in items])
    truth = truth_of(items)
    svm = make_pipeline(StandardScaler(), SVC(C=10)).fit(rows[known], truth[known])
    right = svm.predict(rows[test]) == truth[test]
    return {
        "name": "SVM on means and deviations of the log-mel bands",
        "accuracy": round(float(right.mean()), 4),
        "interval": rounded(wilson(int(right.sum()), len(right))),
    }


def leaky(rows: Floats, items: Sequence[Item], *, penalty: float, seed: int) -> dict[str, Any]:
    """What the same regression seems worth where a split is drawn at random, as reports do it.

    Parts of one recording, and clips of one artist, then stand on both sides: too high, by this
    much. No model is chosen by these figures.

    Parameters
    ----------
    rows : features of windows, shape (n, windows, features)
    """
    truth, windows = truth_of(items), rows[:, ::4]
    line = make_pipeline(StandardScaler(), LogisticRegression(C=penalty, max_iter=300))
    n = min(10, int(np.bincount(truth).min()))
    folds = StratifiedKFold(n, shuffle=True, random_state=seed)
    clips = cross_val_predict(line, rows.mean(axis=1), truth, cv=folds)
    flat, each = windows.reshape(-1, rows.shape[-1]), np.repeat(truth, windows.shape[1])
    pieces = cross_val_predict(line, flat, each, cv=folds)
    return {
        f"LEAKY: clips at random, {n} folds": _right(clips == truth),
        f"LEAKY: pieces of 3 s at random, {n} folds": _right(pieces == each),
    }


def _right(right: npt.NDArray[np.bool_]) -> dict[str, Any]:
    k, n = int(right.sum()), len(right)
    return {"n": n, "accuracy": round(k / n, 4), "interval": rounded(wilson(k, n))}


def ends_s(starts: Sequence[int], spec: SoundSpec) -> list[float]:
    """Where windows end, seconds, by their first samples."""
    return [(start + spec.shape[1]) / spec.sample_rate for start in starts]
