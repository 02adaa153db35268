"""Maps of voices at VoiceNet's cut: of every window as it is asked about, and of altered copies."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import librosa
import numpy as np
import numpy.typing as npt
import soxr

from ml.bundle import SoundSpec
from ml.manifest import Item, digest
from ml.sound import Waveform, decode_sound, windows
from ml.train.voicenet import WINDOW, VoiceNet
from ml.train.work import digest_of
from ml.train.yamnet import SAMPLE_RATE

log = logging.getLogger(__name__)

SPEC = SoundSpec("sound", (1, WINDOW), "float32", (-1, 1), SAMPLE_RATE, 16_000, 20, True)
_BATCH = 32


@dataclass(frozen=True)
class Maps:
    """`clean`: shape (windows, 38, 8, 256), float16; `owner`: of each window the row of its item;
    `views`: shape (views, items, 38, 8, 256), a window of an altered copy of each item."""

    clean: npt.NDArray[np.float16]
    owner: npt.NDArray[np.int64]
    views: npt.NDArray[np.float16]

    def windows_of(self, rows: Sequence[int]) -> npt.NDArray[np.int64]:
        """The windows of these items, in the order of the windows."""
        return np.flatnonzero(np.isin(self.owner, rows))


def hear(
    front: keras.Model, folder: Path, items: Sequence[Item], *, views: int, seed: int, cache: Path
) -> Maps:
    """Every map that the training will ask for, kept in files: a second run reads them."""
    said = {"items": digest(items), "views": views, "seed": seed}
    home = cache / digest_of(said)[:16]
    if not (home / "whole").exists():
        home.mkdir(parents=True, exist_ok=True)
        sounds = [
            decode_sound((folder / i.path).read_bytes(), sample_rate=SAMPLE_RATE) for i in items
        ]
        cut = [window for sound in sounds for _, window in windows(sound, SPEC)]
        owner = [row for row, sound in enumerate(sounds) for _ in windows(sound, SPEC)]
        np.save(home / "owner.npy", np.array(owner, np.int64))
        np.save(home / "clean.npy", maps_of(front, cut))
        log.info("%d windows of %d recordings", len(cut), len(items))
        shape = (views, len(items), *front.output_shape[1:])
        kept = np.lib.format.open_memmap(home / "views.npy", "w+", np.float16, shape)
        for view in range(views):
            rngs = (np.random.default_rng([seed, view, row]) for row in range(len(items)))
            copies = [altered(sound, rng) for sound, rng in zip(sounds, rngs, strict=True)]
            kept[view] = maps_of(front, copies)
            log.info("altered copies: %d/%d", view + 1, views)
        kept.flush()
        (home / "whole").touch()
    clean, owner_of, copies_of = (np.load(home / f"{n}.npy", mmap_mode="r") for n in _FILES)
    return Maps(clean, owner_of, copies_of)


_FILES = ("clean", "owner", "views")


def maps_of(front: keras.Model, sounds: Sequence[Waveform]) -> npt.NDArray[np.float16]:
    """The maps at the cut of windows of 3 s, shape (n, 38, 8, 256)."""
    made = np.zeros((len(sounds), *front.output_shape[1:]), np.float16)
    for at in range(0, len(sounds), _BATCH):
        made[at : at + _BATCH] = front.predict_on_batch(np.stack(sounds[at : at + _BATCH]))
    return made


@dataclass(frozen=True)
class Statistics:
    """What the untuned network says of `Maps`: `clean` (windows, n), `views` (views, items, n)."""

    clean: npt.NDArray[np.float32]
    views: npt.NDArray[np.float32]

    def of(self, maps: Maps, rows: Sequence[int], truth: Any) -> tuple[Any, Any]:
        """Of these items every window and every altered copy, and the truth of each."""
        at = maps.windows_of(rows)
        copies = self.views[:, list(rows)].reshape(-1, self.views.shape[-1])
        told = [truth[maps.owner[at]], np.tile(truth[list(rows)], len(self.views))]
        return np.concatenate([self.clean[at], copies]), np.concatenate(told)


def describe(net: VoiceNet, maps: Maps) -> Statistics:
    """The statistics of every map, before anything is tuned."""

    def of(some: npt.NDArray[np.float16]) -> Any:
        rows = range(0, len(some), _BATCH)
        parts = [some[at : at + _BATCH].astype(np.float32) for at in rows]
        return np.concatenate([net.statistics.predict_on_batch(part) for part in parts])

    return Statistics(of(maps.clean), np.stack([of(view) for view in maps.views]))


def altered(sound: Waveform, rng: np.random.Generator) -> Waveform:
    """A window of 3 s of a copy: another voice's height and pace, microphone, room noise, place.

    Played up to 14 % faster or slower (height and pace together), half of the copies also
    stretched in time by up to 10 %; noise, white or brown, 5 to 35 dB below; a random colour.
    """
    rate = float(np.exp(rng.uniform(np.log(0.88), np.log(1.14))))
    copy = soxr.resample(sound, SAMPLE_RATE, round(SAMPLE_RATE * rate), quality="MQ")
    if rng.random() < 0.5:
        copy = librosa.effects.time_stretch(copy, rate=rng.uniform(0.9, 1.1), n_fft=1024)
    copy = np.pad(copy, (0, max(0, WINDOW - len(copy))))
    at = int(rng.integers(0, len(copy) - WINDOW + 1))
    copy = copy[at : at + WINDOW]
    copy = copy + _noise(rng) * np.sqrt(np.mean(copy**2)) * 10 ** (-rng.uniform(5, 35) / 20)
    spectrum = np.fft.rfft(copy)
    colour = np.interp(np.linspace(0, 5, len(spectrum)), range(6), rng.uniform(-6, 6, 6))
    coloured: Any = np.fft.irfft(spectrum * 10 ** (colour / 20), WINDOW)
    result: Waveform = coloured.astype(np.float32)
    return result


def _noise(rng: np.random.Generator) -> Any:
    noise = rng.standard_normal(WINDOW)
    if rng.random() < 0.5:
        noise = np.cumsum(noise) - np.linspace(0, noise.sum(), WINDOW)
    return noise / noise.std()
