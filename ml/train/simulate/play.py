"""simulate(photos, scenario, seed) → Trace; all scenarios and seeds at once; features of photos."""

import csv
import hashlib
import json
import logging
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from dataclasses import asdict
from multiprocessing import get_context, parent_process
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

import keras
import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from ml.decode import square
from ml.engines import Graph
from ml.errors import BadDataset
from ml.manifest import Item, digest
from ml.task import TASKS
from ml.train.data import read_photo
from ml.train.export import to_tflite
from ml.train.fit import Recipe
from ml.train.networks import build_waste
from ml.train.simulate.loop import Lens, School, learn
from ml.train.simulate.serve import Trace, serve
from ml.train.simulate.world import WEEKS, Floats, Photos, Scenario, make_year
from ml.train.sources import read_sources

log = logging.getLogger(__name__)

_WEIGHTS = "weights/mobilenet_v2_1.0_224_dequant_notop.weights.h5"
# Whatever changes the numbers: a run is taken up only where none of it changed.
_CODE = (
    "curate.py",
    "evaluate.py",
    "gate.py",
    "train/calibrate.py",
    "train/fit.py",
    "train/simulate/loop.py",
    "train/simulate/serve.py",
    "train/simulate/world.py",
)


def simulate(photos: Photos, scenario: Scenario, *, seed: int, weeks: int = WEEKS) -> Trace:
    """One year: deal, learn every week, judge every week. The same seed gives the same year."""
    year = make_year(photos, scenario, seed=seed, weeks=weeks)
    known = [
        row
        for row, item in zip(year.base.rows, year.base.items, strict=True)
        if item.split == "train"
    ]
    lens = Lens(photos.features[known])
    school = School(photos, year, lens)
    return serve(photos, year, lens, school, learn(school, year, weeks=weeks))


def simulate_all(
    photos: Photos, scenarios: Sequence[Scenario], seeds: Sequence[int], *, work: Path
) -> Mapping[str, Sequence[Trace]]:
    """All years, several at once; those that an earlier, stopped call finished are kept."""
    folder = work / f"years-{_key(photos)}"
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        (scenario.name, seed): folder / f"{_slug(asdict(scenario))}-{seed}.json"
        for scenario in scenarios
        for seed in seeds
    }
    todo = [
        (scenario, seed)
        for seed in seeds
        for scenario in scenarios
        if not files[scenario.name, seed].exists()
    ]
    log.info("%d years of %d weeks, %d of them kept", len(files), WEEKS, len(files) - len(todo))
    begun = time.monotonic()
    workers = min(4, os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, get_context("spawn"), _open, (photos,)) as pool:
        running = {pool.submit(_one, *years): years for years in todo}
        for number, done in enumerate(as_completed(running), start=1):
            scenario, seed = running[done]
            trace = done.result()
            _keep(files[scenario.name, seed], trace)
            left = (time.monotonic() - begun) / number * (len(todo) - number)
            log.info(
                "year %d/%d, %s, seed %d: gated %.1f, second try %.1f, latest %.1f, never %.1f; "
                "%.0f s left",
                number,
                len(todo),
                scenario.name,
                seed,
                *(
                    trace.macro_f1[loop]["audit"][-1]
                    for loop in ("gated", "second", "latest", "never")
                ),
                left,
            )
    return {
        scenario.name: [
            Trace(**json.loads(files[scenario.name, seed].read_text())) for seed in seeds
        ]
        for scenario in scenarios
    }


def read_photos(data: Path, work: Path) -> Photos:
    """The base dataset and its pooled features, made once and kept in `work`.

    Raises
    ------
    BadDataset
        If the manifest or a file is not what it should be, or the weights are missing.
    """
    task = TASKS["waste"]
    items = read_sources(data, task)
    with (data / "manifest.csv").open(newline="", encoding="utf-8") as lines:
        phashes = {row["sha256"]: row["phash"] for row in csv.DictReader(lines)}
    weights = data.resolve().parent / _WEIGHTS
    if not weights.is_file():
        raise BadDataset("missing-file", f"no weights at {weights}")
    recipe = Recipe()
    said = f"{digest(items)} {recipe.side} {recipe.crop} "
    key = hashlib.sha256(said.encode() + weights.read_bytes()).hexdigest()[:16]
    kept = work / f"pooled-{key}.npy"
    if not kept.exists():
        work.mkdir(parents=True, exist_ok=True)
        whole = work / "pooled.tmp.npy"
        np.save(whole, _pooled(data, items, weights, work / "pooled.tflite"))
        whole.replace(kept)
    return Photos(items, phashes, np.load(kept), task.labels)


def _pooled(data: Path, items: Sequence[Item], weights: Path, graph: Path) -> Floats:
    """What the frozen network makes of each photo: shape (n, 1280)."""
    recipe = Recipe()
    net = build_waste(1, side=recipe.side, alpha=recipe.alpha, weights=weights)
    photo = keras.Input(net.front.input_shape[1:], dtype="uint8")
    graph.write_bytes(to_tflite(keras.Model(photo, net.tail(net.front(photo))), half=False))
    workers = os.cpu_count() or 1
    free: SimpleQueue[Graph] = SimpleQueue()
    for _ in range(workers):
        free.put(Graph(graph))

    def one(item: Item) -> Floats:
        pixels = square(read_photo(data, item), side=recipe.side, crop=recipe.crop)
        opened = free.get()
        try:
            (row,) = opened.run(pixels)
            return row
        finally:
            free.put(opened)

    begun = time.monotonic()
    rows = []
    with ThreadPoolExecutor(workers) as pool:
        for number, row in enumerate(pool.map(one, items), start=1):
            rows.append(row)
            if number % 1000 == 0 or number == len(items):
                left = (time.monotonic() - begun) / number * (len(items) - number)
                log.info("features: %d/%d, %.0f s left", number, len(items), left)
    return np.stack(rows)


_OPENED: list[Photos] = []  # of a worker process


def _open(photos: Photos) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    # Two processes whose matrix products use two threads each wait for each other.
    threadpool_limits(1)
    _OPENED.append(photos)


def _end_with_parent() -> None:
    """A killed parent takes its workers along: they would wait for it for ever."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _one(scenario: Scenario, seed: int) -> Trace:
    return simulate(_OPENED[0], scenario, seed=seed)


def _keep(path: Path, trace: Trace) -> None:
    whole = path.with_suffix(".tmp")
    whole.write_text(json.dumps(asdict(trace)))
    whole.replace(path)


def _key(photos: Photos) -> str:
    total = hashlib.sha256(digest(photos.items).encode() + photos.features.tobytes())
    for name in _CODE:
        total.update((Path(__file__).parents[2] / name).read_bytes())
    return total.hexdigest()[:16]


def _slug(said: object) -> str:
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:12]
