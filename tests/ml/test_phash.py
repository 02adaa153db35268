"""phash: equal to imagehash's, and steady where an eye sees, or an ear hears, the same."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from ml.curate import NEAR
from ml.decode import decode_image
from ml.phash import distance, phash, sound_hash
from ml.sound import decode_sound
from tests.factories import make_image, make_photo
from tests.sounds import make_sound, make_tune


@pytest.mark.parametrize(
    ("size", "seed", "expected"),
    [
        # Written down from imagehash 4.3.2: phash(hash_size=8, highfreq_factor=4).
        ((320, 240), 1, "8ce3d8b83acbc534"),
        ((320, 240), 2, "fc6c8d47db2420da"),
        ((64, 200), 3, "dd79e29cd5ee0011"),
        ((1024, 768), 5, "ce62f0fed33a00c5"),
        ((1, 1), 4, "8000000000000000"),
    ],
)
def test_it_is_the_hash_of_the_base_data(size: tuple[int, int], seed: int, expected: str) -> None:
    assert phash(np.asarray(make_image(size, seed=seed))) == expected


@pytest.mark.parametrize(
    ("colour", "expected"),
    [((0, 0, 0), "0" * 16), ((255, 255, 255), "8" + "0" * 15), ((10, 200, 30), "8" + "0" * 15)],
)
def test_a_flat_picture_has_no_pattern(colour: tuple[int, int, int], expected: str) -> None:
    """Sums of cosines are never quite 0: their remains must not look like a pattern."""
    assert phash(np.asarray(Image.new("RGB", (50, 40), colour))) == expected


def test_the_same_picture_smaller_and_compressed_is_near() -> None:
    picture = make_image((1024, 768), seed=5)
    file = BytesIO()
    picture.resize((400, 300)).save(file, "JPEG", quality=60)
    assert distance(phash(np.asarray(picture)), phash(decode_image(file.getvalue()))) <= 4


def test_other_pictures_are_far() -> None:
    hashes = [phash(decode_image(make_photo(seed=seed))) for seed in range(12)]
    pairs = [(a, b) for n, a in enumerate(hashes) for b in hashes[:n]]
    assert min(distance(a, b) for a, b in pairs) > 10


@pytest.mark.parametrize(
    ("a", "b", "bits"),
    [("0" * 16, "0" * 16, 0), ("0" * 16, "f" * 16, 64), ("8" + "0" * 15, "0" * 15 + "1", 2)],
)
def test_the_distance_counts_bits(a: str, b: str, bits: int) -> None:
    assert distance(a, b) == distance(b, a) == bits


def heard(data: bytes) -> str:
    return sound_hash(decode_sound(data, sample_rate=16_000), sample_rate=16_000)


@pytest.mark.parametrize("kind", ["mp3", "m4a", "ogg vorbis", "wav 8 bit", "wav A-law"])
@pytest.mark.parametrize("seed", range(3))
def test_the_same_sound_by_another_codec_is_near(kind: str, seed: int) -> None:
    original = make_sound("flac", seconds=6, rate=44_100, seed=seed)
    other = make_sound(kind, seconds=6, rate=44_100, seed=seed)
    assert distance(heard(original), heard(other)) <= NEAR


@pytest.mark.parametrize("gain", [0.05, 0.3, 1.9])
def test_the_same_sound_louder_or_softer_is_near(gain: float) -> None:
    tune = make_tune(6)
    assert distance(sound_hash(tune, sample_rate=16_000), heard(make_sound(samples=tune))) == 0
    again = sound_hash(tune * np.float32(gain), sample_rate=16_000)
    assert distance(sound_hash(tune, sample_rate=16_000), again) <= NEAR


def test_other_sounds_are_far() -> None:
    hashes = [sound_hash(make_tune(4, seed=seed), sample_rate=16_000) for seed in range(16)]
    pairs = [distance(a, b) for n, a in enumerate(hashes) for b in hashes[:n]]
    assert min(pairs) > 2 * NEAR


@pytest.mark.parametrize("hertz", [300, 3000])
def test_a_steady_tone_has_no_rhythm(hertz: int) -> None:
    tone = np.sin(2 * np.pi * hertz * np.arange(48_000) / 16_000).astype(np.float32)
    bits = sound_hash(tone, sample_rate=16_000)
    # Only the first of each eight bits may be set: which band is louder than the one below.
    assert int(bits, 16) & 0x7F7F7F7F7F7F7F7F == 0
