"""A process that works on a store and may be killed: python -m tests.ml.train.writer PATH [LIMIT].

It keeps the rows 20..79 of what is there, adds what is missing of them, and says so row by row.
LIMIT is the largest file it may write, in bytes: a disk that is full.
"""

import hashlib
import resource
import sys
from pathlib import Path

import numpy as np

from ml.train.rows import RowStore

SHAPE = (64, 128)
BEFORE, WANTED = range(40), range(20, 80)
RECORD = 32 + 4 + 4 * SHAPE[0] * SHAPE[1]


def key_of(number: int) -> bytes:
    return hashlib.sha256(str(number).encode()).digest()


def row_of(number: int) -> np.ndarray:
    return np.random.default_rng(number).random(SHAPE, np.float32)


def open_store(path: Path) -> RowStore:
    return RowStore(path, SHAPE, "<f4")


def add(store: RowStore, number: int) -> None:
    store.add([key_of(number)], [row_of(number)])


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main() -> None:
    if len(sys.argv) > 2:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
    store = open_store(Path(sys.argv[1]))
    say("opened")
    store.keep({key_of(number) for number in WANTED})
    say("kept")
    for number in WANTED:
        if key_of(number) not in store:
            add(store, number)
            say(str(number))


if __name__ == "__main__":
    main()
