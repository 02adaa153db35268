"""A checkpoint with the names of MSD_musicnn's and few filters, as its wheel lies unpacked."""

from pathlib import Path

import numpy as np
import tensorflow as tf

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


def random_tensors(seed: int = 5) -> dict[str, np.ndarray]:
    """Kernels, biases and norms by name; half of the norms' scales are negative."""
    rng = np.random.default_rng(seed)
    made = {}
    for name, shape in (CONVOLUTIONS | DENSES).items():
        made[f"{name}/kernel"] = rng.normal(0, np.prod(shape[:-1]) ** -0.5, shape)
        made[f"{name}/bias"] = rng.normal(0, 0.1, shape[-1])
    for i, n in enumerate(NORMS):
        name = f"batch_normalization_{i}" if i else "batch_normalization"
        made[f"{name}/gamma"] = rng.normal(0, 1, n)
        made[f"{name}/beta"] = rng.normal(0, 0.3, n)
        made[f"{name}/moving_mean"] = rng.normal(0, 0.3, n)
        made[f"{name}/moving_variance"] = rng.uniform(0.5, 2, n)
    return {name: value.astype(np.float32) for name, value in made.items()}


def make_checkpoint(home: Path, tensors: dict[str, np.ndarray]) -> Path:
    """Write `tensors` under `home` in files with nothing before the dot."""
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
