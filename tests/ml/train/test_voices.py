"""The four corpora of voices by their real file names; one rate, one manifest, honest splits."""

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ml.errors import BadDataset
from ml.manifest import read_manifest
from ml.task import EMOTION
from ml.train.voices import SAMPLE_RATE, folds, main, merge, read_voices, split_for, voice_of
from tests.data import DATA

SHARED = DATA / "emotion"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the corpora are not here")
SOURCES = {"CREMA-D": "cremad", "TESS": "tess", "SAVEE": "savee"}


@pytest.mark.parametrize(
    ("name", "source", "speaker", "label"),
    [
        ("1001_DFA_ANG_XX.wav", "cremad", "CREMAD_1001", "anger"),
        ("1091_IEO_SAD_LO.wav", "cremad", "CREMAD_1091", "sadness"),
        ("OAF_back_fear.wav", "tess", "TESS_OAF", "fear"),
        ("YAF_youth_ps.wav", "tess", "TESS_YAF", "surprise"),
        ("OA_bite_neutral.wav", "tess", "TESS_OAF", "neutral"),
        ("DC_a01.wav", "savee", "SAVEE_DC", "anger"),
        ("KL/su15.wav", "savee", "SAVEE_KL", "surprise"),
        ("JK/sa03.wav", "savee", "SAVEE_JK", "sadness"),
        ("03-01-08-02-02-01-12.wav", "ravdess", "RAVDESS_12", "surprise"),
        ("Actor_24/03-01-01-01-01-01-24.ogg", "ravdess", "RAVDESS_24", "neutral"),
    ],
)
def test_a_name_says_who_and_what(name, source, speaker, label):
    voice = voice_of(Path(name))
    assert (voice.source, voice.speaker, voice.label) == (source, speaker, label)


@pytest.mark.parametrize("name", ["03-01-02-01-01-01-05.wav", "03-02-03-01-01-01-05.wav"])
def test_calm_and_song_have_no_label(name):
    assert voice_of(Path(name)).label is None


@pytest.mark.parametrize(
    "name", ["a01.wav", "blues.00000.wav", "1001_DFA_CAL_XX.wav", "02-01-03-01-01-01-05.mp4"]
)
def test_other_names_are_left_alone(name):
    assert voice_of(Path(name)) is None


@needs_shared
def test_every_name_of_three_corpora_is_read_right():
    with (SHARED / "expected_originals.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 10_722
    for row in rows:
        voice = voice_of(Path(row["file"]))
        assert (voice.source, voice.speaker, voice.label) == (
            SOURCES[row["corpus"]],
            row["speaker"],
            row["class"],
        )
        where_it_lay = voice_of(Path(row["pointer_path"]))
        assert (where_it_lay.speaker, where_it_lay.label) == (row["speaker"], row["class"])


@needs_shared
def test_ravdess_as_its_manifest_describes_it():
    items = read_voices(SHARED)
    with (SHARED / "manifest.csv").open(newline="", encoding="utf-8") as lines:
        rows = {row["path"]: row for row in csv.DictReader(lines)}
    assert len(items) == 1_040  # 1,200 without `calm`
    for item in items:
        assert (item.label, item.group) == (rows[item.path]["class"], rows[item.path]["speaker"])
    assert {item.label for item in items} == set(EMOTION.labels)
    assert {i.group for i in items if i.split == "test"} == {f"RAVDESS_{n}" for n in range(17, 21)}


def test_speakers_kept_apart_stay_so_whatever_arrives():
    assert {split_for("ravdess", f"RAVDESS_{n:02}") for n in range(17, 25)} == {"test"}
    assert {split_for("ravdess", f"RAVDESS_{n:02}") for n in range(1, 17)} == {"train"}
    dealt = Counter(split_for("cremad", f"CREMAD_{n}") for n in range(1001, 1092))
    assert dealt["train"] > 60
    assert dealt["val"] > 3
    assert dealt["test"] > 3


@pytest.fixture
def corpora(tmp_path):
    """A second of four corpora, at their own rates, with twins, silence and a stranger."""
    folder = tmp_path / "corpora"
    tones = {
        "AudioWAV/1001_DFA_ANG_XX.wav": (16_000, 200),
        "AudioWAV/1006_TIE_HAP_XX.wav": (16_000, 300),
        "AudioWAV/1006_TIE_NEU_XX.wav": (16_000, 300),  # the same sound under another label
        "AudioWAV/1076_MTI_SAD_XX.wav": (16_000, 0),  # silent, as in the original
        "TESS/OAF_Sad/OAF_back_sad.wav": (24_414, 220),
        "SAVEE/DC/a01.wav": (44_100, 240),
        "SAVEE/JE/a01.wav": (44_100, 250),
        "Actor_07/03-01-03-01-02-01-07.wav": (48_000, 260),
        "Actor_07/03-01-03-01-02-02-07.wav": (48_000, 260),  # the same sound, the same label
        "Actor_07/03-01-02-01-02-01-07.wav": (48_000, 270),  # calm
        "other/song.wav": (44_100, 280),
    }
    for name, (rate, hertz) in tones.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        wave = 0.3 * np.sin(2 * np.pi * hertz * np.arange(int(1.5 * rate)) / rate)
        soundfile.write(folder / name, wave, rate)
    return folder


def test_merging_brings_all_to_one_rate_and_one_manifest(corpora, tmp_path):
    out = tmp_path / "merged"
    items = merge([corpora], out)
    assert [item.path for item in items] == [
        "cremad/anger/1001_DFA_ANG_XX.flac",
        "ravdess/happiness/03-01-03-01-02-01-07.flac",
        "savee/anger/DC_a01.flac",
        "savee/anger/JE_a01.flac",
        "tess/sadness/OAF_back_sad.flac",
    ]
    assert read_manifest(out / "manifest.jsonl") == items
    assert {soundfile.info(out / item.path).samplerate for item in items} == {SAMPLE_RATE}
    assert sorted(p.name for p in out.rglob("*.flac")) == sorted(Path(i.path).name for i in items)


def test_the_command_merges_and_refuses_an_empty_folder(corpora, tmp_path, capsys):
    assert main([str(tmp_path / "merged"), str(corpora)]) == 0
    assert "5 recordings of 5 speakers" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert main([str(tmp_path / "nothing"), str(tmp_path / "empty")]) == 1
    with pytest.raises(BadDataset, match="no recording"):
        read_voices(tmp_path / "empty")


def test_no_speaker_is_on_both_sides_of_a_fold(corpora):
    items = read_voices(corpora)
    asked_about = []
    for known, asked in folds(items, 3):
        assert not {items[i].group for i in known} & {items[i].group for i in asked}
        asked_about += asked
    assert sorted(asked_about) == list(range(len(items)))
