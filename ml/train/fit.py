"""Recipe and fit(net, features, labels, seed): first the head, then the tail, then their mean."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from ml.manifest import Item
from ml.train.data import Augmentation
from ml.train.networks import WasteNet
from ml.train.rows import Rows

log = logging.getLogger(__name__)

# A feature that hardly moves says nothing; dividing by its spread would overflow float16.
_LEAST_SPREAD = 1e-3

Floats = npt.NDArray[np.float32]


# How often a household holds each material over a bin, beside an even share: packaging first.
# An estimate, not a count.
HOUSEHOLD = {
    "bois": 0.6,
    "carton": 1.3,
    "cuir": 0.6,
    "textile": 1.0,
    "alimentaire": 1.1,
    "dechets_verts": 0.6,
    "electronique": 0.9,
    "metal": 1.2,
    "papier": 1.2,
    "pierre": 0.4,
    "plastique": 1.6,
    "verre": 1.1,
    "autre": 1.0,
}


@dataclass(frozen=True)
class Recipe:
    """Every number of a training run; the card repeats them.

    A *cell* is a class × source. `keep` is the share of the starting weights in the final ones
    (Wortsman et al., 2022: fine-tuned and frozen weights averaged hold up better elsewhere).
    `prior` is how often each class is met at home beside an even share. `fold_epochs` are those
    of the networks that only serve calibration.
    """

    side: int = 224
    alpha: float = 1.0
    crop: float = 0.75
    augmentation: Augmentation = field(default_factory=Augmentation)
    views_per_cell: int = 440
    views_per_photo: int = 4
    draws_per_cell: int = 110
    epochs: int = 3
    fold_epochs: int = 2
    batch: int = 32
    learning_rate: float = 5e-4
    weight_decay: float = 1e-4
    label_smoothing: float = 0.05
    mixup: float = 0.4
    ema: float = 0.98
    keep: float = 0.5
    head_penalty: float = 0.0005
    prior: Mapping[str, float] = field(default_factory=lambda: dict(HOUSEHOLD))


def cell_weights(items: Sequence[Item], *, cap: int) -> Floats:
    """Weight of each photo: classes count the same, and no cell more than `cap` photos do.

    Returns
    -------
    shape (n,), float32, mean 1
    """
    cells = Counter((item.label, item.source) for item in items)
    capped = np.array([min(1.0, cap / cells[item.label, item.source]) for item in items])
    labels = np.array([item.label for item in items])
    totals = {label: capped[labels == label].sum() for label in set(labels)}
    weights = capped / np.array([totals[label] for label in labels])
    even: Floats = (weights / weights.mean()).astype(np.float32)
    return even


def fit_head(
    net: WasteNet, pooled: Floats, labels: Any, weights: Floats, *, penalty: float
) -> None:
    """Set the head to a logistic regression on the frozen network's features.

    Parameters
    ----------
    pooled : shape (n, 1280)
    labels : shape (n,), int; classes that do not occur keep a logit far below the others
    weights : shape (n,)
    penalty : inverse of the regularisation, on standardised features
    """
    mean, scale = pooled.mean(axis=0), np.maximum(pooled.std(axis=0), _LEAST_SPREAD)
    probe = LogisticRegression(C=penalty, max_iter=300)
    probe.fit((pooled - mean) / scale, labels, sample_weight=weights)
    kernel = np.zeros(net.head.kernel.shape, np.float32)
    bias = np.full(net.head.bias.shape, -20.0, np.float32)
    kernel[:, probe.classes_] = (probe.coef_ / scale).T
    bias[probe.classes_] = probe.intercept_ - probe.coef_ @ (mean / scale)
    net.head.set_weights([kernel, bias])


def fit_tail(
    net: WasteNet,
    features: Rows,
    items: Sequence[Item],
    recipe: Recipe,
    *,
    rows: Any,
    labels: Sequence[str],
    epochs: int,
    seed: int,
    stage: str,
) -> None:
    """Fine-tune tail and head on cached features, then average with where they started.

    Parameters
    ----------
    features : rows of shape cut, float16
    items : the photo of each row of `features`; a photo may stand in several
    rows : shape (m,), int: the rows that may be learned from
    """
    # A model of its own: compiling `net.logits` would make it trace its prediction again.
    model = keras.Model(net.logits.input, net.logits.output)
    start = model.get_weights()
    draws = _Draws(features, items, recipe, rows=rows, labels=labels, seed=seed)
    steps = len(draws) * epochs
    model.compile(
        optimizer=keras.optimizers.AdamW(
            keras.optimizers.schedules.CosineDecay(
                recipe.learning_rate / 10,
                steps,
                warmup_target=recipe.learning_rate,
                warmup_steps=max(1, steps // 20),
            ),
            weight_decay=recipe.weight_decay,
            use_ema=True,
            ema_momentum=recipe.ema,
        ),
        loss=keras.losses.CategoricalCrossentropy(
            from_logits=True, label_smoothing=recipe.label_smoothing
        ),
    )
    # Variables made during the first step would have Keras trace that step twice.
    model.optimizer.build(model.trainable_variables)
    report = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: log.info(
            "%s: epoch %d/%d, loss %.3f", stage, epoch + 1, epochs, logs["loss"]
        )
    )
    model.fit(draws, epochs=epochs, shuffle=False, verbose=0, callbacks=[report])
    model.set_weights(
        [
            recipe.keep * before + (1 - recipe.keep) * after
            for before, after in zip(start, model.get_weights(), strict=True)
        ]
    )


class _Draws(keras.utils.PyDataset):
    """Each epoch: `draws_per_cell` views of every cell, shuffled, mixed two by two."""

    def __init__(
        self,
        features: Rows,
        items: Sequence[Item],
        recipe: Recipe,
        *,
        rows: Any,
        labels: Sequence[str],
        seed: int,
    ) -> None:
        super().__init__()
        self._features = features
        self._recipe = recipe
        cells: dict[tuple[str, str], list[int]] = {}
        for row in rows:
            cells.setdefault((items[row].label, items[row].source), []).append(int(row))
        self._cells = [np.array(cell) for _, cell in sorted(cells.items())]
        drawn = [items[cell[0]] for cell in self._cells for _ in range(self._size(cell))]
        weights = cell_weights(drawn, cap=recipe.draws_per_cell)
        by_label = {item.label: weight for item, weight in zip(drawn, weights, strict=True)}
        self._weights = np.array([by_label.get(item.label, 0) for item in items], np.float32)
        self._targets = np.eye(len(labels), dtype=np.float32)[
            [labels.index(item.label) for item in items]
        ]
        self._rng = np.random.default_rng(seed)
        self.on_epoch_end()

    def _size(self, rows: Any) -> int:
        return min(len(rows), self._recipe.draws_per_cell)

    def __len__(self) -> int:
        return -(-len(self._order) // self._recipe.batch)

    def on_epoch_end(self) -> None:
        picked = [self._rng.choice(rows, self._size(rows), replace=False) for rows in self._cells]
        self._order = self._rng.permutation(np.concatenate(picked))

    def __getitem__(self, index: int) -> tuple[Floats, Floats, Floats]:
        rows = self._order[index * self._recipe.batch : (index + 1) * self._recipe.batch]
        x = self._features[rows].astype(np.float32)
        y, w = self._targets[rows], self._weights[rows]
        if self._recipe.mixup:
            share = np.float32(self._rng.beta(self._recipe.mixup, self._recipe.mixup))
            other = self._rng.permutation(len(rows))
            x = share * x + (1 - share) * x[other]
            y = share * y + (1 - share) * y[other]
            w = share * w + (1 - share) * w[other]
        return x, y, w
