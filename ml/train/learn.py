"""Run, learn(run, photos): one network from the frozen weights on, and what it says of photos."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ml.manifest import Item
from ml.task import Task
from ml.train import fit, networks
from ml.train.cost import Cost
from ml.train.data import View
from ml.train.fit import Floats, Recipe, cell_weights, fit_head, fit_tail
from ml.train.networks import WasteNet, round_to_half
from ml.train.rows import Rows
from ml.train.sources import CONTRIBUTED
from ml.train.work import Stages, code_of, digest_of_arrays

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Run:
    """What the stages of one training share.

    Row i of `features` is of photo i as it will be seen; the rows of `views` follow. Row i of
    `pooled` is what the network that nobody tuned makes of photo i, shape (n, 1280).
    """

    task: Task
    recipe: Recipe
    seed: int
    net: WasteNet
    start: Sequence[Any]
    items: Sequence[Item]
    views: Sequence[View]
    features: Rows
    pooled: Floats
    stages: Stages
    cost: Cost

    @cached_property
    def clean(self) -> Rows:
        """Features of the photos as they will be seen; row i is of `items[i]`."""
        return self.features.part(slice(len(self.items)))

    @cached_property
    def frozen(self) -> str:
        """Digest of where every network of this run starts, and of the code that moves it."""
        weights = (*self.net.front.get_weights(), *self.start)
        return digest_of_arrays(weights) + code_of(fit, networks)

    def said(self, known: Sequence[Item], **more: Any) -> list[Any]:
        """Everything that a network of this run follows from."""
        shown = [self.frozen, asdict(self.recipe), self.seed, self.task.labels, more]
        return [shown, told(known)]

    def rows(self, wanted: Sequence[Item]) -> Any:
        place = {item.path: row for row, item in enumerate(self.items)}
        return np.array([place[item.path] for item in wanted], dtype=int)

    def truth(self, wanted: Sequence[Item]) -> Any:
        return np.array([self.task.labels.index(item.label) for item in wanted], dtype=int)

    def of(self, *splits: str) -> list[Item]:
        return [item for item in self.items if item.split in splits]

    def base(self, *splits: str) -> list[Item]:
        """Those that nobody sent: the same week after week."""
        return [item for item in self.of(*splits) if item.source not in CONTRIBUTED]


def learn(run: Run, known: Sequence[Item], *, epochs: int, stage: str) -> None:
    """Fit the network to `known` from the frozen weights on: head, tail, prior."""
    recipe = run.recipe
    paths = {item.path for item in known}
    # Photos as they will be seen, and as another hand would have taken them.
    seen = [*run.items, *(view.item for view in run.views)]
    rows = np.array([row for row, item in enumerate(seen) if item.path in paths])
    log.info("%s: %d photos, %d views", stage, len(known), len(rows))
    pooled = run.pooled[run.rows(known)]
    run.net.tail.set_weights(run.start)
    weights = cell_weights(known, cap=recipe.draws_per_cell)
    fit_head(run.net, pooled, run.truth(known), weights, penalty=recipe.head_penalty)
    fit_tail(
        run.net,
        run.features,
        seen,
        recipe,
        rows=rows,
        labels=run.task.labels,
        epochs=epochs,
        seed=run.seed,
        stage=stage,
    )
    kernel, bias = run.net.head.get_weights()
    often = np.array([recipe.prior.get(label, 1.0) for label in run.task.labels])
    run.net.head.set_weights([kernel, bias + np.log(often)])
    round_to_half(run.net.logits)


def logits_of(
    run: Run, asked: Sequence[Item], known: Sequence[Item], *, epochs: int, stage: str
) -> Floats:
    """What a network that learned from `known` says of `asked`, shape (n, labels).

    Only the answers are kept: such a network serves nothing else.
    """

    def make() -> list[Floats]:
        learn(run, known, epochs=epochs, stage=stage)
        return [predict(run.net.logits, run.clean.part(run.rows(asked)))]

    (logits,) = run.stages.once(stage, run.said(known, epochs=epochs, asked=told(asked)), make)
    return logits


def told(items: Sequence[Item]) -> list[tuple[str, str, str]]:
    """What a network is told of photos: a path or a group moves no weight."""
    return [(item.sha256, item.label, item.source) for item in items]


def predict(model: Any, x: Rows) -> Floats:
    """A Keras model over many rows of float16, a thousand at a time."""
    parts = [
        model.predict(x[start : start + 1024].astype(np.float32), batch_size=64, verbose=0)
        for start in range(0, len(x), 1024)
    ]
    return np.concatenate(parts)
