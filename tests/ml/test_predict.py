"""One call from a file to an answer: three labels always, a label only when sure."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml.__main__ import main
from ml.bundle import ImageSpec, load_bundle, write_bundle
from ml.engines import open_engine
from ml.errors import BadInput
from ml.predict import predict, probabilities, reference

SEED = Path(__file__).parents[2] / "ml/bundles/waste/net"


@pytest.fixture(scope="module")
def engine():
    return open_engine(load_bundle(SEED))


def photo(seed: int) -> bytes:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(coarse).resize((320, 240)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def engine_with(tmp_path):
    def make(threshold: float):
        seed = load_bundle(SEED)
        card = replace(seed.card, output=replace(seed.card.output, threshold=threshold))
        return open_engine(write_bundle(tmp_path, model=seed.model.read_bytes(), card=card))

    return make


@pytest.mark.parametrize(("threshold", "unsure"), [(0.0, False), (1.0, True)])
def test_under_the_threshold_it_says_unsure(engine_with, threshold, unsure):
    answer = predict(engine_with(threshold), photo(1)).to_json()
    assert answer["unsure"] is unsure
    assert answer["label"] == (None if unsure else answer["top"][0]["label"])
    assert answer["score"] == answer["top"][0]["score"]
    scores = [entry["score"] for entry in answer["top"]]
    assert len(scores) == 3 and scores == sorted(scores, reverse=True)
    assert answer["windows"] == [] and answer["latency_ms"] > 0
    assert json.loads(json.dumps(answer)) == answer


def test_the_probabilities_sum_to_one(engine):
    scores = probabilities(engine, photo(2))
    assert scores.shape == (len(engine.card.output.labels),)
    assert scores.sum() == pytest.approx(1, abs=1e-3)


def test_a_bad_file_is_refused(engine):
    with pytest.raises(BadInput):
        predict(engine, b"not a photo")


def test_threads_do_not_read_each_other(engine):
    files = [photo(seed) for seed in range(8)]
    alone = [probabilities(engine, file) for file in files]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda file: probabilities(engine, file), files * 4))
    assert all(np.array_equal(a, b) for a, b in zip(alone * 4, together, strict=True))


def test_the_ramp_is_the_one_the_card_promises():
    pixels = reference(ImageSpec("image", (1, 224, 224, 3), "uint8", (0, 255), 1.0))
    assert pixels.shape == (1, 224, 224, 3) and pixels.dtype == np.uint8
    assert pixels[0, 5, 9, 2] == (7 * 9 + 11 * 5 + 83 * 2) % 256


def test_the_shell_answers_one_line_a_file(tmp_path, capsys):
    (tmp_path / "good.png").write_bytes(photo(3))
    (tmp_path / "bad.jpg").write_bytes(b"text")
    failed = main(["predict", str(SEED), str(tmp_path / "good.png"), str(tmp_path / "bad.jpg")])
    good, bad = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert failed == 1 and len(good["top"]) == 3 and bad["problem"] == "unsupported-image"
    assert main(["check", str(SEED)]) == 0
    assert main(["check", str(tmp_path)]) == 1
