"""GTZAN in a few made-up clips, in every form the real one has."""

import csv
import wave
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from ml.task import GENRE
from ml.train.gtzan import N_FEATURES

RATE = 16_000


def make_gtzan(folder: Path, lists: Mapping[str, Sequence[str]], *, sounds: int = 0) -> Path:
    """Write the clips of `lists` (train, valid, test, and "" for none), each genre on one pitch.

    Parameters
    ----------
    sounds : how many clips of 6 s lie there as audio that can be decoded
    """
    clips = [clip for names in lists.values() for clip in names]
    for word in ("train", "valid", "test"):
        lines = [f"{clip.split('.')[0]}/{clip}.wav" for clip in lists[word]]
        (folder / f"{word}_filtered.txt").write_text("\n".join(lines) + "\n")
    pair = {"a": "metal.00058.wav", "b": "rock.00016.wav", "distance": 0}
    write_csv(folder / "duplicates.csv", [pair])
    write_csv(folder / "features_30_sec.csv", _features(clips, pieces=1))
    write_csv(folder / "features_3_sec.csv", _features(clips, pieces=10))
    pictures = []
    for clip in clips:
        label = clip.split(".")[0]
        audio = folder / "genres_original" / label / f"{clip}.wav"
        audio.parent.mkdir(parents=True, exist_ok=True)
        audio.write_bytes(b"RIFF" + clip.encode())
        picture = folder / "gtzan_logmel" / label / f"{clip}.png"
        picture.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(_picture(clip)).save(picture)
        path = f"{label}/{clip}.png"
        pictures.append({"path": path, "frames": 1293, "db_min": -80.0, "ref_db": 30.0})
    write_csv(folder / "gtzan_logmel" / "manifest.csv", pictures)
    for part, word in (("training", "train"), ("evaluation", "test")):
        _tags(folder / f"{part}_data_GTZAN_MSDmusicnn_taggram.npz", lists[word])
    (folder / "clips").mkdir()
    for clip in clips[:sounds]:
        _sound(folder / "clips" / f"{clip}.wav", clip)
    return folder


def write_csv(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _features(clips: Sequence[str], *, pieces: int) -> list[dict[str, object]]:
    names = [f"{c}.{i}.wav" if pieces > 1 else f"{c}.wav" for c in clips for i in range(pieces)]
    return [
        {"filename": name, "length": 66149}
        | {f"f{i}": n + i / 100 for i in range(N_FEATURES)}
        | {"label": name.split(".")[0]}
        for n, name in enumerate(names)
    ]


def _place(clip: str) -> int:
    return GENRE.labels.index(clip.split(".")[0])


def _picture(clip: str) -> np.ndarray:
    """Grey, the highest band first: a line for the genre, a dot for the clip."""
    grey = np.zeros((128, 387), np.uint8)
    grey[-1 - 12 * _place(clip) - 4] = 200
    grey[0, int(clip[-2:])] = 255
    return grey


def _tags(path: Path, clips: Sequence[str]) -> None:
    tags = np.full((len(clips), 28, 50), 0.05)
    for i, clip in enumerate(clips):
        tags[i, :, _place(clip)] = 0.8
    ids = np.repeat([f"{clip.split('.')[0]}/{clip}.au" for clip in clips], 28)
    np.savez(path, X=tags.reshape(-1, 50).astype(np.float32), Y=np.zeros(len(ids)), IDS=ids)


def _sound(path: Path, clip: str) -> None:
    t = np.arange(6 * RATE) / RATE
    tone = np.sin(2 * np.pi * 110 * 2 ** (_place(clip) / 3) * t) * (1 + np.sin(2 * np.pi * 2 * t))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((tone * 8000).astype("<i2").tobytes())
