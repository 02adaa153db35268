"""The classical engines on small made-up sets of the real layouts: judged, sealed, opened."""

import json

import numpy as np
import pytest
import soundfile

pytestmark = pytest.mark.train
pytest.importorskip("tensorflow")

import skops.io  # noqa: E402
from sklearn.preprocessing import FunctionTransformer  # noqa: E402

from ml.bundle import load_bundle, write_bundle  # noqa: E402
from ml.engines import open_engine  # noqa: E402
from ml.errors import BadBundle, MLError  # noqa: E402
from ml.predict import open_checked, predict  # noqa: E402
from ml.task import EMOTION, GENRE  # noqa: E402
from ml.train.auc import macro_auc  # noqa: E402
from ml.train.classical import train  # noqa: E402

CODES = {"anger": 5, "disgust": 7, "fear": 6, "happiness": 3, "neutral": 1, "sadness": 4} | {
    "surprise": 8
}


def made(task, engine, data, home, **numbers):
    recipe = home / "recipe.json"
    recipe.write_text(json.dumps(numbers))
    return train(
        task,
        engine,
        data,
        home / "out",
        seed=1,
        version="2026.1.1",
        weights=None,
        work=home / "work",
        recipe=recipe,
    )


@pytest.fixture(scope="module")
def gtzan(tmp_path_factory):
    """Features of 18 clips a genre, each genre around its own point; most are in the lists."""
    folder = tmp_path_factory.mktemp("gtzan")
    rng = np.random.default_rng(2)
    lists = {"train": range(7), "valid": range(7, 13), "test": range(13, 17)}
    lines = [",".join(["filename", "length", *(f"f{i}" for i in range(57)), "label"])]
    for genre in GENRE.labels:
        centre = rng.normal(size=57)
        for clip in range(18):
            numbers = centre + rng.normal(size=57)
            row = [f"{genre}.{clip:05}.wav", "661794", *(f"{x:.6f}" for x in numbers), genre]
            lines.append(",".join(row))
    (folder / "features_30_sec.csv").write_text("\n".join(lines) + "\n")
    for name, clips in lists.items():
        named = [f"{genre}/{genre}.{clip:05}.wav" for genre in GENRE.labels for clip in clips]
        (folder / f"{name}_filtered.txt").write_text("\n".join(named) + "\n")
    (folder / "duplicates.csv").write_text("a,b\n")
    return folder


@pytest.fixture(scope="module")
def voices(tmp_path_factory):
    """Eight actors who whistle: each emotion another pitch, each actor a little higher."""
    folder = tmp_path_factory.mktemp("ravdess")
    t = np.arange(int(1.2 * 16_000)) / 16_000
    for actor in (1, 2, 3, 4, 5, 6, 17, 18):
        for place, code in enumerate(CODES.values()):
            for take in (1, 2):
                rng = np.random.default_rng([actor, code, take])
                hertz = 180 * 1.5**place * (1 + actor / 200)
                wave = 0.2 * np.sin(2 * np.pi * hertz * t) + 0.003 * rng.standard_normal(len(t))
                name = f"03-01-{code:02}-01-01-{take:02}-{actor:02}.wav"
                soundfile.write(folder / name, wave, 16_000)
    return folder


@pytest.fixture(scope="module")
def svm(gtzan, tmp_path_factory):
    return made(GENRE, "svm", gtzan, tmp_path_factory.mktemp("svm"), folds=3)


@pytest.fixture(scope="module")
def logreg(voices, tmp_path_factory):
    return made(EMOTION, "logreg", voices, tmp_path_factory.mktemp("logreg"), folds=3, views=1)


def test_what_is_learned_is_judged_on_clips_of_the_honest_test(svm):
    metrics = svm.card.metrics
    assert metrics["n"] == 40
    assert metrics["accuracy"] > 0.5
    assert metrics["auc"]["value"] > 0.8
    assert metrics["cross_validation"]["n"] == 130
    assert metrics["leaky"]["n"] == 180
    assert metrics["leaky"]["protocol"].startswith("LEAKY")
    assert metrics["baseline"]["accuracy"] > 0


def test_speakers_of_test_are_never_learned_from(logreg):
    metrics = logreg.card.metrics
    assert metrics["n"] == 28  # two actors, seven emotions, two takes
    assert metrics["cross_validation"]["n"] == 84
    assert metrics["leaky"]["n"] == 112
    assert {source.n for source in logreg.card.data} == {84}
    assert metrics["accuracy"] > 0.6


@pytest.mark.parametrize("name", ["svm", "logreg"])
def test_the_bundle_answers_a_recording_and_proves_itself(name, request, voices):
    bundle = request.getfixturevalue(name)
    engine = open_checked(load_bundle(bundle.folder))
    assert bundle.card.runtime == "sklearn"
    assert bundle.card.file == "model.skops"
    answer = predict(engine, (voices / "03-01-05-01-01-01-17.wav").read_bytes())
    assert len(answer.windows) == 1
    assert 0 < sum(ranked.score for ranked in answer.top) <= 1 + 1e-6
    scores = engine.probabilities([np.zeros(30_000, np.float32), np.ones(5, np.float32)])
    assert np.allclose(scores.sum(axis=1), 1, atol=1e-5)


def test_the_same_seed_gives_the_same_answers(gtzan, svm, tmp_path):
    again = made(GENRE, "svm", gtzan, tmp_path, folds=3)
    assert again.card.selftest == svm.card.selftest
    assert again.card.output == svm.card.output


def test_a_recipe_with_an_unknown_number_is_refused(gtzan, tmp_path):
    with pytest.raises(MLError, match="unknown-field"):
        made(GENRE, "svm", gtzan, tmp_path, forests=3)


@pytest.mark.parametrize(
    "model", [skops.io.dumps(FunctionTransformer(json.dumps)), b"PK\x03\x04 no archive", b""]
)
def test_what_is_not_a_plain_pipeline_is_not_opened(svm, tmp_path, model):
    with pytest.raises(BadBundle, match="unopenable-model"):
        open_engine(write_bundle(tmp_path / "bad", model=model, card=svm.card))


def test_auc_is_one_for_a_perfect_order_and_a_half_for_none(svm, gtzan):
    from ml.train.vectors import of_music

    items = of_music(gtzan).of("test").items
    truth = np.eye(10)[[GENRE.labels.index(item.label) for item in items]]
    assert macro_auc(truth, items, GENRE.labels)["value"] == 1
    assert macro_auc(np.ones((40, 10)), items, GENRE.labels)["value"] == 0.5
