"""Macro one-vs-rest AUC and its interval: how well labels are ranked, whatever the threshold."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from ml.manifest import Item

_RESAMPLES = 500


def macro_auc(
    scores: npt.NDArray[np.floating[Any]], items: Sequence[Item], labels: Sequence[str]
) -> dict[str, Any]:
    """The mean over labels of the area under the ROC curve of that label against the rest.

    Parameters
    ----------
    scores : shape (n, labels)

    Returns
    -------
    `value`; `interval`, a 95 % bootstrap over groups; `per_label`. Labels that do not occur, or are
    all there is, have no curve.
    """
    truth = np.array([labels.index(item.label) for item in items])
    names, member = np.unique([item.group for item in items], return_inverse=True)
    rows = [np.flatnonzero(member == i) for i in range(len(names))]
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(_RESAMPLES):
        draw = np.concatenate([rows[i] for i in rng.integers(0, len(rows), len(rows))])
        drawn.append(np.mean(list(_areas(scores[draw], truth[draw]).values())))
    areas = _areas(scores, truth)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return {
        "value": round(float(np.mean(list(areas.values()))), 4),
        "interval": [round(float(low), 4), round(float(high), 4)],
        "per_label": {labels[i]: round(area, 4) for i, area in areas.items()},
    }


def _areas(scores: npt.NDArray[Any], truth: npt.NDArray[Any]) -> dict[int, float]:
    """Mann and Whitney's statistic: how often a member of the label stands above another."""
    areas = {}
    for label in range(scores.shape[1]):
        own = truth == label
        n, rest = int(own.sum()), int((~own).sum())
        if n and rest:
            above = rankdata(scores[:, label])[own].sum() - n * (n + 1) / 2
            areas[label] = float(above / (n * rest))
    return areas
