"""evaluate(engine, items) → Report: accuracy, macro-F1, recall per label, ECE; pairs of models."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.engines import Engine
from ml.errors import BadDataset
from ml.manifest import Item
from ml.predict import probabilities

Interval = tuple[float, float]

_Z95 = 1.959964
_BINS = 15  # of the calibration error, equally wide
_RESAMPLES = 1000


@dataclass(frozen=True)
class Recall:
    """Share of one label's photos that were named right, with its 95 % Wilson interval."""

    n: int
    recall: float
    interval: Interval


@dataclass(frozen=True)
class Confusion:
    """How often `truth` was called `predicted`."""

    truth: str
    predicted: str
    n: int


@dataclass(frozen=True)
class Report:
    """What a model is worth on one split; `to_json` is the `metrics` of its card.

    Intervals of accuracy and macro-F1 are 95 % bootstraps over groups. Macro-F1 and recall speak
    of labels that occur. `ece` is the expected calibration error (Guo et al., 2017). `coverage`
    is the share of answers over the threshold, `accepted_accuracy` how many of those are right.
    """

    split: str
    n: int
    accuracy: float
    accuracy_interval: Interval
    top3_accuracy: float
    macro_f1: float
    macro_f1_interval: Interval
    recall: Mapping[str, Recall]
    ece: float
    coverage: float
    accepted_accuracy: float
    accepted_interval: Interval
    confusions: tuple[Confusion, ...]
    latency_ms: float
    baseline: Mapping[str, Any] = field(default_factory=dict)
    leave_one_source_out: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, numbers rounded to four digits."""
        plain: dict[str, Any] = rounded(asdict(self))
        return plain


def evaluate(engine: Engine, folder: Path, items: Sequence[Item], *, split: str) -> Report:
    """Judge an opened bundle on files, through the same door as everybody's captures.

    Parameters
    ----------
    engine : what is judged
    folder : where the items' paths start
    items : labelled files; none may have been trained on
    split : the word for the report

    Raises
    ------
    BadDataset
        If there is no item, or one cannot be read or is not what its manifest describes.
    """
    rows, latencies = [], []
    for item in items:
        data = read_item(folder, item)
        start = perf_counter()
        rows.append(probabilities(engine, data))
        latencies.append((perf_counter() - start) * 1000)
    return score(
        np.array(rows),
        items,
        labels=engine.card.output.labels,
        threshold=engine.card.output.threshold,
        split=split,
        latency_ms=median(latencies) if latencies else 0.0,
    )


def read_item(folder: Path, item: Item) -> bytes:
    """The file of an item, as its manifest describes it.

    Raises
    ------
    BadDataset
        If it cannot be read, or has another sha256.
    """
    try:
        data = (folder / item.path).read_bytes()
    except OSError as error:
        raise BadDataset("missing-file", item.path) from error
    if hashlib.sha256(data).hexdigest() != item.sha256:
        raise BadDataset("altered-file", f"{item.path} has another sha256")
    return data


def score(
    scores: npt.NDArray[np.floating[Any]],
    items: Sequence[Item],
    *,
    labels: Sequence[str],
    threshold: float,
    split: str,
    latency_ms: float = 0.0,
) -> Report:
    """Turn probabilities, shape (n, labels), and the truth into a report."""
    if not items:
        raise BadDataset("empty-split", f"no item to judge in {split}")
    truth = np.array([labels.index(item.label) for item in items])
    best = scores.argmax(axis=1)
    confidence = scores.max(axis=1)
    right = best == truth
    accepted = confidence >= threshold
    matrix = _confusion(truth, best, len(labels))
    accuracy_interval, f1_interval = _bootstrap(truth, best, items, len(labels))
    third = np.argsort(-scores, axis=1)[:, :3]
    return Report(
        split=split,
        n=len(items),
        accuracy=float(right.mean()),
        accuracy_interval=accuracy_interval,
        top3_accuracy=float((third == truth[:, None]).any(axis=1).mean()),
        macro_f1=float(_macro_f1(matrix)),
        macro_f1_interval=f1_interval,
        recall=_recalls(matrix, labels),
        ece=calibration_error(confidence, right),
        coverage=float(accepted.mean()),
        accepted_accuracy=float(right[accepted].mean()) if accepted.any() else 0.0,
        accepted_interval=wilson(int(right[accepted].sum()), int(accepted.sum())),
        confusions=_worst(matrix, labels),
        latency_ms=latency_ms,
    )


def paired_gain(
    before: npt.NDArray[np.floating[Any]],
    after: npt.NDArray[np.floating[Any]],
    items: Sequence[Item],
    *,
    labels: Sequence[str],
    confidence: float,
) -> tuple[float, float]:
    """Gain in macro-F1 from one model to another, and its one-sided lower bound.

    Both answered the same photos, so each draw of the bootstrap takes the same groups for both:
    what is hard for one is mostly hard for the other, and cancels out.

    Parameters
    ----------
    before, after : probabilities, shape (n, labels)
    confidence : of the bound, 0..1

    References
    ----------
    Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapters 8 and 13.
    """
    truth = np.array([labels.index(item.label) for item in items])
    named = [scores.argmax(axis=1) for scores in (before, after)]
    then, now = (_macro_f1(_confusion(truth, best, len(labels))) for best in named)
    drawn = (_resampled(truth, best, items, len(labels)) for best in named)
    was, is_ = (_macro_f1(matrices) for matrices in drawn)
    return float(now - then), float(np.quantile(is_ - was, 1 - confidence))


def wilson(k: int, n: int) -> Interval:
    """95 % interval of a share of k in n (Wilson, 1927); (0, 1) where nothing was seen."""
    if n == 0:
        return (0.0, 1.0)
    share, z2 = k / n, _Z95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return (max(0.0, middle - half), min(1.0, middle + half))


def calibration_error(confidence: npt.NDArray[Any], right: npt.NDArray[np.bool_]) -> float:
    """Mean gap between how sure and how right, over bins of confidence weighted by their size."""
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(confidence[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean()
        for b in np.unique(bins)
    ]
    return float(sum(gaps))


def _confusion(truth: Any, best: Any, n_labels: int) -> npt.NDArray[np.int64]:
    matrix = np.zeros((n_labels, n_labels), np.int64)
    np.add.at(matrix, (truth, best), 1)
    return matrix


def _macro_f1(matrix: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Mean F1 over the labels that occur; `matrix` is truth × predicted, or a stack of them."""
    true, predicted = matrix.sum(axis=-1), matrix.sum(axis=-2)
    f1 = 2 * matrix.diagonal(axis1=-2, axis2=-1) / np.maximum(true + predicted, 1)
    occurs = true > 0
    mean: npt.NDArray[np.float64] = (f1 * occurs).sum(axis=-1) / occurs.sum(axis=-1)
    return mean


