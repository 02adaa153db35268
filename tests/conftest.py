"""Reference data once for all, a folder of its own for files, and no network but this machine."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache

from backend.recognition import champions
from backend.recognition.models import ModelVersion
from backend.recognition.services import install_bundle
from backend.waste.services import load_rules
from tests.factories import SEED

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Load waste/data into the test database; each test then rolls back only what it did."""
    with django_db_blocker.unblock():
        load_rules()


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Path, settings: Any) -> Iterator[None]:
    """Keep each test's files, opened engines and throttle counts to itself."""
    settings.MEDIA_ROOT = tmp_path / "media"
    # Each client would look for the admin's files on the disk.
    settings.WHITENOISE_USE_FINDERS = False
    settings.ENGINE_WAIT_S = 60  # a loaded machine is slow, not busy
    cache.clear()
    yield
    champions._opened.clear()


@pytest.fixture(autouse=True)
def _closed_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test talk to this machine only."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in _LOOPBACK:
            raise AssertionError(f"a test must not reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def champion(db: None) -> ModelVersion:
    """The seed, registered and serving."""
    return install_bundle(SEED)[0]
