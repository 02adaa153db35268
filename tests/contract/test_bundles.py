"""Every seed is what its card says, proves itself here, and answers the golden photos."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from ml.bundle import load_bundle
from ml.decode import decode_image, square
from ml.predict import open_checked, prepare
from ml.task import TASKS

ROOT = Path(__file__).parents[2]
SEEDS = sorted(card.parent for card in (ROOT / "ml/bundles").glob("*/*/card.json"))
GOLDEN = ROOT / "tests/golden/waste"
EXPECTED = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))
SOUNDS = ROOT / "tests/golden/sound"
HEARD = json.loads((SOUNDS / "expected.json").read_text(encoding="utf-8"))
# What a phone loads by itself, and what it offers to load; a pipeline stays on the server.
LARGEST = {"waste/net": 6_000_000, "net": 12_000_000, "vgg19": 25_000_000}

METRICS = {
    "split",
    "n",
    "accuracy",
    "accuracy_interval",
    "macro_f1",
    "macro_f1_interval",
    "recall",
    "ece",
    "coverage",
    "accepted_accuracy",
    "confusions",
    "latency_ms",
    "baseline",
    "leave_one_source_out",
}


def test_every_engine_of_every_task_has_a_seed():
    wanted = {f"{task.name}/{engine}" for task in TASKS.values() for engine in task.engines}
    assert {f"{seed.parent.name}/{seed.name}" for seed in SEEDS} == wanted


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: f"{seed.parent.name}-{seed.name}")
class TestSeed:
    def test_is_unaltered_and_passes_its_self_test(self, seed):
        card = open_checked(load_bundle(seed)).card
        assert (card.task, card.engine) == (seed.parent.name, seed.name)
        assert card.output.labels == TASKS[card.task].labels

    def test_fits_a_phone(self, seed):
        card = load_bundle(seed).card
        largest = LARGEST.get(f"{card.task}/{card.engine}", LARGEST.get(card.engine))
        assert (largest is None) is (card.runtime == "sklearn")
        assert card.size_bytes <= (largest or 25_000_000)
        assert card.input.shape[0] == 1

    def test_says_what_it_is_worth_and_where_it_comes_from(self, seed):
        card = load_bundle(seed).card
        assert card.metrics.keys() >= METRICS
        assert card.metrics["n"] > 0
        assert set(card.metrics["recall"]) == set(card.output.labels)
        # The first engine is what people are shown; a second opinion may be worth less than the
        # simplest model, where its card says so.
        first = card.engine == TASKS[card.task].engines[0]
        assert card.metrics["accuracy"] > card.metrics["baseline"]["accuracy"] or not first
        assert card.data and all(source.licence for source in card.data)
        assert len(card.training.snapshot) == 64
        assert card.limits.fr and len(card.limits.fr) == len(card.limits.en)


@pytest.fixture(scope="module")
def engine():
    return open_checked(load_bundle(ROOT / "ml/bundles/waste/net"))


@pytest.mark.parametrize("golden", EXPECTED["photos"], ids=lambda golden: golden["file"])
def test_the_seed_answers_the_golden_photos(engine, golden):
    photo = decode_image((GOLDEN / golden["file"]).read_bytes())
    assert photo.shape == (golden["height"], golden["width"], 3)
    pixels = square(photo, side=EXPECTED["side"], crop=EXPECTED["crop"])
    assert hashlib.sha256(pixels.tobytes()).hexdigest() == golden["sha256"]
    scores = engine.probabilities(pixels[np.newaxis])[0]
    assert np.abs(scores - golden["probabilities"]).max() <= 0.02
    assert engine.card.output.labels[int(scores.argmax())] == golden["top"]


def test_the_golden_answers_are_of_the_seed_that_ships(engine):
    assert EXPECTED["model_sha256"] == engine.card.sha256, "run python -m tests.golden.make"
    assert EXPECTED["crop"] == engine.card.input.crop
    assert tuple(EXPECTED["labels"]) == engine.card.output.labels


@pytest.mark.parametrize("task", HEARD["model_sha256"])
@pytest.mark.parametrize("golden", HEARD["sounds"], ids=lambda golden: golden["file"])
def test_the_seeds_answer_the_golden_sounds(task, golden):
    net = open_checked(load_bundle(ROOT / "ml/bundles" / task / "net"))
    assert HEARD["model_sha256"][task] == net.card.sha256, "run python -m tests.golden.sound.make"
    data = (SOUNDS / golden["file"]).read_bytes()
    assert hashlib.sha256(data).hexdigest() == golden["sha256"]
    said = net.answers(prepare(net.card.input, data))
    assert np.abs(said.probabilities.mean(axis=0) - golden[task]).max() <= 1e-3
    assert said.presence.mean() == pytest.approx(golden[f"{task}_presence"], abs=1e-3)
