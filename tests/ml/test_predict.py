"""One call from a file to an answer: three labels always, a label only when sure."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from ml.__main__ import main
from ml.bundle import ImageSpec, OutputSpec, SoundSpec, load_bundle, write_bundle
from ml.engines import Answers, open_engine
from ml.errors import BadInput
from ml.predict import Source, check_presence, predict, prepare, probabilities, reference
from tests.sounds import make_sound

SEEDS = Path(__file__).parents[2] / "ml/bundles"
SEED = SEEDS / "waste/net"


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


@pytest.fixture(scope="module", params=["genre", "emotion"])
def listener(request):
    return open_engine(load_bundle(SEEDS / request.param / "net"))


def test_the_sweep_is_the_one_the_card_promises():
    spec = SoundSpec("sound", (1, 48_000), "float32", (-1, 1), 16_000, 24_000, 20, True)
    (sweep,) = reference(spec)
    assert sweep.dtype == np.float32 and sweep.shape == (48_000,)
    i = 47_123
    assert sweep[i] == ((i * i // 128) % 4096 - 2048) / 4096
    assert -0.5 <= sweep.min() < -0.49 and 0.49 < sweep.max() < 0.5


def test_a_sound_is_the_mean_of_its_windows(listener):
    data = make_sound(seconds=7, seed=4)
    spec = listener.card.input
    cut = prepare(spec, data)
    assert cut.shape[1:] == spec.shape[1:] and cut.dtype == np.float32
    rows = np.stack([listener.probabilities(window[np.newaxis])[0] for window in cut])
    assert np.allclose(probabilities(listener, data), rows.mean(axis=0), atol=1e-6)
    assert rows.sum(axis=1) == pytest.approx(1, abs=5e-3)


def test_no_sound_costs_more_windows_than_the_card_says(listener):
    spec = listener.card.input
    assert len(prepare(spec, make_sound("wav 8 bit", seconds=119, rate=8_000))) == spec.max_windows


@pytest.mark.parametrize(("presence", "refused"), [(0.4, False), (0.6, True)])
def test_where_nothing_of_the_kind_is_heard_there_is_no_answer(presence, refused):
    for task, slug in (("genre", "no-music"), ("emotion", "no-speech")):
        output = OutputSpec((), "mean", 0.5, presence=presence)
        said = Answers(np.ones((2, 10), np.float32) / 10, np.array([0.2, 0.8], np.float32))
        if refused:
            with pytest.raises(BadInput, match=slug):
                check_presence(task, output, said)
        else:
            check_presence(task, output, said)


def test_several_engines_of_one_rate_share_what_was_decoded(listener):
    source = Source(make_sound("mp3", rate=44_100, seconds=4))
    first = predict_anything(listener, source)
    assert source.waveform(16_000) is source.waveform(16_000)
    assert predict_anything(listener, source.data).windows == first.windows


def predict_anything(engine, data):
    """What a net says of a tune that may be no music to it, or no voice."""
    said = engine.answers(prepare(engine.card.input, data))
    card = replace(engine.card, output=replace(engine.card.output, presence=0.0))
    return predict(SimpleNamespace(card=card, answers=lambda batch: said), data)
