"""VoiceNet: YAMNet rebuilt, the graph that ships, and a whole training on whistling actors."""

import json

import numpy as np
import pytest
import soundfile

pytestmark = pytest.mark.train
pytest.importorskip("tensorflow")

from ml.bundle import load_bundle  # noqa: E402
from ml.engines import Graph  # noqa: E402
from ml.errors import BadInput, MLError  # noqa: E402
from ml.predict import open_checked, predict  # noqa: E402
from ml.task import EMOTION  # noqa: E402
from ml.train.emotion import train  # noqa: E402
from ml.train.export import to_tflite  # noqa: E402
from ml.train.hearing import altered  # noqa: E402
from ml.train.speech import KINDS, made  # noqa: E402
from ml.train.voicenet import WINDOW, build  # noqa: E402
from ml.train.yamnet import read_weights  # noqa: E402
from tests.data import DATA  # noqa: E402

YAMNET = DATA / "weights" / "yamnet.tflite"
needs_weights = pytest.mark.skipif(not YAMNET.exists(), reason="YAMNet's weights are not here")
CODES = (5, 7, 6, 3, 1, 4, 8)


def whistle(hertz: float, *, seconds: float = 1.2, seed: int = 0) -> np.ndarray:
    t = np.arange(int(seconds * 16_000)) / 16_000
    noise = np.random.default_rng(seed).standard_normal(len(t))
    return (0.2 * np.sin(2 * np.pi * hertz * t) + 0.003 * noise).astype(np.float32)


def test_weights_that_are_not_yamnets_are_refused(tmp_path):
    other = tmp_path / "other.tflite"
    other.write_bytes(b"no model")
    for path in (other, tmp_path / "missing.tflite"):
        with pytest.raises(MLError, match="no-weights"):
            read_weights(path)


@needs_weights
def test_the_rebuild_is_yamnet():
    from ai_edge_litert.interpreter import Interpreter

    published = Interpreter(str(YAMNET), experimental_preserve_all_tensors=True)
    published.allocate_tensors()
    (embedding,) = (
        tensor["index"]
        for tensor in published.get_tensor_details()
        if tensor["name"] == "yamnet_frames/global_average_pooling2d/Mean"
    )
    # The published graph takes 0.975 s; an own front of that length, and the level as it is.
    import keras

    from ml.train.yamnet import LAYERS, YamnetMel, layers

    waveform = keras.Input((15_600,))
    maps = layers(YamnetMel()(waveform), read_weights(YAMNET), 1, LAYERS)[LAYERS]
    ours = keras.Model(waveform, keras.layers.GlobalAveragePooling2D()(maps))
    t = np.arange(15_600) / 16_000
    tones = [np.sin(2 * np.pi * 140 * k * t + k) / k for k in range(1, 20)]
    noise = np.random.default_rng(0).standard_normal(len(t))
    # Like a voice: the published graph rounds a lone tone too roughly to be compared with.
    sound = (0.1 * np.sum(tones, axis=0) * (1 + np.sin(8 * np.pi * t)) + 0.01 * noise).astype("f4")
    published.set_tensor(0, sound[np.newaxis])
    published.invoke()
    theirs = published.get_tensor(embedding)[0]
    got = ours.predict(sound[np.newaxis], verbose=0)[0]
    # The published one also rounds what goes into its int8 layers.
    assert np.corrcoef(theirs, got)[0, 1] > 0.98


@needs_weights
def test_the_graph_gives_probabilities_and_presence_at_any_level(tmp_path):
    net = build(7, read_weights(YAMNET))
    file = tmp_path / "model.tflite"
    file.write_bytes(to_tflite(net.whole(1.5)))
    graph = Graph(file)
    taken, dtype, given = graph.signature
    assert (taken, dtype, sorted(given)) == ((1, WINDOW), "float32", [(1, 1), (1, 7)])
    assert file.stat().st_size < 12_000_000
    loud = np.pad(whistle(440, seconds=2.5), (0, WINDOW - 40_000))
    rows = [max(graph.run(loud * gain), key=len) for gain in (np.float32(1), np.float32(0.05))]
    assert rows[0].sum() == pytest.approx(1, abs=1e-3)
    assert np.abs(rows[0] - rows[1]).max() < 0.01
    for silence in (np.zeros(WINDOW, np.float32), np.ones(WINDOW, np.float32)):
        assert all(np.isfinite(output).all() for output in graph.run(silence))


def test_copies_and_made_sounds_are_windows_of_sound():
    rng = np.random.default_rng(0)
    for seconds in (1.0, 3.0, 5.5):
        copy = altered(whistle(300, seconds=seconds), rng)
        assert copy.shape == (WINDOW,)
        assert np.isfinite(copy).all()
    for kind in KINDS:
        sound = made(kind, WINDOW, np.random.default_rng(3))
        assert sound.shape == (WINDOW,)
        assert 0 < np.abs(sound).max() <= 0.51


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Six actors who whistle and two of test; seven pitches for seven emotions."""
    home = tmp_path_factory.mktemp("emotion")
    data = home / "ravdess"
    data.mkdir()
    for actor in (1, 2, 3, 4, 17, 18):
        for place, code in enumerate(CODES):
            name = f"03-01-{code:02}-01-01-01-{actor:02}.wav"
            wave = whistle(200 * 1.45**place * (1 + actor / 300), seed=actor)
            soundfile.write(data / name, wave, 16_000)
    recipe = home / "recipe.json"
    numbers = {"views": 1, "folds": 2, "sounds": 2, "learning": {"epochs": 2, "batch": 7}}
    recipe.write_text(json.dumps(numbers))
    options = {"seed": 1, "version": "2026.1.1", "weights": str(YAMNET), "recipe": recipe}
    bundle = train(EMOTION, "net", data, home / "out", work=home / "work", **options)
    return bundle, data, home, options


@needs_weights
def test_a_training_ends_in_a_bundle_judged_on_speakers_it_never_heard(trained):
    bundle, data, _, _ = trained
    metrics = bundle.card.metrics
    assert metrics["n"] == 14
    assert metrics["all_speakers"]["n"] == 42
    assert 0 <= metrics["auc"]["value"] <= 1
    assert "non-commercial" in bundle.card.licence
    assert {source.n for source in bundle.card.data} == {28}
    engine = open_checked(load_bundle(bundle.folder))
    try:
        answer = predict(engine, (data / "03-01-05-01-01-01-17.wav").read_bytes())
    except BadInput as refusal:  # a whistle is hardly a voice
        assert refusal.slug == "no-speech"
    else:
        assert len(answer.windows) == 1


@needs_weights
def test_a_second_run_goes_on_from_the_first(trained, caplog):
    bundle, data, home, options = trained
    caplog.set_level("INFO")
    again = train(EMOTION, "net", data, home / "again", work=home / "work", **options)
    assert again.card.sha256 == bundle.card.sha256
    assert "taken up from an earlier run" in caplog.text


@needs_weights
def test_without_weights_nothing_starts(trained, tmp_path):
    _, data, _, options = trained
    with pytest.raises(MLError, match="no-weights"):
        train(EMOTION, "net", data, tmp_path, work=tmp_path, **(options | {"weights": "nowhere"}))
