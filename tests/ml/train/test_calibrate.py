"""Calibration finds what was put into made-up answers."""

import numpy as np
import pytest

from ml.train.calibrate import calibrate, fit_temperature, softmax


def answers(n: int, *, temperature: float, seed: int = 0):
    """Logits whose truth is drawn from their own probabilities at `temperature`."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 4, (n, 5)).astype(np.float32)
    chances = softmax(logits / temperature)
    return logits, np.array([rng.choice(5, p=row / row.sum()) for row in chances.astype(float)])


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_is_found(temperature):
    assert fit_temperature(*answers(4000, temperature=temperature)) == pytest.approx(
        temperature, rel=0.1
    )


def test_the_threshold_keeps_the_promise_and_no_more_than_needed():
    logits, truth = answers(4000, temperature=2.0)
    chosen = calibrate(logits, truth, precision=0.9)
    scores = softmax(logits / chosen.temperature)
    right = scores.argmax(axis=1) == truth
    accepted = scores.max(axis=1) >= chosen.threshold
    assert right[accepted].mean() >= 0.9
    assert accepted.mean() == pytest.approx(chosen.coverage, abs=0.01)
    assert 0 < chosen.coverage < 1
    low, high = chosen.precision_interval
    assert low < chosen.precision < high
    assert right[scores.max(axis=1) >= chosen.threshold - 0.1].mean() < 0.9


def test_what_cannot_be_promised_is_said():
    rng = np.random.default_rng(1)
    chosen = calibrate(
        rng.normal(size=(500, 5)).astype(np.float32), rng.integers(0, 5, 500), precision=0.9
    )
    assert not chosen.reached
    assert chosen.precision < 0.9
