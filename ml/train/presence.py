"""The unit of VoiceNet that tells a voice from what is none, and what it is worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from ml.evaluate import wilson
from ml.manifest import Item
from ml.train.hearing import Maps, maps_of
from ml.train.speech import class_logits, unit, voiceless
from ml.train.voicenet import WINDOW, VoiceNet
from ml.train.voices import folds
from ml.train.yamnet import Weights

Floats = npt.NDArray[np.float32]

_FOLDS = 5
# A refusal must hardly ever meet a voice: so many of a thousand unseen ones may be refused.
_MISSED = 0.005


@dataclass(frozen=True)
class Presence:
    """`kernel` (1024, 1) and `bias` (1,) over YAMNet's embedding; the least mean that is a voice;
    what it is worth on speakers, and on kinds of sound, that it was not fitted to."""

    kernel: Floats
    bias: Floats
    threshold: float
    figures: dict[str, Any]


def hear_presence(
    net: VoiceNet,
    maps: Maps,
    items: Sequence[Item],
    weights: Weights,
    class_map: Path,
    clips: Path,
    *,
    sounds: int,
    seed: int,
) -> Presence:
    """Fit the unit to voices of train, as recorded and altered, against sounds without a voice."""

    def seen(some: npt.NDArray[Any]) -> Floats:
        embeddings = net.ears.predict(some.astype(np.float32), batch_size=32, verbose=0)
        return class_logits(embeddings, weights, class_map)

    known = [row for row, item in enumerate(items) if item.split != "test"]
    test = [row for row, item in enumerate(items) if item.split == "test"]
    clean, altered = seen(maps.clean), seen(maps.views[0])
    kinds, rest = zip(*voiceless(clips, WINDOW, each=sounds, seed=seed), strict=True)
    others, kind = seen(maps_of(net.front, rest)), np.array(kinds)

    def fitted(rows: Sequence[int], away: str | None) -> LogisticRegression:
        voices = [clean[maps.windows_of(rows)], altered[list(rows)]]
        return _regression(np.concatenate(voices), others[kind != away])

    unheard = np.zeros(len(items))
    for own, asked in folds([items[row] for row in known], _FOLDS):
        model = fitted([known[row] for row in own], None)
        for row in (known[i] for i in asked):
            unheard[row] = _sure(model, clean[maps.owner == row]).mean()
    threshold = round(min(0.5, float(np.quantile(unheard[known], _MISSED))), 3)
    model = fitted(known, None)
    for row in test:
        unheard[row] = _sure(model, clean[maps.owner == row]).mean()
    refused = {
        away: _share(_sure(fitted(known, away), others[kind == away]) < threshold)
        for away in sorted(set(kinds))
    }
    kernel, bias = unit(model.coef_[0], float(model.intercept_[0]), weights, class_map)
    figures = {
        "threshold": threshold,
        "voices_of_unseen_speakers_let_through": _share(unheard >= threshold),
        "voices_of_test_speakers_let_through": _share(unheard[test] >= threshold),
        "windows_refused_where_their_kind_was_left_out": refused,
    }
    return Presence(kernel, bias, max(threshold, 0.001), figures)


def _regression(voices: Floats, rest: Floats) -> LogisticRegression:
    x = np.concatenate([voices, rest])
    truth = np.arange(len(x)) < len(voices)
    return LogisticRegression(C=0.1, class_weight="balanced", max_iter=2000).fit(x, truth)


def _sure(model: LogisticRegression, logits: Floats) -> npt.NDArray[np.float64]:
    sure: npt.NDArray[np.float64] = model.predict_proba(logits)[:, 1]
    return sure


def _share(right: npt.NDArray[np.bool_]) -> dict[str, Any]:
    low, high = wilson(int(right.sum()), len(right))
    share = round(float(right.mean()), 4)
    return {"n": len(right), "share": share, "interval": [round(low, 4), round(high, 4)]}
