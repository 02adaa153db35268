"""Every error of every route is problem+json with a documented type."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from backend.config.problems import PROBLEMS
from ml.predict import _ABSENT
from tests.factories import ROOT, make_photo

EXAMPLES = {
    "file": f"{'0' * 64}.tflite",
    "task": "waste",
    "code": "33",
    "purpose": "store",
    "slug": "not-found",
    "capture_id": "3f2b6c1e-8d0a-4b7e-9a53-6f1d2c4e5b7a",
}


def routes(patterns: Any = None, prefix: str = "/") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the site with an example in each gap; Django's own admin is not ours."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        names = dict.fromkeys(pattern.pattern.converters, "x") | dict.fromkeys(
            pattern.pattern.regex.groupindex, "x"
        )
        if isinstance(pattern, URLResolver):
            if str(pattern.pattern) != "admin/":
                yield from routes(pattern.url_patterns, prefix + str(pattern.pattern))
            continue
        address = str(pattern.pattern)
        for name in names:
            address = address.replace(f"<slug:{name}>", EXAMPLES[name])
            address = address.replace(f"<str:{name}>", EXAMPLES[name])
            address = address.replace(f"<uuid:{name}>", EXAMPLES[name])
        yield prefix + address.replace("^", "").replace("$", "").replace("\\", ""), pattern


ROUTES = [address for address, _ in routes()]
API = [address for address in ROUTES if address.startswith("/api/")]


def is_a_problem(response: Any, status: int | None = None) -> None:
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert set(body) >= {"type", "title", "status", "detail", "instance"}
    assert body["type"].removeprefix("/problems/") in PROBLEMS
    assert body["status"] == response.status_code
    assert status in (None, response.status_code)
    assert response.status_code == PROBLEMS[body["type"].removeprefix("/problems/")].status


def test_the_routes_of_the_api_are_all_here() -> None:
    assert "/api/tasks/waste/recognise/" in API
    assert f"/api/models/{'0' * 64}.tflite" in API
    assert "/api/departments/33/rules/" in API
    assert len(API) >= 8


@pytest.mark.django_db
@pytest.mark.parametrize("address", API)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_whatever_the_verb_an_error_is_a_problem(client: Client, address: str, method: str) -> None:
    response = client.generic(method, address, b"nonsense", content_type="text/plain")
    if response.status_code >= 400:
        is_a_problem(response)
    if response.status_code == 405:
        assert response.headers["Allow"]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ROUTES)
def test_an_address_with_something_behind_it_does_not_exist(client: Client, address: str) -> None:
    is_a_problem(client.get(address.rstrip("/") + "/nonsense/at/all"), 404)


@pytest.mark.django_db
@pytest.mark.parametrize("address", [*API, "/livez", "/readyz"])
def test_a_fault_of_ours_is_a_problem_that_tells_nothing(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the password is tamis")

    pattern = dict(routes())[address]
    monkeypatch.setattr(pattern, "callback", fail)
    response = Client(raise_request_exception=False).get(address)
    is_a_problem(response, 500)
    assert response.json()["type"] == "/problems/server-error"
    assert "password" not in response.content.decode()


@pytest.mark.django_db
def test_a_host_that_is_not_ours_is_a_problem(client: Client) -> None:
    is_a_problem(client.get("/api/tasks/", headers={"Host": "evil.example"}), 400)


@pytest.mark.django_db
def test_every_type_has_a_page(client: Client) -> None:
    listed = {page["type"]: page for page in client.get("/problems/").json()}
    assert set(listed) == {f"/problems/{slug}" for slug in PROBLEMS}
    for address, page in listed.items():
        assert client.get(address).json() == page
        assert page["explanation"]
    is_a_problem(client.get("/problems/nonsense"), 404)


def test_every_refusal_of_a_photo_or_a_sound_is_a_problem() -> None:
    slugs = {
        slug
        for path in (ROOT / "ml").rglob("*.py")
        for slug in re.findall(r'BadInput\(\s*"([a-z-]+)"', path.read_text())
    }
    assert slugs >= {"undecodable-image", "undecodable-sound"}
    assert slugs | {slug for slug, _ in _ABSENT.values()} <= set(PROBLEMS)


@pytest.mark.django_db
def test_a_session_is_never_asked_for(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    photo = strict.post("/api/tasks/waste/recognise/", {"wrong": make_photo()[:10]})
    is_a_problem(photo, 400)
