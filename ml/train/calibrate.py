"""Temperature and threshold, from answers about photos whose source was never trained on."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ml.evaluate import Interval, rounded, wilson

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Calibration:
    """What was chosen, and what it was worth where it was chosen.

    `reached` is false where no threshold makes accepted answers right often enough; `threshold`
    is then the one that comes nearest.
    """

    temperature: float
    threshold: float
    precision: float
    precision_interval: Interval
    coverage: float
    n: int
    reached: bool

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, numbers rounded to four digits."""
        plain: dict[str, Any] = rounded(asdict(self))
        return plain


def calibrate(logits: Floats, truth: Any, *, precision: float, least: int = 30) -> Calibration:
    """Choose the temperature, then the threshold that keeps most answers at `precision`.

    Parameters
    ----------
    logits : shape (n, labels), of captures the model knows nothing of; or (n, windows, labels),
        where the mean over windows is the answer
    truth : shape (n,), int
    precision : share of the accepted answers that must be right
    least : a threshold that accepts fewer answers is not believed

    References
    ----------
    Guo et al., On calibration of modern neural networks, ICML 2017: one temperature.
    """
    temperature = fit_temperature(logits, truth)
    probabilities = answered(logits / temperature)
    confidence = probabilities.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    right = (probabilities.argmax(axis=1) == truth)[order].cumsum()
    accepted = np.arange(1, len(order) + 1)
    share = right / accepted
    believed = accepted >= min(least, len(order))
    good = np.flatnonzero((share >= precision) & believed)
    last = int(good[-1] if len(good) else np.flatnonzero(believed)[share[believed].argmax()])
    return Calibration(
        temperature=temperature,
        threshold=float(confidence[order[last]]),
        precision=float(share[last]),
        precision_interval=wilson(int(right[last]), int(accepted[last])),
        coverage=float(accepted[last] / len(order)),
        n=len(order),
        reached=bool(len(good)),
    )


def fit_temperature(logits: Floats, truth: Any) -> float:
    """The temperature of the least negative log-likelihood, between 0.1 and 10."""
    rows = np.arange(len(truth))

    def loss(temperature: float) -> float:
        scores = answered(logits / temperature)[rows, truth]
        return float(-np.log(np.maximum(scores, 1e-12)).mean())

    candidates = np.geomspace(0.1, 10, 401)
    return float(candidates[int(np.argmin([loss(t) for t in candidates]))])


def answered(logits: Floats) -> Floats:
    """Logits of captures, or of their windows → probabilities of captures, shape (n, labels)."""
    scores = softmax(logits)
    mean: Floats = scores if scores.ndim == 2 else scores.mean(axis=1)
    return mean


def softmax(logits: Floats) -> Floats:
    """Logits → probabilities, along the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    scores: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return scores
