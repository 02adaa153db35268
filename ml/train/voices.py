"""CREMA-D, TESS, SAVEE, RAVDESS by their file names → Items; one rate, one merged manifest.

`python -m ml.train.voices OUT FOLDER…` merges what people have of them.
"""

import argparse
import hashlib
import logging
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import soundfile

from ml.bundle import Limits
from ml.errors import BadDataset, BadInput
from ml.manifest import Item, Split, check_groups, read_manifest, split_of, write_manifest
from ml.sound import Waveform, decode_sound

log = logging.getLogger(__name__)

# The lowest rate of the four: above 8 kHz only some of them have anything.
SAMPLE_RATE = 16_000

_SUFFIXES = frozenset({".wav", ".ogg", ".flac"})


@dataclass(frozen=True)
class Voice:
    """What a file name says. `label` is None for a recording that is of none of the labels.

    `name` is the file's own, made whole where a corpus writes a part of it on the folder.
    """

    source: str
    speaker: str
    label: str | None
    name: str


LICENCES: Mapping[str, str] = MappingProxyType(
    {
        "cremad": "ODbL 1.0 / DbCL 1.0 (Cao et al. 2014)",
        "tess": "CC BY-NC-ND 4.0 (Pichora-Fuller and Dupuis, University of Toronto)",
        "savee": "free for research on registration (University of Surrey)",
        "ravdess": "CC BY-NC-SA 4.0 (Livingstone & Russo 2018, Zenodo 1188976)",
    }
)

# What inherits from RAVDESS is as non-commercial as it is.
LICENCE = (
    "Trained on RAVDESS, CC BY-NC-SA 4.0 (Livingstone and Russo 2018): this model is for "
    "non-commercial use only, under the same terms. Other sources are listed under `data`."
)
LIMITS = Limits(
    fr=(
        "Appris de phrases anglaises jouées par des acteurs, en studio : ce n'est pas ainsi que "
        "l'on parle, et d'autres langues n'ont pas été entendues.",
        "Des personnes qui écoutent de tels enregistrements tombent d'accord environ quatre fois "
        "sur dix (40,9 % sur CREMA-D, au son seul) : la réponse est une impression, pas un fait.",
        "Votre propre voix seulement ; jamais pour juger quelqu'un au travail, à l'école ou à "
        "l'embauche : le règlement européen sur l'IA l'interdit ou l'encadre.",
        "Pas d'usage commercial : la licence des enregistrements l'exclut.",
    ),
    en=(
        "Learned from English sentences played by actors in a studio: people do not speak like "
        "that, and other languages were not heard.",
        "People who listen to such recordings agree about four times in ten (40.9 % on CREMA-D, "
        "sound only): the answer is an impression, not a fact.",
        "Your own voice only; never to judge anybody at work, at school or for a job: the EU AI "
        "Act forbids or restricts it.",
        "No commercial use: the licence of the recordings excludes it.",
    ),
)

_CREMAD = re.compile(r"(1\d{3})_[A-Z]{3}_(ANG|DIS|FEA|HAP|NEU|SAD)_(?:LO|MD|HI|XX|X)")
# One of the 2,800 is called OA_bite_neutral; "ps" is pleasant surprise.
_TESS = re.compile(r"(OAF?|YAF)_[a-z]+_(angry|disgust|fear|happy|neutral|ps|sad)", re.IGNORECASE)
_SAVEE = re.compile(r"(DC|JE|JK|KL)_(a|d|f|h|n|sa|su)\d{2}")
# Audio only (03), speech (01), emotion, strength, sentence, take, actor. 03-02 is song.
_RAVDESS = re.compile(r"03-0([12])-(0[1-8])-0[12]-0[12]-0[12]-(\d{2})")
_SAVEE_SPEAKERS = ("DC", "JE", "JK", "KL")

_LABELS: Mapping[str, str] = MappingProxyType(
    {
        **{"ANG": "anger", "angry": "anger", "a": "anger", "05": "anger"},
        **{"DIS": "disgust", "disgust": "disgust", "d": "disgust", "07": "disgust"},
        **{"FEA": "fear", "fear": "fear", "f": "fear", "06": "fear"},
        **{"HAP": "happiness", "happy": "happiness", "h": "happiness", "03": "happiness"},
        **{"NEU": "neutral", "neutral": "neutral", "n": "neutral", "01": "neutral"},
        **{"SAD": "sadness", "sad": "sadness", "sa": "sadness", "04": "sadness"},
        **{"ps": "surprise", "su": "surprise", "08": "surprise"},
    }
)

# RAVDESS's actors 17 to 24 are never learned from. TESS's two speakers and SAVEE's four are too
# few to be dealt; CREMA-D's 91 are, by a hash of their name.
_TEST_ACTORS = range(17, 25)


