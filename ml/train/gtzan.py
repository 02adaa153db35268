"""GTZAN as people have it: audio, feature CSVs, log-mel pictures, published tags → Items.

Every loader keeps to the fault-filtered split (443 / 197 / 290 clips): random splits of GTZAN put
the same recording, artist or clip on both sides.
"""

import csv
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from ml.errors import BadDataset
from ml.manifest import Item, Split
from ml.task import GENRE

Floats = npt.NDArray[np.float32]

SOURCE = "gtzan"
LICENCE = "none stated by its owner; excerpts of commercial recordings, for research"

# The lists of Kereliuk, Sturm and Larsen, 2015 (Deep learning and music adversaries).
_LISTS: dict[str, Split] = {"train": "train", "valid": "val", "test": "test"}
# blues.00000.wav, in the CSV of 3-second pieces blues.00000.0.wav, in the original archive .au
_NAME = re.compile(rf"(({'|'.join(GENRE.labels)})\.\d{{5}})(?:\.\d+)?\.(?:wav|au|png)")
# filename, length and label stand around the features.
_NOT_FEATURES = ("filename", "length", "label")
N_FEATURES = 57


@dataclass(frozen=True)
class LogMel:
    """A clip's log-mel spectrogram: `db` is shape (columns, 128), absolute dB, lowest band first.

    librosa's at 22,050 Hz, n_fft 2048, hop 512; a column every 77.5 ms, that of mel frame
    floor((x + 0.5)·frames/387.5), rounded to 256 steps between the peak and 80 dB below it.
    """

    db: Floats
    frames: int


def clip_of(filename: str) -> tuple[str, str]:
    """The clip and the label of one of GTZAN's file names, as it is or of a 3-second piece.

    Raises
    ------
    BadDataset
        If it is no such name.
    """
    name = _NAME.fullmatch(Path(filename).name)
    if name is None:
        raise BadDataset("unknown-name", f"{filename} is not of GTZAN")
    return name[1], name[2]


def splits(folder: Path) -> dict[str, Split]:
    """Each clip of the fault-filtered lists, `{train,valid,test}_filtered.txt`, and its split."""
    found: dict[str, Split] = {}
    for word, split in _LISTS.items():
        lines = _text(folder / f"{word}_filtered.txt").split()
        found |= {clip_of(line)[0]: split for line in lines}
    return found


def groups(folder: Path) -> dict[str, str]:
    """Clips that are the same recording as another, or nearly, by `duplicates.csv` → its name."""
    same: dict[str, str] = {}
    for row in _rows(folder / "duplicates.csv"):
        first, second = clip_of(row["a"])[0], clip_of(row["b"])[0]
        same[second] = same.get(first, first)
    return same


def features_30s(folder: Path, *, listed: bool = True) -> tuple[Floats, tuple[Item, ...]]:
    """The 57 features of whole clips; see `features`."""
    return features(folder, "features_30_sec.csv", listed=listed)


def features(folder: Path, name: str, *, listed: bool = True) -> tuple[Floats, tuple[Item, ...]]:
    """One of GTZAN's two feature CSVs: of clips of 30 s, or of their pieces of 3 s.

    Parameters
    ----------
    name : features_30_sec.csv or features_3_sec.csv
    listed : only the clips of the fault-filtered split; else all, those of no split in train:
        right for protocols that leak, and for no other

    Returns
    -------
    shape (n, 57), float32, in the order of the file's columns; and the item of each row, `path`
    the name of the audio and `sha256` of the line
    """
    split_of, group_of = splits(folder), groups(folder)
    rows, items = [], []
    for row in _rows(folder / name):
        clip, label = clip_of(row["filename"])
        if listed and clip not in split_of:
            continue
        try:
            rows.append([float(v) for k, v in row.items() if k not in _NOT_FEATURES])
        except (TypeError, ValueError) as error:
            raise BadDataset("invalid-features", f"{name}: {row['filename']}: {error}") from error
        items.append(
            Item(
                path=f"genres_original/{label}/{row['filename']}",
                label=label,
                group=group_of.get(clip, clip),
                source=SOURCE,
                licence=LICENCE,
                sha256=hashlib.sha256(",".join(row.values()).encode()).hexdigest(),
                split=split_of.get(clip, "train"),
            )
        )
    if {len(row) for row in rows} != {N_FEATURES}:
        raise BadDataset("invalid-features", f"{name}: not {N_FEATURES} features in every line")
    return np.array(rows, np.float32), tuple(items)


