"""sit(engines, items) → Sitting each: one exam, answers and times side by side; peak_memory."""

import math
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import numpy.typing as npt

from ml.bundle import Bundle
from ml.engines import Engine, Probabilities
from ml.errors import BadBundle, BadDataset, BadInput
from ml.evaluate import read_item
from ml.manifest import Item
from ml.predict import prepare

# Linux keeps the largest size of a process's parent in ru_maxrss; VmHWM is its own.
_OPEN_AND_MEASURE = """
import resource, sys
from pathlib import Path
from ml.bundle import load_bundle
from ml.predict import open_checked
open_checked(load_bundle(Path(sys.argv[1])))
status = Path("/proc/self/status")
if status.exists():
    print(1024 * int(status.read_text().split("VmHWM:")[1].split()[0]))
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@dataclass(frozen=True)
class Sitting:
    """One engine's answers to an exam, shape (n, labels), and the median time of one."""

    scores: npt.NDArray[np.float32]
    latency_ms: float


def sit(
    engines: Sequence[Engine], folder: Path, items: Sequence[Item], *, timed: int = 1
) -> tuple[Sitting, ...]:
    """Put one exam to several engines, photo by photo and in turn.

    A machine that slows down meanwhile slows all of them alike. Decoding, which is the same for
    all, is not timed.

    Parameters
    ----------
    folder : where the items' paths start
    timed : answers of each engine that are timed at least; a short exam is put several times

    Raises
    ------
    BadDataset
        If a file is missing, altered, or cannot be decoded.
    """
    rows: list[list[Probabilities]] = [[] for _ in engines]
    times: list[list[float]] = [[] for _ in engines]
    rounds = math.ceil(timed / max(1, len(items)))
    for number, item in enumerate(items):
        data = read_item(folder, item)
        try:
            inputs = {e.card.input: prepare(e.card.input, data) for e in engines}
        except BadInput as error:
            raise BadDataset("broken-file", f"{item.path}: {error}") from error
        for turn in range(number, number + rounds):
            for place in np.roll(range(len(engines)), turn).tolist():
                start = perf_counter()
                answer = engines[place].probabilities(inputs[engines[place].card.input])
                times[place].append((perf_counter() - start) * 1000)
                if turn == number:
                    rows[place].append(answer.mean(axis=0))
    return tuple(
        Sitting(
            scores=np.array(own, np.float32).reshape(-1, len(engine.card.output.labels)),
            latency_ms=median(spent) if spent else 0.0,
        )
        for engine, own, spent in zip(engines, rows, times, strict=True)
    )


def peak_memory(bundle: Bundle) -> int:
    """Bytes that a process of its own holds at most, which opens a bundle and lets it prove itself.

    Raises
    ------
    BadBundle
        If the bundle does not.
    """
    done = subprocess.run(
        [sys.executable, "-c", _OPEN_AND_MEASURE, str(bundle.folder.resolve())],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BadBundle("unopenable-model", done.stderr.strip()[-300:])
    return int(done.stdout.split()[-1])