def _recalls(matrix: npt.NDArray[Any], labels: Sequence[str]) -> dict[str, Recall]:
    recalls = {}
    for i, label in enumerate(labels):
        n, k = int(matrix[i].sum()), int(matrix[i, i])
        recalls[label] = Recall(n, k / n if n else 0.0, wilson(k, n))
    return recalls


def _worst(matrix: npt.NDArray[Any], labels: Sequence[str]) -> tuple[Confusion, ...]:
    """The ten most frequent confusions."""
    wrong = matrix * (1 - np.eye(len(matrix), dtype=matrix.dtype))
    order = np.argsort(-wrong, axis=None, kind="stable")[:10]
    pairs = [np.unravel_index(i, wrong.shape) for i in order]
    return tuple(
        Confusion(labels[int(t)], labels[int(p)], int(wrong[t, p])) for t, p in pairs if wrong[t, p]
    )


def _bootstrap(
    truth: Any, best: Any, items: Sequence[Item], n_labels: int
) -> tuple[Interval, Interval]:
    """Intervals of accuracy and macro-F1 when whole groups are drawn again."""
    drawn = _resampled(truth, best, items, n_labels)
    accuracies = drawn.trace(axis1=1, axis2=2) / drawn.sum(axis=(1, 2))
    return _middle(accuracies), _middle(_macro_f1(drawn))


def _resampled(
    truth: Any, best: Any, items: Sequence[Item], n_labels: int
) -> npt.NDArray[np.float64]:
    """Confusion matrices when whole groups are drawn again; the same draws for the same items.

    Returns
    -------
    shape (resamples, labels, labels)
    """
    groups = sorted({item.group for item in items})
    row = {group: i for i, group in enumerate(groups)}
    member = np.array([row[item.group] for item in items])
    per_group = np.zeros((len(groups), n_labels, n_labels), np.int64)
    np.add.at(per_group, (member, truth, best), 1)
    rng = np.random.default_rng(0)
    draws = (rng.integers(0, len(groups), len(groups)) for _ in range(_RESAMPLES))
    often = np.array([np.bincount(draw, minlength=len(groups)) for draw in draws], np.float64)
    # Sums of whole numbers: exact in float64, where the product is a hundred times faster.
    drawn = often @ per_group.reshape(len(groups), -1)
    return drawn.reshape(-1, n_labels, n_labels)


def _middle(values: npt.NDArray[np.float64]) -> Interval:
    low, high = np.quantile(values, (0.025, 0.975))
    return (float(low), float(high))


def rounded(value: Any) -> Any:
    """Plain JSON values with every number rounded to four digits."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, Mapping):
        return {key: rounded(v) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(v) for v in value]
    return value
