"""The named vectors: GTZAN's CSV, librosa's numbers, and finite whatever the sound."""

import csv

import librosa
import numpy as np
import pytest

from ml.features import VECTORS, emotion_175, gtzan_57
from ml.sound import decode_sound
from ml.task import TASKS
from tests.data import DATA

RATE = 22_050
SHARED = DATA / "genre"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="GTZAN's features are not here")


def chirp(seconds: float = 2.0, *, level: float = 0.3) -> np.ndarray:
    t = np.arange(int(seconds * RATE)) / RATE
    noise = np.random.default_rng(5).standard_normal(len(t))
    wave = np.sin(2 * np.pi * (200 + 300 * t) * t) * (1 + np.sin(9 * t)) + 0.05 * noise
    return (level * wave / np.abs(wave).max()).astype(np.float32)


def test_each_engine_that_wants_a_vector_is_one_of_the_tasks():
    for name in VECTORS:
        task, engine = name.split("/")
        assert engine in TASKS[task].engines


def test_the_voice_vector_is_librosas_means_of_the_voice_at_one_level():
    wave = chirp()
    around = np.zeros(RATE, np.float32)
    heard = np.concatenate([around, wave, around])
    wave = librosa.effects.trim(heard, top_db=30, frame_length=1024, hop_length=256)[0]
    level = wave * np.float32(0.1 / np.sqrt(np.mean(wave.astype(np.float64) ** 2)))
    power = np.abs(librosa.stft(level)) ** 2
    chroma = librosa.feature.chroma_stft(S=power, sr=RATE, tuning=0)
    parts = [
        librosa.feature.zero_crossing_rate(level),
        chroma,
        librosa.feature.mfcc(y=level, sr=RATE, n_mfcc=20),
        librosa.feature.rms(y=level),
        librosa.feature.melspectrogram(y=level, sr=RATE),
        librosa.feature.spectral_contrast(y=level, sr=RATE),
        librosa.feature.tonnetz(chroma=chroma),
    ]
    expected = np.concatenate([part.mean(axis=1) for part in parts])
    assert np.allclose(emotion_175(heard, sample_rate=RATE), expected, rtol=1e-3, atol=1e-5)


def test_the_gain_of_a_microphone_moves_nothing_in_the_voice_vector():
    loud, quiet = (emotion_175(chirp(level=level), sample_rate=RATE) for level in (0.6, 0.02))
    assert np.allclose(loud, quiet, rtol=1e-2, atol=1e-3)


def test_the_music_vector_is_librosas():
    wave = chirp(6)
    harmonic, percussive = librosa.effects.hpss(wave)
    mfcc = librosa.feature.mfcc(y=wave, sr=RATE, n_mfcc=20)
    rows = [
        librosa.feature.chroma_stft(y=wave, sr=RATE, tuning=0),
        librosa.feature.rms(y=wave),
        librosa.feature.spectral_centroid(y=wave, sr=RATE),
        librosa.feature.spectral_bandwidth(y=wave, sr=RATE),
        librosa.feature.spectral_rolloff(y=wave, sr=RATE),
        librosa.feature.zero_crossing_rate(wave),
        harmonic,
        percussive,
    ]
    moments = [m for row in [*rows, *mfcc] for m in (np.mean(row), np.var(row))]
    tempo = librosa.feature.tempo(y=wave, sr=RATE)[0]
    expected = np.array([*moments[:16], tempo, *moments[16:]])
    got = gtzan_57(wave, sample_rate=RATE)
    assert np.allclose(got, expected, rtol=5e-3, atol=1e-4)


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
@pytest.mark.parametrize(
    "wave",
    [
        np.zeros(RATE, np.float32),
        np.zeros(0, np.float32),
        np.ones(1, np.float32),
        np.full(RATE, 0.5, np.float32),
        np.full(RATE, np.nan, np.float32),
        np.full(100, np.inf, np.float32),
        np.tile(np.array([1, -1], np.float32), RATE // 2),
        np.eye(1, RATE, 7, dtype=np.float32)[0],
        chirp(0.05),
        chirp(2),
    ],
    ids=[
        "silence",
        "nothing",
        "one-sample",
        "constant",
        "nan",
        "inf",
        "nyquist",
        "click",
        "short",
        "sound",
    ],
)
@pytest.mark.parametrize("rate", [8_000, RATE])
def test_every_number_is_finite_whatever_the_sound(vector, wave, rate):
    numbers = vector(wave, sample_rate=rate)
    assert numbers.shape in {(57,), (175,)}
    assert numbers.dtype == np.float32
    assert np.isfinite(numbers).all()


@needs_shared
def test_real_clips_are_near_the_published_numbers():
    """The clips are Opus: what the codec took away near 12 kHz shows in the spectrum's shape."""
    with (SHARED / "features_30_sec.csv").open(newline="", encoding="utf-8") as lines:
        published = {row["filename"]: row for row in csv.DictReader(lines)}
    clip = decode_sound((SHARED / "clips" / "pop.00000.ogg").read_bytes(), sample_rate=RATE)
    ours = gtzan_57(clip, sample_rate=RATE)
    row = published["pop.00000.wav"]
    names = [name for name in row if name not in ("filename", "length", "label")]
    theirs = {name: float(row[name]) for name in names}
    got = dict(zip(names, ours.tolist(), strict=True))
    for name in ("rms_mean", "rms_var", "perceptr_var", "harmony_var", "chroma_stft_mean"):
        assert got[name] == pytest.approx(theirs[name], rel=0.05)
    for name in ("spectral_centroid_mean", "rolloff_mean", "zero_crossing_rate_mean"):
        assert got[name] == pytest.approx(theirs[name], rel=0.15)
    for number in range(1, 6):
        assert got[f"mfcc{number}_mean"] == pytest.approx(theirs[f"mfcc{number}_mean"], abs=8)
