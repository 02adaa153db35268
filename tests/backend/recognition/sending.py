"""How a phone sends a capture, and what lies in storage afterwards."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone

from backend.accounts.models import User
from tests.factories import make_photo


def put_capture(
    client: Client, capture_id: UUID | None = None, data: bytes | None = None, **fields: str
) -> Any:
    """PUT a photo, or with `task` and `data` a sound, as the app does; by default a new photo."""
    file = SimpleUploadedFile("photo.jpg", make_photo() if data is None else data)
    form = {"task": "waste", "captured_at": timezone.now().isoformat(), **fields, "file": file}
    body = encode_multipart(BOUNDARY, form)
    return client.put(url_of(capture_id or uuid4()), body, content_type=MULTIPART_CONTENT)


def put_correction(client: Client, capture_id: UUID | str, label: str) -> Any:
    address = f"{url_of(capture_id)}correction/"
    return client.put(address, {"label": label}, content_type="application/json")


def url_of(capture_id: UUID | str) -> str:
    return f"/api/captures/{capture_id}/"


def stored() -> list[Path]:
    """Every file of a capture that is on the disk, whole or not."""
    return sorted(path for path in Path(settings.MEDIA_ROOT).glob("captures/*") if path.is_file())


def client_of(user: User, **options: Any) -> Client:
    """A browser with this person's session."""
    client = Client(**options)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
