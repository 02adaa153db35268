"""task+engine → opened engine of today's champion, cached by sha256, one capture at a time each."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Semaphore
from time import monotonic

from django.conf import settings

from ml.bundle import load_bundle
from ml.engines import Engine
from ml.errors import BadBundle
from ml.predict import open_checked

from .models import ModelVersion


class Busy(Exception):
    """The engine did not come free, or was not opened, in time."""


class NoModel(Exception):
    """No champion serves this engine, or its file is nowhere to be found."""


@dataclass(frozen=True)
class _Opened:
    """An engine and whose turn it is; one turn also bounds the memory decoding takes.

    A semaphore wakes who waited longest; a lock lets the latest comer in first.
    """

    sha256: str
    engine: Engine
    turn: Semaphore = field(default_factory=Semaphore)


_opened: dict[tuple[str, str], _Opened] = {}
# By sha256. Engines open beside the requests: those who ask for another engine wait for none of it.
_opening: dict[str, Future[_Opened]] = {}
_lock = Lock()
_openers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="opener")


@contextmanager
def champion(task: str, engine: str, *, wait_s: float | None = None) -> Iterator[Engine]:
    """Hold today's engine for one capture.

    Parameters
    ----------
    wait_s : how long it may take to open and to come free; ENGINE_WAIT_S if not said

    Raises
    ------
    NoModel, BadBundle
        If nothing can be opened.
    Busy
        If it takes longer.
    """
    until = monotonic() + (settings.ENGINE_WAIT_S if wait_s is None else wait_s)
    version = ModelVersion.objects.champions().filter(task=task, engine=engine).first()
    if version is None:
        raise NoModel(f"no champion for {task}/{engine}")
    opened = _open(version, until)
    if not opened.turn.acquire(timeout=max(0.0, until - monotonic())):
        raise Busy
    try:
        yield opened.engine
    finally:
        opened.turn.release()


def bundle_folder(version: ModelVersion) -> Path:
    """Find the folder that holds a version: storage, else the seeds of the repository.

    A host with a throw-away disk keeps its database and forgets its storage; the same bytes in
    `ml/bundles` are as good.
    """
    stored = Path(version.file.path)
    if stored.is_file():
        return stored.parent
    for seed in settings.SEED_BUNDLES.glob("*/*/card.json"):
        if load_bundle(seed.parent, verify=False).card.sha256 == version.sha256:
            return Path(seed.parent)
    raise NoModel(f"the file of {version} is gone")


def _open(version: ModelVersion, until: float) -> _Opened:
    """The engine of a version, opened once however many ask for it, and by nobody twice."""
    with _lock:
        opened = _opened.get((version.task, version.engine))
        if opened is not None and opened.sha256 == version.sha256:
            return opened
        if version.sha256 not in _opening:
            _opening[version.sha256] = _openers.submit(_open_now, version)
        opening = _opening[version.sha256]
    try:
        return opening.result(timeout=max(0.0, until - monotonic()))
    except TimeoutError:
        raise Busy from None


def _open_now(version: ModelVersion) -> _Opened:
    try:
        bundle = load_bundle(bundle_folder(version))
        if bundle.card.sha256 != version.sha256:
            raise BadBundle("altered", f"the file of {version} is not the registered one")
        opened = _Opened(version.sha256, open_checked(bundle))
        _opened[version.task, version.engine] = opened
        return opened
    finally:
        with _lock:
            del _opening[version.sha256]
