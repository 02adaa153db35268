"""python -m ml.train --task T --engine E --data DIR --out DIR --seed N."""

import argparse
import errno
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

from ml.errors import MLError
from ml.task import TASKS
from ml.train.fit import Recipe
from ml.train.recipe import read_recipe
from ml.train.run import train

# A full disk, a full quota, a file over the limit set for the process.
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

BESIDE = "weights/mobilenet_v2_1.0_224_dequant_notop.weights.h5"


def main(arguments: list[str] | None = None) -> int:
    """Train one engine of one task; 0 when a judged bundle stands in `--out`."""
    parser = argparse.ArgumentParser(prog="python -m ml.train", description=__doc__)
    parser.add_argument("--task", choices=sorted(TASKS), required=True)
    parser.add_argument("--engine", required=True)
    parser.add_argument("--data", type=Path, required=True, help="photos and their manifest")
    parser.add_argument("--out", type=Path, required=True, help="the bundle's folder")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument(
        "--weights",
        help=f"imagenet, none, or a file; default: {BESIDE} beside the data, else imagenet",
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
    weights = _weights(options.weights, options.data)
    if isinstance(weights, Path) and not weights.is_file():
        parser.error(f"no weights at {weights}")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    try:
        bundle = train(
            task,
            options.data,
            options.out,
            seed=options.seed,
            version=options.version,
            weights=weights,
            work=options.work,
            recipe=Recipe() if options.recipe is None else read_recipe(options.recipe),
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
        f"{options.out}: accuracy {metrics['accuracy']:.3f} on {metrics['n']} held-out photos, "
        f"linear probe {metrics['baseline']['accuracy']:.3f}. Next: python -m ml check "
        f"{options.out}"
    )
    return 0


def _weights(said: str | None, data: Path) -> str | Path | None:
    """What `--weights` means; a machine without a network finds the file beside the photos."""
    beside = data.resolve().parent / BESIDE
    if said is None and beside.is_file():
        return beside
    if said in (None, "imagenet"):
        return "imagenet"
    return None if said == "none" else Path(said)


if __name__ == "__main__":
    sys.exit(main())
