"""Is it music at all? Sounds that are not, and a line through the tags that tells them apart."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ml.engines import Graph
from ml.evaluate import rounded, wilson
from ml.sound import Waveform, decode_sound, windows
from ml.train import gtzan
from ml.train.tags import SPEC, Tagged, tag_logits

Floats = npt.NDArray[np.float32]

# Of the music, this share must pass where the threshold is chosen; what is in doubt is no refusal.
_KEPT = 0.995
# Music unlike GTZAN's may be less clear than its least clear clip.
_MARGIN = 0.75
_PENALTY = 0.1
SPEECH = "speech"
# Speakers that only judge: of 20, the last four.
_UNHEARD = ("17", "18", "19", "20")


@dataclass(frozen=True)
class Presence:
    """A line through logits of tags: `sigmoid(logits @ kernel + bias)` is 0..1, music where it is
    over `threshold`; `report` says how often that was right about what it had not met."""

    kernel: Floats
    bias: float
    threshold: float
    report: Mapping[str, Any]


def hear_presence(
    tagger: Graph,
    known: Tagged,
    test: Tagged,
    *,
    clips: Path,
    voices: Path,
    sounds: int,
    sentences: int,
    folds: int,
    seed: int,
) -> Presence:
    """Learn from published tags of music, sounds made here and voices; judge by others.

    Parameters
    ----------
    tagger : window → logits of tags, as it ships
    known, test : music to learn from, and to judge by
    clips, voices : folders of some music as sound, to judge by, and of RAVDESS' voices
    sounds, sentences : how many of each made kind and of each speaker
    folds : of `known`, for the choice of the threshold
    """

    def tags(sounds: Iterable[Waveform]) -> list[Floats]:
        return [
            np.stack([tagger.run(window)[0] for _, window in windows(sound, SPEC)])
            for sound in sounds
        ]

    rng, rate = np.random.default_rng(seed), SPEC.sample_rate
    made = [noises(rng, samples=SPEC.shape[1], sample_rate=rate) for _ in range(sounds)]
    others = {kind: tags(each[kind] for each in made) for kind in made[0]}
    music = (decode_sound(p.read_bytes(), sample_rate=rate) for p in sorted(clips.iterdir()))
    heard = {
        "music of test": list(tag_logits(test.asked)),
        "music of clips as sound": tags(music),
    }
    said = list(speech(voices, sample_rate=rate, each=sentences))
    if said:
        others[SPEECH] = tags(sound for speaker, sound in said if speaker not in _UNHEARD)
        heard["speech of other speakers"] = tags(
            sound for speaker, sound in said if speaker in _UNHEARD
        )
    fold_of = np.array(gtzan.blocks(known.items, per_label=folds))
    return fit_presence(list(tag_logits(known.asked)), fold_of, others, heard)


def noises(rng: np.random.Generator, *, samples: int, sample_rate: int) -> dict[str, Waveform]:
    """One sound of each kind that is heard and is no music, shape (samples,), at any level."""
    t = np.arange(samples) / sample_rate
    white = rng.standard_normal(samples)
    spectrum = np.fft.rfft(white)
    f = np.maximum(np.arange(len(spectrum)), 1)
    pink, brown = (np.fft.irfft(spectrum / f**slope, samples) for slope in (0.5, 1.0))
    tone = np.sin(2 * np.pi * 2 ** rng.uniform(6, 12) * t)
    hum = sum(np.sin(2 * np.pi * 50 * k * t) / k for k in range(1, 1 + int(rng.integers(2, 8))))
    clicks = np.where(rng.random(samples) < 2 ** rng.uniform(-15, -10), white, 0)
    clicks[0] = 1.0
    wind = brown * (1 + np.sin(2 * np.pi * rng.uniform(0.1, 3) * t))
    gated = white * (np.sin(2 * np.pi * rng.uniform(0.5, 6) * t) > 0)
    sweep = np.sin(2 * np.pi * np.cumsum(np.linspace(100, rng.uniform(1e3, 7e3), samples)) / 16e3)
    constant = 0.3 + 1e-4 * white
    kinds = {
        "white noise": white,
        "pink noise": pink,
        "brown noise": brown,
        "noise in bursts": gated,
        "wind": wind,
        "a tone": tone + 1e-3 * white,
        "a sweep": sweep,
        "mains hum": hum,
        "clicks": clicks,
        "constant": constant,
    }
    level = 10 ** rng.uniform(-2, -0.3)
    return {
        kind: np.asarray(level * wave / np.abs(wave).max(), np.float32)
        for kind, wave in kinds.items()
    }


def speech(folder: Path, *, sample_rate: int, each: int) -> Iterator[tuple[str, Waveform]]:
    """Speakers and their sentences in RAVDESS' folders, `each` a speaker, without the silence.

    The seventh number of a name is the speaker's.
    """
    seen: dict[str, int] = {}
    for path in sorted(folder.glob("*/*.ogg"), key=lambda path: path.name[::-1]):
        speaker = path.stem.split("-")[-1]
        seen[speaker] = seen.get(speaker, 0) + 1
        if seen[speaker] <= each:
            waveform = decode_sound(path.read_bytes(), sample_rate=sample_rate)
            loud = np.flatnonzero(np.abs(waveform) > 0.05 * np.abs(waveform).max())
            yield speaker, waveform[loud[0] : loud[-1] + 1]


def fit_presence(
    music: Sequence[Floats],
    folds: npt.NDArray[np.int64],
    others: Mapping[str, Sequence[Floats]],
    heard: Mapping[str, Sequence[Floats]],
) -> Presence:
    """Learn to tell clips of music from other sounds: half of these speech, the rest by kinds.

    Parameters
    ----------
    music : logits of the tags of each clip's windows, shape (windows, tags)
    folds : of each clip, for the choice of the threshold
    others : by kind, the same of other sounds
    heard : by name, the same of sounds of known music or speech that nothing was learned from
    """
    scores = np.zeros(len(music))
    for fold in np.unique(folds):
        known = [clip for clip, f in zip(music, folds, strict=True) if f != fold]
        line = _line(known, others)
        for i in map(int, np.flatnonzero(folds == fold)):
            scores[i] = line(music[i]).mean()
    threshold = min(0.5, _MARGIN * float(np.quantile(scores, 1 - _KEPT)))
    refused = {}
    for kind, sounds in others.items():
        rest = {name: rows for name, rows in others.items() if name != kind}
        line = _line(music, rest)
        refused[kind] = _share([line(sound).mean() < threshold for sound in sounds])
    line = _line(music, others)
    passed = {
        name: _share([line(sound).mean() >= threshold for sound in sounds])
        for name, sounds in heard.items()
    }
    kernel, bias = _unscaled(_fitted(music, others))
    report = {
        "music_kept_by_fold": _share(list(scores >= threshold)),
        "refused_though_its_kind_was_left_out": refused,
        "passed": passed,
    }
    return Presence(kernel, bias, threshold, rounded(report))


def _share(yes: Sequence[bool]) -> dict[str, Any]:
    k, n = int(np.sum(yes)), len(yes)
    return {"n": n, "share": k / n, "interval": wilson(k, n)}


def _fitted(music: Sequence[Floats], others: Mapping[str, Sequence[Floats]]) -> Any:
    rows = [np.concatenate(music)]
    weights = [np.full(len(rows[0]), 1 / len(rows[0]))]
    spoken = 0.5 if SPEECH in others else 0.0
    kinds = len(others.keys() - {SPEECH})
    for kind, sounds in others.items():
        rows.append(np.concatenate(sounds))
        share = spoken if kind == SPEECH else (1 - spoken) / kinds
        weights.append(np.full(len(rows[-1]), share / len(rows[-1])))
    truth = np.repeat([1, *[0] * len(others)], [len(part) for part in rows])
    weight = np.concatenate(weights)
    line = make_pipeline(StandardScaler(), LogisticRegression(C=_PENALTY, max_iter=500))
    return line.fit(
        np.concatenate(rows),
        truth,
        logisticregression__sample_weight=weight * len(weight) / weight.sum(),
    )


def _line(
    music: Sequence[Floats], others: Mapping[str, Sequence[Floats]]
) -> Callable[[Floats], Floats]:
    fitted = _fitted(music, others)
    return lambda tags: np.asarray(fitted.predict_proba(tags)[:, 1], np.float32)


def _unscaled(line: Any) -> tuple[Floats, float]:
    """The same line on tags as they are."""
    scaler, regression = line[0], line[1]
    kernel = regression.coef_[0] / scaler.scale_
    return kernel.astype(np.float32), float(regression.intercept_[0] - kernel @ scaler.mean_)
