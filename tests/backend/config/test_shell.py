"""The PWA's files at the root, and never in the place of an API answer."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

PAGE = b"<!doctype html><title>Tamis</title>"


@pytest.fixture
def app(tmp_path: Path, settings: Any) -> Client:
    """A client of a site whose PWA was built."""
    dist = tmp_path / "dist"
    names = ("sw.js", "manifest.webmanifest", "assets/index-a1b2c3.js")
    for name in (*names, "litert/litert_wasm_internal.wasm"):
        path = dist / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"//" + name.encode())
    (dist / "index.html").write_bytes(PAGE)
    settings.WHITENOISE_ROOT = dist
    return Client()


def get(client: Client, path: str) -> tuple[int, str, bytes]:
    response = client.get(path)
    body = b"".join(response) if response.streaming else response.content
    return response.status_code, response.headers.get("Cache-Control", ""), body


def test_the_shell_is_at_the_root_and_always_asked_for_again(app: Client) -> None:
    assert get(app, "/") == (200, "no-cache", PAGE)
    assert get(app, "/?department=33") == (200, "no-cache", PAGE)
    assert get(app, "/sw.js")[:2] == (200, "no-cache")
    assert app.get("/manifest.webmanifest")["Content-Type"] == "application/manifest+json"


def test_named_assets_never_change_and_the_runtime_is_revalidated(app: Client) -> None:
    assert "immutable" in get(app, "/assets/index-a1b2c3.js")[1]
    status, cache, _ = get(app, "/litert/litert_wasm_internal.wasm")
    assert (status, "immutable" in cache) == (200, False)
    assert app.get("/litert/litert_wasm_internal.wasm")["Content-Type"] == "application/wasm"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/api/", "/api/nothing/", "/model.tflite", "/assets/gone.js", "/a/deep/path"]
)
def test_nothing_else_is_answered_with_the_page(app: Client, path: str) -> None:
    status, _, body = get(app, path)
    assert status == 404
    assert PAGE not in body
    assert app.get(path).headers["Content-Type"] == "application/problem+json"


def test_an_unbuilt_app_says_how_to_build_it(tmp_path: Path, settings: Any) -> None:
    settings.WHITENOISE_ROOT = None
    response = Client().get("/")
    assert response.status_code == 404
    assert "make run" in response.json()["detail"]


def test_the_admin_has_its_styles_without_a_collectstatic(settings: Any) -> None:
    settings.WHITENOISE_USE_FINDERS = True
    assert Client().get("/static/admin/css/base.css").status_code == 200
