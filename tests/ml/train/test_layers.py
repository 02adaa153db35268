"""Layers of the graphs that listen, against librosa, in Keras and in the file that ships."""

import numpy as np
import pytest

pytestmark = pytest.mark.train
pytest.importorskip("tensorflow")

import keras  # noqa: E402
import librosa  # noqa: E402

from ml.engines import Graph  # noqa: E402
from ml.train.export import to_tflite  # noqa: E402
from ml.train.layers import LevelNorm, LogMel  # noqa: E402

RATE = 16_000


def sound(n: int = 48_000, *, level: float = 0.1) -> np.ndarray:
    """A chord that fades, with a little noise: energy in every band."""
    rng = np.random.default_rng(3)
    t = np.arange(n) / RATE
    chord = sum(np.sin(2 * np.pi * f * t) for f in (110, 277.2, 659.3, 2637))
    wave = chord * np.exp(-t) + 0.05 * rng.standard_normal(n)
    return (level * wave / np.sqrt(np.mean(wave**2))).astype(np.float32)


def graph(*layers: keras.Layer, n: int = 48_000) -> keras.Model:
    waveform = keras.Input((n,), name="waveform")
    x = waveform
    for layer in layers:
        x = layer(x)
    return keras.Model(waveform, x)


def decibels(wave: np.ndarray, **settings: int) -> np.ndarray:
    mel = librosa.feature.melspectrogram(y=wave, sr=RATE, **settings)
    return librosa.power_to_db(mel, ref=1.0, top_db=None).T


@pytest.mark.parametrize(
    "options",
    [
        {"n_fft": 512, "hop_length": 256, "n_mels": 96},
        {"n_fft": 2048, "hop_length": 512, "n_mels": 128},
        {"n_fft": 2048, "win_length": 1486, "hop_length": 372, "n_mels": 64},
    ],
)
def test_log_mel_is_librosas(options):
    wave = sound()
    ours = graph(LogMel(sample_rate=RATE, **options)).predict(wave[None], verbose=0)[0]
    theirs = decibels(wave, **options)
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= 0.01


def test_the_exported_graph_is_librosas_too(tmp_path):
    wave, settings = sound(), {"n_fft": 512, "hop_length": 256, "n_mels": 96}
    file = tmp_path / "model.tflite"
    file.write_bytes(to_tflite(graph(LogMel(sample_rate=RATE, **settings))))
    (ours,) = Graph(file).run(wave)
    assert np.abs(ours - decibels(wave, **settings)).max() <= 0.01


def test_silence_is_a_number_in_the_exported_graph(tmp_path):
    file = tmp_path / "model.tflite"
    file.write_bytes(
        to_tflite(graph(LogMel(sample_rate=RATE, n_fft=512, hop_length=256, n_mels=96)))
    )
    (ours,) = Graph(file).run(np.zeros_like(sound()))
    assert np.abs(ours + 100).max() <= 0.5


def test_the_other_logarithm():
    wave, settings = sound(), {"n_fft": 512, "hop_length": 256, "n_mels": 96}
    ours = graph(LogMel(sample_rate=RATE, gain=1e4, **settings)).predict(wave[None], verbose=0)[0]
    mel = librosa.feature.melspectrogram(y=wave, sr=RATE, **settings).T
    assert np.abs(ours - np.log10(1 + 1e4 * mel)).max() <= 1e-4


def test_a_length_that_is_no_builtin_operation_is_refused():
    with pytest.raises(ValueError, match="power of two"):
        LogMel(sample_rate=RATE, n_fft=400, hop_length=160, n_mels=64)


@pytest.mark.parametrize("level", [0.5, 0.1, 0.002])
def test_any_audible_level_is_brought_to_one(level):
    out = graph(LevelNorm()).predict(sound(level=level)[None], verbose=0)[0]
    assert np.sqrt(np.mean(out**2)) == pytest.approx(0.1, rel=1e-4)


def test_near_silence_is_not_blown_up():
    out = graph(LevelNorm()).predict(np.full((1, 48_000), 1e-5, np.float32), verbose=0)[0]
    assert np.abs(out).max() == pytest.approx(1e-3, rel=1e-4)
    assert not graph(LevelNorm()).predict(np.zeros((1, 48_000), np.float32), verbose=0).any()


def test_the_layers_survive_saving(tmp_path):
    model = graph(LevelNorm(), LogMel(sample_rate=RATE, n_fft=512, hop_length=256, n_mels=40))
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    wave = sound()[None]
    assert np.array_equal(again.predict(wave, verbose=0), model.predict(wave, verbose=0))
