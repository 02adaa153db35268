"""python -m ml.train --task T --engine E --data DIR --out DIR --seed N."""

import argparse
import errno
import logging
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from ml.bundle import Bundle
from ml.errors import MLError
from ml.task import TASKS

# A full disk, a full quota, a file over the limit set for the process.
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

# Each has train(task, engine, data, out, *, seed, version, weights, work, recipe) -> Bundle; opened
# when asked for, because each brings its own heavy libraries.
TRAINERS: Mapping[tuple[str, str], str] = {
    ("waste", "net"): "ml.train.run",
    ("genre", "net"): "ml.train.genre",
    ("genre", "svm"): "ml.train.classical",
    ("genre", "vgg19"): "ml.train.vgg",
    ("emotion", "net"): "ml.train.emotion",
    ("emotion", "logreg"): "ml.train.classical",
}


def main(arguments: list[str] | None = None) -> int:
    """Train one engine of one task; 0 when a judged bundle stands in `--out`."""
    parser = argparse.ArgumentParser(prog="python -m ml.train", description=__doc__)
    parser.add_argument("--task", choices=sorted(TASKS), required=True)
    parser.add_argument("--engine", required=True)
    parser.add_argument("--data", type=Path, required=True, help="files and their manifest")
    parser.add_argument("--out", type=Path, required=True, help="the bundle's folder")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument(
        "--weights",
        help="what to start from: a file, none, or imagenet; default: what lies in `weights` "
        "beside the data",
    )
    parser.add_argument(
        "--work", type=Path, default=Path("var/train"), help="features kept between runs"
    )
    parser.add_argument(
        "--recipe", type=Path, help="a JSON object of the Recipe's fields that shall differ"
    )
    parser.add_argument(
        "--version", default=f"{datetime.now(UTC):%G.%V}.1", help="ISO year, week, number"
    )
    options = parser.parse_args(arguments)
    task = TASKS[options.task]
    if options.engine not in task.engines:
        parser.error(f"{task.name} has the engines {', '.join(task.engines)}")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    try:
        bundle = _trainer(task.name, options.engine)(
            task,
            options.engine,
            options.data,
            options.out,
            seed=options.seed,
            version=options.version,
            weights=options.weights,
            work=options.work,
            recipe=options.recipe,
        )
    except MLError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno not in _NO_SPACE:
            raise
        print(f"no-space: {error}. Make room and run it again: it goes on.", file=sys.stderr)
        return 1
    metrics = bundle.card.metrics
    print(
        f"{options.out}: accuracy {metrics['accuracy']:.3f} on {metrics['n']} held-out items, "
        f"{metrics['baseline']['name']} {metrics['baseline']['accuracy']:.3f}. Next: "
        f"python -m ml check {options.out}"
    )
    return 0


def _trainer(task: str, engine: str) -> Callable[..., Bundle]:
    train: Callable[..., Bundle] = import_module(TRAINERS[task, engine]).train
    return train


if __name__ == "__main__":
    sys.exit(main())
