"""task+engine → opened engine of today's champion, cached by sha256, one photo at a time each."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Semaphore

from django.conf import settings

from ml.bundle import load_bundle
from ml.engines import Engine
from ml.errors import BadBundle
from ml.predict import open_checked

from .models import ModelVersion


class Busy(Exception):
    """The engine did not come free in time."""


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
_opening = Lock()


@contextmanager
def champion(task: str, engine: str) -> Iterator[Engine]:
    """Hold today's engine for one photo.

    Raises
    ------
    NoModel, BadBundle
        If nothing can be opened.
    Busy
        If others held the engine for longer than ENGINE_WAIT_S.
    """
    version = ModelVersion.objects.champions().filter(task=task, engine=engine).first()
    if version is None:
        raise NoModel(f"no champion for {task}/{engine}")
    opened = _open(version)
    if not opened.turn.acquire(timeout=settings.ENGINE_WAIT_S):
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


def _open(version: ModelVersion) -> _Opened:
    key = (version.task, version.engine)
    with _opening:
        opened = _opened.get(key)
        if opened is None or opened.sha256 != version.sha256:
            bundle = load_bundle(bundle_folder(version))
            if bundle.card.sha256 != version.sha256:
                raise BadBundle("altered", f"the file of {version} is not the registered one")
            opened = _opened[key] = _Opened(version.sha256, open_checked(bundle))
        return opened