def taggrams(folder: Path) -> tuple[list[Floats], tuple[Item, ...]]:
    """The published activations of MSD_musicnn: train and test clips, no validation clips.

    Returns
    -------
    for each clip shape (windows, 50), 0..1, a window of 187 frames every 61 (0.976 s); its item,
    `sha256` of the numbers
    """
    split_of, group_of = splits(folder), groups(folder)
    tags, items = [], []
    for part, split in (("training", "train"), ("evaluation", "test")):
        path = folder / f"{part}_data_GTZAN_MSDmusicnn_taggram.npz"
        try:
            with np.load(path) as file:
                rows, ids = file["X"].astype(np.float32), file["IDS"]
        except (OSError, ValueError, KeyError) as error:
            raise BadDataset("unreadable-taggram", f"{path.name}: {error}") from error
        for name in dict.fromkeys(ids.tolist()):
            clip, label = clip_of(name)
            if split_of.get(clip) != split:
                raise BadDataset("straddling-group", f"{path.name}: {clip} is not of {split}")
            own = rows[ids == name]
            digest = hashlib.sha256(own.tobytes()).hexdigest()
            tags.append(own)
            items.append(_item(f"{path.name}#{clip}", clip, digest, split_of, group_of))
    return tags, tuple(items)


def logmels(folder: Path, *, listed: bool = True) -> tuple[list[LogMel], tuple[Item, ...]]:
    """The log-mel pictures and what they show; `listed` as in `features`."""
    split_of, group_of = splits(folder), groups(folder)
    pictures, items = [], []
    for row in _rows(folder / "gtzan_logmel" / "manifest.csv"):
        clip, _ = clip_of(row["path"])
        if listed and clip not in split_of:
            continue
        file = folder / "gtzan_logmel" / row["path"]
        db_min, ref_db = float(row["db_min"]), float(row["ref_db"])
        pictures.append(LogMel(read_logmel(file, db_min=db_min, ref_db=ref_db), int(row["frames"])))
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        items.append(_item(f"gtzan_logmel/{row['path']}", clip, digest, split_of, group_of))
    return pictures, tuple(items)


def read_logmel(path: Path, *, db_min: float, ref_db: float) -> Floats:
    """Decode a log-mel picture: grey, the highest band in the first row.

    Parameters
    ----------
    db_min : dB under the clip's peak that black stands for
    ref_db : dB of the peak, where 1.0 is 0 dB

    Returns
    -------
    shape (columns, 128), float32, dB
    """
    try:
        grey = np.asarray(Image.open(path).convert("L"), np.float32)
    except OSError as error:
        raise BadDataset("missing-file", f"{path.name}: {error}") from error
    return np.ascontiguousarray((db_min * (1 - grey[::-1] / 255) + ref_db).T, np.float32)


def audio(folder: Path) -> tuple[Item, ...]:
    """The clips themselves, where people have them: `genres_original/<genre>/<genre>.00000.wav`.

    The archive of 2002 calls the folder `genres` and its files `.au`; turned into WAV, they are
    read from there too. Faults, repetitions and what cannot be found are left out by the lists.

    Raises
    ------
    BadDataset
        If there is no such folder, or no file of the lists in it.
    """
    split_of, group_of = splits(folder), groups(folder)
    items = [
        _item(
            path.relative_to(folder).as_posix(),
            clip,
            hashlib.sha256(path.read_bytes()).hexdigest(),
            split_of,
            group_of,
        )
        for path in _audio_files(folder)
        if (clip := clip_of(path.name)[0]) in split_of
    ]
    if not items:
        raise BadDataset("no-audio", f"no clip of GTZAN in {folder}")
    return tuple(items)


def blocks(items: Sequence[Item], *, per_label: int) -> list[int]:
    """Folds of a cross-validation: neighbours in GTZAN's numbering are often of one artist.

    Returns
    -------
    a number for each item, 0..per_label - 1: each label's clips in order, cut into as many runs
    """
    order: dict[str, list[str]] = {}
    for item in items:
        order.setdefault(item.label, []).append(item.path)
    place = {
        path: i * per_label // len(paths)
        for paths in order.values()
        for i, path in enumerate(sorted(paths))
    }
    return [place[item.path] for item in items]


def _audio_files(folder: Path) -> Iterator[Path]:
    for name in ("genres_original", "genres"):
        yield from sorted((folder / name).glob("*/*.wav"))


def _item(
    path: str, clip: str, sha256: str, split_of: dict[str, Split], group_of: dict[str, str]
) -> Item:
    return Item(
        path=path,
        label=clip.split(".")[0],
        group=group_of.get(clip, clip),
        source=SOURCE,
        licence=LICENCE,
        sha256=sha256,
        split=split_of.get(clip, "train"),
    )


def _rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(_text(path).splitlines()))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadDataset("unreadable-list", f"{path.name}: {error}") from error
