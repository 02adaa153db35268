"""decode_sound: every format and rate gives the same tune; limits hold whatever a file says."""

import wave
from io import BytesIO

import numpy as np
import pytest

from ml.bundle import SoundSpec
from ml.errors import BadInput
from ml.ffmpeg import MAX_S
from ml.sound import check_sound, decode_sound, window_starts, windows
from tests.evil_sounds import EVIL, Evil, raw_wav
from tests.sounds import KINDS, make_sound, make_tune

RATE = 16_000


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    """Correlation at the best delay: encoders add some silence at the front."""
    n = min(len(a), len(b))
    spectrum = np.fft.rfft(a[:n], 2 * n) * np.conj(np.fft.rfft(b[:n], 2 * n))
    best = np.fft.irfft(spectrum).max()
    return float(best / np.linalg.norm(a[:n]) / np.linalg.norm(b[:n]))


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_is_heard(kind: str) -> None:
    rate = 48_000 if "opus" in KINDS[kind][1] else 44_100
    heard = decode_sound(make_sound(kind, rate=rate), sample_rate=RATE)
    assert heard.dtype == np.float32 and heard.ndim == 1
    assert len(heard) == pytest.approx(3 * RATE, abs=800)
    lossless = kind.startswith(("wav", "flac")) and "8 bit" not in kind and "law" not in kind
    meant = decode_sound(make_sound("wav float", rate=rate), sample_rate=RATE)
    assert likeness(heard, meant) > (0.99999 if lossless else 0.98)


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 32_000, 96_000, 192_000])
def test_every_rate_is_heard_at_one(rate: int) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(2 * rate) / rate)
    heard = decode_sound(make_sound(samples=tone.astype(np.float32), rate=rate), sample_rate=RATE)
    assert len(heard) == pytest.approx(2 * RATE, abs=2)
    spectrum = np.abs(np.fft.rfft(heard[RATE // 2 : RATE // 2 + RATE]))
    assert spectrum.argmax() == 440
    assert np.abs(heard[1000:-1000]).max() == pytest.approx(0.5, abs=0.005)


def test_the_finest_recorder_is_not_taken_for_a_bomb() -> None:
    tune = np.repeat((make_tune(3, 192_000) * 2**23).astype("<i4")[:, None], 8, axis=1)
    sound = raw_wav((tune << 8).tobytes(), rate=192_000, channels=8, bits=32)
    assert len(decode_sound(sound, sample_rate=RATE)) == 3 * RATE


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_channels_are_averaged(channels: int) -> None:
    tune = make_tune()
    spread = np.zeros((len(tune), channels), np.float32)
    spread[:, 0] = tune
    heard = decode_sound(make_sound("wav float", spread), sample_rate=RATE)
    assert np.abs(heard - tune / channels).max() < 1e-6


def test_16_bit_at_the_same_rate_is_untouched() -> None:
    with wave.open(BytesIO(make_sound())) as file:
        stored = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert np.array_equal(decode_sound(make_sound(), sample_rate=RATE) * 32768, stored)


@pytest.mark.parametrize("evil", EVIL, ids=lambda evil: evil.name)
def test_an_evil_sound_ends_in_its_name(evil: Evil) -> None:
    try:
        heard = decode_sound(evil.make(), sample_rate=RATE)
    except BadInput as refused:
        assert refused.slug == evil.slug
    else:
        assert evil.slug is None
        assert len(heard) >= RATE and np.isfinite(heard).all() and np.abs(heard).max() <= 1


@pytest.mark.parametrize(("over_s", "refused"), [(-0.5, False), (0.5, True)])
def test_two_minutes_are_the_limit(over_s: float, refused: bool) -> None:
    sound = make_sound("wav 8 bit", seconds=MAX_S + over_s, rate=8_000)
    if not refused:
        assert len(decode_sound(sound, sample_rate=8_000)) == (MAX_S + over_s) * 8_000
        return
    with pytest.raises(BadInput, match="too-large"):
        decode_sound(sound, sample_rate=8_000)


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg opus", "mp3", "m4a", "webm recorded"])
def test_a_cut_or_flipped_file_is_heard_or_refused_by_name(kind: str) -> None:
    whole = make_sound(kind, rate=48_000, seconds=2)
    random = np.random.default_rng(5)
    for _ in range(40):
        broken = bytearray(whole[: random.integers(1, len(whole))])
        for at in random.integers(0, len(broken), 20):
            broken[at] = random.integers(256)
        try:
            heard = decode_sound(bytes(broken), sample_rate=RATE)
        except BadInput as refused:
            assert refused.slug.endswith("-sound") or refused.slug == "too-large"
        else:
            assert np.isfinite(heard).all()


def test_a_wav_of_unknown_length_is_heard_to_its_end() -> None:
    """Programs that write to a pipe leave 0 or the most there is."""
    told = make_sound()
    at = told.index(b"data") + 4
    for length in (b"\0\0\0\0", b"\xff\xff\xff\xff"):
        piped = told[:4] + b"\xff\xff\xff\xff" + told[8:at] + length + told[at + 4 :]
        assert np.array_equal(
            decode_sound(piped, sample_rate=RATE), decode_sound(told, sample_rate=RATE)
        )


def test_a_word_in_a_long_silence_is_no_silence() -> None:
    sound = np.zeros(10 * RATE, np.float32)
    sound[5 * RATE : 5 * RATE + 4000] = make_tune(0.25)
    check_sound(sound, sample_rate=RATE)


def test_a_loud_record_is_not_clipped() -> None:
    loud = np.tanh(4 * make_tune()) / np.tanh(2)
    check_sound(loud.clip(-1, 1), sample_rate=RATE)
    with pytest.raises(BadInput, match="clipped-sound"):
        check_sound((30 * make_tune()).clip(-1, 1), sample_rate=RATE)


def spec(**fields: object) -> SoundSpec:
    values = {
        "kind": "sound",
        "shape": (1, 100),
        "dtype": "float32",
        "range": (-1, 1),
        "sample_rate": RATE,
        "hop": 50,
        "max_windows": 6,
        "pad": True,
    }
    return SoundSpec(**{**values, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("n", "starts"),
    [
        (101, [0]),
        (125, [0, 25]),
        (150, [0, 50]),
        (174, [0, 50]),
        (175, [0, 50, 75]),
        (350, [0, 50, 100, 150, 200, 250]),
        (1100, [0, 200, 400, 600, 800, 1000]),
    ],
)
def test_windows_cover_a_sound_evenly(n: int, starts: list[int]) -> None:
    assert window_starts(n, spec()) == starts
    cut = windows(np.arange(n, dtype=np.float32), spec())
    assert [at for at, _ in cut] == starts
    assert all(len(window) == 100 and window[0] == at for at, window in cut)


@pytest.mark.parametrize(("pad", "length"), [(True, 100), (False, 70)])
def test_a_short_sound_is_filled_up_where_the_card_says_so(pad: bool, length: int) -> None:
    ((at, window),) = windows(np.ones(70, np.float32), spec(pad=pad))
    assert (at, len(window), window.sum()) == (0, length, 70)


def test_the_size_is_looked_at_first() -> None:
    with pytest.raises(BadInput, match="too-large"):
        decode_sound(raw_wav(bytes(25_000_000)), sample_rate=RATE)
