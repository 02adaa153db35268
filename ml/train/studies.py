"""The two problems of the classical engines: what is known, what is tried, what a card says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import VotingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler
from sklearn.svm import SVC

from ml.bundle import Limits, SoundSpec
from ml.task import EMOTION, GENRE, Task
from ml.train import voices
from ml.train.vectors import Examples, of_music, of_voices
from ml.train.work import Stages

Folds: TypeAlias = Sequence[tuple[Any, Any]]
Pipelines: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Recipe:
    """Every number of a run: altered copies of each recording of train, folds of the search, and
    the share of accepted answers that shall be right."""

    views: int = 2
    folds: int = 5
    precision: float = 0.7


@dataclass(frozen=True)
class Study:
    """What is known before anything is chosen.

    `pipelines` are what may be chosen, `plain` the one of them that is the floor; `folds` rows of
    `known` to learn from and to ask about. `leaky` are the examples of the protocol `leak`, which
    deals them at random. `folder` is where the files of `test` are, where there are files.
    """

    task: Task
    engine: str
    spec: SoundSpec
    known: Examples
    test: Examples
    folds: Folds
    pipelines: Pipelines
    plain: str
    leaky: Examples
    leak: str
    leaky_folds: int
    folder: Path | None
    licence: str
    limits: Limits


def of_genre(data: Path) -> Study:
    """GTZAN's 57 features of clips of 30 s, in the search learned from train and asked of val, and
    the other way round."""
    every = of_music(data)
    known = every.of("train", "val")
    # Train and validation share no artist, as both share none with test; blocks of neighbours in
    # one of them do, and flatter by 0.15.
    train = np.array([item.split == "train" for item in known.items])
    one, other = np.flatnonzero(train), np.flatnonzero(~train)
    return Study(
        task=GENRE,
        engine="svm",
        # What is shorter than 30 s is described as it is.
        spec=SoundSpec("sound", (1, 661_500), "float32", (-1, 1), 22_050, 330_750, 2, False),
        known=known,
        test=every.of("test"),
        folds=[(one, other), (other, one)],
        pipelines=_machines(),
        plain="standardised SVM",
        leaky=of_music(data, listed=False),
        leak="clips at random, 10 folds: the same recording and artist on both sides",
        leaky_folds=10,
        folder=None,
        licence="Trained on features of GTZAN, whose owner states no licence: for research.",
        limits=Limits(
            fr=(
                "Dix genres d'enregistrements occidentaux d'avant 2002, cent extraits chacun.",
                "Apprend de moyennes sur 30 secondes : un extrait court ou un micro le trompe.",
                "Un second avis : se trompe bien plus souvent que le réseau.",
            ),
            en=(
                "Ten genres of Western recordings from before 2002, a hundred excerpts each.",
                "Learns from averages over 30 s: a short excerpt or a microphone misleads it.",
                "A second opinion: wrong far more often than the network.",
            ),
        ),
    )


def of_emotion(data: Path, work: Path, recipe: Recipe, seed: int) -> Study:
    """The 175 features of a voice; a speaker is on one side only."""
    # A sentence fits into six seconds; above 8 kHz most recordings of voices have nothing.
    spec = SoundSpec("sound", (1, 96_000), "float32", (-1, 1), 16_000, 48_000, 20, False)
    folder, items = voices.items_of(data, work / "voices")
    every = of_voices(
        folder,
        items,
        name="emotion/logreg",
        spec=spec,
        views=recipe.views,
        seed=seed,
        stages=Stages(work / "stages"),
    )
    known = every.of("train", "val")
    return Study(
        task=EMOTION,
        engine="logreg",
        spec=spec,
        known=known,
        test=every.of("test"),
        folds=list(voices.folds(known.items, recipe.folds)),
        pipelines=_regressions(),
        plain="standardised, C=1",
        leaky=every,
        leak="recordings at random, 5 folds: the same speakers on both sides",
        leaky_folds=5,
        folder=folder,
        licence=voices.LICENCE,
        limits=voices.LIMITS,
    )


def _machines() -> Pipelines:
    """Support vector machines; most of them beside, or in the space of, a linear discriminant.

    Whitened by the covariance within genres, numbers that differ between artists of one genre
    count little: on artists not heard it names far more clips than the machine alone.
    """

    def machine(*before: Any) -> Any:
        return CalibratedClassifierCV(make_pipeline(*before, SVC()), cv=5, ensemble=False)

    tried = {"standardised SVM": machine(StandardScaler())}
    for shrinkage in (0.05, 0.1, 0.2, 0.4):
        own = LinearDiscriminantAnalysis(solver="eigen", shrinkage=shrinkage)
        votes = VotingClassifier(
            [("discriminant", own), ("svm", machine())], voting="soft", weights=(3, 1)
        )
        tried[f"SVM in the discriminant of {shrinkage:g}"] = _kept(_normal(), machine(own))
        tried[f"SVM and discriminant of {shrinkage:g}"] = _kept(_normal(), votes)
    return tried


def _normal() -> Any:
    """Each number as if it were normally distributed; what lies far outside counts as the outermost
    that was seen, so that no odd sound is far from everything."""
    return QuantileTransformer(n_quantiles=20, output_distribution="normal", random_state=0)


def _kept(*steps: Any) -> Any:
    """Without the mean of the two parts of the waveform: they are zero but for rounding."""
    kept = [column for column in range(57) if column not in (12, 14)]
    return make_pipeline(ColumnTransformer([("kept", "passthrough", kept)]), *steps)


def _regressions() -> Pipelines:
    """Impute → standardise → PCA of 99 % of the variance → logistic regression."""
    scalers = {"standardised": StandardScaler(), "made normal": _normal()}
    return {
        f"{name}, C={C:g}": make_pipeline(
            SimpleImputer(),
            scaler,
            PCA(0.99),
            LogisticRegression(C=C, class_weight="balanced", max_iter=2000),
        )
        for name, scaler in scalers.items()
        for C in (1, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)
    }
