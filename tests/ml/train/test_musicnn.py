"""The tagger rebuilt from a checkpoint of its names and shapes, against its definition."""

import zipfile

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="the extra `train` is not installed")

import tensorflow as tf  # noqa: E402

from ml.errors import MLError  # noqa: E402
from ml.train.musicnn import FRAMES, MELS, build_tagger  # noqa: E402
from tests.ml.train.small_musicnn import make_checkpoint, random_tensors  # noqa: E402

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def tensors() -> dict[str, np.ndarray]:
    return random_tensors()


@pytest.fixture(scope="module")
def folder(tensors, tmp_path_factory):
    return make_checkpoint(tmp_path_factory.mktemp("musicnn"), tensors)


def defined(mel: np.ndarray, t: dict[str, np.ndarray]) -> np.ndarray:
    """The published graph in its own order: each norm before the maximum over bands."""

    def norm(x, i):
        name = f"batch_normalization_{i}" if i else "batch_normalization"
        parts = ("moving_mean", "moving_variance", "beta", "gamma")
        return tf.nn.batch_normalization(x, *(t[f"{name}/{part}"] for part in parts), 1e-3)

    def block(x, i, padding):
        name = f"conv2d_{i}" if i else "conv2d"
        x = tf.nn.conv2d(x, t[f"{name}/kernel"], 1, padding) + t[f"{name}/bias"]
        return tf.reduce_max(norm(tf.nn.relu(x), i + 1), axis=2)

    x = norm(mel[..., None], 0)
    wide = tf.pad(x, [[0, 0], [3, 3], [0, 0], [0, 0]])
    front = [block(wide, i, "VALID") for i in (0, 1)] + [block(x, i, "SAME") for i in (2, 3, 4)]
    layers = [tf.concat(front, 2)]
    for i in (5, 6, 7):
        wide = tf.pad(layers[-1], [[0, 0], [3, 3], [0, 0]])[..., None]
        y = tf.nn.conv2d(wide, t[f"conv2d_{i}/kernel"], 1, "VALID") + t[f"conv2d_{i}/bias"]
        y = norm(tf.nn.relu(y), i + 1)[:, :, 0]
        layers.append(y if i == 5 else y + layers[-1])
    every = tf.concat(layers, 2)[..., None]
    pooled = tf.concat([tf.reduce_max(every, 1), tf.reduce_mean(every, 1)], 2)
    flat = norm(tf.reshape(pooled, [len(mel), -1]), 9)
    hidden = norm(tf.nn.relu(flat @ t["dense/kernel"] + t["dense/bias"]), 10)
    return (hidden @ t["dense_1/kernel"] + t["dense_1/bias"]).numpy()


def test_the_rebuild_gives_the_published_graphs_numbers(folder, tensors):
    mel = np.random.default_rng(1).uniform(0, 4, (2, FRAMES, MELS)).astype(np.float32)
    ours = build_tagger(folder).predict(mel, verbose=0)
    assert ours["tags"].shape == (2, 50) and ours["hidden"].shape == (2, 20)
    assert np.abs(ours["tags"] - defined(mel, tensors)).max() < 1e-3


def test_the_wheel_does_as_well_as_the_folder(folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "musicnn.whl", "w") as wheel:
        for path in (folder / "musicnn" / "MSD_musicnn").iterdir():
            wheel.write(path, path.relative_to(folder))
    mel = np.ones((1, FRAMES, MELS), np.float32)
    from_wheel = build_tagger(tmp_path / "musicnn.whl").predict(mel, verbose=0)["tags"]
    assert np.array_equal(from_wheel, build_tagger(folder).predict(mel, verbose=0)["tags"])


@pytest.mark.parametrize("there", [False, True])
def test_no_weights_no_tagger(tmp_path, there):
    weights = tmp_path / "musicnn.whl"
    if there:
        weights.write_bytes(b"no wheel")
    with pytest.raises(MLError) as refused:
        build_tagger(weights)
    assert refused.value.slug == "no-weights"
