"""Features of views at the backbone's cut, on disk one by one: a new photo costs only itself."""

import hashlib
import itertools
import json
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np

from ml import decode, engines
from ml.decode import Photo, square
from ml.engines import Graph
from ml.train import data as views_of
from ml.train.data import Augmentation, View, augment, read_photo
from ml.train.export import to_tflite
from ml.train.networks import WasteNet
from ml.train.rows import Array, Rows, RowStore
from ml.train.work import code_of, digest_of_arrays, write_whole

_CHUNK = 128
_THREADS = 2

log = logging.getLogger(__name__)


class FeatureCache:
    """Features of views, each computed once for the photo's bytes and all that is done to them.

    Photos go one by one through graphs of batch 1: no row depends on what else is asked for.
    """

    def __init__(
        self, folder: Path, photos: Path, net: WasteNet, *, crop: float, aug: Augmentation
    ) -> None:
        self._photos = photos
        self._crop = crop
        self._aug = aug
        self._net = digest_of_arrays([*net.front.get_weights(), *net.tail.get_weights()])
        folder.mkdir(parents=True, exist_ok=True)
        self._fronts = self._graphs(folder, net.front)
        self._tails = self._graphs(folder, net.tail)
        (_, self._side, *_), _, ((_, *cut),) = self._fronts[0].signature
        _, _, ((_, *pooled),) = self._tails[0].signature
        self._features = RowStore(folder / "features.bin", tuple(cut), "<f2")
        self._pooled = RowStore(folder / "pooled.bin", tuple(pooled), "<f4")

    def keep(self, views: Sequence[View], *, seed: int) -> None:
        """Forget every row that is not of `views`: erased photos, other seeds, other recipes."""
        wanted = set(self._keys(views, seed))
        before = len(self._features)
        self._features.keep(wanted)
        self._pooled.keep(wanted)
        if before > len(self._features):
            log.info("features: %d of %d forgotten", before - len(self._features), before)

    def features(self, views: Sequence[View], *, seed: int) -> Rows:
        """Features of `views` at the cut, in their order, float16.

        Raises
        ------
        BadDataset
            If a photo is missing, altered or cannot be decoded; what was computed is kept.
        """
        keys = self._keys(views, seed)
        view_of = dict(zip(keys, views, strict=True))

        def compute(key: bytes, graph: Graph) -> Array:
            (row,) = graph.run(self._pixels(view_of[key], seed))
            return row

        _fill(self._features, keys, self._fronts, compute, stage="features")
        return self._features.rows(keys)

    def pooled(self, views: Sequence[View], *, seed: int) -> Rows:
        """What the untuned tail makes of features that are there, shape (n, 1280), float32."""
        keys = self._keys(views, seed)

        def compute(key: bytes, graph: Graph) -> Array:
            (features,) = self._features.rows([key])[:]
            (row,) = graph.run(features.astype(np.float32))
            return row

        _fill(self._pooled, keys, self._tails, compute, stage="pooled")
        return self._pooled.rows(keys)

    def _graphs(self, folder: Path, model: keras.Model) -> list[Graph]:
        """The exported graph: on a CPU it runs two to four times as fast as Keras does."""
        path = folder / f"{model.name}-{self._net[:16]}.tflite"
        if not path.exists():
            for old in folder.glob(f"{model.name}-*"):
                old.unlink()
            exported = to_tflite(model, half=False)
            write_whole(path, lambda file: file.write(exported))
        return [Graph(path) for _ in range(_THREADS)]

    def _keys(self, views: Sequence[View], seed: int) -> list[bytes]:
        """Digest of everything a row follows from; a clean view knows no seed."""
        code = code_of(decode, views_of, engines)
        clean = json.dumps([code, self._net, self._side, self._crop])
        varied = json.dumps([code, self._net, self._side, seed, asdict(self._aug)])
        return [
            hashlib.sha256(
                f"{varied if view.number else clean}:{view.item.sha256}:{view.number}".encode()
            ).digest()
            for view in views
        ]

    def _pixels(self, view: View, seed: int) -> Photo:
        photo = read_photo(self._photos, view.item)
        if view.number == 0:
            return square(photo, side=self._side, crop=self._crop)
        return augment(photo, self._aug, side=self._side, rng=view.rng(seed))


def _fill(
    store: RowStore,
    keys: Sequence[bytes],
    graphs: Sequence[Graph],
    compute: Callable[[bytes, Graph], Array],
    *,
    stage: str,
) -> None:
    """Compute what `store` lacks, a chunk at a time."""
    missing = [key for key in dict.fromkeys(keys) if key not in store]
    log.info("%s: %d of %d to compute", stage, len(missing), len(keys))
    report = _eta(stage, len(missing))
    with ThreadPoolExecutor(len(graphs)) as pool:
        for start in range(0, len(missing), _CHUNK):
            chunk = missing[start : start + _CHUNK]
            store.add(chunk, list(pool.map(compute, chunk, itertools.cycle(graphs))))
            report(start + len(chunk))


def _eta(stage: str, total: int) -> Callable[[int], None]:
    """A printer of progress: a line at most every ten seconds, and one at the end."""
    begun, last = time.monotonic(), [0.0]

    def report(now: int) -> None:
        elapsed = time.monotonic() - begun
        if now < total and elapsed - last[0] < 10:
            return
        last[0] = elapsed
        left = elapsed / now * (total - now)
        log.info("%s: %d/%d, %.0f s left", stage, now, total, left)

    return report
