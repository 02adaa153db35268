"""The work folder: one run at a time, results that are whole or absent, nothing that piles up."""

import fcntl
import hashlib
import json
import logging
import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO

import keras
import numpy as np
import PIL

from ml.errors import MLError
from ml.train.rows import Array

log = logging.getLogger(__name__)


class WorkInUse(MLError):
    """Another training is at work in the same folder."""


@contextmanager
def sole_use(folder: Path) -> Iterator[None]:
    """Hold a work folder; the kernel lets go of it when its holder dies, however that happens.

    Raises
    ------
    WorkInUse
        If another process holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise WorkInUse("work-in-use", f"another training is at work in {folder}") from None
    else:
        yield
    finally:
        os.close(handle)


class Stages:
    """Results of a run's stages on disk, by what they follow from: a stopped run goes on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._used: set[str] = set()
        folder.mkdir(parents=True, exist_ok=True)

    def once(self, name: str, said: Any, make: Callable[[], Sequence[Array]]) -> list[Array]:
        """The arrays that `make` gives; made once for the same `said`, then read from the disk.

        Parameters
        ----------
        name : of the stage, for people who look into the folder
        said : plain JSON values: everything the result follows from
        """
        path = self._folder / f"{name.replace(' ', '-')}-{digest_of(said)[:16]}.npz"
        self._used.add(path.name)
        try:
            with np.load(path) as saved:
                made = [saved[key] for key in saved.files]
            log.info("%s: taken up from an earlier run", name)
            return made
        # A file that went bad is as good as none; zip members are checksummed.
        except (FileNotFoundError, EOFError, ValueError, zipfile.BadZipFile):
            made = list(make())
        write_whole(path, lambda file: np.savez(file, *made))
        return made

    def sweep(self) -> None:
        """Remove what this run neither made nor took up: it may come of photos erased since."""
        for path in self._folder.iterdir():
            if path.name not in self._used:
                path.unlink()


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file under another name first: under its own it is never seen in part."""
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def digest_of(said: Any) -> str:
    """sha256 of plain JSON values."""
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def digest_of_arrays(arrays: Sequence[Array]) -> str:
    """sha256 of the numbers, whatever their shapes."""
    return hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)).hexdigest()


def code_of(*modules: ModuleType) -> str:
    """Digest of source files and of the libraries beneath: results outlive many releases."""
    sources = [Path(str(module.__file__)).read_bytes() for module in modules]
    versions = f"{keras.__version__} {np.__version__} {PIL.__version__}".encode()
    return hashlib.sha256(b"\0".join([versions, *sources])).hexdigest()
