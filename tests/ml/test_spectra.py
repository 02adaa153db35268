"""Every number is librosa's."""

from collections.abc import Callable

import librosa
import numpy as np
import pytest

from ml import spectra
from tests.sounds import make_tune

LIKE: dict[str, tuple[Callable[..., object], Callable[..., object]]] = {
    "stft": (lambda y, m, r: spectra.stft(y), lambda y, m, r: librosa.stft(y)),
    "mel": (
        lambda y, m, r: spectra.mel(m**2, sample_rate=r),
        lambda y, m, r: librosa.feature.melspectrogram(S=m**2, sr=r),
    ),
    "mfcc": (
        lambda y, m, r: spectra.mfcc(spectra.decibels(spectra.mel(m**2, sample_rate=r)), n=20),
        lambda y, m, r: librosa.feature.mfcc(y=y, sr=r, n_mfcc=20),
    ),
    "chroma": (
        lambda y, m, r: spectra.chroma(m**2, sample_rate=r),
        lambda y, m, r: librosa.feature.chroma_stft(S=m**2, sr=r, tuning=0),
    ),
    "tonnetz": (
        lambda y, m, r: spectra.tonnetz(spectra.chroma(m**2, sample_rate=r)),
        lambda y, m, r: librosa.feature.tonnetz(
            chroma=librosa.feature.chroma_stft(S=m**2, sr=r, tuning=0)
        ),
    ),
    "rms": (lambda y, m, r: spectra.rms(y), lambda y, m, r: librosa.feature.rms(y=y)),
    "zero crossings": (
        lambda y, m, r: spectra.zero_crossing_rate(y),
        lambda y, m, r: librosa.feature.zero_crossing_rate(y),
    ),
    "centroid": (
        lambda y, m, r: spectra.centroid(m, sample_rate=r),
        lambda y, m, r: librosa.feature.spectral_centroid(S=m, sr=r),
    ),
    "bandwidth": (
        lambda y, m, r: spectra.bandwidth(m, sample_rate=r),
        lambda y, m, r: librosa.feature.spectral_bandwidth(S=m, sr=r),
    ),
    "rolloff": (
        lambda y, m, r: spectra.rolloff(m, sample_rate=r),
        lambda y, m, r: librosa.feature.spectral_rolloff(S=m, sr=r),
    ),
    "contrast": (
        lambda y, m, r: spectra.contrast(m, sample_rate=r, bands=5),
        lambda y, m, r: librosa.feature.spectral_contrast(S=m, sr=r, n_bands=5),
    ),
    "tempo": (
        lambda y, m, r: spectra.tempo(
            spectra.decibels(spectra.mel(m**2, sample_rate=r)), sample_rate=r
        ),
        lambda y, m, r: librosa.feature.tempo(y=y, sr=r)[0],
    ),
    "trimmed": (
        lambda y, m, r: spectra.trimmed(y, top_db=30, size=1024, hop=256),
        lambda y, m, r: librosa.effects.trim(y, top_db=30, frame_length=1024, hop_length=256)[0],
    ),
    "waveform": (
        lambda y, m, r: spectra.istft(spectra.stft(y) * (m > 1), length=len(y)),
        lambda y, m, r: librosa.istft(librosa.stft(y) * (m > 1), length=len(y)),
    ),
}


def sounds() -> dict[str, np.ndarray]:
    silence = np.zeros(22_050, np.float32)
    half = make_tune(3.3, 22_050, seed=2)
    half[20_000:45_000] = half[:5_000] = half[-7_000:] = 0
    noise = np.random.default_rng(1).normal(0, 0.1, 40_001).astype(np.float32)
    return {"tune": make_tune(6.1, 22_050), "pause": half, "noise": noise, "silence": silence}


@pytest.mark.parametrize("rate", [16_000, 22_050])
@pytest.mark.parametrize("sound", sounds())
@pytest.mark.parametrize("what", LIKE)
def test_it_is_librosas(what: str, sound: str, rate: int) -> None:
    waveform = sounds()[sound]
    magnitude = np.abs(librosa.stft(waveform))
    ours, theirs = (np.asarray(made(waveform, magnitude, rate)) for made in LIKE[what])
    assert ours.shape == theirs.shape
    scale = np.abs(theirs).max(initial=1e-6)
    assert np.abs(ours - theirs).max(initial=0) <= 1e-4 * scale


@pytest.mark.parametrize("rate", [8_000, 44_100])
def test_other_rates_have_the_same_bands(rate: int) -> None:
    power = np.abs(librosa.stft(make_tune(2, rate))) ** 2
    ours = spectra.mel(power, sample_rate=rate)
    theirs = librosa.feature.melspectrogram(S=power, sr=rate)
    assert np.abs(ours - theirs).max() <= 1e-5 * theirs.max()
