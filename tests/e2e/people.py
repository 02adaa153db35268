"""Other people, as the server sees them: a session, its cookies, photos and their words."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import urllib3


class Person:
    """Somebody who keeps and teaches; every call is one the phone makes too."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = urllib3.PoolManager()
        self._cookies: dict[str, str] = {}
        self.pseudonym = self.ask("POST", "session/", json={})["pseudonym"]
        for purpose in ("store", "train"):
            self.ask("PUT", f"me/consents/{purpose}/", json={"granted": True})

    def send(self, photo: bytes, label: str) -> UUID:
        """Send a photo and what it shows."""
        capture = uuid4()
        fields = {
            "file": ("photo.jpg", photo, "image/jpeg"),
            "task": "waste",
            "captured_at": datetime.now(UTC).isoformat(),
        }
        self.ask("PUT", f"captures/{capture}/", fields=fields)
        self.ask("PUT", f"captures/{capture}/correction/", json={"label": label})
        return capture

    def ask(self, method: str, path: str, **body: Any) -> Any:
        """One request under /api/; anything but success is an error here."""
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "X-CSRFToken": self._cookies.get("csrftoken", ""),
        }
        response = self._http.request(
            method, f"{self._url}/api/{path}", headers=headers, retries=False, **body
        )
        if response.status >= 400:
            raise AssertionError(f"{method} {path}: {response.status} {response.data[:500]!r}")
        for cookie in response.headers.getlist("Set-Cookie"):
            name, _, value = cookie.split(";", 1)[0].partition("=")
            self._cookies[name] = value
        return json.loads(response.data) if response.data else None
