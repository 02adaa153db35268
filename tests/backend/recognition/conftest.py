"""A person who lets us keep, and a database with real commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from backend.accounts.models import User
from backend.recognition.models import ModelVersion
from tests.backend.recognition.sending import client_of
from tests.factories import make_user


@pytest.fixture
def person(db: None) -> User:
    return make_user("hirondelle", consents=["store"])


@pytest.fixture
def phone(person: User) -> Client:
    """The browser of that person."""
    return client_of(person)


@pytest.fixture
def transactional_db(
    tmp_path: Path, settings: Any, django_db_setup: None, django_db_blocker: Any
) -> Iterator[None]:
    """pytest-django's by its promise: commits are real, and the next test finds none of them.

    Here the rules stay, and SQLite waits for its turn as it does where Tamis runs.
    """
    settings.ENGINE_WAIT_S = 60  # a loaded machine is slow, not busy
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            with _in_a_file(tmp_path / "db.sqlite3"):
                yield
        else:
            yield
            User.objects.all().delete()
            ModelVersion.objects.all().delete()


@contextmanager
def _in_a_file(path: Path) -> Iterator[None]:
    """Copy SQLite's test database out of memory, where threads fail instead of waiting."""
    memory = connections["default"]
    with memory.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(path)])
    in_memory = memory.settings_dict["NAME"]
    del connections["default"]
    memory.settings_dict["NAME"] = str(path)
    try:
        yield
    finally:
        connections["default"].close()
        memory.settings_dict["NAME"] = in_memory
        connections["default"] = memory
