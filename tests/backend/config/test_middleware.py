"""What every answer carries."""

import pytest
from django.test import Client

from backend.config.middleware import RequestIdFilter

POLICY = {
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    "connect-src 'self' blob:",
    "style-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/livez", "/api/tasks/", "/nothing", "/admin/login/", "/problems/"]
)
def test_every_answer_says_what_it_may_load(client: Client, path: str) -> None:
    headers = client.get(path).headers
    assert set(headers["Content-Security-Policy"].split("; ")) == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Permissions-Policy"].startswith("camera=(self)")


def test_a_request_keeps_the_name_its_proxy_gave_it(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.addFilter(RequestIdFilter())
    given = client.get("/nothing", headers={"X-Request-ID": "abc-123"})
    assert given.headers["X-Request-ID"] == "abc-123"
    assert [record.request_id for record in caplog.records] == ["abc-123"]


@pytest.mark.parametrize("name", ["", "a b", "x" * 65, "a\r\nSet-Cookie: b"])
def test_a_name_that_could_harm_the_log_is_replaced(client: Client, name: str) -> None:
    own = client.get("/livez", headers={"X-Request-ID": name}).headers["X-Request-ID"]
    assert own != name
    assert len(own) == 32
