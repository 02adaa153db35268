"""Keras → tflite → self-test vector → card → parity check against Keras."""

import json
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from ml.bundle import (
    FORMAT,
    Bundle,
    Card,
    ImageSpec,
    InputSpec,
    Limits,
    OutputSpec,
    SelfTest,
    Source,
    Training,
    write_bundle,
)
from ml.engines import open_engine
from ml.errors import BadBundle
from ml.manifest import Item
from ml.predict import reference
from ml.task import Task

MAX_BYTES = 6_000_000
# float16 weights move a probability by a few thousandths; more means another graph.
MAX_GAP = 0.01


LICENCE = (
    "Backbone: MobileNetV2 weights, Apache-2.0. Trained on the photos listed under `data`, under "
    "the licences stated there; some state none."
)
LIMITS = Limits(
    fr=(
        "Le modèle reconnaît une matière, pas un objet : un emballage et un objet de la même "
        "matière reçoivent la même réponse.",
        "Un seul déchet, au milieu de la photo : le bord n'est pas regardé.",
        "Le cuir n'est appris que sur des chaussures ; « autre » et les déchets verts sur peu de "
        "photos.",
        "Papier froissé, bouteilles en plastique et petits métaux dehors sont souvent confondus.",
    ),
    en=(
        "The model names a material, not an object: packaging and an object of the same material "
        "get the same answer.",
        "One piece of waste, in the middle of the photo: the border is not looked at.",
        "Leather is learned from shoes only; other and garden waste from few photos.",
        "Crumpled paper, plastic bottles and small metal outdoors are often confused.",
    ),
)


def to_tflite(model: keras.Model, *, half: bool = True) -> bytes:
    """One graph of a batch of exactly 1: LiteRT.js refuses any other.

    Parameters
    ----------
    half : store the weights as float16; the phone downloads half as much
    """
    (batch,) = model.inputs
    one = tf.TensorSpec((1, *batch.shape[1:]), batch.dtype)
    call = tf.function(lambda x: model(x, training=False), input_signature=[one])
    # Naming the model as a second argument would write a small file that answers NaN.
    converter = tf.lite.TFLiteConverter.from_concrete_functions([call.get_concrete_function()])
    if half:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    converted: bytes = converter.convert()
    return converted


def unjudged_card(
    task: Task,
    known: Sequence[Item],
    *,
    engine: str,
    spec: InputSpec,
    output: OutputSpec,
    snapshot: str,
    recipe: Mapping[str, Any],
    seed: int,
    version: str,
    licence: str,
    limits: Limits,
    runtime: str = "tflite",
) -> Card:
    """A card that says everything but what the model is worth.

    Parameters
    ----------
    known : the items that were learned from
    spec, output : what the model takes and gives
    snapshot : digest of the dataset manifest
    recipe : every number of the run
    """
    counts = Counter((item.source, item.licence) for item in known)
    return Card(
        format=FORMAT,
        task=task.name,
        engine=engine,
        version=version,
        runtime=runtime,
        file="model.tflite" if runtime == "tflite" else "model.skops",
        sha256="0" * 64,
        size_bytes=0,
        input=spec,
        output=output,
        training=Training(
            snapshot=snapshot,
            code=_code_version(),
            seed=seed,
            date=datetime.now(UTC).date().isoformat(),
            recipe=json.loads(json.dumps(recipe)),
        ),
        metrics={},
        data=tuple(Source(source, licence, n) for (source, licence), n in sorted(counts.items())),
        licence=licence,
        limits=limits,
        selftest=SelfTest(
            "ramp" if isinstance(spec, ImageSpec) else "sweep", (0.0,) * len(task.labels), 0.02
        ),
    )


def seal(folder: Path, model: bytes, card: Card) -> Bundle:
    """Write a bundle whose self-test was answered by the web's own engine."""
    bundle = write_bundle(folder, model=model, card=card)
    output = open_engine(bundle).probabilities(reference(card.input))[0]
    rounded = tuple(round(float(p), 6) for p in output)
    return write_bundle(
        folder, model=model, card=replace(card, selftest=replace(card.selftest, output=rounded))
    )


def _code_version() -> str:
    """The last commit that touched this package's code, marked where it was changed since."""
    try:
        commit = _git("log", "-1", "--format=%h", "--", "*.py")
        changed = _git("status", "--porcelain", "--", "*.py")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{commit}-dirty" if changed else commit


def _git(*words: str) -> str:
    package = Path(__file__).parents[1]
    said = subprocess.run(["git", *words], cwd=package, capture_output=True, text=True, check=True)
    return said.stdout.strip()


def check_parity(
    bundle: Bundle, model: keras.Model, inputs: npt.NDArray[Any], *, max_bytes: int = MAX_BYTES
) -> float:
    """Compare the exported graph with the Keras model on real inputs, shape (n, *input.shape[1:]).

    The model gives probabilities, or a list of outputs whose first they are.

    Returns
    -------
    the largest difference of a probability

    Raises
    ------
    BadBundle
        If the graph is over `max_bytes`, differs by more than 0.01, or names another first label.
    """
    if bundle.card.size_bytes > max_bytes:
        raise BadBundle("too-large", f"{bundle.card.size_bytes} bytes are over {max_bytes}")
    given = model.predict(inputs, batch_size=32, verbose=0)
    expected = given[0] if isinstance(given, list) else given
    got = open_engine(bundle).probabilities(inputs)
    gap = float(np.abs(got - expected).max())
    # Two labels closer than the gap may change places; that is no other answer.
    top = np.sort(expected, axis=1)
    clear = top[:, -1] - top[:, -2] > 2 * MAX_GAP
    same = (got.argmax(axis=1) == expected.argmax(axis=1))[clear].all()
    if gap > MAX_GAP or not same:
        raise BadBundle("unlike-keras", f"probabilities differ by up to {gap:.4f}")
    return gap