def voice_of(path: Path) -> Voice | None:
    """What the name of a recording says; None if it is of none of the four corpora.

    RAVDESS's `calm` (02) and its songs have no label: the other corpora have no such word, and it
    is hardly told from neutral by ear.
    """
    stem = path.stem
    if path.parent.name in _SAVEE_SPEAKERS and re.fullmatch(r"(a|d|f|h|n|sa|su)\d{2}", stem):
        stem = f"{path.parent.name}_{stem}"  # as SAVEE's archive lays it out
    if found := _CREMAD.fullmatch(stem):
        return Voice("cremad", f"CREMAD_{found[1]}", _LABELS[found[2]], stem)
    if found := _TESS.fullmatch(stem):
        speaker = "YAF" if found[1].upper() == "YAF" else "OAF"
        return Voice("tess", f"TESS_{speaker}", _LABELS[found[2].lower()], stem)
    if found := _SAVEE.fullmatch(stem):
        return Voice("savee", f"SAVEE_{found[1]}", _LABELS[found[2]], stem)
    if found := _RAVDESS.fullmatch(stem):
        label = _LABELS.get(found[2]) if found[1] == "1" else None
        return Voice("ravdess", f"RAVDESS_{found[3]}", label, stem)
    return None


def split_for(source: str, speaker: str) -> Split:
    """Where a speaker stands; the rule above, as a function."""
    if source == "ravdess":
        return "test" if int(speaker[-2:]) in _TEST_ACTORS else "train"
    return split_of(speaker) if source == "cremad" else "train"


def read_voices(folder: Path) -> tuple[Item, ...]:
    """The labelled recordings below a folder, known by their names; the rest is left alone.

    Raises
    ------
    BadDataset
        If there is none.
    """
    items = [
        _item(path.relative_to(folder).as_posix(), voice, _sha256(path))
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in _SUFFIXES and (voice := voice_of(path)) and voice.label
    ]
    if not items:
        raise BadDataset("no-audio", f"no recording of {', '.join(LICENCES)} in {folder}")
    check_groups(items)
    return tuple(items)


def merge(folders: Sequence[Path], out: Path) -> tuple[Item, ...]:
    """Bring recordings to one rate, 16 kHz, and one manifest: FLAC files and manifest.jsonl.

    Left out, and said in the log: what cannot be decoded or is silent (CREMA-D has such a file),
    and sounds that are there more than once, all of them where their labels differ.

    Returns
    -------
    the items of `out`, ordered by path
    """
    seen: dict[str, Item] = {}
    contradicted: set[str] = set()
    for item, waveform in _decoded(folders):
        sound = hashlib.sha256(waveform.tobytes()).hexdigest()
        twin = seen.get(sound)
        if twin is not None:
            log.info("%s sounds exactly as %s", item.path, twin.path)
            if twin.label != item.label:
                contradicted.add(sound)
            continue
        name = f"{item.source}/{item.label}/{Path(item.path).stem}.flac"
        file = out / name
        file.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(file, waveform, SAMPLE_RATE, subtype="PCM_16")
        seen[sound] = replace(item, path=name, sha256=_sha256(file))
    for sound in contradicted:
        (out / seen.pop(sound).path).unlink()
    items = sorted(seen.values(), key=lambda item: item.path)
    write_manifest(out / "manifest.jsonl", items)
    return tuple(items)


def items_of(data: Path, merged: Path) -> tuple[Path, tuple[Item, ...]]:
    """Where the recordings of a dataset are, and its items.

    A folder with `manifest.jsonl`, a snapshot or what `merge` wrote, is taken as it is; the corpora
    in any other are merged into `merged`.
    """
    manifest = data / "manifest.jsonl"
    if manifest.exists():
        return data, tuple(sorted(read_manifest(manifest), key=lambda item: item.path))
    return merged, merge([data], merged)


def folds(items: Sequence[Item], n: int) -> Iterator[tuple[list[int], list[int]]]:
    """Rows to learn from and rows to ask about, `n` times: a speaker is never in both.

    RAVDESS's odd actors are men and its even ones women: neighbours stay together, so that each
    fold has both.
    """
    speakers = sorted({item.group for item in items})
    fold_of = {speaker: i * n // len(speakers) for i, speaker in enumerate(speakers)}
    for fold in range(n):
        asked = [row for row, item in enumerate(items) if fold_of[item.group] == fold]
        known = [row for row, item in enumerate(items) if fold_of[item.group] != fold]
        yield known, asked


def _decoded(folders: Sequence[Path]) -> Iterator[tuple[Item, Waveform]]:
    for folder in folders:
        for item in read_voices(folder):
            data = (folder / item.path).read_bytes()
            voice = voice_of(folder / item.path)
            assert voice is not None
            try:
                waveform = decode_sound(data, sample_rate=SAMPLE_RATE)
            except BadInput as error:
                log.info("%s is left out: %s", item.path, error)
                continue
            yield replace(item, path=f"{voice.name}.flac"), waveform


def _item(path: str, voice: Voice, sha256: str) -> Item:
    assert voice.label is not None
    return Item(
        path=path,
        label=voice.label,
        group=voice.speaker,
        source=voice.source,
        licence=LICENCES[voice.source],
        sha256=sha256,
        split=split_for(voice.source, voice.speaker),
    )


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main(arguments: list[str] | None = None) -> int:
    """Merge folders; 1 and a sentence where there is nothing to merge."""
    parser = argparse.ArgumentParser(prog="python -m ml.train.voices", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        items = merge(options.folders, options.out)
    except BadDataset as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stderr.write(f"{len(items)} recordings of {len({i.group for i in items})} speakers\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
