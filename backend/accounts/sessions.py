"""The session engine: Django's, whose rows also say whose session it is."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore


class SessionStore(DatabaseStore):
    """Sessions in the database, each with its person."""

    @classmethod
    def get_model_class(cls) -> type[Any]:
        from .models import Session

        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        session: Any = super().create_model_instance(data)
        session.user_id = data.get(SESSION_KEY)
        return session
