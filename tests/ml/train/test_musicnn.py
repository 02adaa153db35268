"""The tagger rebuilt from a checkpoint of its names and shapes, against its definition."""

import zipfile

import numpy as np
import pytest

pytest.importorskip("tensorflow", reason="the extra `train` is not installed")

import tensorflow as tf  # noqa: E402

from ml.errors import MLError  # noqa: E402
from ml.train.musicnn import FRAMES, MELS, build_tagger  # noqa: E402

pytestmark = pytest.mark.train

CONVOLUTIONS = {
    "conv2d": (7, 38, 1, 12),
    "conv2d_1": (7, 67, 1, 12),
    "conv2d_2": (128, 1, 1, 4),
    "conv2d_3": (64, 1, 1, 4),
    "conv2d_4": (32, 1, 1, 4),
    "conv2d_5": (7, 36, 1, 8),
    "conv2d_6": (7, 8, 1, 8),
    "conv2d_7": (7, 8, 1, 8),
}
DENSES = {"dense": (2 * (36 + 3 * 8), 20), "dense_1": (20, 50)}
NORMS = (1, 12, 12, 4, 4, 4, 8, 8, 8, 120, 20)


@pytest.fixture(scope="module")
def tensors() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    made = {}
    for name, shape in (CONVOLUTIONS | DENSES).items():
        made[f"{name}/kernel"] = rng.normal(0, np.prod(shape[:-1]) ** -0.5, shape)
        made[f"{name}/bias"] = rng.normal(0, 0.1, shape[-1])
    for i, n in enumerate(NORMS):
        name = f"batch_normalization_{i}" if i else "batch_normalization"
        made[f"{name}/gamma"] = rng.normal(0, 1, n)  # half of them negative
        made[f"{name}/beta"] = rng.normal(0, 0.3, n)
        made[f"{name}/moving_mean"] = rng.normal(0, 0.3, n)
        made[f"{name}/moving_variance"] = rng.uniform(0.5, 2, n)
    return {name: value.astype(np.float32) for name, value in made.items()}


@pytest.fixture(scope="module")
def folder(tensors, tmp_path_factory):
    """As the wheel lies unpacked: files with nothing before the dot."""
    home = tmp_path_factory.mktemp("musicnn")
    inside = home / "musicnn" / "MSD_musicnn"
    inside.mkdir(parents=True)
    names = list(tensors)
    tf.raw_ops.SaveV2(
        prefix=str(home / "msd"),
        tensor_names=names,
        shape_and_slices=[""] * len(names),
        tensors=[tf.constant(tensors[name]) for name in names],
    )
    for part in (".index", ".data-00000-of-00001"):
        (home / f"msd{part}").rename(inside / part)
    return home


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
